"""From a question to an answer: crisis first, then small talk, then search with three honest outcomes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import exp
from typing import TYPE_CHECKING, Final, Literal, Protocol

from knowledge import crisis
from knowledge.asked import as_objection, asking_clauses, without_denied, without_easy
from knowledge.english import in_german
from knowledge.entries import Entry
from knowledge.found import SHORTLIST, Hit, Text
from knowledge.leaning import FOLLOWED, Leaning
from knowledge.library import Library
from knowledge.particulars import carrying, lone_word, particulars_missing
from knowledge.passages import asks_kind, best_passage, own_words
from knowledge.relations import in_pillar, is_beside, nearness, related, unasked_draft_behind
from knowledge.resolution import References, resolution
from knowledge.smalltalk import smalltalk
from knowledge.words import QUESTION_CHARACTERS

if TYPE_CHECKING:
    from knowledge.search import Search

Kind = Literal["answer", "suggest", "unknown", "smalltalk", "crisis"]

# Score plus lead over the next other topic, calibrated on a real German FAQ and on questions that
# no entry answers; benchmarks/search.py prints how often these bounds are right.
SURE: Final = 0.51
LIKELY: Final = 0.25
LEAST_SCORE: Final = 0.3
# When this much of a question is unknown to the base, no entry is the whole answer.
MOST_UNKNOWN: Final = 0.5
# One word that many entries say tells of none of them, unless a wording is nearly the question.
LONE_SURE: Final = 0.82
# A question whose words the entry all holds may be answered a little sooner, one of strange words later.
HELD_SHARE: Final = 0.2
HELD_SUGGESTED: Final = 0.05
HELD_USUAL: Final = 0.6
_SLOPE: Final = 6.0
# How much the best others of a measure lift an entry: few, or the measure with most entries would win.
SUPPORT: Final = 0.1
_SUPPORTERS: Final = 3
_RANKED: Final = 5
# Half a question is about the entry that was shown when this holds so much of its words, and no other
# fits so much better or, where it has no words of its own, is so near.
HALF_TOLD: Final = 0.4
ALL_TOLD: Final = 0.9
FURTHER: Final = 0.15
NEAR_ENOUGH: Final = 0.44
_NEIGHBOURS: Final = 80
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
    `easy` when the question asked for easy language.
    """

    kind: Kind
    entry: Entry | None = None
    text: str | None = None
    confidence: float = 0.0
    candidates: tuple[Candidate, ...] = ()
    easy: bool = False


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
        self.follows_resolution = any(entry.measures or entry.pillar for entry in library.entries)

    @cached_property
    def _search(self) -> "Search":
        """The index, built for the first question: a bot that nobody has asked yet stays small."""
        from knowledge.search import Search

        return Search([searched(entry) for entry in self._entries])

    def ask(self, question: str, language: str = "de") -> Answer:
        """The answer to one message; `language` ("de", "en") is the reader's. Never raises."""
        need = crisis.check(question)
        if need is not None:
            return Answer("crisis", text=crisis.text_for(need, "private", language), confidence=1.0)
        kind_line = smalltalk(question, language)
        if kind_line is not None:
            return Answer("smalltalk", text=kind_line, confidence=1.0)
        plain = without_easy(question)
        found = self._find(in_german((plain or question)[:QUESTION_CHARACTERS], language))
        return found if plain is None else replace(found, easy=True)

    def _find(self, question: str) -> Answer:
        """The answer to the whole; where it is unclear, to a sentence that asks for one of its entries."""
        question = as_objection(without_denied(question))
        whole = self._judged(question)
        if whole.kind == "suggest" and not self.is_foreign(question):
            meant = {one.entry.id for one in whole.candidates}
            for clause in asking_clauses(question):
                found = self._judged(clause)
                if found.entry and found.entry.id in meant:
                    return found
        return whole

    def _judged(self, question: str) -> Answer:
        named = resolution().references(question) if self.follows_resolution else NOTHING_NAMED
        if named.unknown:
            return Answer("unknown")
        hits = self.hits(question, named)
        if not hits:
            return Answer("unknown")
        best = self._entries[hits[0].position]
        held = self._held(question, named, hits[0])
        if not held:
            return Answer("unknown")
        strength, usual = hits[0].score + self._lead(hits), held - HELD_USUAL
        candidates = tuple(
            Candidate(self._entries[hit.position], _share(hit.score)) for hit in hits[:_CANDIDATES]
        )
        confidence = 1 / (1 + exp(_SLOPE * (SURE - strength)))
        needed = LONE_SURE if self._is_lone(question, named, hits[0]) else SURE
        sure = strength + HELD_SHARE * usual >= needed and hits[0].score >= LEAST_SCORE
        if sure and not self._lacks(question, named, hits[0]):
            return Answer("answer", best, None, confidence, candidates)
        if strength + HELD_SUGGESTED * usual >= LIKELY:
            return Answer("suggest", None, None, min(confidence, 0.5), candidates)
        return Answer("unknown", confidence=min(confidence, 0.5))

    def follow(self, question: str, last: Entry, language: str = "de") -> Answer:
        """The answer to half a question that leans on the entry shown before.

        What is meant fits the question's few words, and stands near that entry: it speaks of the same, or is
        on the same measure. Any outcome but "answer" names up to three entries near the one before.
        """
        question = in_german(question[:QUESTION_CHARACTERS], language)
        fits = self._scored(question)
        near = self._scored(" ".join((last.title, *last.wordings[:2])))
        leaning = [
            Leaning(entry, fit, near.get(position, 0.0), is_beside(entry, last), in_pillar(entry, last))
            for position, fit in fits.items()
            if (entry := self._entries[position]) is not last
        ]
        leaning = sorted((one for one in leaning if one.leans), key=lambda one: -one.sum)
        step = next((one for one in leaning[:1] if one.is_meant and self._speaks(question, one)), None)
        passage = self._passage(question, last)
        if passage and not (step and self._leads_on(question, step, last, fits)):
            return Answer("answer", last, passage, FOLLOWED)
        if step:
            found = tuple(Candidate(one.entry, _share(one.fit)) for one in leaning[:_CANDIDATES])
            return Answer("answer", step.entry, None, found[0].score, found)
        entries = dict.fromkeys([*(one.entry.id for one in leaning), *(one.id for one in self.near(last))])
        others = [one for name in entries if (one := self.library.get(name))]
        candidates = tuple(Candidate(one, 0.0) for one in others[:_CANDIDATES])
        return Answer("suggest" if candidates else "unknown", candidates=candidates)

    def _passage(self, question: str, entry: Entry) -> str | None:
        """What the entry itself says to half a question, when it knows most of its words."""
        said = own_words(question)
        knows = self._told(said, entry) >= HALF_TOLD if said else asks_kind(question)
        return best_passage(entry.answer, question, self._search.told_share) if knows else None

    def _leads_on(self, question: str, step: Leaning, last: Entry, fits: dict[int, float]) -> bool:
        """Whether another entry says more to half a question than the one shown before."""
        said = own_words(question)
        if not said:
            return step.near >= NEAR_ENOUGH
        further, told = step.fit - fits.get(self._entries.index(last), 0.0), self._told(said, last)
        # What the entry shown says itself, down to the time or the number asked for, needs no other.
        enough = FURTHER * (2 if told >= ALL_TOLD and asks_kind(question) else 1)
        return further > enough or self._told(said, step.entry) > told

    def _speaks(self, question: str, one: Leaning) -> bool:
        """Whether an entry on another measure says any word of half a question."""
        said = own_words(question)
        text = "\n".join((*one.entry.sayings, one.entry.answer))
        return one.beside or not said or self._search.told_share(said, text) > 0

    def _told(self, said: Sequence[str], entry: Entry) -> float:
        return self._search.told_share(said, entry.answer)

    def _scored(self, text: str) -> dict[int, float]:
        return {hit.position: hit.score for hit in self._search.rank(text, shown=_NEIGHBOURS)}

    def is_foreign(self, question: str, language: str = "de") -> bool:
        """Whether most of a question's words are in no entry: then it is no half of anything said here."""
        said = carrying(in_german(question, language))
        return self._search.unknown_share(" ".join(said)) >= MOST_UNKNOWN

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
        hits = unasked_draft_behind(self._supported(found), question, self._entries)
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
        foreign = not self._is_clear(named, hit) and self.is_foreign(question)
        return foreign or particulars_missing(question, named, self._entries[hit.position])

    def _held(self, question: str, named: References, hit: Hit) -> float:
        """How much of what is asked the entry holds; as usual where other words may mean the same."""
        if self._is_clear(named, hit):
            return HELD_USUAL
        said = carrying(question)
        share = self._search.held_share(said, hit.position)
        # One word alone tells little, and less when only its parts are known.
        return share if len(own_words(" ".join(said))) > 1 else share * HELD_USUAL

    def _is_lone(self, question: str, named: References, hit: Hit) -> bool:
        """Whether all that a question says is one word that many entries say too."""
        word = lone_word(question)
        return word is not None and not self._is_clear(named, hit) and self._search.is_common(word)

    def _is_clear(self, named: References, hit: Hit) -> bool:
        """Whether strange words do not matter: the entry's own words, meaning search, a measure named."""
        return bool(hit.exact or self._semantic or named.measures or named.pillars)

    def _bonus(self, named: References) -> list[float] | None:
        if not named.measures and not named.pillars:
            return None
        return [nearness(entry, named) for entry in self._entries]

    def _lead(self, hits: Sequence[Hit]) -> float:
        """How far the first is ahead of the next entry on another subject."""
        first = self._entries[hits[0].position]
        others = [hit.score for hit in hits[1:] if not related(first, self._entries[hit.position])]
        return hits[0].score - max(others, default=hits[-1].score if len(hits) > 1 else 0.0)


def searched(entry: Entry) -> Text:
    """What search reads of an entry; easy language says the same once more and finds nothing better.

    Where the title is several questions, the first is a wording of its own.
    """
    first, several, _ = entry.title.partition(", ")
    alone = (f"{first}?",) if several and entry.title.endswith("?") else ()
    return Text((*entry.sayings, *alone), entry.answer)


def _others(hits: Sequence[Hit], one: Hit) -> float:
    """What the best of a measure's entries score together, without this one."""
    return sum(hit.score for hit in hits[:_SUPPORTERS] if hit is not one)


def _share(score: float) -> float:
    return round(min(max(score, 0.0), 1.0), 4)
