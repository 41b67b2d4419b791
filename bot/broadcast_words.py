"""How organisers say whom a broadcast is for, and when it goes out."""

import re
from dataclasses import dataclass
from datetime import datetime

from bot.turn import Turn
from scheduler.date_words import Unclear
from scheduler.dates import read_when

PLATFORMS = ("telegram", "matrix", "terminal")
EVERYBODY = re.compile(r"\b(?:alle[nrs]?|all|everybody|everyone|chats?|gruppen|groups)\b", re.IGNORECASE)
THERE = r"(?:-?(?:chats?|gruppen|groups|r(?:ä|ae)ume|rooms))?"
NAMED = re.compile(rf"\b(telegram|matrix|terminal){THERE}\b", re.IGNORECASE)
AT_ONCE = re.compile(r"\b(?:jetzt|sofort|gleich|now|at once)\b", re.IGNORECASE)
SMALL = "an|für|fuer|in|auf|und|bei|im|um|am|nur|to|on|and|only|at"
JOINTS = re.compile(rf"\b(?:{SMALL})\b|[\s,;.&+]+", re.IGNORECASE)
# "an Rostock und Wismar, morgen 9:30 Uhr: Kommt alle!"
HEADED = re.compile(
    r"(?P<head>(?:an|für|fuer|to)\s[^:\n]{2,160}?(?:\d{1,2}:\d\d[^:\n]{0,10})?):\s+(?P<text>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
LONGEST = 300


@dataclass(frozen=True)
class Audience:
    """Whom: no places or no platforms means all of them. `unread` are words that mean nothing here."""

    places: tuple[str, ...]
    platforms: tuple[str, ...]
    unread: str


def read_audience(turn: Turn, text: str) -> Audience:
    """What a text says about whom it is for."""
    text = text[:LONGEST]
    platforms = tuple(name for name in PLATFORMS if re.search(rf"\b{name}", text, re.IGNORECASE))
    rest = EVERYBODY.sub(" ", NAMED.sub(" ", text))
    places: list[str] = []
    for found in reversed(turn.services.places.find_in(rest)):
        if found.match.place is not None:
            places.insert(0, found.match.place.name)
            rest = f"{rest[: found.start]} {rest[found.end :]}"
    return Audience(tuple(dict.fromkeys(places)), platforms, JOINTS.sub(" ", rest).strip())


def read_start(turn: Turn, text: str) -> datetime | Unclear | None:
    """When: None for at once."""
    if AT_ONCE.search(text) and not AT_ONCE.sub("", text).strip(" ,.!"):
        return None
    when = read_when(text, turn.now, turn.services.zone)
    if isinstance(when, Unclear):
        return when
    if not when.time_known or when.start <= turn.now:
        return Unclear("rundruf.which_time")
    return when.start


@dataclass(frozen=True)
class Headed:
    """A text that says itself whom it is for, and perhaps when."""

    audience: Audience
    starts: datetime | None
    text: str


def read_headed(turn: Turn, text: str) -> Headed | None:
    """A text that starts "an Rostock, morgen 9 Uhr:"; None when not every word of that is understood."""
    found = HEADED.fullmatch(text)
    if found is None:
        return None
    head = AT_ONCE.sub(" ", found["head"])
    starts: datetime | None = None
    when = read_when(head, turn.now, turn.services.zone)
    if not isinstance(when, Unclear):
        if not when.time_known:
            return None
        starts, head = when.start, when.rest
    audience = read_audience(turn, head)
    named = audience.places or audience.platforms or EVERYBODY.search(head)
    if audience.unread or not named:
        return None
    return Headed(audience, starts, found["text"])
