"""From a question to an answer: crisis first, then small talk, then search with three honest outcomes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import exp
from typing import TYPE_CHECKING, Final, Literal, Protocol

from knowledge import crisis
from knowledge.entries import Entry
from knowledge.found import SHORTLIST, Hit, Text
from knowledge.library import Library
from knowledge.particulars import particulars_missing
from knowledge.resolution import References, resolution
from knowledge.smalltalk import smalltalk
from knowledge.words import QUESTION_CHARACTERS

if TYPE_CHECKING:
    from knowledge.search import Search

Kind = Literal["answer", "suggest", "unknown", "smalltalk", "crisis"]

# Score plus lead over the next other topic, calibrated on a real German FAQ and on questions that
# no entry answers; benchmarks/search.py prints how often these bounds are right.
SURE: Final = 0.52
LIKELY: Final = 0.25
LEAST_SCORE: Final = 0.3
# When this much of a question is unknown to the base, no entry is the whole answer.
MOST_UNKNOWN: Final = 0.5
_SLOPE: Final = 6.0
# Naming a measure is as clear as words can be; which of its entries is meant, the other words say.
_NAMED_BONUS: Final = 0.6
_OTHER_BONUS: Final = -0.25
# How much the best others of a measure lift an entry: few, or the measure with most entries would win.
SUPPORT: Final = 0.1
_SUPPORTERS: Final = 3
_RANKED: Final = 5
# Half a question is answered by an entry that its words fit at least this well by themselves.
FOLLOWED: Final = 0.15
_CANDIDATES: Final = 3
NOTHING_NAMED: Final = References((), (), ())


@dataclass(frozen=True)
class Candidate:
    """An entry that may be meant; `score` between 0 and 1."""

    entry: Entry
    score: float


@dataclass(frozen=True)
class Answer:
    """What the bot makes of a message. `entry` only for "answer"; `text` for "smalltalk" and "crisis".

    `confidence` (0..1) is the chance that the first candidate is right. Candidates: up to three, best first.
    """

    kind: Kind
    entry: Entry | None = None
    text: str | None = None
    confidence: float = 0.0
    candidates: tuple[Candidate, ...] = ()


class Ranker(Protocol):
    """Meaning search: blends its own judgement into the hits of word search."""

    def rank(self, question: str, hits: Sequence[Hit], bonus: Sequence[float] | None) -> list[Hit]:
        """The best texts, best first, with scores on the same scale."""
        ...


class Answerer:
    """Answers questions from one library. Pure: the same question gets the same answer."""

    def __init__(self, library: Library, semantic: Ranker | None = None) -> None:
        self.library = library
        self._entries = library.entries
        self._semantic = semantic
        self._follows_resolution = any(entry.measures or entry.pillar for entry in library.entries)

    @cached_property
    def _search(self) -> "Search":
        """The index, built for the first question: a bot that nobody has asked yet stays small."""
        from knowledge.search import Search

        return Search([searched(entry) for entry in self._entries])

    def ask(self, question: str, language: str = "de") -> Answer:
        """The answer to one message; `language` ("de", "en") is for fixed texts only. Never raises."""
        need = crisis.check(question)
        if need is not None:
            return Answer("crisis", text=crisis.text_for(need, "private", language), confidence=1.0)
        kind_line = smalltalk(question, language)
        if kind_line is not None:
            return Answer("smalltalk", text=kind_line, confidence=1.0)
        return self._find(question[:QUESTION_CHARACTERS])

    def _find(self, question: str) -> Answer:
        named = resolution().references(question) if self._follows_resolution else NOTHING_NAMED
        if named.unknown:
            return Answer("unknown")
        hits = self.hits(question, named)
        if not hits:
            return Answer("unknown")
        best = self._entries[hits[0].position]
        strength = hits[0].score + self._lead(hits)
        candidates = tuple(
            Candidate(self._entries[hit.position], _share(hit.score)) for hit in hits[:_CANDIDATES]
        )
        confidence = 1 / (1 + exp(_SLOPE * (SURE - strength)))
        sure = strength >= SURE and hits[0].score >= LEAST_SCORE
        if sure and not self._lacks(question, named, hits[0]):
            return Answer("answer", best, None, confidence, candidates)
        if strength >= LIKELY:
            return Answer("suggest", None, None, min(confidence, 0.5), candidates)
        return Answer("unknown", confidence=min(confidence, 0.5))

    def follow(self, question: str, last: Entry) -> Answer:
        """The answer to half a question that leans on the entry shown before: its measures are meant.

        Any outcome but "answer" names up to three other entries near the one before.
        """
        named = References(last.measures, (last.pillar,) if last.pillar and not last.measures else (), ())
        whole = question if named.measures or named.pillars else f"{last.title} {question}"
        fitting = {hit.position: hit.score for hit in self._search.rank(question, shown=SHORTLIST)}
        hits = [hit for hit in self.hits(whole, named) if self._entries[hit.position] is not last]
        candidates = tuple(
            Candidate(self._entries[hit.position], _share(fitting.get(hit.position, 0.0)))
            for hit in hits[:_CANDIDATES]
        )
        if candidates and candidates[0].score >= FOLLOWED:
            return Answer("answer", candidates[0].entry, None, candidates[0].score, candidates)
        return Answer("suggest" if candidates else "unknown", candidates=candidates)

    def is_foreign(self, question: str) -> bool:
        """Whether most of a question's words are in no entry: then it is no half of anything said here."""
        return self._search.unknown_share(question[:QUESTION_CHARACTERS]) >= MOST_UNKNOWN

    def near(self, entry: Entry) -> list[Entry]:
        """Entries to read on with: those it refers to, then those on its measures or its pillar."""
        referred = [one for one in self._entries if f"(#{one.id})" in entry.answer]
        same = [one for one in self._entries if set(one.measures) & set(entry.measures)]
        same.sort(key=lambda one: len(set(one.measures) ^ set(entry.measures)))
        pillar = [one for one in self._entries if one.pillar and one.pillar == entry.pillar]
        found = dict.fromkeys(one.id for one in (*referred, *same, *pillar) if one is not entry)
        return [one for name in list(found)[:_CANDIDATES] if (one := self.library.get(name))]

    def hits(self, question: str, named: References = NOTHING_NAMED) -> list[Hit]:
        """What search finds: an entry asked in its own words, then those of named measures and pillars."""
        bonus = self._bonus(named)
        found = self._search.rank(question, bonus, SHORTLIST)
        exact = next((hit for hit in found if hit.exact), None)
        hits = self._supported(found)
        hits = self._semantic.rank(question, hits, bonus) if self._semantic else hits
        if exact is None:
            return hits[:_RANKED]
        others = [hit for hit in hits if hit.position != exact.position]
        return [replace(exact, score=1.0), *others[: _RANKED - 1]]

    def _supported(self, hits: Sequence[Hit]) -> list[Hit]:
        """Entries on one measure speak for each other: what many of them say is what is meant."""
        best: dict[str, list[Hit]] = {}
        for hit in hits:
            for code in self._entries[hit.position].measures:
                best.setdefault(code, []).append(hit)
        lifted = [
            Hit(hit.position, hit.score + SUPPORT * self._support(hit, best), hit.exact) for hit in hits
        ]
        return sorted(lifted, key=lambda hit: -hit.score)

    def _support(self, hit: Hit, best: dict[str, list[Hit]]) -> float:
        codes = self._entries[hit.position].measures
        return max((_others(best[code], hit) for code in codes), default=0.0)

    def _lacks(self, question: str, named: References, hit: Hit) -> bool:
        """Whether the question asks for more than the entry holds."""
        if hit.exact or self._semantic or named.measures or named.pillars:
            foreign = False
        else:
            foreign = self.is_foreign(question)
        return foreign or particulars_missing(question, named, self._entries[hit.position])

    def _bonus(self, named: References) -> list[float] | None:
        if not named.measures and not named.pillars:
            return None
        return [_nearness(entry, named) for entry in self._entries]

    def _lead(self, hits: Sequence[Hit]) -> float:
        """How far the first is ahead of the next entry on another subject."""
        first = self._entries[hits[0].position]
        others = [hit.score for hit in hits[1:] if not _related(first, self._entries[hit.position])]
        return hits[0].score - max(others, default=hits[-1].score if len(hits) > 1 else 0.0)


def searched(entry: Entry) -> Text:
    """What search reads of an entry; easy language says the same once more and finds nothing better."""
    return Text(entry.wordings, entry.answer)


def _others(hits: Sequence[Hit], one: Hit) -> float:
    """What the best of a measure's entries score together, without this one."""
    return sum(hit.score for hit in hits[:_SUPPORTERS] if hit is not one)


def _nearness(entry: Entry, named: References) -> float:
    """A measure's own entries before its pillar's; a pillar's overview before its measures."""
    if set(entry.measures) & set(named.measures):
        return _NAMED_BONUS
    pillars = {int(code[0]) for code in named.measures} | set(named.pillars)
    if entry.pillar in pillars:
        return _NAMED_BONUS * (0.3 if named.measures or entry.measures else 1.0)
    return _OTHER_BONUS


def _related(one: Entry, other: Entry) -> bool:
    return bool(set(one.measures) & set(other.measures)) or f"(#{other.id})" in one.answer


def _share(score: float) -> float:
    return round(min(max(score, 0.0), 1.0), 4)
