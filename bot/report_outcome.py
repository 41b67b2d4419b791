"""Which outcome a sentence tells: "vertagt", "wurde nicht behandelt", "beschlosen"; and what is unsure.

A "nicht" before an outcome does not name another one: what is unsure becomes a question with candidates.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.outcomes import INSTEAD, NOT_TREATED, OUTCOMES, TREATED, phrases
from knowledge.slips import slips

WORD = re.compile(r"[^\W\d_]+")
# A full stop behind a number or a single letter ("am 15.1.", "z. T.") ends no clause.
CLAUSE_END = re.compile(r"[,;:!?()\n]|(?<!\d)(?<!\b[^\W\d])\.")
# "2.2 aber nicht", "unser Antrag leider nicht", "ohne 2.2": what was just said does not hold for these.
BUT_NOT = re.compile(
    r"(?:\b(?:antr[aä]ge?|unser\w{0,3}|rest)|\d)(?:\s{1,3}(?:aber|leider|noch|jedoch|wurden?|ist|war)){0,3}"
    r"\s{1,3}(?P<not>nicht)(?=\s{0,3}(?:[,;.!)]|$))"
    r"|\b(?P<without>ohne)\s{1,3}(?:d(?:ie|en)\s{1,3})?(?:ma(?:ß|ss)nahme\s{1,3})?(?:\d[.,]\d|unser)",
    re.I,
)
CLAUSE_WORDS = frozenset(phrases("sondern, aber, jedoch, but"))
FOLDED = str.maketrans({"ä": "a", "ö": "o", "ü": "u"})
NOT = frozenset(phrases("nicht, nichts, nie, weder, not, never, nothing, isn, wasn, didn, weren"))
ONLY = frozenset(phrases("nur, only, bloss"))
DOUBTFUL = frozenset(
    phrases("""
    soll, sollen, sollte, sollten, will, wollen, hoffentlich, vielleicht, vermutlich, wahrscheinlich,
    voraussichtlich, wohl, should, hopefully, maybe, perhaps, probably, ob, whether, if, wenn, falls
    """)
)
FUTURE = frozenset(phrases("wird, werden"))
STILL_OPEN = frozenset(("eingebracht", "beschlossen", "teilweise_beschlossen"))
# Real words that a typo away look like an outcome.
OTHER_WORDS = frozenset(
    phrases("""
    versagt, vertragt, vertrag, gewurzt, gekurt, gesturzt, angelehnt, abgelegt, abgelenkt, abgenommen,
    aufgenommen, ausgenommen, eingerichtet, umgestellt, verlesen, beschossen, abgesehen, umgesehen,
    angesetzt, ausgesetzt, umgesiedelt
    """)
)
WINDOW = 4


@dataclass(frozen=True)
class Word:
    """A word with its place in the text; `clause` counts the commas and full stops before it."""

    start: int
    end: int
    folded: str
    clause: int


@dataclass(frozen=True)
class Mention:
    """An outcome named in the text; `doubt` is "" when it is simply said, or "negated", "unsure", "hint"."""

    start: int
    end: int
    key: str
    doubt: str = ""


def fold(word: str) -> str:
    """Lower case without umlauts, however they are written: gekürzt, gekuerzt and gekurzt are one."""
    plain = word.casefold().translate(FOLDED)
    return plain.replace("ae", "a").replace("oe", "o").replace("ue", "u")


def words_of(text: str) -> list[Word]:
    """The words of a text, with their places and clauses."""
    words: list[Word] = []
    clause = end = 0
    for found in WORD.finditer(text):
        clause += bool(CLAUSE_END.search(text, end, found.start())) or found[0].casefold() in CLAUSE_WORDS
        end = found.end()
        words.append(Word(found.start(), end, fold(found[0]), clause))
    return words


def known_phrases() -> dict[tuple[str, ...], str]:
    """Every phrase, as its folded words -> the outcome's key; the words of `TREATED` stand for no outcome."""
    table: dict[tuple[str, ...], str] = {(fold(word),): "" for word in TREATED}
    for outcome in OUTCOMES:
        for phrase in (outcome.name, *outcome.fuzzy, *outcome.spellings, *outcome.hints):
            table[tuple(fold(word) for word in phrase.split())] = outcome.key
    return table


PHRASES = known_phrases()
HINTS = {tuple(fold(word) for word in hint.split()) for outcome in OUTCOMES for hint in outcome.hints}
LONGEST = max(map(len, PHRASES))
FUZZY = {fold(word): outcome.key for outcome in OUTCOMES for word in outcome.fuzzy} | {"behandelt": ""}


def find_mentions(text: str) -> tuple[Mention, ...]:
    """Every outcome a text names, in order, each with its doubt."""
    words = words_of(text)
    mentions = []
    index = 0
    while index < len(words):
        length, key = phrase_at(words, index)
        if length:
            said = mention(text, words, index, length, key)
            mentions += [said] if said else []
        index += length or 1
    return tuple(sorted([*mentions, *left_out(text, mentions)], key=lambda one: one.start))


