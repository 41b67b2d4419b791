"""What waits to be sent, what became of it, and the choices people may still press."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from store.messages import Attachment, ChatRef, Choice, Kind, Outgoing, Queued, Who
from store.prepared import Prepared
from store.tables import outbox

# How long a choice can be pressed; afterwards people are told it has expired.
CHOICES_KEPT = timedelta(days=60)
SECOND = timedelta(seconds=1)

ADD = Prepared(insert(outbox).returning(outbox.c.id))
PUT = Prepared(insert(outbox).inline(), then="ON CONFLICT DO NOTHING")
_LAST_OFFER = (
    select(outbox)
    .where(
        outbox.c.platform == bindparam("platform"),
        outbox.c.chat == bindparam("chat"),
        outbox.c.choices.is_not(None),
        outbox.c.created_at > bindparam("since"),
    )
    .order_by(outbox.c.id.desc())
    .limit(1)
)
LAST_OFFER = Prepared(_LAST_OFFER)
OFFER_OF = Prepared(_LAST_OFFER.where(outbox.c.sent_id == bindparam("sent_id")))
NEXT = Prepared(
    select(func.min(outbox.c.not_before).label("at")).where(
        outbox.c.state == "waiting",
        outbox.c.platform.in_(bindparam("platforms", expanding=True)),
        outbox.c.not_before > bindparam("after"),
    ),
    "platforms",
)


def queued_rows() -> Select[Any]:
    """Messages with the platform's ids of those that they replace."""
    before = outbox.alias("before")
    joined = select(outbox, before.c.sent_id.label("edits"))
    return joined.outerjoin(before, before.c.id == outbox.c.replaces)


def _waiting() -> Select[Any]:
    """See `waiting`."""
    now: BindParameter[datetime] = bindparam("now")
    due = and_(outbox.c.state == "waiting", outbox.c.platform == bindparam("platform"))
    other = outbox.alias("other")
    # The state is kept from the index of all that waits: the chat's own is looked through.
    put_off = and_(other.c.state + "" == "waiting", other.c.tries > 0, other.c.not_before > now)
    there = and_(other.c.platform == outbox.c.platform, other.c.chat == outbox.c.chat)
    ahead = or_(other.c.priority == Kind.ANSWER.priority, outbox.c.priority != Kind.ANSWER.priority)
    return (
        queued_rows()
        .where(due, outbox.c.not_before <= now, ~exists().where(put_off, there, ahead))
        .where(outbox.c.chat.not_in(bindparam("busy", expanding=True)))
        # The index knows the priority: what is less urgent than all these kinds is not looked through.
        .where(outbox.c.priority <= bindparam("least"))
        .where(outbox.c.kind.in_(bindparam("kinds", expanding=True)))
        .order_by(outbox.c.priority, outbox.c.id)
        .limit(bindparam("limit"))
    )


WAITING = Prepared(_waiting(), "busy", "kinds")
STILL_WAITING = Prepared(queued_rows().where(outbox.c.id == bindparam("row"), outbox.c.state == "waiting"))


@dataclass(frozen=True)
class Offer:
    """Choices as they were offered: in which chat, to whom, by which row."""

    row: int
    chat: ChatRef
    asked: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Queue:
    """How many messages wait on a platform, and since when the oldest that is due could have gone out."""

    waiting: int
    oldest: datetime | None


def put(tx: Connection, message: Outgoing, now: datetime) -> bool:
    """Queue a message; False, and no effect, when its key was queued before."""
    return PUT.count(tx, _columns(message, now)) == 1


def add(tx: Connection, message: Outgoing, now: datetime) -> int:
    """Queue a message whose key is known to be new; its row."""
    return int(ADD.rows(tx, _columns(message, now))[0].id)


def add_all(tx: Connection, messages: Iterable[Outgoing], now: datetime) -> None:
    """Queue many messages whose keys are known to be new."""
    if rows := [_columns(message, now) for message in messages]:
        tx.execute(insert(outbox), rows)


def _columns(message: Outgoing, now: datetime) -> dict[str, Any]:
    return {
        "key": message.key,
        "platform": message.chat.platform,
        "chat": message.chat.chat,
        "thread": message.chat.thread,
        "kind": message.kind.value,
        "priority": message.kind.priority,
        "body": message.body,
        "choices": [vars(choice) for choice in message.choices] or None,
        "attachment": asdict(message.attachment) if message.attachment else None,
        "silent": message.silent,
        "reply_to": message.reply_to,
        "asked": message.asked,
        "replaces": message.replaces,
        "broadcast": message.broadcast,
        "not_before": message.not_before or now,
        "created_at": now,
        "state": "waiting",
        "tries": 0,
        "parts_done": 0,
        "sent_id": "",
        "error": "",
    }


def waiting(
    tx: Connection,
    platform: str,
    now: datetime,
    limit: int,
    busy: Iterable[str] = (),
    kinds: Collection[Kind] = tuple(Kind),
) -> list[Queued]:
    """The next messages for a platform, most urgent first, leaving out the busy chats.

    One that is to be tried again later holds back those behind it in its chat: they do not overtake it.
    """
    wanted = {
        "platform": platform,
        "now": now,
        "limit": limit,
        "busy": list(busy),
        "kinds": [kind.value for kind in kinds],
        "least": max(kind.priority for kind in kinds),
    }
    return [_queued(row) for row in WAITING.rows(tx, wanted)]


