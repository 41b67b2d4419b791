"""Everyday words for one thing: what people say and what entries say are often two words."""

from functools import cache
from pathlib import Path
from typing import Final

import yaml

from knowledge.words import stem

_LOADER: Final = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def same_meaning(word: str) -> tuple[str, ...]:
    """The stems that may stand for a stem, without itself; mostly none."""
    return _groups().get(word, ())


@cache
def _groups() -> dict[str, tuple[str, ...]]:
    lines = yaml.load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"), _LOADER)  # noqa: S506 - makes texts only
    groups = [tuple(dict.fromkeys(stem(word) for word in line.split())) for line in lines]
    found: dict[str, tuple[str, ...]] = {}
    for group in groups:
        for word in group:
            found[word] = (*found.get(word, ()), *(other for other in group if other != word))
    return found
