"""Council meetings that people are reminded of, and which sources told of them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, insert, or_, select, update

from store.prepared import Prepared
from store.tables import debate_sources, debates

GET = Prepared(select(debates).where(debates.c.id == bindparam("number")))


@dataclass(frozen=True)
class Item:
    """One item of an agenda, with the level it was judged to have."""

    title: str
    number: str = ""
    level: str = "none"


@dataclass(frozen=True)
class Debate:
    """A meeting. `state`: draft (not yet confirmed), planned, cancelled, wrong. Times are UTC."""

    place: str
    title: str
    starts: datetime
    source: str
    level: str = "none"
    announced: bool = True
    state: str = "planned"
    id: int = 0
    council: str = ""
    time_known: bool = True
    ends: datetime | None = None
    location: str = ""
    url: str = ""
    items: tuple[Item, ...] = field(default=())
    version: int = 1
    created_by: str = ""


def add(tx: Connection, debate: Debate, now: datetime) -> Debate:
    """Store a new debate and give it its id."""
    values = {**_columns(debate), "version": 1, "created_at": now, "changed_at": now}
    row = tx.execute(insert(debates).values(**values).returning(debates.c.id)).scalar_one()
    return replace(debate, id=int(row), version=1)


def change(tx: Connection, debate: Debate, now: datetime, tell: bool = True) -> Debate:
    """Write a changed debate; with `tell` its version goes up, so that reminders count anew."""
    changed = replace(debate, version=debate.version + (1 if tell else 0))
    values = {**_columns(changed), "version": changed.version, "changed_at": now}
    tx.execute(update(debates).where(debates.c.id == debate.id).values(**values))
    return changed


def _columns(debate: Debate) -> dict[str, Any]:
    values = {name: value for name, value in debate.__dict__.items() if name not in ("id", "version")}
    return {**values, "items": [asdict(item) for item in debate.items]}


def get(tx: Connection, number: int) -> Debate | None:
    """One debate by its id."""
    row = GET.first(tx, {"number": number})
    return None if row is None else as_debate(row)


def between(
    tx: Connection,
    start: datetime,
    end: datetime | None = None,
    places: Sequence[str] | None = None,
    states: Sequence[str] = ("planned",),
    limit: int | None = None,
) -> list[Debate]:
    """Debates that start in [start, end), earliest first; of some places, or of all."""
    query = select(debates).where(debates.c.starts >= start, debates.c.state.in_(states))
    if end is not None:
        query = query.where(debates.c.starts < end)
    if places is not None:
        query = query.where(debates.c.place.in_(places))
    rows = tx.execute(query.order_by(debates.c.starts, debates.c.id).limit(limit))
    return [as_debate(row) for row in rows]


def remove(tx: Connection, number: int) -> None:
    """Delete a debate."""
    tx.execute(delete(debates).where(debates.c.id == number))


def drop_drafts(tx: Connection, before: datetime) -> int:
    """Delete drafts that nobody confirmed; how many."""
    gone = delete(debates).where(debates.c.state == "draft", debates.c.created_at <= before)
    return tx.execute(gone).rowcount


def drop_drafts_of(tx: Connection, person: str) -> int:
    """Delete a person's drafts; how many."""
    theirs = and_(debates.c.state == "draft", debates.c.created_by == person)
    return tx.execute(delete(debates).where(theirs)).rowcount


def alike(tx: Connection, debate: Debate, begin: datetime, end: datetime, source: str) -> list[Debate]:
    """Debates at its place in [begin, end) that `source` does not know: perhaps one thing, told twice."""
    own = select(debate_sources.c.debate).where(
        debate_sources.c.debate == debates.c.id, debate_sources.c.source == source
    )
    same = and_(
        debates.c.place == debate.place,
        debates.c.starts >= begin,
        debates.c.starts < end,
        debates.c.state != "draft",
        debates.c.id != debate.id,
        ~own.exists(),
    )
    return [as_debate(row) for row in tx.execute(select(debates).where(same).order_by(debates.c.id))]


def known_from(tx: Connection, source: str, key: str) -> tuple[Debate, str] | None:
    """The debate that a source calls `key`, and the fingerprint of what it said last."""
    query = (
        select(debates, debate_sources.c.fingerprint)
        .join(debate_sources, debate_sources.c.debate == debates.c.id)
        .where(debate_sources.c.source == source, debate_sources.c.key == key)
    )
    row = tx.execute(query).first()
    return None if row is None else (as_debate(row), row.fingerprint)


def remember_source(tx: Connection, source: str, key: str, debate: int, fingerprint: str) -> None:
    """Note that a source knows a debate, and what it said of it."""
    same = and_(debate_sources.c.source == source, debate_sources.c.key == key)
    if not tx.execute(
        update(debate_sources).where(same).values(debate=debate, fingerprint=fingerprint)
    ).rowcount:
        values = {"source": source, "key": key, "debate": debate, "fingerprint": fingerprint}
        tx.execute(insert(debate_sources).values(**values))


def forget(tx: Connection, before: datetime) -> int:
    """Delete debates that ended long ago, with everything that hangs on them; how many."""
    over = or_(debates.c.ends <= before, and_(debates.c.ends.is_(None), debates.c.starts <= before))
    return tx.execute(delete(debates).where(over)).rowcount


def as_debate(row: Any) -> Debate:
    """A row of the table as a Debate."""
    values = {name: getattr(row, name) for name in Debate.__dataclass_fields__}
    return Debate(**{**values, "items": tuple(Item(**item) for item in row.items)})
