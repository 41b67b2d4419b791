"""Status reports with their history, and the latest state of every place and measure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from store.tables import progress, report_revisions, reports

# The same again within this time is the same report: bad networks and double taps.
SAME_WITHIN = timedelta(minutes=10)
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


def add(tx: Connection, report: Report) -> Report:
    """Store a report and count it; the same again within ten minutes is the one before."""
    same = _same(tx, report)
    if same is not None:
        return revise(tx, _filled_in(same, report), report.reported_at)
    values = {name: value for name, value in report.__dict__.items() if name != "id"}
    query = insert(reports).values(**values, changed_at=report.reported_at).returning(reports.c.id)
    added = replace(report, id=int(tx.execute(query).scalar_one()))
    _keep_revision(tx, added, report.reported_at)
    count(tx, added.place, added.measure)
    return added


def _same(tx: Connection, report: Report) -> Report | None:
    query = select(reports).where(
        reports.c.person == report.person,
        reports.c.place == report.place,
        reports.c.measure == report.measure,
        reports.c.outcome == report.outcome,
        reports.c.withdrawn.is_(False),
        reports.c.reported_at > report.reported_at - SAME_WITHIN,
    )
    row = tx.execute(query.limit(1)).first()
    return None if row is None else _report(row)


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
    tx.execute(insert(report_revisions).values(report=report.id, at=at, **values))


def count(tx: Connection, place: str, measure: str) -> None:
    """Make the cell of a place and measure show the latest report that stands."""
    cell = (progress.c.place == place) & (progress.c.measure == measure)
    latest = (
        select(reports.c.id)
        .where(reports.c.place == place, reports.c.measure == measure, reports.c.withdrawn.is_(False))
        .order_by(reports.c.reported_at.desc(), reports.c.id.desc())
        .limit(1)
    )
    found = tx.execute(latest).scalar()
    tx.execute(delete(progress).where(cell))
    if found is not None:
        tx.execute(insert(progress).values(place=place, measure=measure, report=found))


def get(tx: Connection, number: int) -> Report | None:
    """One report by its id."""
    row = tx.execute(select(reports).where(reports.c.id == number)).first()
    return None if row is None else _report(row)


def of_message(tx: Connection, message: str) -> list[Report]:
    """The reports that were made of one chat message."""
    return _reports(tx, reports.c.message == message)


def of_person(tx: Connection, person: str, limit: int = 1000) -> list[Report]:
    """A person's reports, latest first, withdrawn ones too."""
    return _reports(tx, reports.c.person == person, limit)


def latest(tx: Connection, places: list[str] | None = None, limit: int = 10) -> list[Report]:
    """The latest reports that stand."""
    which: ColumnElement[bool] = reports.c.withdrawn.is_(False)
    if places is not None:
        which = which & reports.c.place.in_(places)
    return _reports(tx, which, limit)


def between(tx: Connection, start: datetime, end: datetime) -> list[Report]:
    """The reports of [start, end) that stand, latest first."""
    inside = (reports.c.reported_at >= start) & (reports.c.reported_at < end)
    return _reports(tx, inside & reports.c.withdrawn.is_(False))


def _reports(tx: Connection, which: ColumnElement[bool], limit: int = 1000) -> list[Report]:
    query = select(reports).where(which).order_by(reports.c.reported_at.desc(), reports.c.id.desc())
    return [_report(row) for row in tx.execute(query.limit(limit))]


def every(tx: Connection) -> Iterator[Report]:
    """All reports, oldest first, withdrawn ones too; in flat memory."""
    query = select(reports).order_by(reports.c.reported_at, reports.c.id)
    for row in tx.execution_options(yield_per=500).execute(query):
        yield _report(row)


def forget(tx: Connection, before: datetime) -> int:
    """Delete reports that were made before then, with their revisions; how many."""
    old = select(reports.c.place, reports.c.measure).where(reports.c.reported_at <= before)
    cells = set(map(tuple, tx.execute(old).all()))
    gone = tx.execute(delete(reports).where(reports.c.reported_at <= before)).rowcount
    for place, measure in cells:
        count(tx, place, measure)
    return gone


def standing(tx: Connection, place: str | None = None, measure: str | None = None) -> list[Report]:
    """The latest standing report of every cell: of one place, of one measure, or of all."""
    query = select(reports).join(progress, progress.c.report == reports.c.id)
    if place is not None:
        query = query.where(progress.c.place == place)
    if measure is not None:
        query = query.where(progress.c.measure == measure)
    return [_report(row) for row in tx.execute(query.order_by(reports.c.place, reports.c.measure))]


def _report(row: Row[Any]) -> Report:
    known = row._mapping
    return Report(**{name: known[name] for name in Report.__dataclass_fields__})
