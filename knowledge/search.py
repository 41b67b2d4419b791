"""Finding entries: half BM25 over stems, compound parts and near words, half character n-grams.

Both halves are sums over the base's own stems, then the best single wording has its say. Weights
were measured on a real German FAQ of 210 entries; benchmarks/search.py prints what they yield.
"""

import gc
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge.everyday import is_light, same_meaning
from knowledge.found import SHORTLIST, Hit, Text
from knowledge.grams import codes_of
from knowledge.index import PART_WEIGHT, Index, build_index
from knowledge.slips import slips
from knowledge.sparse import Ints
from knowledge.verbs import SEPARABLE
from knowledge.words import (
    STOP_STEMS,
    TEXT_CHARACTERS,
    beginnings,
    clean,
    inflected,
    sounds,
    split_compound,
    stem,
    stems,
)

TERM_SHARE: Final = 0.4
WORDING_SHARE: Final = 0.2
NEAR_WEIGHT: Final = 0.8
SYNONYM_WEIGHT: Final = 0.7
# What a word that says little weighs beside one that says what is asked.
LIGHT: Final = 0.3
# Words that as large a share of the texts say, and more than a few texts, are common.
COMMON: Final = 0.125
_FEW: Final = 8
# Stems less alike than this share of the most alike one move no ranking, but cost time in large bases.
LEAST_ALIKE: Final = 0.05
# A wording as alike as this is the question itself, but for the order of words.
_EXACT: Final = 0.9999
SLIPS: Final = {6: 1, 7: 1}
_SHORTEST_CUT: Final = 4
_MOST_CUT: Final = 6
_SHOWN: Final = 5
_NEAR_TRIED: Final = 40
# Words of more different lengths neither sound alike nor are a slip or two apart.
_MOST_APART: Final = 3
_MOST_WORDS: Final = 60
_MOST_MEANINGS: Final = 4_096

Scores = NDArray[np.float64]


@dataclass(frozen=True)
class Meaning:
    """One word of a question: stems of the base that may be meant with their weights; none if unknown.

    `mass` is what an entry that says the word itself would earn by it, and the most that one earns by
    saying it in other words; `also` tells whether there are such. `share` is how much of its weight the
    word keeps.
    """

    stems: tuple[tuple[int, float], ...]
    mass: float
    also: bool
    share: float = 1.0

    @property
    def weighed(self) -> Iterable[tuple[int, float]]:
        """The stems with what each earns."""
        return ((number, weight * self.share) for number, weight in self.stems)


@dataclass(frozen=True)
class Asked:
    """A question as the index sees it: its words, and per stem (V,) the n-gram product; its n-gram length."""

    meanings: tuple[Meaning, ...]
    alike: Scores
    length: float


