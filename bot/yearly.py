"""What a year brought, place by place and measure by measure: the material of the "Umsetzungsbericht"."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from bot.outcomes import OUTCOMES
from store import debates, reports
from store.database import Transaction
from store.debates import Debate
from store.reports import Cell, Report


@dataclass(frozen=True)
class Year:
    """The reports of a year that stand, and its debates. Times are UTC, days those of `zone`."""

    year: int
    zone: ZoneInfo
    reports: tuple[Report, ...]
    debates: tuple[Debate, ...]

    @property
    def last_day(self) -> date:
        """The day of the latest report: the year may not be over."""
        return max((self.day(one.reported_at) for one in self.reports), default=date(self.year, 12, 31))

    def day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    @cached_property
    def cells(self) -> list[Cell]:
        """How every place and measure stood at the end of the year, by place and measure."""
        inside: dict[tuple[str, str], list[Report]] = defaultdict(list)
        for one in self.reports:
            inside[one.place, one.measure].append(one)
        return [Cell(known[0], reports.contradiction(known)) for _, known in sorted(inside.items())]

    @cached_property
    def places(self) -> list[str]:
        """Places with a report or a debate."""
        return sorted({one.place for one in self.reports} | {one.place for one in self.debates})

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many places and measures stand at which outcome, in the order of the outcomes."""
        found = Counter(cell.report.outcome for cell in self.cells)
        return {one.key: found[one.key] for one in OUTCOMES if found[one.key]}

    def of_measure(self, code: str) -> list[Cell]:
        return [cell for cell in self.cells if cell.report.measure == code]

    def of_place(self, place: str) -> list[Cell]:
        return [cell for cell in self.cells if cell.report.place == place]

    def debates_at(self, place: str) -> list[Debate]:
        return [one for one in self.debates if one.place == place]

    def outcomes_of(self, debate: Debate) -> list[Report]:
        """What was reported of a debate, earliest first."""
        return [one for one in reversed(self.reports) if one.debate == debate.id]


def collect(tx: Transaction, year: int, zone: ZoneInfo) -> Year:
    """Everything of a calendar year in a zone."""
    start, end = (datetime(at, 1, 1, tzinfo=zone).astimezone(UTC) for at in (year, year + 1))
    told: Sequence[Debate] = debates.between(tx, start, end, states=("planned", "cancelled"))
    announced = tuple(one for one in told if one.announced)
    return Year(year, zone, tuple(reports.between(tx, start, end, limit=None)), announced)
