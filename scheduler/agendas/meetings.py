"""What every reader of council agendas hands over, and the few reading rules they share."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from errors import Problem, SourceClosed

_WORD = (
    r"(?:entf(?:ä|ae)llt|f(?:ä|ae)llt\s{1,5}(?:leider\s{1,5})?aus"
    r"|(?:wurde\s{1,5}|ist\s{1,5})?abgesagt|absage|cancell?ed)"
)
_CALLED_OFF = re.compile(rf"(?<!\w){_WORD}(?!\w)", re.IGNORECASE)
_IN_FRONT = re.compile(rf"^[\W_]{{0,10}}{_WORD}(?!\w)[\W_]{{0,10}}", re.IGNORECASE)
_MOVED_TO = re.compile(
    r"\b(?:verschoben|verlegt)\s{1,3}auf\s(?:[^\W\d_]{2,12},?\s{1,3}){0,3}(\d{1,2})\.\s?(\d{1,2})\.",
    re.IGNORECASE,
)
_AT_THE_END = re.compile(rf"[\W_]{{1,10}}{_WORD}[\W_]{{0,10}}$", re.IGNORECASE)


@dataclass(frozen=True)
class FoundItem:
    """One agenda item as its source wrote it; `public` is None where the source does not say."""

    number: str | None
    title: str
    public: bool | None


@dataclass(frozen=True)
class FoundMeeting:
    """One meeting as a source announced it.

    `key` is stable inside its source, so that reading again recognises the meeting even when it moved.
    `place` is the municipality as written (None: the source does not say). `starts` and `ends` are
    aware UTC; with `time_known` False only the local date of `starts` counts. `ends` is None when the
    source gives none or one that cannot be true.
    """

    key: str
    place: str | None
    title: str
    council: str | None
    starts: datetime
    time_known: bool
    ends: datetime | None
    location: str | None
    url: str | None
    cancelled: bool
    items: tuple[FoundItem, ...]


@dataclass(frozen=True)
class Harvest:
    """What could be read, and what had to be left aside with the reason.

    `gone` are keys of deleted meetings; `complete` whether nothing was missed; `closed` why the server did
    not let us read to the end; `curated` whether people who know wrote it: then every meeting of it matters.
    `etag` and `modified` are what the server wants to be reminded of next time, when nothing may be new.
    """

    meetings: tuple[FoundMeeting, ...] = ()
    problems: tuple[Problem, ...] = ()
    gone: tuple[str, ...] = ()
    complete: bool = True
    closed: SourceClosed | None = None
    curated: bool = False
    etag: str = ""
    modified: str = ""


class UnusableError(ValueError):
    """Why one entry is left aside: the key of a sentence, what fills its gaps, and the field if it is one."""

    def __init__(self, key: str, field: str = "", **details: object) -> None:
        super().__init__(key)
        self.key = key
        self.field = field
        self.details = details


def without_cancellation(title: str, day: date | None = None) -> tuple[str, bool]:
    """The title without "ENTFÄLLT - " and its like, and whether such a word was there.

    Many systems know no other sign of a cancelled meeting (facts on ALLRIS calendars). What is
    "verschoben auf" another day than its own does not take place on it either.
    """
    moved = _MOVED_TO.search(title)
    if day and moved and (int(moved[1]), int(moved[2])) != (day.day, day.month):
        return title, True
    if not _CALLED_OFF.search(title):
        return title, False
    bare = _AT_THE_END.sub("", _IN_FRONT.sub("", title)).strip()
    return bare or title, True


def is_midnight(moment: datetime, zone: ZoneInfo) -> bool:
    """Whether an aware moment is 00:00 local time: systems write it when they know no time of day."""
    return moment.astimezone(zone).time() == time(0)


def believable_end(starts: datetime, ends: datetime | None, zone: ZoneInfo) -> datetime | None:
    """`ends` (aware), or None when it lies not after the start or is the 00:00 that means "unknown"."""
    if ends is None or ends <= starts or is_midnight(ends, zone):
        return None
    return ends