class Search:
    """Ranks texts for a question. Deterministic: equal scores keep the texts' order."""

    def __init__(self, texts: Sequence[Text]) -> None:
        self.index: Index = build_index(texts)
        self._beginnings = beginnings(self.index.vocabulary)
        self._ordered = sorted(self.index.vocabulary)
        self._meanings: dict[str, Meaning] = {}
        # What a first question would wait for: the library behind misspelt words, what building left behind.
        slips("", "", 0)
        gc.collect(1)

    def rank(self, question: str, bonus: Sequence[float] | None = None, shown: int = _SHOWN) -> list[Hit]:
        """The best texts, best first, at most SHORTLIST; `bonus` (N,) is added to first-round scores."""
        asked = self.read(question)
        if asked is None:
            return []
        scores = self.scores(asked) if bonus is None else self.scores(asked) + np.asarray(bonus)
        shortlist = _best(scores, SHORTLIST)
        wordings = self._best_wordings(shortlist, asked)
        mixed = (1 - WORDING_SHARE) * scores[shortlist] + WORDING_SHARE * wordings
        order = np.lexsort((shortlist, -mixed))[:shown]
        return [Hit(int(shortlist[at]), float(mixed[at]), bool(wordings[at] > _EXACT)) for at in order]

    def read(self, question: str) -> Asked | None:
        """The question's words and n-grams; None when nothing in it is a word."""
        found = stems(clean(question))[:_MOST_WORDS]
        if not found:
            return None
        return Asked(tuple(self._meaning(stem) for stem in _content(found)), *self._alike(found))

    def unknown_share(self, question: str) -> float:
        """How much of a question's words, by weight, no entry holds in any way (0..1)."""
        meanings = [self._meaning(stem) for stem in _content(stems(clean(question))[:_MOST_WORDS])]
        unknown = sum(meaning.mass for meaning in meanings if not meaning.stems)
        return unknown / max(sum(meaning.mass for meaning in meanings), 1e-6)

    def held_share(self, said: Sequence[str], position: int) -> float:
        """How much of some words, by weight, a text holds in any way (0..1); 1 when none says anything."""
        meanings = [self._meaning(word) for word in _content([stem(word) for word in said])]
        held = sum(meaning.mass * self._held(meaning, position) for meaning in meanings)
        mass = sum(meaning.mass for meaning in meanings)
        return held / mass if mass else 1.0

    def told_share(self, said: Sequence[str], text: str) -> float:
        """How much of some words, by weight, any text holds (0..1); 0 when none says anything."""
        meanings = [self._meaning(word) for word in _content([stem(word) for word in said])]
        told = {
            number for word in stems(clean(text, TEXT_CHARACTERS)) for number, _ in self._meaning(word).stems
        }
        held = [
            meaning.mass * max((weight for number, weight in meaning.stems if number in told), default=0.0)
            for meaning in meanings
        ]
        return sum(held) / max(sum(meaning.mass for meaning in meanings), 1e-6)

    def is_common(self, word: str) -> bool:
        """Whether so many texts say a word that it tells little about which is meant."""
        number = self.index.vocabulary.get(stem(word))
        if number is None:
            return False
        holders = int(np.diff(self.index.terms.starts[number : number + 2])[0])
        return holders >= max(COMMON * self.index.entries, _FEW)

    def _held(self, meaning: Meaning, position: int) -> float:
        rows = np.array([number for number, _ in meaning.stems], np.int64)
        places, lengths = self.index.terms.places(rows)
        inside = np.repeat(np.arange(len(rows)), lengths)[self.index.terms.columns[places] == position]
        return max((meaning.stems[row][1] for row in inside.tolist()), default=0.0)

    def scores(self, asked: Asked) -> Scores:
        """First-round scores of all texts, shape (N,)."""
        return TERM_SHARE * self._term_scores(asked.meanings) + (1 - TERM_SHARE) * self._gram_scores(asked)

    def _meaning(self, stem: str) -> Meaning:
        """What one stem means here; the same words come again and again."""
        known = self._meanings.get(stem)
        if known is None:
            if len(self._meanings) >= _MOST_MEANINGS:
                self._meanings = {}
            known = self._meanings[stem] = self._looked_up(stem)
        return known

    def _looked_up(self, stem: str) -> Meaning:
        said = self._candidates(stem)
        known = ((self.index.vocabulary.get(other), SYNONYM_WEIGHT) for other in same_meaning(stem))
        also = {number: weight for number, weight in known if number is not None}
        share = LIGHT if any(is_light(form) for form in (stem, *inflected(stem))) else 1.0
        mass = share * (self._mass(said) or self._heaviest(also))
        return Meaning(tuple((also | said).items()), mass, bool(also), share)

    def _candidates(self, stem: str) -> dict[int, float]:
        vocabulary = self.index.vocabulary
        found = {vocabulary[part]: weight for part, weight in self._parts(stem)}
        if stem in vocabulary:
            found[vocabulary[stem]] = 1.0
        if found:
            return found
        if plain := next((form for form in inflected(stem) if form in vocabulary), None):
            return {vocabulary[plain]: 1.0}
        near = dict.fromkeys(self._near(stem), NEAR_WEIGHT)
        return near or dict.fromkeys(self._cut(stem), PART_WEIGHT)

    def _cut(self, stem: str) -> list[int]:
        """The verb behind a prefix ("mitfinanzieren"), or the few words that a cut one begins ("konv")."""
        vocabulary = self.index.vocabulary
        verbs = (stem.removeprefix(prefix) for prefix in SEPARABLE if stem.startswith(prefix))
        if verb := next((form for form in verbs if len(form) >= _SHORTEST_CUT and form in vocabulary), None):
            return [] if verb in STOP_STEMS else [vocabulary[verb]]
        if len(stem) < _SHORTEST_CUT or not stem.isalpha():
            return []
        begin = bisect_left(self._ordered, stem)
        longer = self._ordered[begin : begin + _MOST_CUT + 1]
        whole = [name for name in longer if name.startswith(stem) and len(name) >= 2 * len(stem)]
        return [vocabulary[name] for name in whole] if len(whole) <= _MOST_CUT else []

    def _mass(self, said: dict[int, float]) -> float:
        return sum(weight * float(self.index.idf[stem]) for stem, weight in said.items())

    def _heaviest(self, also: dict[int, float]) -> float:
        """Of words that only have synonyms in the base one of these is enough; others count as rare."""
        weights = [weight * float(self.index.idf[stem]) for stem, weight in also.items()]
        return max(weights, default=self.index.rarest)

    def _parts(self, stem: str, weight: float = PART_WEIGHT) -> list[tuple[str, float]]:
        """The parts of a compound, and below them theirs at a lower weight."""
        parts = split_compound(stem, self.index.vocabulary, self._beginnings)
        below = [pair for part in parts for pair in self._parts(part, weight * PART_WEIGHT)]
        return below + [(part, weight) for part in parts]

    def _near(self, stem: str) -> list[int]:
        """Stems that sound alike, or else one slip away (two from eight letters on).

        They are among those that share the most n-grams. A short word with a slip is mostly another word.
        """
        if len(stem) < 4 or any(letter.isdecimal() for letter in stem):
            return []
        best = _best(self._alike([stem])[0], _NEAR_TRIED).tolist()
        tried = [at for at in best if abs(len(self.index.names[at]) - len(stem)) <= _MOST_APART]
        sound = sounds(stem)
        if alike := [at for at in tried if sounds(self.index.names[at]) == sound]:
            return alike
        most = SLIPS.get(len(stem), 0 if len(stem) < 6 else 2)
        distances = {at: slips(stem, self.index.names[at], most) for at in tried}
        nearest = min(distances.values(), default=most + 1)
        return [at for at, distance in distances.items() if distance == nearest <= most]

    def _alike(self, asked: Sequence[str]) -> tuple[Scores, float]:
        """For each stem of the base its n-gram product with the words (V,), and the words' n-gram length."""
        index = self.index
        counted = Counter(code for word in asked for code in codes_of(word))
        codes = np.fromiter(counted, np.int64, len(counted))
        counts = np.fromiter(counted.values(), np.float64, len(counted))
        places = np.minimum(np.searchsorted(index.grams, codes), len(index.grams) - 1)
        known = index.grams[places] == codes
        numbers = places[known]
        weights = counts[known] * index.gram_idf[numbers]
        strange = float((counts[~known] ** 2).sum()) * (np.log(1 + index.entries) + 1) ** 2
        alike = index.gram_stems.weighted_sum(numbers, weights * index.gram_idf[numbers], len(index.names))
        return alike, float(np.sqrt(weights @ weights + strange))

    def _gram_scores(self, asked: Asked) -> Scores:
        index = self.index
        rows = np.flatnonzero(asked.alike > LEAST_ALIKE * asked.alike.max(initial=0.0))
        return index.stems.weighted_sum(rows, asked.alike[rows], index.entries) / (
            index.lengths * asked.length
        )

    def _term_scores(self, meanings: Sequence[Meaning]) -> Scores:
        said = self._earned([pair for meaning in meanings if not meaning.also for pair in meaning.weighed])
        for meaning in meanings:
            if meaning.also:
                said += np.minimum(self._earned(meaning.weighed), meaning.mass)
        return said / max(sum(meaning.mass for meaning in meanings), 1e-6)

    def _earned(self, stems: Iterable[tuple[int, float]]) -> Scores:
        index = self.index
        factors: dict[int, float] = {}
        for number, weight in stems:
            factors[number] = max(factors.get(number, 0.0), weight)
        rows = np.fromiter(factors, np.int64, len(factors))
        weights = np.fromiter(factors.values(), np.float64, len(factors)) * index.idf[rows]
        return index.terms.weighted_sum(rows, weights, index.entries)

    def _best_wordings(self, positions: Ints, asked: Asked) -> Scores:
        """For each position the n-gram cosine of its most alike wording, shape like `positions`."""
        index = self.index
        begins, counts = index.wording_starts[positions], np.diff(index.wording_starts)[positions]
        firsts = np.cumsum(counts) - counts
        rows = np.arange(counts.sum()) + np.repeat(begins - firsts, counts)
        places, lengths = index.wordings.places(rows)
        products = index.wordings.weights[places] * asked.alike[index.wordings.columns[places]]
        sums = np.bincount(np.repeat(np.arange(len(rows)), lengths), weights=products, minlength=len(rows))
        cosines = sums / (index.wording_lengths[rows] * asked.length)
        return np.maximum.reduceat(cosines, firsts) if len(rows) else cosines


def _content(found: Sequence[str]) -> list[str]:
    """The words that say something, each once."""
    return [stem for stem in dict.fromkeys(found) if stem not in STOP_STEMS]


def _best(scores: Scores, count: int) -> Ints:
    """Positions of the highest positive scores, best first, ties in order."""
    found = np.flatnonzero(scores > 0)
    if len(found) > count:
        edge = np.partition(scores[found], len(found) - count)[len(found) - count]
        found = found[scores[found] >= edge]
    best: Ints = found[np.argsort(-scores[found], kind="stable")][:count]
    return best
