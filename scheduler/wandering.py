"""An item that wanders through committees is one thing: known by its words, told once with all its dates."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache

from store import debates
from store.database import Transaction
from store.debates import Debate

# From the first committee to the council it rarely takes longer; a year later it is another item.
WANDERS_FOR = timedelta(days=90)
NO_LETTER = re.compile(r"[\W_]+")
# How far the item is says nothing about what it is.
STAGE = re.compile(
    r"\b(?:\d{1,2} )?(?:lesung|vorberatung|beratung und beschlussfassung|beratung|beschlussfassung|"
    r"beschluss|entscheidung|empfehlung|einbringung|wiedervorlage)\b"
)
SHORTEST = 2


def things(debate: Debate) -> frozenset[str]:
    """What a debate's telling items are about, in words that are the same in every committee."""
    return frozenset(
        words
        for item in debate.items
        if item.level != "none" and len((words := _words(item.title)).split()) >= SHORTEST
    )


@lru_cache(maxsize=2048)
def _words(title: str) -> str:
    plain = NO_LETTER.sub(" ", unicodedata.normalize("NFC", title).casefold()).strip()
    return " ".join(STAGE.sub(" ", plain).split())


def later(tx: Transaction, debate: Debate) -> list[Debate]:
    """The later meetings at the same place that have an item of this one on their agenda, by time."""
    mine = things(debate)
    if not mine:
        return []
    begin = debate.starts + timedelta(minutes=1)
    known = debates.between(tx, begin, debate.starts + WANDERS_FOR, [debate.place])
    return [one for one in known if one.announced and mine & things(one)]


def covered(tx: Transaction, told: Iterable[Debate]) -> dict[int, Debate]:
    """The later meetings, by id, that are told along with these."""
    return {one.id: one for debate in told for one in later(tx, debate)}
