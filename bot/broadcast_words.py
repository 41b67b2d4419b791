"""How organisers say whom a broadcast is for, and when it goes out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.markup import Markup
from bot.turn import Turn
from scheduler.date_words import Unclear
from scheduler.dates import When, read_when

PLATFORMS = ("telegram", "matrix", "terminal")
EVERYBODY = re.compile(r"\b(?:alle[nrs]?|all|everybody|everyone|chats?|gruppen|groups)\b", re.IGNORECASE)
THERE = r"(?:-?(?:chats?|gruppen|groups|r(?:ä|ae)ume|rooms))?"
NAMED = re.compile(rf"\b(telegram|matrix|terminal){THERE}\b", re.IGNORECASE)
AT_ONCE = re.compile(r"\b(?:jetzt|sofort|gleich|now|at once)\b", re.IGNORECASE)
SMALL = "an|für|fuer|in|auf|und|bei|im|um|am|nur|to|on|and|only|at|die|der|den|dem|the|gruppe|chat|raum|kanal"
JOINTS = re.compile(rf"\b(?:{SMALL})\b|[\s,;.&+]+", re.IGNORECASE)
# "an Rostock und Wismar, morgen 9:30 Uhr: Kommt alle!", or the other way round.
HEADED = re.compile(
    r"(?P<head>(?:[^:\n]{1,60}\s)?(?:an|für|fuer|to)\s[^:\n]{2,160}?(?:\d{1,2}:\d\d[^:\n]{0,10})?):\s+"
    r"(?P<text>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
TO = re.compile(r"(?:an|für|fuer|to|nur|only|alle[nr]?|all)\s", re.IGNORECASE)
# "heute 18:30 in Rostock: Kommt alle!"
TIMED = re.compile(
    r"(?P<head>[^\n]{0,80}?\d\d?(?::\d\d|\s?uhr)[^:\n]{0,80}):\s+(?P<text>\S.*)", re.IGNORECASE | re.DOTALL
)
# "Send it", as people say it, also where there is no button for it.
SEND = (
    r"(?:ab|raus|los)?(?:senden?|schicken)|schick\w*(?: (?:es|ihn|das))?(?: (?:ab|raus|los))?"
    r"|raus damit|(?:geht|kann|darf) (?:so )?raus|so raus|los|send(?: it)?"
)
SENDING = re.compile(
    rf"(?:(?:ja|okay|ok|passt|gut|so|bitte|jetzt|dann)[\s,.!]+)*(?:{SEND})(?: bitte)?[\s.!]*", re.IGNORECASE
)
# "An alle außer Wismar: …" would reach everybody if it were taken for text.
ALL_BUT = re.compile(
    r"(?:an |für |to )?(?:alle\w*|all|everyone)(?: gruppen| chats| orte)? "
    r"(?P<but>(?:außer|ausser|ohne|bis auf|except|but)\b[^:\n]{1,80}):\s*"
    r"(?P<text>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
# Before what an open draft shall become: "nein, doch lieber morgen 9 Uhr", "Zeitpunkt: morgen".
INSTEAD = re.compile(
    r"(?:(?:nicht (?:jetzt|sofort|heute|gleich)"
    r"|nein|nee|nö|ne|ach|doch|lieber|besser|andersrum|anders|bitte|dann|zeitpunkt|zeit|wann|beginn|empfänger\w*|ja|aber|erst"
    r"|no|rather)\b[\s,:.!]*)+",
    re.IGNORECASE,
)
NEW_TEXT = re.compile(
    r"(?:(?:ändere?|aendere?|neuer|der|den|anderer) )*text(?: ist| lautet)?(?: jetzt)?\s*:\s*"
    r"(?P<text>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
COMMAND_IN_TEXT = re.compile(r"(?<![\w/@.:])/[a-z]{2,32}(?![\w/@])")
# Said of an open draft; a longer sentence is about something else.
MOST_WORDS = 6
LONGEST = 300
# The day is known, its hour is asked for: what is said next stands behind this.
WHICH_HOUR = "rundruf.which_hour"
ASKED_HOUR = re.compile(r"am \d\d\.\d\d\.\d{4} um ")


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
    if AT_ONCE.search(text) and not AT_ONCE.sub("", ASKED_HOUR.sub("", text)).strip(" ,.!"):
        return None
    return _start(turn, read_when(text, turn.now, turn.services.zone))


def _start(turn: Turn, when: When | Unclear) -> datetime | Unclear:
    if isinstance(when, Unclear) or when.time_known:
        return when if isinstance(when, Unclear) else when.start
    day = f"{when.start.astimezone(turn.services.zone):%d.%m.%Y}"
    return Unclear(WHICH_HOUR, {"day": day})


def is_start(turn: Turn, text: str) -> bool:
    """Whether a text says when, and nothing else."""
    if len(text) > LONGEST:
        return False
    when = read_when(text, turn.now, turn.services.zone)
    return not isinstance(when, Unclear) and not when.rest.strip(" ,.!")


def is_audience(turn: Turn, text: str) -> bool:
    """Whether a text says for whom, and nothing else: "nur Rostock und Wismar"."""
    if len(text) > LONGEST or text.endswith("?"):
        return False
    said = read_audience(turn, text)
    return not said.unread and _named(said, text)


def begins_audience(turn: Turn, text: str) -> bool:
    """Whether a text sets out to say for whom: "alle außer Wismar"; what is not understood is asked back."""
    short = len(text.split()) <= MOST_WORDS and not text.endswith("?")
    return short and TO.match(text) is not None and bool(read_audience(turn, text).places)


def _named(said: Audience, text: str) -> bool:
    return bool(said.places or said.platforms or EVERYBODY.search(text))


@dataclass(frozen=True)
class Headed:
    """A text that says itself whom it is for, and perhaps when, if that can be understood."""

    audience: Audience
    starts: datetime | Unclear | None
    text: str


def read_headed(turn: Turn, text: str) -> Headed | None:
    """A text that starts "an Rostock, morgen 9 Uhr:"; None when not every word of that is understood."""
    found = HEADED.fullmatch(text) or TIMED.fullmatch(text)
    if found is None:
        return None
    head = AT_ONCE.sub(" ", found["head"])
    starts: datetime | Unclear | None = None
    when = read_when(head, turn.now, turn.services.zone)
    if not isinstance(when, Unclear) or when.key != "dates.none":
        starts, head = _start(turn, when), when.rest
    audience = read_audience(turn, head)
    if audience.unread or not _named(audience, head):
        return None
    return Headed(audience, starts, found["text"])


def command_signs(turn: Turn, text: str, platform: str) -> Iterator[Markup]:
    """How the commands in a text look in groups of a platform, where that is not as they are written."""
    found, account = COMMAND_IN_TEXT.search(text), turn.services.accounts.get("telegram")
    if found is not None and platform == "matrix":
        yield turn.text("rundruf.other_sign", command=f"!{found[0][1:]}")
    if found is not None and platform == "telegram" and account:
        yield turn.text("rundruf.with_name", command=f"{found[0]}@{account}")
