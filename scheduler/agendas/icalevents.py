"""From the raw lines of one event to checked values: the place where a broken event is refused."""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import icalendar
from icalendar.prop import vDuration, vRecur
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from scheduler.agendas.icallines import Event, Line
from scheduler.agendas.meetings import UnusableError
from scheduler.agendas.text import tidy

EARLIEST_YEAR = 1970
LONGEST_UID = 300

_MOMENT = re.compile(
    r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"
    r"(?P<clock>[Tt](?P<hour>[0-9]{2})(?P<minute>[0-9]{2})(?P<second>[0-9]{2})?(?P<zulu>[Zz])?)?"
)
_ESCAPED = re.compile(r"\\([nN,;\\])")
_TZID = re.compile(r";TZID=\"?([^\";:]{1,200})", re.IGNORECASE)
_RULE_PART = re.compile(r"([A-Z]{2,12})=([0-9A-Z,+-]{1,200})")
_FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_PARTS = frozenset(
    {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS"}
)

Moment = datetime | date

_read_duration = cast("Callable[[str], timedelta]", vDuration.from_ical)


@dataclass(frozen=True)
class CheckedEvent:
    """One readable event. `starts`, `ends`, `replaces` are dates or aware datetimes.

    `replaces` is the RECURRENCE-ID; `rule`, `extra` and `except_` say how the event repeats.
    """

    event: Event
    uid: str
    title: str
    starts: Moment
    ends: Moment | None
    replaces: Moment | None
    sequence: int
    rule: vRecur | None
    extra: tuple[Moment, ...]
    except_: tuple[Moment, ...]

    @property
    def repeats(self) -> bool:
        """Whether this event stands for more than one meeting."""
        return self.replaces is None and (self.rule is not None or bool(self.extra))

    def text(self, name: str) -> str:
        """A text property, unescaped and tidied; "" when it is missing."""
        line = self.event.first(name)
        return tidy(_unescaped(line.value)) if line else ""

    def component(self) -> icalendar.Event:
        """The event as the expanding library wants it; `X-NUMBER` leads back to this one."""
        made = icalendar.Event()
        made.add("uid", self.uid)
        made.add("x-number", str(self.event.number))
        made.add("sequence", self.sequence)
        made.add("dtstart", self.starts)
        if self.ends is not None:
            made.add("dtend", self.ends)
        if self.replaces is not None:
            made.add("recurrence-id", self.replaces)
        if self.rule is not None:
            made.add("rrule", self.rule)
        for name, moments in (("rdate", self.extra), ("exdate", self.except_)):
            if moments:
                made.add(name, list(moments))
        return made


def checked(event: Event, zone: ZoneInfo) -> CheckedEvent:
    """The event with its values read, times without a usable zone taken as local times of `zone`.

    Raises UnusableError, or ValueError, TypeError, LookupError, ArithmeticError on values beyond reading.
    """
    if not event.whole:
        raise UnusableError("agendas.event_torn")
    starts = _moment(event, "DTSTART", zone)
    if starts is None:
        raise UnusableError("agendas.event_no_start")
    title = _title(event)
    return CheckedEvent(
        event=event,
        uid=_uid(event, title),
        title=title,
        starts=starts,
        ends=_end(event, starts, zone),
        replaces=_moment(event, "RECURRENCE-ID", zone),
        sequence=_sequence(event),
        rule=_rule(event, starts),
        extra=_moments(event, "RDATE", zone),
        except_=_moments(event, "EXDATE", zone),
    )


def as_utc(moment: Moment, zone: ZoneInfo) -> datetime:
    """An aware moment in UTC; a date is its local midnight."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time(0), zone)
    return moment.astimezone(UTC)


def _title(event: Event) -> str:
    line = event.first("SUMMARY")
    title = tidy(_unescaped(line.value)) if line else ""
    if not title:
        raise UnusableError("agendas.event_no_title")
    return title


def _unescaped(value: str) -> str:
    return _ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], value)


def _uid(event: Event, title: str) -> str:
    line = event.first("UID")
    uid = tidy(line.value, LONGEST_UID) if line else ""
    if uid:
        return uid
    start = event.first("DTSTART")
    facts = f"{title}\n{start.value if start else ''}"
    return "without-uid-" + hashlib.sha256(facts.encode("utf-8", "replace")).hexdigest()[:24]


def _sequence(event: Event) -> int:
    line = event.first("SEQUENCE")
    value = line.value.strip() if line else ""
    return int(value) if re.fullmatch(r"[0-9]{1,9}", value) else 0


def _moment(event: Event, name: str, zone: ZoneInfo) -> Moment | None:
    line = event.first(name)
    if line is None or not line.value.strip():
        return None
    return _read_moment(line, line.value, zone)


def _moments(event: Event, name: str, zone: ZoneInfo) -> tuple[Moment, ...]:
    lines = [line for line in event.lines if line.name == name]
    return tuple(
        _read_moment(line, part, zone) for line in lines for part in line.value.split(",") if part.strip()
    )


def _read_moment(line: Line, value: str, zone: ZoneInfo) -> Moment:
    match = _MOMENT.fullmatch(value.strip().split("/")[0])
    try:
        if match is None:
            raise ValueError(value)
        day = date(int(match["year"]), int(match["month"]), int(match["day"]))
        if match["clock"] is None:
            return day
        clock = time(int(match["hour"]), int(match["minute"]), int(match["second"] or 0))
    except ValueError as error:
        raise UnusableError("agendas.event_bad_time", property=line.name, value=tidy(value, 60)) from error
    return datetime.combine(day, clock, UTC if match["zulu"] else _zone_of(line, zone))


def _zone_of(line: Line, zone: ZoneInfo) -> ZoneInfo:
    """The IANA zone named by TZID (also a Windows name, or a path that ends in one), else `zone`."""
    match = _TZID.search(line.parameters)
    if not match:
        return zone
    name = match.group(1).strip()
    for candidate in (name, WINDOWS_TO_OLSON.get(name, ""), "/".join(name.split("/")[-2:])):
        try:
            return ZoneInfo(candidate)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return zone


def _end(event: Event, starts: Moment, zone: ZoneInfo) -> Moment | None:
    # An unreadable end is no reason to lose a meeting: the end is then simply unknown.
    try:
        ends = _moment(event, "DTEND", zone)
        duration = event.first("DURATION")
        if ends is None and duration is not None:
            ends = starts + _read_duration(duration.value.strip())
    except (ValueError, ArithmeticError):
        return None
    return ends if isinstance(ends, datetime) == isinstance(starts, datetime) else None


def _rule(event: Event, starts: Moment) -> vRecur | None:
    """The RRULE, when it is one that a council could mean and that cannot keep the program busy.

    Rules by the hour, by week number or by day of the year, steps of 0 and starts before 1970 would
    make the expanding library count for minutes or for ever.
    """
    line = event.first("RRULE")
    if line is None or not line.value.strip():
        return None
    parts = dict(_RULE_PART.findall(line.value.upper()))
    usable = (
        parts.get("FREQ") in _FREQUENCIES
        and parts.keys() <= _PARTS
        and re.fullmatch(r"0{0,3}[1-9][0-9]{0,2}", parts.get("INTERVAL", "1"))
        and (parts["FREQ"] in {"MONTHLY", "YEARLY"} or not parts.keys() & {"BYMONTHDAY", "BYSETPOS"})
        and starts.year >= EARLIEST_YEAR
    )
    if not usable:
        raise UnusableError("agendas.event_rule", value=tidy(line.value, 60))
    rule: vRecur = vRecur.from_ical(";".join(f"{name}={value}" for name, value in parts.items()))
    return rule


def in_utc(moment: Moment, zone: ZoneInfo) -> str:
    """A RECURRENCE-ID as part of a key: the same whichever zone the file writes it in."""
    return as_utc(moment, zone).strftime("%Y%m%dT%H%M%SZ")


def newest(events: Sequence[CheckedEvent]) -> list[CheckedEvent]:
    """Of events that stand for the same moment, the one with the highest SEQUENCE, the later in the file."""
    highest = max((event.sequence for event in events), default=0)
    return list({event.starts: event for event in events if event.sequence == highest}.values())