def still_waiting(tx: Connection, row: int) -> Queued | None:
    """A message as it is now, if it is still to be sent."""
    found = STILL_WAITING.first(tx, {"row": row})
    return None if found is None else _queued(found)


def is_waiting(tx: Connection, row: int | None) -> bool:
    """Whether a message is yet to be sent."""
    here = select(outbox.c.id).where(outbox.c.id == row, outbox.c.state == "waiting")
    return row is not None and tx.execute(here).first() is not None


def next_at(tx: Connection, platforms: Iterable[str], after: datetime) -> datetime | None:
    """When the next message that is not due at `after` becomes due."""
    found: datetime | None = NEXT.rows(tx, {"platforms": list(platforms), "after": after})[0].at
    return found


def offer(tx: Connection, row: int, now: datetime) -> Offer | None:
    """The choices of one message, unless they have expired."""
    query = select(outbox).where(outbox.c.id == row, outbox.c.created_at > now - CHOICES_KEPT)
    return _offer(tx.execute(query).first())


def last_offer(tx: Connection, chat: ChatRef, now: datetime, sent_id: str = "") -> Offer | None:
    """The latest choices in a chat, or those of the message with a platform id."""
    wanted = {"platform": chat.platform, "chat": chat.chat, "since": now - CHOICES_KEPT}
    query = OFFER_OF if sent_id else LAST_OFFER
    return _offer(query.first(tx, wanted | ({"sent_id": sent_id} if sent_id else {})))


def queues(tx: Connection, now: datetime) -> dict[str, Queue]:
    """What waits, by platform; its age counts from when it could have gone out."""
    # One that was tried is put off again and again: what counts is when it came.
    tried = or_(outbox.c.tries > 0, outbox.c.error != "")
    since = case((tried, outbox.c.created_at), (outbox.c.not_before <= now, outbox.c.not_before))
    due = func.min(since, type_=outbox.c.created_at.type)
    query = select(outbox.c.platform, func.count(), due).where(outbox.c.state == "waiting")
    found = tx.execute(query.group_by(outbox.c.platform).order_by(outbox.c.platform))
    return {name: Queue(int(count), oldest) for name, count, oldest in found}


def count_lost(tx: Connection) -> int:
    """How many messages were given up, or may or may not have been posted."""
    query = select(func.count()).where(outbox.c.state.in_(["failed", "unknown"]))
    return int(tx.execute(query).scalar_one())


def make_due(tx: Connection, chat: ChatRef, now: datetime) -> None:
    """What was put off in a chat after a failure is tried now: whoever it is for is here again."""
    there = and_(outbox.c.platform == chat.platform, outbox.c.chat == chat.chat)
    late = and_(outbox.c.state == "waiting", outbox.c.tries > 0, outbox.c.not_before > now)
    tx.execute(update(outbox).where(there, late).values(not_before=now))


def move(tx: Connection, old: ChatRef, new: ChatRef) -> None:
    """Everything queued or offered in a chat belongs to the chat it has become."""
    there = and_(outbox.c.platform == old.platform, outbox.c.chat == old.chat)
    tx.execute(update(outbox).where(there).values(platform=new.platform, chat=new.chat))


def drop(tx: Connection, chat: ChatRef) -> None:
    """Nothing that waits for a chat is sent any more, and nothing offered there can be pressed."""
    here = and_(outbox.c.platform == chat.platform, outbox.c.chat == chat.chat, outbox.c.broadcast.is_(None))
    tx.execute(delete(outbox).where(here))


def forget(
    tx: Connection, now: datetime, failed_after: timedelta | None, choices_after: timedelta = CHOICES_KEPT
) -> int:
    """Delete expired choices, and failed or unknown messages past their time; how many."""
    answered = and_(outbox.c.state == "sent", outbox.c.broadcast.is_(None))
    expired = [and_(answered, outbox.c.created_at <= now - choices_after)]
    if failed_after is not None:
        lost = outbox.c.state.in_(["failed", "unknown"])
        expired.append(and_(lost, outbox.c.done_at <= now - failed_after))
    return tx.execute(delete(outbox).where(or_(*expired))).rowcount


def _queued(row: Any) -> Queued:
    attachment = Attachment(**row.attachment) if row.attachment else None
    message = Outgoing(
        key=row.key,
        chat=ChatRef(row.platform, row.chat, row.thread),
        body=row.body,
        kind=Kind(row.kind),
        choices=_choices(row.choices),
        attachment=attachment,
        silent=row.silent,
        reply_to=row.reply_to,
        asked=row.asked,
        replaces=row.replaces,
        broadcast=row.broadcast,
        not_before=row.not_before,
    )
    return Queued(row.id, message, row.tries, row.parts_done, row.edits or "")


def _offer(row: Any | None) -> Offer | None:
    if row is None or not row.choices:
        return None
    return Offer(row.id, ChatRef(row.platform, row.chat, row.thread), row.asked, _choices(row.choices))


def _choices(kept: list[Mapping[str, str]] | None) -> tuple[Choice, ...]:
    return tuple(Choice(one["label"], one["sentence"], Who(one["who"])) for one in kept or ())
