"""Broadcasts: what organisers say to many chats. What becomes of it in each of them: store.circulation."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, update

from store.messages import Attachment, ChatRef
from store.tables import broadcasts


@dataclass(frozen=True)
class Broadcast:
    """One broadcast. `chat` is where its author spoke; no places or platforms means all of them.

    `starts` is None for at once. The counts are those of the last look, kept when the rows are gone.
    """

    author: str
    chat: ChatRef
    text: str
    file: Attachment | None = None
    places: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    starts: datetime | None = None
    state: str = "draft"
    confirmed_at: datetime | None = None
    ended_at: datetime | None = None
    chats: int = 0
    sent: int = 0
    failed: int = 0
    unknown: int = 0
    progress: int | None = None
    id: int = 0

    @property
    def cancelled(self) -> bool:
        """Whether it was taken back before its time had come."""
        return bool(self.starts and self.ended_at and self.ended_at < self.starts)


def keep_draft(tx: Connection, one: Broadcast, now: datetime) -> Broadcast:
    """Keep a draft; the author's drafts before it are forgotten."""
    mine = and_(broadcasts.c.author == one.author, broadcasts.c.state == "draft")
    tx.execute(delete(broadcasts).where(mine, broadcasts.c.id != one.id))
    values = {
        **{name: value for name, value in asdict(one).items() if name not in ("id", "chat")},
        "platform": one.chat.platform,
        "chat": one.chat.chat,
        "places": list(one.places),
        "platforms": list(one.platforms),
        "changed_at": now,
    }
    if one.id:
        tx.execute(update(broadcasts).where(broadcasts.c.id == one.id).values(**values))
        return one
    added = tx.execute(insert(broadcasts).values(**values)).inserted_primary_key
    return replace(one, id=int((added or (0,))[0]))


def change(tx: Connection, number: int, now: datetime, **values: object) -> None:
    """Set columns of a broadcast."""
    tx.execute(update(broadcasts).where(broadcasts.c.id == number).values(**values, changed_at=now))


def get(tx: Connection, number: int) -> Broadcast | None:
    return next(iter(_found(tx, broadcasts.c.id == number)), None)


def draft_of(tx: Connection, author: str, after: datetime) -> Broadcast | None:
    """A person's draft, unless it was last touched before `after`."""
    mine = and_(broadcasts.c.author == author, broadcasts.c.state == "draft", broadcasts.c.changed_at > after)
    return next(iter(_found(tx, mine)), None)


def latest(tx: Connection, count: int, author: str | None = None) -> list[Broadcast]:
    """The last broadcasts that were confirmed, newest first."""
    which = broadcasts.c.state != "draft"
    if author is not None:
        which = and_(which, broadcasts.c.author == author)
    return _found(tx, which)[:count]


def confirmed_since(tx: Connection, author: str, since: datetime) -> int:
    """How many broadcasts a person has confirmed since then."""
    mine = and_(broadcasts.c.author == author, broadcasts.c.confirmed_at > since)
    return int(tx.execute(select(func.count()).select_from(broadcasts).where(mine)).scalar_one())


def due(tx: Connection, now: datetime) -> list[Broadcast]:
    """Those whose time has come, in the order of their times."""
    found = _found(tx, and_(broadcasts.c.state == "planned", broadcasts.c.starts <= now))
    return sorted(found, key=lambda one: (one.starts or now, one.id))


def next_due(tx: Connection) -> datetime | None:
    query = select(func.min(broadcasts.c.starts)).where(broadcasts.c.state == "planned")
    found: datetime | None = tx.execute(query).scalar()
    return found


def running(tx: Connection) -> list[Broadcast]:
    return _found(tx, broadcasts.c.state == "running")


def of_author(tx: Connection, author: str) -> list[Broadcast]:
    """All of a person's broadcasts and drafts, newest first."""
    return _found(tx, broadcasts.c.author == author)


def _found(tx: Connection, which: ColumnElement[bool]) -> list[Broadcast]:
    rows = tx.execute(select(broadcasts).where(which).order_by(broadcasts.c.id.desc())).mappings()
    return [_broadcast(row) for row in rows]


def _broadcast(row: Any) -> Broadcast:
    values = {name: row[name] for name in Broadcast.__dataclass_fields__}
    return Broadcast(
        **{
            **values,
            "chat": ChatRef(row["platform"], row["chat"]),
            "file": Attachment(**row["file"]) if row["file"] else None,
            "places": tuple(row["places"]),
            "platforms": tuple(row["platforms"]),
        }
    )


def drop(tx: Connection, number: int) -> None:
    """Forget a broadcast altogether."""
    tx.execute(delete(broadcasts).where(broadcasts.c.id == number))


def drop_drafts(tx: Connection, before: datetime) -> int:
    """Forget drafts that nobody touched since then; how many."""
    old = and_(broadcasts.c.state == "draft", broadcasts.c.changed_at <= before)
    return tx.execute(delete(broadcasts).where(old)).rowcount
