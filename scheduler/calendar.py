"""When a reminder is due: pure functions of their arguments, no clock, every result in UTC.

Whole days count on the calendar: seven days before a debate at 18:00 is 18:00 on the wall clock, also
across a change of daylight saving time. Hours elapse. A wall time that a change skips moves forward by
the length of the change; one that exists twice means the first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

DEBATE_LASTS = timedelta(hours=3)
# Where no quiet hours say when a day begins.
MORNING = time(8)

Unit = Literal["d", "h"]


@dataclass(frozen=True, order=True)
class Offset:
    """How long before a debate: whole days ("d") or hours ("h"), at least 1."""

    amount: int
    unit: Unit

    @property
    def code(self) -> str:
        """The short form kept in the store: "7d", "1h"."""
        return f"{self.amount}{self.unit}"

    @property
    def span(self) -> timedelta:
        """The length in hours and days of 24 hours; for ordering and limits, not for due times."""
        return timedelta(days=self.amount) if self.unit == "d" else timedelta(hours=self.amount)

    @classmethod
    def parse(cls, code: str) -> "Offset":
        """Read the short form back; ValueError for anything else."""
        amount, unit = code[:-1], code[-1:]
        if not (amount.isascii() and amount.isdigit() and len(amount) <= 4 and int(amount) > 0):
            raise ValueError(code)
        if unit == "d":
            return cls(int(amount), "d")
        if unit == "h":
            return cls(int(amount), "h")
        raise ValueError(code)


@dataclass(frozen=True)
class Quiet:
    """Local wall times between which nothing is posted; may span midnight; equal ends mean none."""

    start: time
    end: time

    def holds(self, at: time) -> bool:
        if self.start <= self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


@dataclass(frozen=True)
class Due:
    """A reminder of one debate: which offset, and when (UTC)."""

    offset: Offset
    at: datetime


def instants(wall: datetime, zone: ZoneInfo) -> tuple[datetime, ...]:
    """The moments (UTC, in order) at which clocks in the zone show this naive wall time: 0, 1 or 2."""
    moments = {wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return tuple(sorted(at for at in moments if at.astimezone(zone).replace(tzinfo=None) == wall))


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment (UTC) of a naive wall time: skipped times move forward, double ones mean the first."""
    # fold=0 reads a skipped time with the offset before the change, which is the move forward (PEP 495).
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def local_day(at: datetime, zone: ZoneInfo) -> date:
    """The calendar day on which the moment falls in the zone."""
    return at.astimezone(zone).date()


def day_span(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Begin and end (exclusive, UTC) of a local calendar day: the window that shares one post."""
    midnight = datetime.combine(day, time())
    return instant(midnight, zone), instant(midnight + timedelta(days=1), zone)


def over_at(start: datetime, end: datetime | None) -> datetime:
    """When the debate is over: its end, or three hours after its start (UTC)."""
    # Council systems give ends that lie before the start; such an end says nothing.
    return (end if end is not None and end > start else start + DEBATE_LASTS).astimezone(UTC)


def after_quiet(at: datetime, zone: ZoneInfo, quiet: Quiet | None) -> datetime:
    """The moment itself, or the end of the quiet hours it falls into (UTC)."""
    wall = at.astimezone(zone).replace(tzinfo=None, fold=0)
    if quiet is None or not quiet.holds(wall.time()):
        return at.astimezone(UTC)
    day = wall.date() if wall.time() < quiet.end else wall.date() + timedelta(days=1)
    morning = datetime.combine(day, quiet.end)
    later = [moment for moment in instants(morning, zone) if moment > at]
    return later[0] if later else max(instant(morning, zone), at.astimezone(UTC))


def next_morning(midnight: datetime, zone: ZoneInfo, quiet: Quiet | None) -> datetime:
    """When a post that must wait for the day that begins at `midnight` goes out (UTC)."""
    day = local_day(midnight, zone)
    morning = quiet.end if quiet is not None and quiet.holds(time(3)) else MORNING
    return after_quiet(instant(datetime.combine(day, morning), zone), zone, quiet)


def due_at(
    start: datetime, end: datetime | None, offset: Offset, zone: ZoneInfo, quiet: Quiet | None
) -> datetime:
    """When the reminder is due (UTC): moved out of the quiet hours unless the debate would be over then."""
    if offset.unit == "h":
        raw = start.astimezone(UTC) - offset.span
    else:
        wall = start.astimezone(zone).replace(tzinfo=None, fold=0)
        raw = instant(wall - offset.span, zone)
    moved = after_quiet(raw, zone, quiet)
    return moved if moved < over_at(start, end) else raw


def plan(
    start: datetime, end: datetime | None, offsets: Iterable[Offset], zone: ZoneInfo, quiet: Quiet | None
) -> tuple[Due, ...]:
    """All reminders of one debate in the order they are due; of equal times the longer offset first."""
    dues = (Due(offset, due_at(start, end, offset, zone, quiet)) for offset in set(offsets))
    return tuple(sorted(dues, key=lambda due: (due.at, -due.offset.span, due.offset.unit)))


def holiday(day: date, state: str = "MV") -> str | None:
    """The German name of a public holiday in the federal state (two letters), or None.

    Source: the holidays library. ValueError for a state that Germany does not have.
    """
    return _holidays(day.year, state).get(day)


@lru_cache(maxsize=16)
def _holidays(year: int, state: str) -> dict[date, str]:
    # The library takes a third of a second to import; most starts never ask for a holiday.
    from holidays.countries.germany import Germany

    try:
        return dict(Germany(subdiv=state, years=year, language="de"))
    except NotImplementedError:
        raise ValueError(state) from None
