"""What becomes of broadcasts, chat by chat: whom they reach, and what is done to what was sent."""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, case, delete, exists, func, or_, select, update

from store import broadcasts, settling
from store import outbox as outbox_store
from store.broadcasts import Broadcast
from store.messages import ChatRef, Kind, Outgoing
from store.tables import broadcasts as table
from store.tables import chats, outbox

# Where nobody can open a group, whoever is there stands for one.
WITHOUT_GROUPS = "terminal"
NOT_THERE = "broadcast.not_admitted"
NO_ACCOUNT = "broadcast.no_account"
FOLLOW_UPS = (Kind.AMEND, Kind.RECALL)


@dataclass(frozen=True)
class Reached:
    """A chat that a broadcast goes to, by its number."""

    id: int
    ref: ChatRef
    place: str | None


@dataclass(frozen=True)
class Delivered:
    """What became of a broadcast in one chat; `chat` is its number, 0 for one that is forgotten."""

    row: int
    chat: int
    platform: str
    place: str | None
    state: str
    error: str


def reached(tx: Connection, places: Collection[str], platforms: Collection[str]) -> list[Reached]:
    """The chats of an audience: admitted groups that the bot is in; no places means anywhere."""
    inside = [chats.c.admitted.is_(True), chats.c.active.is_(True), chats.c.platform.in_(platforms)]
    if places:
        inside.append(chats.c.place.in_(places))
    groups = exists().where(chats.c.platform == WITHOUT_GROUPS, chats.c.private.is_(False))
    alone = and_(chats.c.platform == WITHOUT_GROUPS, ~groups.correlate(None))
    query = select(chats).where(*inside, or_(chats.c.private.is_(False), alone)).order_by(chats.c.id)
    return [Reached(row.id, ChatRef(row.platform, row.chat), row.place) for row in tx.execute(query)]


def start(tx: Connection, one: Broadcast, to: Iterable[Reached], silent: bool, now: datetime) -> int:
    """Queue a broadcast for every chat; how many."""
    messages = [
        Outgoing(
            key=f"broadcast:{one.id}:{chat.id}",
            chat=chat.ref,
            body=one.text,
            kind=Kind.BROADCAST,
            attachment=one.file,
            silent=silent,
            broadcast=one.id,
        )
        for chat in to
    ]
    outbox_store.add_all(tx, messages, now)
    broadcasts.change(tx, one.id, now, state="running", starts=now, chats=len(messages))
    return len(messages)


def tally(tx: Connection, number: int) -> dict[str, int]:
    """In how many chats a broadcast is in which state."""
    return _counted(tx, outbox.c.state, _posts(number))


def _posts(number: int) -> ColumnElement[bool]:
    return and_(outbox.c.broadcast == number, outbox.c.kind == Kind.BROADCAST)


def _counted(tx: Connection, column: ColumnElement[str], which: ColumnElement[bool]) -> dict[str, int]:
    query = select(column, func.count()).where(which).group_by(column)
    return {row[0]: int(row[1]) for row in tx.execute(query)}


def follow_ups(tx: Connection, number: int, state: str) -> dict[str, int]:
    """How many corrections and recalls are in a state, by kind."""
    which = and_(outbox.c.broadcast == number, outbox.c.kind.in_(FOLLOW_UPS), outbox.c.state == state)
    return _counted(tx, outbox.c.kind, which)


def refused_everywhere(
    tx: Connection, number: int, errors: Collection[str], least: int
) -> list[tuple[str, str]]:
    """Platforms that have refused it at least so often and taken it nowhere, with the error."""
    refused = func.sum(case((outbox.c.error.in_(errors), 1), else_=0))
    other = func.sum(case((outbox.c.state.in_(["sent", "recalled", "unknown"]), 1), else_=0))
    query = select(outbox.c.platform, func.max(outbox.c.error)).where(_posts(number))
    query = query.group_by(outbox.c.platform).having(refused >= least, other == 0)
    return [(row[0], row[1]) for row in tx.execute(query)]


def recorded(tx: Connection, number: int, now: datetime) -> dict[str, int]:
    """The tally, written into the broadcast."""
    found = tally(tx, number)
    sent = found.get("sent", 0) + found.get("recalled", 0)
    broadcasts.change(
        tx, number, now, sent=sent, failed=found.get("failed", 0), unknown=found.get("unknown", 0)
    )
    return found


def done_since(tx: Connection, number: int, since: datetime) -> dict[str, int]:
    """How many chats of each platform were served since then."""
    return _counted(tx, outbox.c.platform, and_(_posts(number), outbox.c.done_at > since))


def waiting_by_platform(tx: Connection, number: int) -> dict[str, int]:
    """How many chats of each platform are yet to be served."""
    return _counted(tx, outbox.c.platform, and_(_posts(number), outbox.c.state == "waiting"))


def delivered(tx: Connection, number: int, states: Collection[str]) -> list[Delivered]:
    """What became of it, chat by chat, where it is in one of these states."""
    same = and_(chats.c.platform == outbox.c.platform, chats.c.chat == outbox.c.chat)
    query = (
        select(outbox, chats.c.id.label("number"), chats.c.place)
        .outerjoin(chats, same)
        .where(_posts(number), outbox.c.state.in_(states))
        .order_by(outbox.c.id)
    )
    return [
        Delivered(row.id, row.number or 0, row.platform, row.place, row.state, row.error)
        for row in tx.execute(query)
    ]


