"""Sparse tables by hand: rows of (column, weight) pairs in three numpy arrays."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Numbers = NDArray[np.int32]
Floats = NDArray[np.float32]
Weights = NDArray[np.float64] | NDArray[np.float32]


_PIECE: Final = 5_000


@dataclass(frozen=True)
class Table:
    """Row r holds columns[starts[r]:starts[r + 1]] with the weights beside them.

    Shapes: starts (rows + 1,), columns and weights (entries,).
    """

    starts: Ints
    columns: Numbers
    weights: Floats

    @property
    def rows(self) -> int:
        """How many rows there are, empty ones included."""
        return len(self.starts) - 1

    def part(self, first: int, last: int) -> "Table":
        """The rows first .. last - 1 alone."""
        inside = slice(int(self.starts[first]), int(self.starts[last]))
        starts = self.starts[first : last + 1] - self.starts[first]
        return Table(starts, self.columns[inside], self.weights[inside])

    def row_numbers(self) -> Numbers:
        """The row of every entry, shape (entries,)."""
        return np.repeat(np.arange(self.rows, dtype=np.int32), np.diff(self.starts))

    def transposed(self, columns: int) -> "Table":
        """The same entries with rows and columns exchanged; rows come in ascending order."""
        ends = range(_PIECE, self.rows + _PIECE, _PIECE)
        return turned([self.part(end - _PIECE, min(end, self.rows)) for end in ends], columns)

    def weighted_sum(self, rows: Ints, factors: NDArray[np.float64], columns: int) -> NDArray[np.float64]:
        """The sum of the given rows, each times its factor, shape (columns,)."""
        places, lengths = self.places(rows)
        weights = self.weights[places] * np.repeat(factors, lengths)
        summed = np.bincount(self.columns[places], weights=weights, minlength=columns)
        return summed.astype(np.float64, copy=False)

    def places(self, rows: Ints | Numbers) -> tuple[Ints, Ints]:
        """Positions of all entries of the given rows one after the other, and each row's length."""
        begins = self.starts[rows]
        lengths = self.starts[rows + 1] - begins
        ends = np.cumsum(lengths)
        shifts = np.repeat(begins - (ends - lengths), lengths)
        return np.arange(len(shifts)) + shifts, lengths


def table(rows: Ints | Numbers, columns: Ints | Numbers, weights: Weights, shape: tuple[int, int]) -> Table:
    """A table from loose entries; entries on the same place are added up."""
    # Numbers of half the size are sorted in half the time.
    narrow = shape[0] * shape[1] <= np.iinfo(np.int32).max
    keys: Ints | Numbers = rows.astype(np.int64) * shape[1] + columns
    keys = keys.astype(np.int32) if narrow else keys
    order = np.argsort(keys)
    keys = keys[order]
    first = np.flatnonzero(np.diff(keys, prepend=-1))
    sums = np.add.reduceat(weights[order], first) if len(keys) else weights
    keys = keys[first]
    starts = np.searchsorted(
        keys, (np.arange(shape[0] + 1) * shape[1]).clip(max=np.iinfo(keys.dtype).max).astype(keys.dtype)
    )
    return Table(starts.astype(np.int64), (keys % shape[1]).astype(np.int32), sums.astype(np.float32))


def product(left: Table, right: Table, columns: int) -> Table:
    """The matrix product of two tables; what `left` has as columns are the rows of `right`."""
    places, spread = right.places(left.columns)
    weights = right.weights[places] * np.repeat(left.weights, spread)
    rows = np.repeat(left.row_numbers(), spread)
    return table(rows, right.columns[places], weights, (left.rows, columns))


def stacked(tables: list[Table]) -> Table:
    """Tables one below the other."""
    lengths = np.concatenate([np.diff(part.starts) for part in tables])
    return Table(
        np.concatenate(([0], np.cumsum(lengths))).astype(np.int64),
        np.concatenate([part.columns for part in tables]),
        np.concatenate([part.weights for part in tables]),
    )


def turned(pieces: list[Table], columns: int) -> Table:
    """The pieces one below the other, with rows and columns exchanged; `pieces` is emptied on the way.

    Sorting all entries at once would need as much memory again.
    """
    counts = sum((np.bincount(one.columns, minlength=columns) for one in pieces), np.zeros(columns, np.int64))
    starts = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    free = starts[:-1].copy()
    numbers, weights = np.empty(int(starts[-1]), np.int32), np.empty(int(starts[-1]), np.float32)
    row = 0
    while pieces:
        piece = pieces.pop(0)
        order = np.argsort(piece.columns, kind="stable")
        ordered = piece.columns[order]
        begins = np.flatnonzero(np.diff(ordered, prepend=-1))
        lengths = np.diff(begins, append=len(order))
        places = free[ordered] + np.arange(len(order)) - np.repeat(begins, lengths)
        numbers[places] = piece.row_numbers()[order] + row
        weights[places] = piece.weights[order]
        free[ordered[begins]] += lengths
        row += piece.rows
    return Table(starts, numbers, weights)
