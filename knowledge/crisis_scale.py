"""Weighs a message by its words, pairs of words and pieces of words: the table crisis_points.yaml.

The table is learnt from invented messages (`python -m tests.crisis_points`) and can be read: what weighs
above nothing speaks for danger, what weighs below for everyday life or politics. Pieces of three or four
letters (`_` is the edge of a word) let typos, dialect and compounds weigh what their like weigh.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise, repeat
from typing import Any

from knowledge.crisis_words import LOOKALIKES, fold

LONGEST, STEP = 700, 560
_WORDS = re.compile(r"[^\W_](?:[^\W_]|[@$€](?=\w)){0,31}")
_UNIT_ENDS = re.compile(r"(?<=[.!?;])\s+|\n+|\s(?:und|and|aber|but|un)\s")


@dataclass(frozen=True)
class Scale:
    """What words and pieces weigh, what fitting rules add to it, and the limit from which a message tips."""

    words: Mapping[str, int]
    pieces: Mapping[str, int]
    limit: int
    firm: int
    loose: int

    @classmethod
    def build(cls, data: Any) -> "Scale":
        """From the names for each weight."""
        words, pieces = (
            {name: weight for weight, names in data[kind].items() for name in names.split()}
            for kind in ("words", "pieces")
        )
        return cls(words, pieces, data["limit"], data["firm"], data["loose"])

    def weigh(self, text: str) -> float:
        """What `text` weighs; a long message needs more, as it says more by chance."""
        words, pieces = features(text)
        return sum(
            sum(map(table.get, names, repeat(0))) / math.sqrt(len(names) + 1)
            for table, names in ((self.words, words), (self.pieces, pieces))
        )


def features(text: str) -> tuple[set[str], set[str]]:
    """The words and pairs of words in `text`, and the pieces its words are made of."""
    words = [_plain(word) for word in _WORDS.findall(fold(text))]
    names = {*words, *map("_".join, pairwise(words))}
    pieces: set[str] = set()
    for word in set(words):
        edged = f"_{word}_"
        for length in (3, 4):
            pieces.update([edged[at : at + length] for at in range(len(edged) - length + 1)])
    return names, pieces


def _plain(word: str) -> str:
    return word if word.isalpha() or word.isdecimal() else word.translate(LOOKALIKES)


def windows(text: str) -> Iterator[str]:
    """A long message in overlapping parts: what is said in one sentence must not drown in a thousand."""
    for start in range(0, max(len(text) - LONGEST + STEP, 1), STEP):
        yield text[start : start + LONGEST]


def units(window: str) -> list[str]:
    """The clauses of a window, if it has several."""
    parts = [part for part in _UNIT_ENDS.split(window) if part.strip()]
    return parts if len(parts) > 1 else []
