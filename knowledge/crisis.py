"""Recognises people in danger and answers with fixed, reviewed text.

Rules and vocabulary, weights and texts are data (crisis_words.yaml, crisis_points.yaml, crisis.yaml).
Nothing is stored or counted: `check` keeps no word it has seen, and the texts never repeat what somebody
wrote. Source of the rules: the project's good-practice sheet on messages from people affected by violence.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml

from knowledge.crisis_rules import RuleBook, clauses, parse_rules, phrases_of, relate
from knowledge.crisis_scale import Scale, units, windows
from knowledge.crisis_words import Lexicon, Sentence, sentences

Audience = Literal["private", "group"]
_HERE = Path(__file__).parent
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LONGEST_MESSAGE = 160
_DESPAIR = frozenset({"LIVE", "DIE", "SUICIDE", "SELFHARM", "PILLS", "BRIDGE"})


_BROKEN = frozenset({"hält", "haelt", "verstößt", "verstoesst", "missachtet", "bricht", "ignoriert"})
_AROUND = """
    und aber was ist passiert geschieht droht wenn falls er der sie die jemand einer täter taeter mann partner
    sich nicht nich net dran daran an das den dagegen gegen dann doch trotzdem verbot kontaktverbot anordnung
    näherungsverbot annäherungsverbot schutzanordnung wegweisung beschluss auflagen
"""


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
class Rules:
    """All that recognises: the vocabulary, what weighs, and the rules for each need."""

    lexicon: Lexicon
    needs: RuleBook
    broad: RuleBook
    signs: RuleBook
    scale: Scale


def check(text: str) -> Need | None:
    """What help `text` calls for, or None. Pure, for any unicode, linear in the length of the text."""
    return judged(text, rules())


def asks_of_breach(text: str) -> bool:
    """Whether `text` asks what follows when somebody breaks an order, and says nothing else at all.

    `check` takes these words for a cry; right behind an answer on such orders they go on with it.
    """
    said = set(re.findall(r"\w+", text[:_LONGEST_MESSAGE].lower()))
    whole = len(text) <= _LONGEST_MESSAGE and said <= _BROKEN.union(_AROUND.split())
    return whole and bool(said & _BROKEN) and bool(said & {"wenn", "falls"})


def judged(text: str, by: Rules) -> Need | None:
    """What `check` says, by these rules."""
    found = {need for window in windows(text) if (need := _need(window, by))}
    return _first(found) if found else None


def _need(window: str, by: Rules) -> Need | None:
    """The need a window speaks of: as a whole, or plainly in one of its clauses."""
    parts = (_weighed(part, by, plainly=True) for part in units(window))
    return _weighed(window, by) or next((need for need in parts if need), None)


def _weighed(part: str, by: Rules, plainly: bool = False) -> Need | None:
    """The need that rules find, if the words weigh enough beside them; else what words tell alone.

    `plainly` is for a clause, of which only a firm rule counts: out of context words tell too much.
    """
    scale = by.scale
    bar = scale.limit - scale.weigh(part) + (scale.firm + scale.loose) / 2 * plainly
    if bar >= scale.firm + scale.loose:
        return None
    read = [relate(sentence) for sentence in sentences(part, by.lexicon)]
    firm = _found(read, by.needs) or _found(_parts(read), by.needs)
    loose = set() if plainly else _found(read, by.broad)
    if scale.firm * bool(firm) + scale.loose * bool(loose) <= bar or (plainly and not firm):
        return None
    return _turned(_first(firm or loose or {_unnamed(read)}), read, by.signs)


def _unnamed(read: list[Sentence]) -> Need:
    return Need.VIOLENCE if not read or _DESPAIR.isdisjoint(_whole(read).present) else Need.SUICIDE


def _first(found: set[Need]) -> Need:
    return min(found, key=list(Need).index)


def _found(read: list[Sentence], book: RuleBook) -> set[Need]:
    return {Need(need) for sentence in read for need in book.needs(sentence)}


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
def rules() -> Rules:
    """What recognises, as the reviewed tables have it."""
    data = _read("crisis_words.yaml")
    books = [data["rules"], data["broad"], data["signs"]]
    phrases = phrases_of(rule for book in books for block in book.values() for rule in parse_rules(block))
    lexicon = Lexicon.build(data, phrases)
    everywhere = frozenset(data["everywhere"].split())
    scale = Scale.build(_read("crisis_points.yaml"))
    needs, broad, signs = (RuleBook.build(book, everywhere) for book in books)
    return Rules(lexicon, needs, broad, signs, scale)
