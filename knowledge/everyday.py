"""Everyday German: words for one thing, and words that say little about what is asked."""

from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from knowledge.words import stem

_LOADER: Final = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def same_meaning(word: str) -> tuple[str, ...]:
    """The stems that may stand for a stem, without itself; mostly none."""
    return _groups().get(word, ())


def is_light(word: str) -> bool:
    """Whether a stem says little: "insgesamt", "zuhause", "sagen"."""
    return word in _light()


@cache
def _table() -> dict[str, Any]:
    text = Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")
    table: dict[str, Any] = yaml.load(text, _LOADER)  # noqa: S506 - makes texts only
    return table


@cache
def _light() -> frozenset[str]:
    return frozenset(stem(word) for word in _table()["light"].split())


@cache
def _groups() -> dict[str, tuple[str, ...]]:
    groups = [tuple(dict.fromkeys(stem(word) for word in line.split())) for line in _table()["same"]]
    found: dict[str, tuple[str, ...]] = {}
    for group in groups:
        for word in group:
            found[word] = (*found.get(word, ()), *(other for other in group if other != word))
    return found
