"""Which agenda items matter: from a title, the meeting's name and local associations to a level.

Rules: the help system and money make `shelter_money`; the help system alone `shelter`; the budget as
a whole `budget`; equality structures `equality`. The words stand in relevance.yaml. The meeting's name
counts, because in budget sessions an item often carries nothing but the name of an association.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path

import yaml

from knowledge.relevancewords import Folded, Phrases, crossed_out, fold, fold_word, found_in, mended

LONGEST_TITLE = 1_000
MOST_WORDS = 8
SHORT_WORD = 3
VOCABULARY = Path(__file__).with_name("relevance.yaml")

_BUDGET_SESSION = re.compile(
    r"finanz[a-zäöüß]{0,20}ausschuss|ausschuss f(?:ü|ue)r (?:[\w,-]{1,30} ){0,3}?(?:und )?finanz"
    r"|(?<![a-zäöüß])haushalt(?:s[a-zäöüß]{0,30})?(?![a-zäöüß])",
    re.IGNORECASE,
)
_LEGAL_FORM = re.compile(r"[\s,]+(?:e\.?\s?v\.?|g?gmbh|gug)\s*$", re.IGNORECASE)


class Level(StrEnum):
    """How much an item matters, most urgent first."""

    SHELTER_MONEY = "shelter_money"
    SHELTER = "shelter"
    BUDGET = "budget"
    EQUALITY = "equality"
    NONE = "none"

    @property
    def weight(self) -> int:
        """4 for the most urgent down to 0 for none: for ordering and comparing."""
        return len(Level) - 1 - list(Level).index(self)


# What members are reminded of; equality goes into digests.
TOLD_LEVELS = (Level.SHELTER_MONEY, Level.SHELTER, Level.BUDGET)


@dataclass(frozen=True)
class Verdict:
    """The level, and the words as they stand in the item and the meeting's name that led to it."""

    level: Level
    matched: tuple[str, ...]


def judge(item: str, meeting: str = "", associations: Sequence[str] = ()) -> Verdict:
    """The level of one agenda item of a meeting with that name.

    `associations` are names of local associations of the help system, as people write them.
    """
    title, name = _folded(item), _meeting_name(meeting)
    names = _names(tuple(associations))
    # "Finanzierung 2027" in a "Sondersitzung Frauenhaus" is about the shelter, "Verschiedenes" is not.
    helps = _helps(title, names)
    if not helps and (around := _helps(name, names)) and _money(title, names):
        helps = around
    if helps:
        money = _money(title, names) + _words(name, "money_meeting")
        return _verdict(Level.SHELTER_MONEY if money else Level.SHELTER, helps + money)
    if budget := _budget(title, name):
        return _verdict(Level.BUDGET, budget)
    equality = _words(title, "equality")
    return _verdict(Level.EQUALITY if equality else Level.NONE, equality)


def judge_meeting(title: str, items: Iterable[str], associations: Sequence[str] = ()) -> Verdict:
    """The highest level among the meeting's own name and its items, with the words of that level."""
    verdicts = [judge(title, "", associations), *(judge(item, title, associations) for item in items)]
    level = max((verdict.level for verdict in verdicts), key=lambda one: one.weight)
    return _verdict(level, [word for one in verdicts if one.level == level for word in one.matched])


def is_budget_session(title: str) -> bool:
    """Whether a meeting without a known agenda is likely about the budget, by its name alone.

    The finance committee prepares the budget (KV M-V section 36 (2)), and agendas become known late.
    """
    return _BUDGET_SESSION.search(title[:LONGEST_TITLE]) is not None


def _verdict(level: Level, words: Iterable[str]) -> Verdict:
    return Verdict(level, tuple(dict.fromkeys(words))[:MOST_WORDS])


def _helps(title: Folded, names: Phrases) -> list[str]:
    carriers = _words(title, "carrier")
    if carriers and _words(title, "other_work"):
        carriers = []
    return _words(title, "help") + carriers + found_in(title, names)


def _money(title: Folded, names: Phrases) -> list[str]:
    # "Förderverein Frauenhaus" names an association; its "Förder…" says nothing about money.
    return _words(crossed_out(title, names), "money")


def _budget(title: Folded, meeting: Folded) -> list[str]:
    if _words(meeting, "local_body"):
        # A part of a town discusses its own share, under whatever heading.
        return []
    if _words(meeting, "special_body") and not _words(meeting, "our_body"):
        # A department's share of savings is not the budget.
        return _words(title, "whole_budget") and _whole_or_social(title)
    return _whole_or_social(title)


def _whole_or_social(title: Folded) -> list[str]:
    # The money of the help system lies in the social part: a budget's other parts are not told.
    if social := _words(title, "social_budget"):
        return social
    budget = _words(title, "budget")
    return [] if budget and _words(title, "other_budget") else budget


def _words(title: Folded, group: str) -> list[str]:
    lists = _vocabulary()
    found = found_in(title, lists[group])
    refused = lists.get(f"not_{group}")
    return found_in(crossed_out(title, refused), lists[group]) if found and refused else found


@lru_cache(maxsize=1_000)
def _meeting_name(meeting: str) -> Folded:
    return _folded(meeting)


def _folded(title: str) -> Folded:
    return fold(title[:LONGEST_TITLE], _mended)


@lru_cache(maxsize=100)
def _names(associations: tuple[str, ...]) -> Phrases:
    """A phrase for each association: without its legal form, its words in any case ("der Blauen Tür")."""
    folded = (fold(_LEGAL_FORM.sub("", name.strip()), _mended).text.split() for name in associations)
    return Phrases.of(" ".join(map(_any_case, words)) for words in folded if words)


def _any_case(word: str) -> str:
    return word if len(word) <= SHORT_WORD else word.removesuffix("e") + "*"


@cache
def _lists() -> dict[str, list[str]]:
    lists: dict[str, list[str]] = yaml.safe_load(VOCABULARY.read_text(encoding="utf-8"))
    return lists


@cache
def _vocabulary() -> dict[str, Phrases]:
    return {name: Phrases.of(lines) for name, lines in _lists().items()}


@lru_cache(maxsize=50_000)
def _mended(word: str) -> str:
    return mended(word, _spelling())


@cache
def _spelling() -> tuple[str, ...]:
    return tuple(fold_word(word) for word in _lists()["spelling"])
