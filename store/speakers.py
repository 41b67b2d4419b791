"""Who speaks, and where: what every message asks first, in one statement."""

from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, literal_column, or_, select

from store.chats import Chat, chat_of
from store.messages import ChatRef
from store.tables import chats, roles

_ONE = select(literal_column("1").label("one")).subquery("one")
_HERE = and_(chats.c.platform == bindparam("platform"), chats.c.chat == bindparam("chat"))
_THEIRS = and_(
    roles.c.person == bindparam("person"), or_(roles.c.until.is_(None), roles.c.until > bindparam("now"))
)
SPEAKER = (
    select(chats, roles.c.role, roles.c.place.label("for_place"))
    .select_from(_ONE.outerjoin(chats, _HERE).outerjoin(roles, _THEIRS))
    .order_by(roles.c.id)
)


def speaker(
    tx: Connection, ref: ChatRef, private: bool, person: str, now: datetime
) -> tuple[Chat, list[tuple[str, str]]]:
    """The chat of `ref`, with id 0 if nothing is kept about it, and each (role, place) a person has now."""
    about = {"platform": ref.platform, "chat": ref.chat, "person": person, "now": now}
    rows = tx.execute(SPEAKER, about).all()
    chat = Chat(0, ref.room, private) if rows[0].id is None else chat_of(rows[0])
    return chat, [(row.role, row.for_place) for row in rows if row.role is not None]
