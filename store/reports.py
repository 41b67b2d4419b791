"""Status reports with their history, and the latest state of every place and measure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, delete, func, insert, select, update

from store.prepared import Prepared
from store.tables import progress, report_revisions, reports

# The same again within this time is the same report: bad networks and double taps.
SAME_WITHIN = timedelta(minutes=10)
# People who report different outcomes within this time speak of the same meeting.
CONTRADICTS_WITHIN = timedelta(days=7)
# Steps of one way: who tells an earlier and who tells a later one do not contradict each other.
BEGUN = "eingebracht"
ONE_WAY = ({"beschlossen", "umgesetzt"}, {"teilweise_beschlossen", "umgesetzt"})
# A cell is judged by its latest reports; more than these in one week are no council's doing.
JUDGED = 20
SHOW = Prepared(
    insert(progress),
    then="ON CONFLICT (place, measure) DO UPDATE SET report = excluded.report, rival = excluded.rival",
)
CONTENT = ("place", "measure", "outcome", "text", "yes", "no", "abstained", "link", "withdrawn")


@dataclass(frozen=True)
class Report:
    """One report on one measure at one place. Votes are counts or None; times are UTC."""

    person: str
    place: str
    measure: str
    outcome: str
    reported_at: datetime
    text: str = ""
    yes: int | None = None
    no: int | None = None
    abstained: int | None = None
    link: str = ""
    debate: int | None = None
    message: str = ""
    withdrawn: bool = False
    revision: int = 1
    id: int = 0


# What a report is read from, in the order of its fields.
COLUMNS = [reports.c[name] for name in Report.__dataclass_fields__]
IN_CELL = Prepared(
    select(*COLUMNS)
    .where(reports.c.place == bindparam("place"), reports.c.measure == bindparam("measure"))
    .where(reports.c.withdrawn.is_(False))
    .order_by(reports.c.reported_at.desc(), reports.c.id.desc())
    .limit(JUDGED)
)
ADD = Prepared(insert(reports).returning(reports.c.id))
KEEP_REVISION = Prepared(insert(report_revisions))

LATEST, RIVAL = reports.alias("latest"), reports.alias("rival")
STATES = Prepared(
    select(
        progress.c.place,
        progress.c.measure,
        LATEST.c.reported_at,
        LATEST.c.outcome,
        RIVAL.c.outcome.label("other"),
    )
    .join(LATEST, LATEST.c.id == progress.c.report)
    .outerjoin(RIVAL, RIVAL.c.id == progress.c.rival)
    .order_by(progress.c.place, progress.c.measure)
)


def add(tx: Connection, report: Report) -> Report:
    """Store a report and count it; the same again within ten minutes is the one before."""
    known = _in_cell(tx, report.place, report.measure)
    same = next((one for one in known if _is_same(one, report)), None)
    if same is not None:
        return revise(tx, _filled_in(same, report), report.reported_at)
    values = {name: value for name, value in report.__dict__.items() if name != "id"}
    number = ADD.rows(tx, {**values, "changed_at": report.reported_at})[0].id
    added = replace(report, id=number)
    _keep_revision(tx, added, report.reported_at)
    _show(tx, sorted((added, *known), key=lambda one: (one.reported_at, one.id), reverse=True))
    return added


def _is_same(before: Report, again: Report) -> bool:
    if (before.person, before.outcome) != (again.person, again.outcome):
        return False
    return before.reported_at > again.reported_at - SAME_WITHIN


def _filled_in(before: Report, again: Report) -> Report:
    """The report before, with what was only said now."""
    said = {
        name: getattr(again, name) or getattr(before, name) for name in ("text", "link", "debate", "message")
    }
    votes = before if again.yes is None and again.no is None else again
    return replace(before, **said, yes=votes.yes, no=votes.no, abstained=votes.abstained)


def revise(tx: Connection, changed: Report, now: datetime) -> Report:
    """Write a corrected or withdrawn report as its next revision, and count it anew."""
    before = get(tx, changed.id)
    if before is None or all(getattr(before, name) == getattr(changed, name) for name in CONTENT):
        return changed
    revised = replace(changed, revision=before.revision + 1)
    values = {name: getattr(revised, name) for name in (*CONTENT, "revision")}
    tx.execute(update(reports).where(reports.c.id == changed.id).values(**values, changed_at=now))
    _keep_revision(tx, revised, now)
    for place, measure in {(before.place, before.measure), (revised.place, revised.measure)}:
        count(tx, place, measure)
    return revised


def _keep_revision(tx: Connection, report: Report, at: datetime) -> None:
    values = {name: getattr(report, name) for name in (*CONTENT, "revision")}
    KEEP_REVISION.count(tx, {"report": report.id, "at": at, **values})


def count(tx: Connection, place: str, measure: str) -> None:
    """Make the cell of a place and measure show the latest report that stands, and who contradicts it."""
    known = _in_cell(tx, place, measure)
    if known:
        _show(tx, known)
    else:
        tx.execute(delete(progress).where(progress.c.place == place, progress.c.measure == measure))


def _in_cell(tx: Connection, place: str, measure: str) -> list[Report]:
    """The latest reports of a cell that stand, latest first."""
    return [Report(*row) for row in IN_CELL.rows(tx, {"place": place, "measure": measure})]


def _show(tx: Connection, known: Sequence[Report]) -> None:
    """Let a cell show the latest of its reports, and what contradicts it."""
    latest, rival = known[0], contradiction(known)
    cell = {"place": latest.place, "measure": latest.measure, "report": latest.id}
    SHOW.count(tx, {**cell, "rival": rival.id if rival else None})


def contradiction(known: Sequence[Report]) -> Report | None:
    """Of a cell's reports, latest first: what another person last said that contradicts the latest."""
    latest, heard = known[0], {known[0].person}
    for one in known[1:]:
        if latest.reported_at - one.reported_at > CONTRADICTS_WITHIN:
            return None
        if one.person not in heard and not _in_harmony({one.outcome, latest.outcome}):
            return one
        heard.add(one.person)
    return None


