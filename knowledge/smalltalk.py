"""Greetings, thanks and goodbyes: short kind lines, when a message is nothing else."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import yaml

from knowledge.words import clean, spelling

# Everything is text here: "no" is a word people say, not a boolean.
_LOADER: Final = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
# Longer messages are never small talk alone.
_CHARACTERS: Final = 120
_MOST_WORDS: Final = 14
_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_STRETCHED: Final = re.compile(r"([a-z])\1{2,}")
_LAUGHTER: Final = re.compile(r"(?:ha|he|hi|ah){2,}h?")
_MILD: Final = frozenset({"agreement", "greeting", "other"})


@dataclass(frozen=True)
class Talk:
    """Every phrase (as words) with its group and language, the fillers, and the replies."""

    phrases: dict[tuple[str, ...], tuple[str, str]]
    fillers: frozenset[str]
    replies: dict[tuple[str, str], str]
    emojis: dict[str, str]
    longest: int


def smalltalk(text: str, language: str = "de") -> str | None:
    """The kind line for a message that is nothing but small talk, else None.

    English phrases are answered in English; everything else, emojis too, in `language` ("de", "en").
    """
    if len(text) > _CHARACTERS:
        return None
    message = clean(text, _CHARACTERS)
    found = _words(message)
    if found:
        groups = _groups(tuple(found))
        return _reply(groups, language) if groups else None
    group = _emoji_group(message)
    return _talk().replies[group, language] if group else None


def _words(text: str) -> list[str]:
    plain = (spelling(word.replace("’", "'")) for word in _WORD.findall(text.lower()))
    short = (_STRETCHED.sub(r"\1", word) for word in plain)
    return ["haha" if _LAUGHTER.fullmatch(word) else word for word in short][: _MOST_WORDS + 1]


def _groups(words: tuple[str, ...]) -> list[tuple[str, str]]:
    """Group and language of each phrase, longest phrases first; empty when anything else is said."""
    talk = _talk()
    if len(words) > _MOST_WORDS:
        return []
    groups: list[tuple[str, str]] = []
    while words:
        sizes = range(min(talk.longest, len(words)), 0, -1)
        size = next((size for size in sizes if words[:size] in talk.phrases), 0)
        if size:
            groups.append(talk.phrases[words[:size]])
        elif words[0] not in talk.fillers:
            return []
        words = words[max(size, 1) :]
    return groups


def _reply(groups: list[tuple[str, str]], language: str) -> str:
    """The last thing said counts, but a plain "ok" or "hallo" gives way to what says more."""
    telling = [group for group in groups if group[0] not in _MILD] or groups
    group, spoken = telling[-1]
    return _talk().replies[group, "en" if spoken == "en" else language]


def _emoji_group(text: str) -> str | None:
    """The group of a message of emojis; None for punctuation, digits or nothing."""
    symbols = [letter for letter in text if unicodedata.category(letter) in {"So", "Sk"}]
    if not symbols:
        return None
    emojis = _talk().emojis
    return next((emojis[symbol] for symbol in symbols if symbol in emojis), "other")


@cache
def _talk() -> Talk:
    raw = yaml.load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"), _LOADER)  # noqa: S506 - makes texts only
    spoken = [
        (group["name"], language, group[language]) for group in raw["groups"] for language in ("de", "en")
    ]
    phrases: dict[tuple[str, ...], tuple[str, str]] = {}
    for name, language, said in spoken:
        for phrase in said["phrases"]:
            phrases.setdefault(tuple(_words(str(phrase))), (name, language))
    return Talk(
        phrases=phrases,
        fillers=frozenset(word for line in raw["fillers"] for word in _words_of(line)),
        replies={(name, language): said["reply"] for name, language, said in spoken},
        emojis={emoji: name for name, emojis in raw["emojis"].items() for emoji in emojis},
        longest=max(len(phrase) for phrase in phrases),
    )


def _words_of(line: str) -> list[str]:
    return [spelling(word) for word in line.lower().split()]
