"""Building the tables that search reads: entries to stems, stems to character n-grams.

One vocabulary of stems carries everything. An entry's n-gram vector is the sum of its stems' n-gram
vectors, so only stems need an n-gram table, and 100,000 entries fit into a small memory.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge.found import Text
from knowledge.grams import Codes, gram_codes
from knowledge.sparse import Floats, Ints, Table, product, stacked, table, turned
from knowledge.words import (
    STOP_STEMS,
    TEXT_CHARACTERS,
    TEXT_END,
    beginnings,
    clean,
    split_compound,
    stem_many,
    words_of_many,
)

PART_WEIGHT: Final = 0.6
# Lower than usual: that a wording or an answer uses a word at all says most of what there is to say.
SATURATION: Final = 0.6
LENGTH_SHARE: Final = 0.75
_CHUNK: Final = 500
# Sums of n-gram vectors are wide: few rows at a time keep the memory they need for a moment small.
_WIDE_CHUNK: Final = 200


@dataclass(frozen=True)
class Index:
    """Everything search needs. N entries, V stems, G n-grams, W wordings.

    terms: V x N, BM25 weights (0..1, without idf). stems: V x N, how often. grams: the n-grams' codes,
    ascending (G,); gram_stems: G x V. wordings: W x V; wording_starts (N + 1,) says whose they are.
    """

    vocabulary: dict[str, int]
    names: list[str]
    idf: NDArray[np.float64]
    terms: Table
    stems: Table
    lengths: Floats
    grams: Codes
    gram_idf: NDArray[np.float64]
    gram_stems: Table
    wordings: Table
    wording_lengths: Floats
    wording_starts: Ints

    @property
    def entries(self) -> int:
        """N, the number of entries."""
        return len(self.lengths)

    @property
    def rarest(self) -> float:
        """The idf of a word that no entry holds."""
        return float(np.log(1 + (self.entries + 0.5) / 0.5))


def build_index(texts: Sequence[Text]) -> Index:
    """The index of at least one text, in their order. Deterministic."""
    vocabulary: dict[str, int] = {}
    starts = np.concatenate(([0], np.cumsum([len(text.wordings) for text in texts]))).astype(np.int64)
    wordings = _stem_table((wording for text in texts for wording in text.wordings), vocabulary)
    counts = _entry_counts(wordings, _stem_table((text.body for text in texts), vocabulary), starts)
    size = len(vocabulary)
    terms, idf = _terms(counts, vocabulary)
    grams, gram_table = _grams(vocabulary)
    gram_idf = _gram_idf(gram_table, counts, len(grams))
    return Index(
        vocabulary=vocabulary,
        names=list(vocabulary),
        idf=idf,
        terms=terms,
        stems=counts.transposed(size),
        lengths=_gram_lengths(counts, gram_table, gram_idf),
        grams=grams,
        gram_idf=gram_idf,
        gram_stems=gram_table.transposed(len(grams)),
        wordings=wordings,
        wording_lengths=_gram_lengths(wordings, gram_table, gram_idf),
        wording_starts=starts,
    )


def _stem_table(texts: Iterator[str], vocabulary: dict[str, int]) -> Table:
    """Text by stem counts; new stems are added to the vocabulary."""
    parts: list[Table] = []
    known = {TEXT_END: -1}
    while chunk := list(islice(texts, _CHUNK)):
        found = words_of_many([clean(text, TEXT_CHARACTERS) for text in chunk])
        new = [word for word in dict.fromkeys(found) if word not in known]
        for word, found_stem in zip(new, stem_many(new), strict=False):
            known[word] = vocabulary.setdefault(found_stem, len(vocabulary))
        numbers = np.fromiter(map(known.__getitem__, found), np.int64, len(found))
        inside = numbers >= 0
        rows = np.cumsum(~inside, dtype=np.int64)[inside]
        shape = (len(chunk), max(len(vocabulary), 1))
        parts.append(table(rows, numbers[inside], np.ones(len(rows)), shape))
    return stacked(parts)


def _entry_counts(wordings: Table, bodies: Table, starts: Ints) -> Table:
    """Entry by stem counts, wordings and body together."""
    parts: list[Table] = []
    for first, last in _chunks(bodies.rows):
        asked, told = wordings.part(int(starts[first]), int(starts[last])), bodies.part(first, last)
        owners = np.repeat(np.arange(last - first), np.diff(starts[first : last + 1]))
        rows: Ints = np.concatenate((owners[asked.row_numbers()], told.row_numbers()))
        columns = np.concatenate((asked.columns, told.columns))
        weights = np.concatenate((asked.weights, told.weights))
        parts.append(table(rows, columns, weights, (last - first, 1 + int(columns.max(initial=0)))))
    return stacked(parts)


def _terms(counts: Table, vocabulary: dict[str, int]) -> tuple[Table, NDArray[np.float64]]:
    """Stem by entry: BM25 weights (0..1) without stop words, compounds by their parts too; and the idf."""
    size = len(vocabulary)
    meanings = _meanings(vocabulary)
    masses = np.bincount(meanings.row_numbers(), weights=meanings.weights, minlength=size)
    totals = np.bincount(
        counts.row_numbers(), weights=counts.weights * masses[counts.columns], minlength=counts.rows
    )
    shares = 1 - LENGTH_SHARE + LENGTH_SHARE * totals / max(float(totals.mean()), 1e-9)
    limits = (SATURATION * shares).astype(np.float32)
    pieces: list[Table] = []
    for first, last in _chunks(counts.rows):
        plain = product(counts.part(first, last), meanings, size)
        weights = plain.weights / (plain.weights + limits[first:last][plain.row_numbers()])
        pieces.append(Table(plain.starts, plain.columns, weights))
    terms = turned(pieces, size)
    holders = np.diff(terms.starts)
    return terms, np.log(1 + (counts.rows - holders + 0.5) / (holders + 0.5))


def _meanings(vocabulary: dict[str, int]) -> Table:
    """Stem by stem: itself in full and its compound parts at their weight; nothing for stop words."""
    rows, columns, weights = [], [], []
    starts = beginnings(vocabulary)
    for name, number in vocabulary.items():
        if name in STOP_STEMS:
            continue
        parts = [vocabulary[part] for part in split_compound(name, vocabulary, starts)]
        rows += [number] * (1 + len(parts))
        columns += [number, *parts]
        weights += [1.0] + [PART_WEIGHT] * len(parts)
    shape = (len(vocabulary), len(vocabulary))
    return table(np.array(rows, np.int64), np.array(columns, np.int64), np.array(weights), shape)


def _grams(vocabulary: dict[str, int]) -> tuple[Codes, Table]:
    """The codes of all n-grams in ascending order, and stem by n-gram counts."""
    codes, owners = gram_codes(list(vocabulary))
    grams, columns = np.unique(codes, return_inverse=True)
    return grams, table(owners, columns, np.ones(len(owners)), (len(vocabulary), max(len(grams), 1)))


def _gram_idf(gram_table: Table, counts: Table, size: int) -> NDArray[np.float64]:
    """How rare an n-gram is among entries; entries that hold it in two stems count twice (an upper bound)."""
    holders = np.bincount(counts.columns, minlength=gram_table.rows)
    among = np.bincount(gram_table.columns, weights=holders[gram_table.row_numbers()], minlength=size)
    return np.asarray(np.log((1 + counts.rows) / (1 + np.minimum(among, counts.rows))) + 1)


def _gram_lengths(counts: Table, gram_table: Table, gram_idf: NDArray[np.float64]) -> Floats:
    """The Euclidean length of every row's n-gram vector, at least a little above zero."""
    weighted = Table(
        gram_table.starts,
        gram_table.columns,
        (gram_table.weights * gram_idf[gram_table.columns]).astype(np.float32),
    )
    lengths: list[NDArray[np.float64]] = []
    for first, last in _chunks(counts.rows, _WIDE_CHUNK):
        summed = product(counts.part(first, last), weighted, len(gram_idf))
        squares = np.bincount(summed.row_numbers(), weights=summed.weights**2, minlength=last - first)
        lengths.append(np.sqrt(squares))
    return np.maximum(np.concatenate(lengths), 1e-6).astype(np.float32)


def _chunks(total: int, size: int = _CHUNK) -> Iterator[tuple[int, int]]:
    return ((first, min(first + size, total)) for first in range(0, total, size))