def _in_harmony(outcomes: set[str]) -> bool:
    return len(outcomes) == 1 or BEGUN in outcomes or outcomes in ONE_WAY


def get(tx: Connection, number: int) -> Report | None:
    """One report by its id."""
    row = tx.execute(select(*COLUMNS).where(reports.c.id == number)).first()
    return None if row is None else _report(row)


def of_message(tx: Connection, message: str) -> list[Report]:
    """The reports that were made of one chat message."""
    return _reports(tx, reports.c.message == message)


def of_person(tx: Connection, person: str, limit: int = 1000) -> list[Report]:
    """A person's reports, latest first, withdrawn ones too."""
    return _reports(tx, reports.c.person == person, limit)


def latest(
    tx: Connection, places: list[str] | None = None, limit: int = 10, measures: Sequence[str] = ()
) -> list[Report]:
    """The latest reports that stand; of some places and measures, or of all."""
    which: ColumnElement[bool] = reports.c.withdrawn.is_(False)
    if places is not None:
        which = which & reports.c.place.in_(places)
    if measures:
        which = which & reports.c.measure.in_(measures)
    return _reports(tx, which, limit)


def between(tx: Connection, start: datetime, end: datetime, limit: int | None = 1000) -> list[Report]:
    """The reports of [start, end) that stand, latest first."""
    inside = (reports.c.reported_at >= start) & (reports.c.reported_at < end)
    return _reports(tx, inside & reports.c.withdrawn.is_(False), limit)


def _reports(tx: Connection, which: ColumnElement[bool], limit: int | None = 1000) -> list[Report]:
    query = select(*COLUMNS).where(which).order_by(reports.c.reported_at.desc(), reports.c.id.desc())
    return [_report(row) for row in tx.execute(query.limit(limit))]


def page(tx: Connection, after: int = 0, limit: int = 1000) -> list[Report]:
    """The next reports behind an id, withdrawn ones too, in the order they were made."""
    query = select(*COLUMNS).where(reports.c.id > after).order_by(reports.c.id).limit(limit)
    return [_report(row) for row in tx.execute(query)]


def forget(tx: Connection, before: datetime) -> int:
    """Delete reports that were made before then, with their revisions; how many."""
    old = select(reports.c.place, reports.c.measure).where(reports.c.reported_at <= before)
    cells = set(map(tuple, tx.execute(old).all()))
    gone = tx.execute(delete(reports).where(reports.c.reported_at <= before)).rowcount
    for place, measure in cells:
        count(tx, place, measure)
    return gone


def history(tx: Connection, one: Report) -> list[tuple[datetime, Report]]:
    """Every revision of a report with its time, first to last."""
    query = select(report_revisions).where(report_revisions.c.report == one.id)
    rows = tx.execute(query.order_by(report_revisions.c.revision)).mappings()
    names = (*CONTENT, "revision")
    return [(row["at"], replace(one, **{name: row[name] for name in names})) for row in rows]


@dataclass(frozen=True)
class Cell:
    """How a measure stands at a place: the latest report, and one that contradicts it, if any."""

    report: Report
    rival: Report | None = None

    @property
    def reports(self) -> tuple[Report, ...]:
        return (self.report,) if self.rival is None else (self.report, self.rival)


def standing(tx: Connection, place: str | None = None, measure: str | None = None) -> list[Cell]:
    """How every cell stands: of one place, of one measure, or of all; by place and measure."""
    inside: list[ColumnElement[bool]] = []
    if place is not None:
        inside.append(progress.c.place == place)
    if measure is not None:
        inside.append(progress.c.measure == measure)
    rivals = select(*COLUMNS).join(progress, progress.c.rival == reports.c.id).where(*inside)
    known = {(one.place, one.measure): one for one in map(_report, tx.execute(rivals))}
    latest = select(*COLUMNS).join(progress, progress.c.report == reports.c.id).where(*inside)
    found = map(_report, tx.execute(latest.order_by(progress.c.place, progress.c.measure)))
    return [Cell(one, known.get((one.place, one.measure))) for one in found]


@dataclass(frozen=True)
class State:
    """How a measure stands at a place, in one word or in two that contradict each other; since `at`."""

    place: str
    measure: str
    at: datetime
    outcomes: tuple[str, ...]


def states(tx: Connection) -> list[State]:
    """How every cell stands, by place and measure: what a picture of them all needs."""
    found = STATES.rows(tx, {})
    return [State(place, measure, at, tuple(filter(None, both))) for place, measure, at, *both in found]


def rival_of(tx: Connection, one: Report) -> Report | None:
    """The report that a cell shows beside this one, if they contradict each other."""
    cells = standing(tx, one.place, one.measure)
    both = cells[0].reports if cells else ()
    others = [other for other in both if other.id != one.id]
    return others[0] if len(both) == 2 and len(others) == 1 else None


def total(tx: Connection) -> int:
    """How many reports there are, withdrawn ones too."""
    return int(tx.execute(select(func.count()).select_from(reports)).scalar_one())


def _report(row: Row[Any]) -> Report:
    return Report(*list(row))
