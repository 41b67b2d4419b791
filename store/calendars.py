"""The secret addresses of chats' calendars, each found by a hash of it: nothing here leads to an address."""

from sqlalchemy import ColumnElement, Connection, and_, insert, select, update

from store.tables import calendars


def serial(tx: Connection, chat: int, thread: str) -> int:
    """Which address of a chat is the current one; 0 when it has none."""
    query = select(calendars.c.serial).where(_of(chat, thread), calendars.c.hash.is_not(None))
    return tx.execute(query).scalar() or 0


def next_serial(tx: Connection, chat: int, thread: str) -> int:
    """The number of a chat's next address: no earlier one ever counts again."""
    last: int | None = tx.execute(select(calendars.c.serial).where(_of(chat, thread))).scalar()
    return (last or 0) + 1


def keep(tx: Connection, chat: int, thread: str, number: int, token_hash: bytes) -> None:
    """Let a chat's calendar be found by this hash, and by no earlier one."""
    values = {"serial": number, "hash": token_hash}
    if not tx.execute(update(calendars).where(_of(chat, thread)).values(**values)).rowcount:
        tx.execute(insert(calendars).values(chat=chat, thread=thread, **values))


def revoke(tx: Connection, chat: int, thread: str) -> bool:
    """End a chat's address; whether it had one."""
    mine = update(calendars).where(_of(chat, thread), calendars.c.hash.is_not(None))
    return bool(tx.execute(mine.values(hash=None)).rowcount)


def found(tx: Connection, token_hash: bytes) -> tuple[int, str] | None:
    """The chat (by its row) and thread whose calendar has this address now."""
    row = tx.execute(
        select(calendars.c.chat, calendars.c.thread).where(calendars.c.hash == token_hash)
    ).first()
    return None if row is None else (row.chat, row.thread)


def _of(chat: int, thread: str) -> ColumnElement[bool]:
    return and_(calendars.c.chat == chat, calendars.c.thread == thread)
