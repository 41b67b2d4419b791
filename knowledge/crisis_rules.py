"""The small language of the crisis rules in crisis_words.yaml, and what words mean beside each other.

A rule is one line. Capitals are marks (groups of words), small letters are words, `a/b` is either,
`!a` must not occur in the sentence, `_` joins words that follow each other directly.
    HE/NEAR HIT ME !CONTEST     all in one sentence, in any order
    > ich will nicht_mehr leben in this order, at most four words between, nobody else among these
START, END and COMMA stand for the edges; in an ordered rule they touch their neighbour.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from knowledge.crisis_words import COMMA, END, NUMBER, START, Marks, Sentence, fold_entry

GAP = 4
_EDGES = frozenset({START, END, COMMA})
_PEOPLE = frozenset({"HE", "NEAR", "OTHER", "THEIRKIN"})
_STRIKING = frozenset({"HIT", "HIT1", "HIT3", "HITP"})
_DAILY, _VETOES = (
    frozenset({"DAILY", "KIN", "MY", COMMA, END}),
    frozenset({"TOPIC", "CONTEST", "JOKE", "THING"}),
)
_HARM = frozenset({"HARSH", "HARM3", "ABUSE"})
_PERSONAL = frozenset({"NEAR", "RAPE", "SUICIDE", "LIVE", "SELFHARM", "HOME"})
_MINE, _THEIRS, _DETERMINED = frozenset({"MY"}), frozenset({"THEIR"}), frozenset({"MY", "THEIR", "DET"})


@dataclass(frozen=True)
class Rule:
    """One line of the rules: what must be there, what must not, and whether the order counts."""

    elements: tuple[Marks, ...]
    forbidden: Marks
    ordered: bool

    @classmethod
    def parse(cls, line: str) -> "Rule":
        """A rule from its line."""
        ordered = line.startswith(">")
        parts = line.removeprefix(">").split()
        wanted = tuple(_alternatives(part) for part in parts if not part.startswith("!"))
        refused = (_alternatives(part[1:]) for part in parts if part.startswith("!"))
        return cls(wanted, frozenset().union(*refused), ordered)

    def matches(self, sentence: Sentence) -> bool:
        """Whether the sentence says what the rule describes."""
        present = sentence.present
        if any(element.isdisjoint(present) for element in self.elements) or not self.forbidden.isdisjoint(
            present
        ):
            return False
        if self.ordered:
            starts = range(len(sentence.words))
            return any(self._follows(sentence, start, 0) for start in starts)
        return self._each_has_its_own_word(sentence)

    def _follows(self, sentence: Sentence, position: int, number: int) -> bool:
        """Whether element `number` is at `position` and the later elements come close behind it."""
        if not sentence.fits(position, self.elements[number]):
            return False
        if number + 1 == len(self.elements):
            return True
        touching = bool(_EDGES & (self.elements[number] | self.elements[number + 1]))
        for following in range(
            position + 1, min(position + (1 if touching else GAP + 1), len(sentence.words) - 1) + 1
        ):
            if self._follows(sentence, following, number + 1):
                return True
            if sentence.fits(following, _PEOPLE) or sentence.words[following] == END:
                return False
        return False

    def _each_has_its_own_word(self, sentence: Sentence) -> bool:
        """No word stands for two elements: "Papa haut Mama" needs two people."""
        spots = [
            [i for i in range(len(sentence.words)) if sentence.fits(i, element)] for element in self.elements
        ]
        return _distinct(sorted(spots, key=len), frozenset())


def _distinct(spots: list[list[int]], taken: frozenset[int]) -> bool:
    if not spots:
        return True
    return any(_distinct(spots[1:], taken | {spot}) for spot in spots[0] if spot not in taken)


def _alternatives(part: str) -> Marks:
    return frozenset(name if name.isupper() else fold_entry(name) for name in part.split("/"))


@dataclass(frozen=True)
class RuleBook:
    """All rules, found by a word or mark of their rarest element: most rules are never looked at."""

    by_name: Mapping[str, tuple[tuple[str, Rule], ...]]

    @classmethod
    def build(cls, blocks: Mapping[str, str], everywhere: Marks) -> "RuleBook":
        """From a block of lines per need; `everywhere` are names too common to look a rule up by."""
        by_name: dict[str, list[tuple[str, Rule]]] = {}
        for need, block in blocks.items():
            for rule in parse_rules(block):
                rarest = min(rule.elements, key=lambda element: (len(element & everywhere), len(element)))
                for name in rarest:
                    by_name.setdefault(name, []).append((need, rule))
        return cls({name: tuple(rules) for name, rules in by_name.items()})

    def needs(self, sentence: Sentence) -> set[str]:
        """The needs that the sentence speaks of."""
        found: set[str] = set()
        for name in sentence.present:
            for need, rule in self.by_name.get(name, ()):
                if need not in found and rule.matches(sentence):
                    found.add(need)
        return found


@cache
def parse_rules(text: str) -> tuple[Rule, ...]:
    """All rules of a block; empty lines and lines with `#` say nothing."""
    lines = (line.strip() for line in text.splitlines())
    return tuple(Rule.parse(line) for line in lines if line and not line.startswith("#"))


def phrases_of(rules: Iterable[Rule]) -> frozenset[str]:
    """The phrases (`nicht_mehr`) that the vocabulary has to know because rules name them."""
    names = (name for rule in rules for element in (*rule.elements, rule.forbidden) for name in element)
    return frozenset(name for name in names if "_" in name and not name.isupper())


def clauses(sentence: Sentence) -> Iterator[Sentence]:
    """The parts of a sentence that also speaks of politics: a disclosure must not vanish behind a motion."""
    if "COUNCIL" not in sentence.present or not _VETOES.isdisjoint(sentence.present):
        return
    begin = 1
    for position, marks in enumerate(sentence.marks):
        if sentence.words[position] in {COMMA, END} or "JOIN" in marks:
            words, kept = sentence.words[begin:position], sentence.marks[begin:position]
            clause = Sentence((START, *words, END), (frozenset(), *kept, frozenset()))
            begin = position + 1
            if not _PERSONAL.isdisjoint(clause.present):
                yield clause


def relate(sentence: Sentence) -> Sentence:
    """The sentence with what its words mean beside each other: whose husband, which `die`, a parted verb."""
    plain = _without_hedges(sentence)
    return replace(plain, marks=tuple(_related(plain, position) for position in range(len(plain.words))))


def _without_hedges(sentence: Sentence) -> Sentence:
    """Without "ich glaube" or "glaub ich": the I in it is not the one who strikes or is struck."""
    hedges = {
        spot
        for first in range(len(sentence.words) - 1)
        if _is_hedge(sentence.marks[first], sentence.marks[first + 1])
        for spot in (first, first + 1)
    }
    if not hedges or not sentence.present.isdisjoint({"SUICIDE", "DIE", "daran", "dran"}):
        return sentence
    kept = [spot for spot in range(len(sentence.words)) if spot not in hedges]
    return Sentence(
        tuple(sentence.words[spot] for spot in kept), tuple(sentence.marks[spot] for spot in kept)
    )


def _is_hedge(first: Marks, second: Marks) -> bool:
    return ("I" in first and "HEDGE" in second) or ("HEDGE" in first and "I" in second)


def _related(sentence: Sentence, position: int) -> Marks:
    marks = sentence.marks[position]
    if "KIN" in marks:
        marks |= _if("NEAR", _before(sentence, position, _MINE)) | _if(
            "THEIRKIN", _before(sentence, position, _THEIRS)
        )
    if "KNOWN" in marks or ("PERSON" in marks and "LOCAL" in sentence.present):
        marks |= _if(
            "OTHER", _before(sentence, position, _DETERMINED) or sentence.words[position - 1] == START
        )
    if "DEMO" in marks:
        following = sentence.marks[position + 1]
        marks |= _if("HE", "VERB" in following)
    if marks & _STRIKING and "PARTED" in marks and _parted(sentence, position):
        marks -= _STRIKING | {"VERB"}
    if "POLEMIC" in marks and "COUNCIL" in sentence.present:
        marks -= _STRIKING | _HARM
    if "BETWEEN" in marks and _between_numbers(sentence, position):
        marks |= {"CONTEST"}
    if "AT" in marks and "WON" in sentence.present and not _is_daily(sentence, position + 1):
        marks |= {"CONTEST"}
    return marks


def _if(mark: str, holds: bool) -> Marks:
    return frozenset({mark}) if holds else frozenset()


def _before(sentence: Sentence, position: int, element: Marks) -> bool:
    """Whether one of the three words before has such a mark and no comma lies between."""
    for earlier in range(position - 1, max(position - 4, 0), -1):
        if COMMA in sentence.words[earlier]:
            return False
        if sentence.fits(earlier, element):
            return True
    return False


def _parted(sentence: Sentence, position: int) -> bool:
    """A separable verb that is no blow: "schlägt mich als Kandidatin vor", "schlägt das ab"."""
    words: Sequence[str] = sentence.words
    for later in range(position + 1, len(words) - 1):
        if words[later] == COMMA:
            return False
        if "PARTICLE" in sentence.marks[later] and words[later - 1] != "wie":
            following = sentence.marks[later + 1]
            if words[later + 1] in {END, COMMA} or "CLAUSE" in following:
                return True
    return False


def _is_daily(sentence: Sentence, position: int) -> bool:
    """Whether "beim" or "bei der" leads to everyday life, as "Essen" or "Trennung" do and a game does not."""
    noun = position + 1 if sentence.fits(position, frozenset({"DET"})) else position
    return sentence.fits(min(noun, len(sentence.words) - 1), _DAILY)


def _between_numbers(sentence: Sentence, position: int) -> bool:
    edges = sentence.marks[position - 1], sentence.marks[min(position + 1, len(sentence.marks) - 1)]
    return all(NUMBER in marks for marks in edges)
