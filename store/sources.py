"""What is known of every configured source: when it was asked, what it said last, and whether it rests."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from store.tables import debate_sources, debates, sources


@dataclass(frozen=True)
class SourceState:
    """One source. `last_success` is the last time everything could be read; `problem` a text key or ""."""

    name: str
    first_try: datetime
    last_try: datetime
    last_success: datetime | None = None
    etag: str = ""
    modified: str = ""
    paused_until: datetime | None = None
    problem: str = ""
    reported_at: datetime | None = None


def get(tx: Connection, name: str) -> SourceState | None:
    """The state of a source; None for one that was never asked."""
    row = tx.execute(select(sources).where(sources.c.name == name)).mappings().first()
    return None if row is None else SourceState(**row)


def every(tx: Connection) -> list[SourceState]:
    """The states of all sources, by name."""
    return [SourceState(**row) for row in tx.execute(select(sources).order_by(sources.c.name)).mappings()]


def keep(tx: Connection, state: SourceState) -> None:
    """Write the state of a source."""
    if not tx.execute(update(sources).where(sources.c.name == state.name).values(**state.__dict__)).rowcount:
        tx.execute(insert(sources).values(**state.__dict__))


def forget_others(tx: Connection, names: Iterable[str]) -> None:
    """Forget the state of sources that are no longer configured."""
    tx.execute(delete(sources).where(sources.c.name.not_in(list(names))))


def coming_keys(tx: Connection, name: str, start: datetime, end: datetime) -> list[str]:
    """What a source calls its meetings that start in [start, end), earliest first."""
    query = (
        select(debate_sources.c.key)
        .join(debates, debates.c.id == debate_sources.c.debate)
        .where(debate_sources.c.source == name, debates.c.starts >= start, debates.c.starts < end)
        .order_by(debates.c.starts)
    )
    return [str(key) for key in tx.execute(query).scalars()]
