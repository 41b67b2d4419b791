"""How many slips of the hand lie between two words.

What counts them is loaded with the first word that is looked at: its 3 MB are nothing an idle bot needs.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any


@cache
def _rapidfuzz() -> tuple[Any, Any]:
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    return process, OSA.distance


def slips(one: str, other: str, most: int) -> int:
    """The slips between two words; `most` + 1 if there are more."""
    return int(_rapidfuzz()[1](one, other, score_cutoff=most))


def nearest(word: str, names: Iterable[str], most: int) -> str | None:
    """The name with the fewest slips, the first of several; None if all have more than `most`."""
    process, distance = _rapidfuzz()
    found = process.extractOne(word, names, scorer=distance, score_cutoff=most)
    return None if found is None else str(found[0])


def near(word: str, names: Iterable[str], most: int, limit: int) -> list[tuple[str, int]]:
    """The names with at most so many slips, and how many these are; the nearest first."""
    process, distance = _rapidfuzz()
    found = process.extract(word, names, scorer=distance, score_cutoff=most, limit=limit)
    return [(name, count) for name, count, _ in found]


def likeness(one: str, other: str) -> float:
    """How much two texts are alike, in percent."""
    from rapidfuzz.fuzz import ratio

    return float(ratio(one, other))


def same_words(one: str, other: str) -> float:
    """How many words two texts share, in any order, in percent; what only one of them adds counts little."""
    from rapidfuzz.fuzz import token_set_ratio

    return float(token_set_ratio(one, other))