def hold(tx: Connection, number: int, now: datetime) -> None:
    """Stop it: what is not sent yet waits for a person."""
    _turn(tx, number, "waiting", "held")
    broadcasts.change(tx, number, now, state="stopped")


def release(tx: Connection, number: int, now: datetime) -> None:
    """Go on where it stopped."""
    _turn(tx, number, "held", "waiting")
    broadcasts.change(tx, number, now, state="running")
    drop_unadmitted(tx, now)


def _turn(tx: Connection, number: int, before: str, after: str) -> None:
    here = and_(_posts(number), outbox.c.state == before)
    tx.execute(update(outbox).where(here).values(state=after))


def send_again(tx: Connection, one: Broadcast, rows: Iterable[Delivered], now: datetime) -> int:
    """Send it to these chats once more, because a person wants it; how many."""
    file = asdict(one.file) if one.file else None
    fresh = {"state": "waiting", "tries": 0, "parts_done": 0, "error": "", "body": one.text, "sent_id": ""}
    count = 0
    for row in rows:
        here = outbox.c.id == row.row
        # Matrix takes the same key for the same message; one that was posted is to be posted again.
        key = {"key": outbox.c.key + f":{now.isoformat()}"} if row.state in ("sent", "recalled") else {}
        values = {**fresh, **key, "attachment": file, "not_before": now, "done_at": None}
        count += tx.execute(update(outbox).where(here).values(**values)).rowcount
    if count:
        broadcasts.change(tx, one.id, now, state="running", ended_at=None)
        drop_unadmitted(tx, now)
    return count


def correct(tx: Connection, one: Broadcast, text: str, now: datetime) -> int:
    """Give it other words, where it was sent and where it is yet to be; in how many chats it is edited."""
    tx.execute(
        update(outbox).where(_posts(one.id), outbox.c.state.in_(["waiting", "held"])).values(body=text)
    )
    rows = delivered(tx, one.id, ("sent",))
    for row in rows:
        settling.amend(tx, row.row, text, one.file, now)
    state = one.state if one.state == "stopped" else "running"
    broadcasts.change(tx, one.id, now, text=text, state=state)
    return len(rows)


def take_back(tx: Connection, one: Broadcast, now: datetime) -> int:
    """Delete it where it was sent, and send it nowhere else; in how many chats it is deleted."""
    _drop(tx, and_(outbox.c.broadcast == one.id, outbox.c.kind != Kind.RECALL))
    rows = delivered(tx, one.id, ("sent",))
    for row in rows:
        settling.recall(tx, row.row, now)
    broadcasts.change(tx, one.id, now, state="running")
    return len(rows)


def drop_unadmitted(tx: Connection, now: datetime) -> frozenset[int]:
    """What waits for chats that are no longer admitted is not sent; the broadcasts it was of."""
    same = and_(chats.c.platform == outbox.c.platform, chats.c.chat == outbox.c.chat)
    there = exists().where(same, chats.c.admitted.is_(True)).correlate(outbox)
    return _give_up(tx, and_(outbox.c.kind == Kind.BROADCAST, ~there), NOT_THERE, now)


def drop_unserved(tx: Connection, platforms: Collection[str], now: datetime) -> frozenset[int]:
    """What waits for platforms that the bot has no account on any more; the broadcasts it was of."""
    return _give_up(tx, outbox.c.platform.not_in(platforms), NO_ACCOUNT, now)


def set_aside(tx: Connection, number: int, platform: str, error: str, now: datetime) -> None:
    """What a platform refuses everywhere is not tried in its other chats."""
    _give_up(tx, and_(outbox.c.broadcast == number, outbox.c.platform == platform), error, now)


def _give_up(tx: Connection, which: ColumnElement[bool], error: str, now: datetime) -> frozenset[int]:
    lost = and_(outbox.c.broadcast.is_not(None), outbox.c.state == "waiting", which)
    touched = frozenset(tx.execute(select(outbox.c.broadcast).where(lost).distinct()).scalars())
    if touched:
        tx.execute(update(outbox).where(lost).values(state="failed", error=error, body="", done_at=now))
    return touched


def end_of_author(tx: Connection, author: str) -> int:
    """Nothing more is sent of a person's broadcasts, and drafts are forgotten; how many ended."""
    mine = [one for one in broadcasts.of_author(tx, author) if one.state != "done"]
    for one in mine:
        _drop(tx, outbox.c.broadcast == one.id)
        if one.state == "draft":
            broadcasts.drop(tx, one.id)
        else:
            tx.execute(update(table).where(table.c.id == one.id).values(state="done"))
    return len(mine)


def _drop(tx: Connection, which: ColumnElement[bool]) -> None:
    tx.execute(delete(outbox).where(which, outbox.c.state.in_(["waiting", "held"])))


def forget(tx: Connection, before: datetime) -> int:
    """Forget words, file and single chats of those that ended before; the counts stay. How many."""
    old = and_(table.c.state != "draft", table.c.changed_at <= before, table.c.text != "")
    settled = and_(old, table.c.state.in_(["done", "stopped"]))
    numbers = list(tx.execute(select(table.c.id).where(settled)).scalars())
    tx.execute(delete(outbox).where(outbox.c.broadcast.in_(numbers)))
    here = update(table).where(table.c.id.in_(numbers))
    return tx.execute(here.values(text="", file=None, chat="", state="done")).rowcount
