"""What became of messages, written down; and what follows from it for a broadcast's own."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from store import outbox as outbox_store
from store.messages import Attachment, ChatRef, Kind, Outgoing
from store.prepared import Prepared
from store.tables import outbox

ROW = outbox.c.id == bindparam("row")
ALONE = outbox.c.broadcast.is_(None)
SENT_AND_OVER = Prepared(delete(outbox).where(ROW, outbox.c.choices.is_(None), ALONE))
SENT_WITH_CHOICES = Prepared(update(outbox).where(ROW, outbox.c.choices.is_not(None), ALONE))
FIND = Prepared(select(outbox).where(ROW))
CHANGE = Prepared(update(outbox).where(ROW))


@dataclass(frozen=True)
class Result:
    """What became of one sending: state `sent`, `failed`, `unknown`, or `waiting` for another try.

    A `part` was sent and more follow. A try that is not `counted` never makes a message fail. `body` is
    what was sent, where it may have been changed meanwhile.
    """

    row: int
    state: str
    sent_id: str = ""
    error: str = ""
    again_at: datetime | None = None
    parts_done: int = 0
    counted: bool = True
    body: str | None = None


@dataclass(frozen=True)
class Settled:
    """What a batch of results was about: broadcasts, and why other messages were set aside."""

    broadcasts: frozenset[int] = frozenset()
    set_aside: tuple[str, ...] = ()


def finish(tx: Connection, results: Iterable[Result], now: datetime) -> Settled:
    """Write down what became of messages. Sent ones leave nothing but their choices.

    Those of broadcasts stay: who gets what is shown to the author, and may be corrected or recalled.
    """
    broadcasts: set[int] = set()
    set_aside: list[str] = []
    for result in results:
        number = _finish(tx, result, now)
        if number is not None:
            broadcasts.add(number)
        elif result.state == "failed":
            set_aside.append(result.error)
    return Settled(frozenset(broadcasts), tuple(set_aside))


def _finish(tx: Connection, result: Result, now: datetime) -> int | None:
    """Write one down; the number of its broadcast."""
    if result.state == "sent" and _over(tx, result, now):
        return None
    row = FIND.first(tx, {"row": result.row})
    if row is None:
        return None
    if result.state == "part":
        sent = f"{row.sent_id} {result.sent_id}".strip()
        done = {"parts_done": result.parts_done, "tries": 0, "sent_id": sent}
        CHANGE.count(tx, {"row": result.row, **done})
    elif result.state == "sent":
        _sent(tx, row, result, now)
    else:
        _not_sent(tx, result, now)
    return row.broadcast  # type: ignore[no-any-return]


def _over(tx: Connection, result: Result, now: datetime) -> bool:
    """Write down that a message was sent, if it was of no broadcast."""
    one = {"row": result.row}
    return bool(
        SENT_AND_OVER.count(tx, one) or SENT_WITH_CHOICES.count(tx, {**one, **_done(result.sent_id, now)})
    )


def _done(sent_id: str, now: datetime) -> dict[str, Any]:
    return {"state": "sent", "body": "", "attachment": None, "sent_id": sent_id, "done_at": now, "error": ""}


def _sent(tx: Connection, row: Any, result: Result, now: datetime) -> None:
    if row.kind in (Kind.AMEND, Kind.RECALL):
        if row.kind == Kind.RECALL:
            gone = update(outbox).where(outbox.c.id == row.replaces)
            tx.execute(gone.values(state="recalled", sent_id=""))
        tx.execute(delete(outbox).where(outbox.c.id == row.id))
        return
    CHANGE.count(tx, {"row": row.id, **_done(f"{row.sent_id} {result.sent_id}".strip(), now)})
    if row.body and result.body not in (None, row.body):
        # The author has corrected it while it was on its way. One without words was set aside meanwhile.
        amend(tx, row.id, row.body, Attachment(**row.attachment) if row.attachment else None, now)


def amend(tx: Connection, row: int, body: str, file: Attachment | None, now: datetime) -> None:
    """Edit a message that was sent with that file: the new words go out behind all that is queued there."""
    _follow(tx, row, Kind.AMEND, body, file, now)


def recall(tx: Connection, row: int, now: datetime) -> None:
    """Delete a message that was sent."""
    _follow(tx, row, Kind.RECALL, "", None, now)


def _follow(tx: Connection, row: int, kind: Kind, body: str, file: Attachment | None, now: datetime) -> None:
    """Do something to a message of a broadcast; whatever was to be done to it before is not done any more."""
    tx.execute(delete(outbox).where(outbox.c.replaces == row, outbox.c.kind.in_([Kind.AMEND, Kind.RECALL])))
    sent = tx.execute(select(outbox).where(outbox.c.id == row)).one()
    message = Outgoing(
        key=f"{kind}:{row}:{now.isoformat()}",
        chat=ChatRef(sent.platform, sent.chat, sent.thread),
        body=body,
        kind=kind,
        attachment=file,
        replaces=row,
        broadcast=sent.broadcast,
    )
    outbox_store.add(tx, message, now)


def _not_sent(tx: Connection, result: Result, now: datetime) -> None:
    values: dict[str, Any] = {
        "state": result.state,
        "error": result.error,
        "tries": outbox.c.tries + int(result.counted),
        "parts_done": result.parts_done,
    }
    if result.state == "waiting":
        values["not_before"] = result.again_at
        # A person may have stopped it meanwhile.
        del values["state"]
    else:
        # Nobody will read it any more; a broadcast that is sent again takes its words from its author's.
        values |= {"done_at": now, "body": "", "attachment": None}
    tx.execute(update(outbox).where(outbox.c.id == result.row).values(**values))
