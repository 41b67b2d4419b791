"""Who is to be reminded of what and when, and who was told: one row per debate, chat and offset."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from store.messages import ChatRef
from store.prepared import Prepared
from store.tables import chats, reminders

# The offset codes of what was put off by a person ("s1", "s2"), told along with another debate, and
# never to be told here.
SNOOZED, ALONG, MUTED = "s", "along", "mute"


@dataclass(frozen=True)
class Planned:
    """A reminder as it should stand: offset code, debate version, due instant (UTC)."""

    chat: int
    thread: str
    offset: str
    version: int
    due_at: datetime


@dataclass(frozen=True)
class Told:
    """A chat (by its row) and where in it something was told."""

    chat: int
    ref: ChatRef


@dataclass(frozen=True)
class DueReminder:
    """A reminder row together with where it goes."""

    id: int
    debate: int
    chat: int
    platform: str
    chat_name: str
    thread: str
    offset: str
    version: int
    due_at: datetime


def _due(which: ColumnElement[bool]) -> Select[Any]:
    """Open reminders, with the columns of DueReminder."""
    one = reminders.c
    to = (one.chat, chats.c.platform, chats.c.chat.label("chat_name"), one.thread)
    return (
        select(one.id, one.debate, *to, one.offset, one.version, one.due_at)
        .join(chats, chats.c.id == one.chat)
        .where(one.state == "due", which, chats.c.active.is_(True))
        .order_by(one.due_at, one.id)
        .limit(bindparam("limit"))
    )


IN_CHAT = reminders.c.chat == bindparam("in_chat")
DUE = Prepared(_due(reminders.c.due_at <= bindparam("until")))
DUE_IN_CHAT = Prepared(
    _due(and_(IN_CHAT, reminders.c.thread == bindparam("in_thread"), reminders.c.due_at < bindparam("until")))
)
SETTLE = Prepared(
    update(reminders).where(reminders.c.id.in_(bindparam("numbers", expanding=True))), "numbers"
)
REMINDED_SINCE = Prepared(
    select(reminders.c.id)
    .where(IN_CHAT, reminders.c.state == "told", reminders.c.told_at >= bindparam("since"))
    .limit(1)
)


def plan(
    tx: Connection,
    debate: int,
    version: int,
    wanted: Collection[Planned],
    now: datetime,
    chat: int | None = None,
) -> None:
    """Make a debate's coming reminders exactly those wanted.

    What was told or missed stays, and so does what is overdue for this version: it is told late.
    """
    mine = reminders.c.debate == debate
    if chat is not None:
        mine = mine & (reminders.c.chat == chat)
    ahead = (reminders.c.due_at > now) & reminders.c.told_at.is_(None)
    stale = ahead | (reminders.c.version != version)
    tx.execute(delete(reminders).where(mine, reminders.c.state == "due", stale))
    known = tx.execute(select(reminders).where(mine)).all()
    kept = {(row.chat, row.thread, row.offset, row.version) for row in known}
    silent = {(row.chat, row.thread) for row in known if row.offset == MUTED}
    rows = [
        {**one.__dict__, "debate": debate, "state": "due"}
        for one in wanted
        if (one.chat, one.thread, one.offset, one.version) not in kept
        and (one.chat, one.thread) not in silent
    ]
    if rows:
        tx.execute(insert(reminders), rows)


def drop(tx: Connection, debate: int) -> None:
    """Let nobody be reminded of a debate any more."""
    tx.execute(delete(reminders).where(reminders.c.debate == debate, reminders.c.state == "due"))


def due(tx: Connection, until: datetime, limit: int) -> list[DueReminder]:
    """Open reminders due at `until` or before, earliest first."""
    return [DueReminder(*row) for row in DUE.rows(tx, {"until": until, "limit": limit})]


def due_in_chat(tx: Connection, chat: int, thread: str, until: datetime) -> list[DueReminder]:
    """A chat's open reminders due before `until`: they share one post."""
    where = {"in_chat": chat, "in_thread": thread, "until": until, "limit": 1000}
    return [DueReminder(*row) for row in DUE_IN_CHAT.rows(tx, where)]


def next_due(tx: Connection) -> datetime | None:
    """When the next open reminder is due."""
    query = select(func.min(reminders.c.due_at)).where(reminders.c.state == "due")
    found: datetime | None = tx.execute(query).scalar()
    return found


def settle(tx: Connection, rows: Iterable[int], state: str, at: datetime | None = None) -> None:
    """Mark reminders as `told` (at an instant) or `missed`."""
    if numbers := list(rows):
        SETTLE.count(tx, {"numbers": numbers, "state": state, "told_at": at})


def put_off(tx: Connection, rows: Iterable[int], until: datetime, at: datetime) -> None:
    """Let reminders that were due at `at` come later; planning anew does not lose them."""
    tx.execute(update(reminders).where(reminders.c.id.in_(list(rows))).values(due_at=until, told_at=at))


def rhythm(tx: Connection, debate: int, now: datetime) -> list[str]:
    """The offsets of a debate's coming reminders that stand where the calendar put them."""
    query = select(reminders.c.offset).where(_planned(debate, now)).distinct()
    return [code for code in tx.execute(query).scalars() if code[-1:] in "dh"]


def shift(tx: Connection, debate: int, offset: str, due_at: datetime, now: datetime) -> None:
    """Let a debate's coming reminders of one offset be due at another time."""
    mine = _planned(debate, now) & (reminders.c.offset == offset)
    tx.execute(update(reminders).where(mine).values(due_at=due_at))


