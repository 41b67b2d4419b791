"""Status reports with their history, and the latest state of every place and measure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, delete, func, insert, select, text, update

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
SHOW = text(
    "INSERT INTO progress (place, measure, report, rival) VALUES (:place, :measure, :report, :rival) "
    "ON CONFLICT (place, measure) DO UPDATE SET report = excluded.report, rival = excluded.rival"
)
# Built once: putting a statement together costs SQLAlchemy several times what running it costs SQLite.
SAME = select(reports).where(
    reports.c.person == bindparam("person"),
    reports.c.place == bindparam("place"),
    reports.c.measure == bindparam("measure"),
    reports.c.outcome == bindparam("outcome"),
    reports.c.withdrawn.is_(False),
    reports.c.reported_at > bindparam("since"),
)
IN_CELL = (
    select(reports)
    .where(reports.c.place == bindparam("place"), reports.c.measure == bindparam("measure"))
    .where(reports.c.withdrawn.is_(False))
    .order_by(reports.c.reported_at.desc(), reports.c.id.desc())
    .limit(JUDGED)
)
ADD, KEEP_REVISION = insert(reports).returning(reports.c.id), insert(report_revisions)
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
    number = tx.execute(ADD, {**values, "changed_at": report.reported_at}).scalar_one()
    added = replace(report, id=int(number))
    _keep_revision(tx, added, report.reported_at)
    count(tx, added.place, added.measure)
    return added


def _same(tx: Connection, report: Report) -> Report | None:
    wanted = {name: getattr(report, name) for name in ("person", "place", "measure", "outcome")}
    row = tx.execute(SAME, {**wanted, "since": report.reported_at - SAME_WITHIN}).first()
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
    tx.execute(KEEP_REVISION, {"report": report.id, "at": at, **values})


def count(tx: Connection, place: str, measure: str) -> None:
    """Make the cell of a place and measure show the latest report that stands, and who contradicts it."""
    cell = {"place": place, "measure": measure}
    known = [_report(row) for row in tx.execute(IN_CELL, cell)]
    if known:
        rival = contradiction(known)
        tx.execute(SHOW, {**cell, "report": known[0].id, "rival": rival.id if rival else None})
    else:
        tx.execute(delete(progress).where(progress.c.place == place, progress.c.measure == measure))


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


def between(tx: Connection, start: datetime, end: datetime, limit: int | None = 1000) -> list[Report]:
    """The reports of [start, end) that stand, latest first."""
    inside = (reports.c.reported_at >= start) & (reports.c.reported_at < end)
    return _reports(tx, inside & reports.c.withdrawn.is_(False), limit)


def _reports(tx: Connection, which: ColumnElement[bool], limit: int | None = 1000) -> list[Report]:
    query = select(reports).where(which).order_by(reports.c.reported_at.desc(), reports.c.id.desc())
    return [_report(row) for row in tx.execute(query.limit(limit))]


def page(tx: Connection, after: int = 0, limit: int = 1000) -> list[Report]:
    """The next reports behind an id, withdrawn ones too, in the order they were made."""
    query = select(reports).where(reports.c.id > after).order_by(reports.c.id).limit(limit)
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
    chosen = select(progress.c.report, progress.c.rival)
    if place is not None:
        chosen = chosen.where(progress.c.place == place)
    if measure is not None:
        chosen = chosen.where(progress.c.measure == measure)
    pairs = tx.execute(chosen.order_by(progress.c.place, progress.c.measure)).all()
    wanted = [number for pair in pairs for number in pair if number is not None]
    known = {one.id: one for one in by_id(tx, wanted)}
    return [Cell(known[report], known.get(rival)) for report, rival in pairs]


def by_id(tx: Connection, numbers: Sequence[int]) -> list[Report]:
    """Reports by their ids, a few hundred at a time."""
    found: list[Report] = []
    for start in range(0, len(numbers), 500):
        some = select(reports).where(reports.c.id.in_(numbers[start : start + 500]))
        found += [_report(row) for row in tx.execute(some)]
    return found


def rival_of(tx: Connection, one: Report) -> Report | None:
    """The report that a cell shows beside this one, if they contradict each other."""
    cells = standing(tx, one.place, one.measure)
    both = cells[0].reports if cells else ()
    return next((other for other in both if other.id != one.id), None) if len(both) == 2 else None


def total(tx: Connection) -> int:
    """How many reports there are, withdrawn ones too."""
    return int(tx.execute(select(func.count()).select_from(reports)).scalar_one())


def _report(row: Row[Any]) -> Report:
    known = row._mapping
    return Report(**{name: known[name] for name in Report.__dataclass_fields__})
