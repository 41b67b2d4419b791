"""Character n-grams as numbers: word-bounded pieces of three and four letters, many words at a time."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

GRAM_LENGTHS: Final = (3, 4)
# Four letters of 15 bits fit into a number; rarer letters share their place with another.
_BITS: Final = 15
_MASK: Final = (1 << _BITS) - 1

Codes = NDArray[np.int64]


def codes_of(word: str) -> list[int]:
    """The n-grams of one word; for a few words quicker than `gram_codes`."""
    letters = [ord(letter) & _MASK for letter in f" {word} "]
    threes = [
        (a << _BITS | b) << _BITS | c for a, b, c in zip(letters, letters[1:], letters[2:], strict=False)
    ]
    return threes + [three << _BITS | d for three, d in zip(threes, letters[3:], strict=False)]


def gram_codes(words: Sequence[str]) -> tuple[Codes, Codes]:
    """The n-grams of all words, and which word each belongs to; shapes (grams,) and (grams,)."""
    letters = np.frombuffer(" ".join(("", *words, "")).encode("utf-32-le", "replace"), np.uint32)
    folded = letters.astype(np.int64) & _MASK
    lengths = np.fromiter((len(word) for word in words), np.int64, len(words))
    # Each word begins at the space before it, which is the space behind the word before.
    begins = np.concatenate(([0], np.cumsum(lengths + 1)))[:-1]
    found = [_of_length(folded, begins, lengths, size) for size in GRAM_LENGTHS]
    return np.concatenate([codes for codes, _ in found]), np.concatenate([owners for _, owners in found])


def _of_length(letters: Codes, begins: Codes, lengths: Codes, size: int) -> tuple[Codes, Codes]:
    counts = np.maximum(lengths + 3 - size, 0)
    owners = np.repeat(np.arange(len(lengths)), counts)
    starts = np.arange(len(owners)) - np.repeat(np.cumsum(counts) - counts, counts) + begins[owners]
    codes = np.zeros(len(starts), np.int64)
    for offset in range(size):
        codes = (codes << _BITS) | letters[starts + offset]
    return codes, owners