def _planned(debate: int, now: datetime) -> ColumnElement[bool]:
    ahead = (reminders.c.due_at > now) & reminders.c.told_at.is_(None)
    return (reminders.c.debate == debate) & (reminders.c.state == "due") & ahead


def told_chats(tx: Connection, debate: int) -> list[Told]:
    """The chats that were told of a debate: they are told when it changes."""
    query = (
        select(reminders.c.chat, chats.c.platform, chats.c.chat.label("chat_name"), reminders.c.thread)
        .join(chats, chats.c.id == reminders.c.chat)
        .where(reminders.c.debate == debate, reminders.c.state == "told", chats.c.active.is_(True))
        .distinct()
        .order_by(reminders.c.chat)
    )
    return [Told(row.chat, ChatRef(row.platform, row.chat_name, row.thread)) for row in tx.execute(query)]


def mark_told(tx: Connection, debate: int, told: Told, offset: str, version: int, at: datetime) -> None:
    """Note that a chat was told outside the plan, such as of a move."""
    values = {"debate": debate, "chat": told.chat, "thread": told.ref.thread, "due_at": at}
    tx.execute(insert(reminders).values(**values, offset=offset, version=version, state="told"))


def reminded_since(tx: Connection, chat: int, since: datetime) -> bool:
    """Whether a chat, in any of its threads, was reminded of something at `since` or later.

    News of changes are told outside the plan and do not count.
    """
    return REMINDED_SINCE.first(tx, {"in_chat": chat, "since": since}) is not None


def muted(tx: Connection, debate: int) -> set[tuple[int, str]]:
    """The chats and threads that are not to be reminded of a debate."""
    query = select(reminders.c.chat, reminders.c.thread)
    rows = tx.execute(query.where(reminders.c.debate == debate, reminders.c.offset == MUTED))
    return {(row.chat, row.thread) for row in rows}


def outdated(tx: Connection, debate: int, version: int) -> dict[tuple[int, str], set[str]]:
    """The open reminders of earlier versions: by chat and thread, which offsets."""
    columns = (reminders.c.chat, reminders.c.thread, reminders.c.offset)
    old = (reminders.c.debate == debate) & (reminders.c.version != version) & (reminders.c.state == "due")
    found: dict[tuple[int, str], set[str]] = {}
    for row in tx.execute(select(*columns).where(old)):
        found.setdefault((row.chat, row.thread), set()).add(row.offset)
    return found


def last_due(tx: Connection, numbers: Collection[int], chat: int, thread: str) -> dict[int, int]:
    """The last open reminder of each of these debates in one chat: debate to row."""
    if not numbers:
        return {}
    mine = (reminders.c.chat == chat) & (reminders.c.thread == thread) & (reminders.c.state == "due")
    query = select(reminders.c.debate, reminders.c.id).where(mine, reminders.c.debate.in_(numbers))
    rows = tx.execute(query.order_by(reminders.c.due_at, reminders.c.id))
    return {row.debate: row.id for row in rows}


def told_along(tx: Connection, debate: int, version: int, told: Told, at: datetime) -> None:
    """Note that a chat heard of a debate along with another: only its last reminder is still to come."""
    last = last_due(tx, [debate], told.chat, told.ref.thread).get(debate)
    mine = _in_chat(debate, told.chat, told.ref.thread)
    earlier = update(reminders).where(mine, reminders.c.state == "due", reminders.c.id != (last or 0))
    tx.execute(earlier.values(state="told", told_at=at))
    known = select(reminders.c.id).where(mine, reminders.c.offset == ALONG, reminders.c.version == version)
    if tx.execute(known).first() is None:
        mark_told(tx, debate, told, ALONG, version, at)


def snooze(tx: Connection, debate: int, version: int, chat: int, thread: str, at: datetime) -> None:
    """Let a chat be reminded once more; planning anew does not lose it, a newer version does."""
    mine = _in_chat(debate, chat, thread) & reminders.c.offset.startswith(SNOOZED)
    tx.execute(update(reminders).where(mine, reminders.c.state == "due").values(state="missed"))
    count = tx.execute(select(func.count()).where(mine)).scalar_one()
    values = {"debate": debate, "chat": chat, "thread": thread, "version": version, "due_at": at}
    tx.execute(insert(reminders).values(**values, offset=f"{SNOOZED}{count + 1}", state="due", told_at=at))


def mute(tx: Connection, debate: int, chat: int, thread: str, at: datetime) -> None:
    """Let one chat be reminded of a debate no more, whatever becomes of it."""
    mine = _in_chat(debate, chat, thread)
    tx.execute(update(reminders).where(mine, reminders.c.state == "due").values(state="missed"))
    if tx.execute(select(reminders.c.id).where(mine, reminders.c.offset == MUTED)).first() is None:
        values = {"debate": debate, "chat": chat, "thread": thread, "version": 0, "due_at": at}
        tx.execute(insert(reminders).values(**values, offset=MUTED, state="missed"))


def _in_chat(debate: int, chat: int, thread: str) -> ColumnElement[bool]:
    return and_(reminders.c.debate == debate, reminders.c.chat == chat, reminders.c.thread == thread)


def posted_between(tx: Connection, chat: int, thread: str, start: datetime, end: datetime) -> bool:
    """Whether a reminder was posted in a chat's thread in [start, end), or is going to be."""
    query = select(reminders.c.id).where(
        reminders.c.chat == chat,
        reminders.c.thread == thread,
        reminders.c.state != "missed",
        reminders.c.due_at >= start,
        reminders.c.due_at < end,
    )
    return tx.execute(query.limit(1)).first() is not None
