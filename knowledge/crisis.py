"""Recognises people in danger and answers with fixed, reviewed text.

Rules, vocabulary and texts are data (crisis_words.yaml, crisis.yaml). Nothing is stored or counted:
`check` keeps no word it has seen, and the texts never repeat what somebody wrote.
Source of the rules: the project's good-practice sheet on messages from people affected by violence.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml

from knowledge.crisis_rules import RuleBook, clauses, parse_rules, phrases_of, relate
from knowledge.crisis_words import COMMA, END, START, Lexicon, Marks, Sentence, sentences

Audience = Literal["private", "group"]
_HERE = Path(__file__).parent
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LONGEST_MESSAGE = 160
_DESPAIR = frozenset({"LIVE", "DIE", "SUICIDE", "SELFHARM", "PILLS", "BRIDGE"})
_EDGES = frozenset({START, END, COMMA})


class Need(StrEnum):
    """Whom an answer is for; the first that fits wins."""

    SUICIDE = "suicide"
    SEXUAL_ABUSE = "sexual_abuse"
    CHILD = "child"
    MALE = "male"
    VIOLENCE = "violence"
    PERPETRATOR = "perpetrator"
    HELPER = "helper"


@dataclass(frozen=True)
class HelpNumber:
    """A help line: its number as people read it, whose it is, its source and the day it was last checked."""

    name: str
    number: str
    purpose: str
    fact: str
    checked: date


@dataclass(frozen=True)
class _Scale:
    """Weighs what no rule describes: the points of words and marks add up to a crisis."""

    points: Mapping[str, int]
    limit: int

    @classmethod
    def build(cls, data: Mapping[int, str], limit: int) -> "_Scale":
        """From the names for each number of points."""
        return cls({name: points for points, names in data.items() for name in names.split()}, limit)

    def tips(self, names: Marks) -> bool:
        """Whether the message outweighs the limit; longer ones need more."""
        total = sum(self.points.get(name, 0) for name in names)
        return total > self.limit * math.sqrt(len(names) + 1)


@dataclass(frozen=True)
class _Rules:
    lexicon: Lexicon
    needs: RuleBook
    broad: RuleBook
    signs: RuleBook
    scale: _Scale


def check(text: str) -> Need | None:
    """What help `text` calls for, or None. Pure, for any unicode, linear in the length of the text."""
    rules = _rules()
    read = [relate(sentence) for sentence in sentences(text, rules.lexicon)]
    found = _found(read, rules.needs) or _found(read, rules.broad) or _found(_parts(read), rules.needs)
    if not found and rules.scale.tips(names := _names(read)):
        found = {Need.VIOLENCE if _DESPAIR.isdisjoint(names) else Need.SUICIDE}
    if not found:
        return None
    return _turned(min(map(Need, found), key=list(Need).index), read, rules.signs)


def weighed(text: str) -> Marks:
    """The words and marks that the points are given to."""
    return _names([relate(sentence) for sentence in sentences(text, _rules().lexicon)])


def _names(read: list[Sentence]) -> Marks:
    return _whole(read).present - _EDGES if read else frozenset()


def _found(read: list[Sentence], book: RuleBook) -> set[str]:
    return {need for sentence in read for need in book.needs(sentence)}


def _parts(read: list[Sentence]) -> list[Sentence]:
    return [part for sentence in read for part in clauses(sentence)]


def _turned(need: Need, read: list[Sentence], signs: RuleBook) -> Need:
    """The need after a look at who writes: one who strikes, a helper, a child, a man, or nobody of these."""
    if need not in {Need.VIOLENCE, Need.HELPER}:
        return need
    shown = signs.needs(_whole(read))
    first = next((kind for kind in (Need.PERPETRATOR, Need.HELPER, Need.CHILD) if kind in shown), None)
    if first is not None:
        return first
    return Need.MALE if need is Need.VIOLENCE and Need.MALE in shown else need


def _whole(read: list[Sentence]) -> Sentence:
    pairs = [pair for sentence in read for pair in zip(sentence.words, sentence.marks, strict=True)]
    words, marks = zip(*pairs[:_LONGEST_MESSAGE], strict=True)
    return Sentence(words, marks)


def text_for(need: Need, audience: Audience, language: str = "de", easy: bool = False) -> str:
    """The fixed answer as small Markdown; in groups the one neutral line that names nothing.

    `language` is `de` or `en`; any other reads German. `easy` is Leichte Sprache, in German.
    """
    voice = _voice(language, easy)
    shared = _texts()["shared"][voice]
    if audience == "group":
        return _filled(shared["group"])
    return f"{_filled(_texts()['texts'][need.value][voice])}\n\n{_filled(shared['closing'])}"


def footer(language: str = "de", easy: bool = False) -> str:
    """The line that closes answers about the help system."""
    return _filled(_texts()["shared"][_voice(language, easy)]["footer"])


@lru_cache(maxsize=1)
def numbers() -> tuple[HelpNumber, ...]:
    """The reviewed table: every number that any text may name."""
    rows = _texts()["numbers"].items()
    return tuple(
        HelpNumber(name, row["number"], row["for"], row["fact"], row["checked"]) for name, row in rows
    )


def _voice(language: str, easy: bool) -> str:
    if language.casefold().startswith("en"):
        return "en"
    return "easy" if easy else "de"


def _filled(text: str) -> str:
    return text.strip().format(**{number.name: number.number for number in numbers()})


def _read(name: str) -> Any:
    return yaml.load((_HERE / name).read_text("utf-8"), _LOADER)  # noqa: S506 - both are safe loaders


@lru_cache(maxsize=1)
def _texts() -> Any:
    return _read("crisis.yaml")


@lru_cache(maxsize=1)
def _rules() -> _Rules:
    data = _read("crisis_words.yaml")
    books = [data["rules"], data["broad"], data["signs"]]
    phrases = phrases_of(rule for book in books for block in book.values() for rule in parse_rules(block))
    lexicon = Lexicon.build(data, phrases)
    everywhere = frozenset(data["everywhere"].split())
    scale = _Scale.build(data["points"], data["limit"])
    needs, broad, signs = (RuleBook.build(book, everywhere) for book in books)
    return _Rules(lexicon, needs, broad, signs, scale)
