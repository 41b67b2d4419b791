"""Questions in English, word for word in the German of the field: the base itself is German."""

import re
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from knowledge.language import spoken

_LOADER: Final = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def in_german(question: str, language: str = "de") -> str:
    """An English question with its words in German; any other question as it is.

    `language` is what the person reads: it decides where the words alone do not tell.
    """
    if (spoken(question) or language) != "en":
        return question
    words = _table()
    return _pattern().sub(lambda match: f" {words[match[1]]} ", question.lower().replace("’", "'"))


@cache
def _table() -> dict[str, str]:
    """English word or phrase to German; small words that tell nothing to nothing."""
    text = Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")
    table: dict[str, Any] = yaml.load(text, _LOADER)  # noqa: S506 - makes texts only
    words: dict[str, str] = table["words"]
    return dict.fromkeys(table["drop"].split(), "") | words


@cache
def _pattern() -> re.Pattern[str]:
    """Every English word of the table, longer phrases first, also in the plural."""
    known = sorted(_table(), key=len, reverse=True)
    return re.compile(rf"\b({'|'.join(map(re.escape, known))})(?:e?s)?\b(?!')")
