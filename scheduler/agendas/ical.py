"""Reading iCalendar files (RFC 5545) as council information systems really write them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

from errors import Problem, SourceError
from scheduler.agendas.icalevents import CheckedEvent, as_utc, checked, in_utc, newest
from scheduler.agendas.icallines import Event, calendar_text, events_of, is_calendar, is_torn
from scheduler.agendas.meetings import (
    FoundMeeting,
    Harvest,
    UnusableError,
    believable_end,
    is_midnight,
    without_cancellation,
)
from scheduler.agendas.text import web_address

LARGEST_MEGABYTES = 8
MOST_REPETITIONS = 400
MOST_SERIES = 100
MOST_EVENTS = 20_000
DUMMY_TITLES = frozenset({"kalender"})

# What icalendar, dateutil and datetime raise on values that no calendar should hold.
_UNREADABLE = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError)


@dataclass
class _Reading:
    """One run over one calendar: what holds for all of it, and the complaints so far."""

    name: str
    zone: ZoneInfo
    since: datetime
    until: datetime
    problems: list[Problem]
    series: int = 0

    def refuse(self, event: Event, reason: Exception) -> None:
        """Note why an event was left aside."""
        key = reason.key if isinstance(reason, UnusableError) else "agendas.event_unreadable"
        details = reason.details if isinstance(reason, UnusableError) else {}
        details = {"name": self.name, "entry": event.number, "line": event.line, **details}
        self.problems.append(Problem(self.name, f"VEVENT[{event.number}]:{event.line}", key, details))


def read_ical(data: bytes, name: str, zone: ZoneInfo, since: datetime, until: datetime) -> Harvest:
    """All meetings of a calendar that touch the span from `since` to `until` (aware), in order of time.

    Times without a zone, or with one nobody knows, are local times of `zone`. Recurring events are
    expanded inside the span. An event that cannot be read becomes a Problem and harms no other.
    Keys are the UID, for repetitions followed by their RECURRENCE-ID in UTC.

    Raises SourceError when the bytes are no calendar, more than 8 MB or more than 20,000 events.
    """
    if len(data) > LARGEST_MEGABYTES * 1_000_000:
        raise SourceError("agendas.too_big", name=name, limit=LARGEST_MEGABYTES)
    text = calendar_text(data)
    if not is_calendar(text):
        raise SourceError("agendas.no_calendar", name=name)
    reading = _Reading(name, zone, since, until, [])
    events = events_of(text)
    if len(events) > MOST_EVENTS:
        raise SourceError("agendas.too_many_events", name=name, limit=MOST_EVENTS)
    groups = _by_uid(_readable(events, reading))
    found = {one.key: one for group in groups for one in _meetings(group, reading)}
    ordered = sorted(found.values(), key=lambda one: (one.starts, one.key))
    torn = is_torn(text)
    if torn and all(event.whole for event in events):
        reading.problems.append(Problem(name, "END:VCALENDAR", "agendas.calendar_torn", {"name": name}))
    return Harvest(tuple(ordered), tuple(reading.problems), complete=not torn)


def _readable(events: Iterable[Event], reading: _Reading) -> Iterator[CheckedEvent]:
    for event in events:
        try:
            readable = checked(event, reading.zone)
        except _UNREADABLE as reason:
            reading.refuse(event, reason)
            continue
        if readable.title.casefold() not in DUMMY_TITLES:
            yield readable


def _by_uid(events: Iterable[CheckedEvent]) -> list[list[CheckedEvent]]:
    groups: dict[str, list[CheckedEvent]] = {}
    for event in events:
        groups.setdefault(event.uid, []).append(event)
    return list(groups.values())


def _meetings(group: list[CheckedEvent], reading: _Reading) -> Iterator[FoundMeeting]:
    """The meetings behind all events of one UID that lie in the span."""
    series = [event for event in group if event.repeats]
    try:
        found = list(_expanded(group, reading) if series else _single(group, reading))
    except _UNREADABLE as reason:
        reading.refuse(group[0].event, reason)
        return
    for meeting in found:
        last = meeting.ends or meeting.starts + timedelta(days=0 if meeting.time_known else 1)
        if meeting.starts <= reading.until and last >= reading.since:
            yield meeting


def _single(group: Sequence[CheckedEvent], reading: _Reading) -> Iterator[FoundMeeting]:
    changed = [event for event in group if event.replaces is not None]
    plain = newest([event for event in group if event.replaces is None])
    for event in plain:
        # Some systems give every meeting the same UID: then the start has to tell them apart.
        suffix = "" if len(plain) == 1 else "/" + in_utc(event.starts, reading.zone)
        yield _meeting(event, event.uid + suffix, reading.zone)
    for event in changed:
        yield _meeting(event, _repetition_key(event, reading.zone), reading.zone)


def _expanded(group: Sequence[CheckedEvent], reading: _Reading) -> Iterator[FoundMeeting]:
    reading.series += 1
    if reading.series > MOST_SERIES:
        raise UnusableError("agendas.too_many_series", limit=MOST_SERIES)
    calendar = icalendar.Calendar()
    for event in group:
        calendar.add_component(event.component())
    numbered = {str(event.event.number): event for event in group}
    repetitions = recurring_ical_events.of(calendar).between(reading.since, reading.until)
    for one in islice(
        sorted(repetitions, key=lambda one: as_utc(one["DTSTART"].dt, reading.zone)), MOST_REPETITIONS
    ):
        event = replace(
            numbered[str(one["X-NUMBER"])],
            starts=one["DTSTART"].dt,
            ends=one["DTEND"].dt if "DTEND" in one else None,
            replaces=one["RECURRENCE-ID"].dt,
        )
        yield _meeting(event, _repetition_key(event, reading.zone), reading.zone)


def _repetition_key(event: CheckedEvent, zone: ZoneInfo) -> str:
    return f"{event.uid}/{in_utc(event.replaces or event.starts, zone)}"


def _meeting(event: CheckedEvent, key: str, zone: ZoneInfo) -> FoundMeeting:
    starts = as_utc(event.starts, zone)
    title, called_off = without_cancellation(event.title, starts.astimezone(zone).date())
    time_known = isinstance(event.starts, datetime) and not is_midnight(starts, zone)
    ends = as_utc(event.ends, zone) if time_known and event.ends is not None else None
    address = event.event.first("URL")
    return FoundMeeting(
        key=key,
        place=None,
        title=title,
        council=None,
        starts=starts,
        time_known=time_known,
        ends=believable_end(starts, ends, zone),
        location=event.text("LOCATION") or None,
        url=web_address(address.value) if address else None,
        cancelled=called_off or event.event.withdrawn or event.text("STATUS").upper() == "CANCELLED",
        items=(),
    )
