"""Who was asked how a debate went, and who said that they go there."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from store.debates import Debate, as_debate
from store.tables import attendance, debates, followups, reports

# Stands for "there was nobody to ask", so that it is not tried again and again.
NOBODY = ""


def unasked(tx: Connection, since: datetime, until: datetime) -> list[Debate]:
    """Announced debates that began in [since, until) and about which nobody was asked yet."""
    query = (
        select(debates)
        .where(debates.c.starts >= since, debates.c.starts < until)
        .where(debates.c.state == "planned", debates.c.announced.is_(True))
        # What became known only afterwards, from an archive say, is history.
        .where(debates.c.created_at < debates.c.starts)
        .where(~select(followups.c.debate).where(followups.c.debate == debates.c.id).exists())
        .order_by(debates.c.starts, debates.c.id)
    )
    return [as_debate(row) for row in tx.execute(query)]


def asked(tx: Connection, debate: int, person: str, at: datetime, again_at: datetime | None) -> None:
    """Note that a person was asked."""
    tx.execute(insert(followups).values(debate=debate, person=person, asked_at=at, again_at=again_at))


def to_repeat(tx: Connection, now: datetime) -> list[tuple[int, str]]:
    """About which debate to ask whom once more."""
    query = select(followups.c.debate, followups.c.person).where(followups.c.again_at <= now)
    return [(row.debate, row.person) for row in tx.execute(query)]


def settle(tx: Connection, debate: int, person: str | None = None) -> None:
    """Do not ask again: one person, or with None anybody."""
    done = update(followups).where(followups.c.debate == debate)
    if person is not None:
        done = done.where(followups.c.person == person)
    tx.execute(done.values(again_at=None))


def answered(tx: Connection, debate: int) -> bool:
    """Whether somebody has reported how a debate went."""
    query = select(reports.c.id).where(reports.c.debate == debate, reports.c.withdrawn.is_(False)).limit(1)
    return tx.execute(query).first() is not None


def attend(tx: Connection, debate: int, person_hash: bytes) -> bool:
    """Note that somebody goes there; saying it again takes it back. True when they go."""
    mine = (attendance.c.debate == debate) & (attendance.c.hash == person_hash)
    if tx.execute(delete(attendance).where(mine)).rowcount:
        return False
    tx.execute(insert(attendance).values(debate=debate, hash=person_hash))
    return True


def attending(tx: Connection, debate: int) -> int:
    """How many said that they go there."""
    query = select(func.count()).where(attendance.c.debate == debate)
    return int(tx.execute(query).scalar_one())


def silent_places(tx: Connection, places: Iterable[str], since: datetime) -> list[str]:
    """Which of the places have no announced debate that starts at `since` or later."""
    query = select(debates.c.place).where(
        debates.c.starts >= since, debates.c.announced.is_(True), debates.c.state == "planned"
    )
    known = set(tx.execute(query.distinct()).scalars())
    return [place for place in places if place not in known]