def left_out(text: str, mentions: Sequence[Mention]) -> Iterator[Mention]:
    """What is said not to hold for something: "2.1 beschlossen, 2.2 leider nicht"."""
    for hit in BUT_NOT.finditer(text):
        start, end = hit.span("not" if hit["not"] else "without")
        if not any(one.start < end and start < one.end for one in mentions):
            key = next((one.key for one in reversed(mentions) if one.end <= hit.start()), "beschlossen")
            yield Mention(start, end, key, "negated")


def phrase_at(words: list[Word], index: int) -> tuple[int, str]:
    """How many words from `index` on are a known phrase (0: none), and its key ("" for "behandelt")."""
    for length in range(min(LONGEST, len(words) - index), 0, -1):
        part = words[index : index + length]
        phrase = tuple(word.folded for word in part)
        key = PHRASES.get(phrase)
        if key is None or part[0].clause != part[-1].clause:
            continue
        if part[-1].folded != "durch" or ends_clause(words, index + length):
            return length, key
    key = fuzzy_key(words[index].folded)
    return (0, "") if key is None else (1, key)


def ends_clause(words: list[Word], index: int) -> bool:
    """Whether nothing but votes follows: "ist durch mit 19:12" is an outcome, "durch die Stadt" is none."""
    behind = words[index : index + 1]
    return not behind or behind[0].clause != words[index - 1].clause or behind[0].folded == "mit"


def fuzzy_key(word: str) -> str | None:
    """The outcome a misspelt word means; long words may have two mistakes, and none in the first letter."""
    if not 6 <= len(word) <= 20 or word in OTHER_WORDS:
        return None
    best: tuple[int, str] | None = None
    for known, key in FUZZY.items():
        allowed = 2 if len(known) >= 9 else 1
        distance = slips(word, known, allowed)
        same_start = word[0] == known[0] or sorted(word) == sorted(known)
        if distance <= allowed and same_start and (best is None or distance < best[0]):
            best = distance, key
    return best[1] if best else None


def mention(text: str, words: list[Word], index: int, length: int, key: str) -> Mention | None:
    first, last = words[index], words[index + length - 1]
    denied = next((word for word in before(words, index) if is_denial(words, word)), None)
    if not key:
        return Mention(denied.start, last.end, NOT_TREATED.key) if denied else None
    if denied or denied_behind(words, index + length - 1):
        return Mention(denied.start if denied else first.start, last.end, key, "negated")
    hinted = tuple(word.folded for word in words[index : index + length]) in HINTS
    doubt = "hint" if hinted else "unsure" if is_doubtful(text, words, index, key) else ""
    return Mention(first.start, last.end, key, doubt)


def before(words: list[Word], index: int) -> list[Word]:
    """The few words before, in the same clause."""
    clause = words[index].clause
    return [word for word in words[max(0, index - WINDOW) : index] if word.clause == clause]


def is_denial(words: list[Word], word: Word) -> bool:
    following = words[words.index(word) + 1]
    return word.folded in NOT and following.folded not in ONLY


def denied_behind(words: list[Word], index: int) -> bool:
    """ "Beschlossen wurde das nicht": a clause that ends in a denial."""
    clause = [
        word for word in words[index + 1 : index + 1 + WINDOW + 1] if word.clause == words[index].clause
    ]
    return 0 < len(clause) <= WINDOW and clause[-1].folded in NOT


def is_doubtful(text: str, words: list[Word], index: int, key: str) -> bool:
    """Wishes, plans and questions are no outcome yet."""
    ahead = {word.folded for word in words[:index] if word.clause == words[index].clause}
    rest = CLAUSE_END.search(text, words[index].end)
    asked = rest is not None and rest[0] == "?"
    return asked or bool(ahead & DOUBTFUL) or (key in STILL_OPEN and bool(ahead & FUTURE))


def decide(mentions: Iterable[Mention]) -> tuple[str | None, tuple[str, ...]]:
    """The one outcome that is told, or None and the candidates to ask about (none: nothing was said)."""
    mentions = tuple(mentions)
    denied = {mention.key for mention in mentions if mention.doubt == "negated"}
    said = tuple(dict.fromkeys(one.key for one in mentions if not one.doubt))
    # "Kam durch, aber das Frauenhaus bekommt weniger": which of the two is the report?
    less = any(one.key == "gekuerzt" and one.doubt == "hint" for one in mentions)
    if said and less and "gekuerzt" not in said:
        return None, (*said, "gekuerzt")
    if denied.isdisjoint(said) and said:
        key = strongest(said)
        return (key, ()) if key else (None, said)
    return None, tuple(dict.fromkeys(key for mention in mentions for key in instead_of(mention)))


def instead_of(mention: Mention) -> Iterator[str]:
    if mention.doubt != "negated":
        yield mention.key
    yield from INSTEAD[mention.key]


def strongest(said: tuple[str, ...]) -> str | None:
    """What stands at the end of a path: who says "eingebracht und beschlossen" means the second."""
    keys = set(said)
    if len(keys) > 1:
        keys -= {"eingebracht"}
    if keys == {"teilweise_beschlossen", "beschlossen"}:
        return "teilweise_beschlossen"
    if keys == {"nicht_behandelt", "vertagt"}:
        return "vertagt"
    if keys == {"beschlossen", "umgesetzt"}:
        return "umgesetzt"
    return keys.pop() if len(keys) == 1 else None
