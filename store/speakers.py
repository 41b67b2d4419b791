"""Who speaks, and where: what every message asks first, in one statement."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, literal_column, or_, select

from store.chats import Chat, chat_of
from store.messages import Incoming
from store.prepared import Prepared
from store.tables import chats, forms, roles

_ONE = select(literal_column("1").label("one")).subquery("one")
_HERE = and_(chats.c.platform == bindparam("platform"), chats.c.chat == bindparam("chat"))
_THEIRS = and_(
    roles.c.person == bindparam("person"), or_(roles.c.until.is_(None), roles.c.until > bindparam("now"))
)
_OPEN = and_(
    forms.c.person == bindparam("person"),
    forms.c.platform == bindparam("platform"),
    forms.c.chat == bindparam("chat"),
    forms.c.expires_at > bindparam("now"),
)
SPEAKER = Prepared(
    select(chats, roles.c.role, roles.c.place.label("for_place"), forms.c.sentence)
    .select_from(_ONE.outerjoin(chats, _HERE).outerjoin(roles, _THEIRS).outerjoin(forms, _OPEN))
    .order_by(roles.c.id)
)


@dataclass(frozen=True)
class Speaker:
    """The chat spoken in (id 0 if nothing is kept about it), and of the person there:

    each (role, place) they have now, and the sentence so far of their open form.
    """

    chat: Chat
    roles: list[tuple[str, str]]
    form: str | None


def speaker_of(tx: Connection, message: Incoming, now: datetime) -> Speaker:
    """What is known of who speaks, and of the chat, before the message is answered."""
    ref = message.chat
    about = {"platform": ref.platform, "chat": ref.chat, "person": message.sender, "now": now}
    rows = SPEAKER.rows(tx, about)
    chat = Chat(0, ref.room, message.private) if rows[0].id is None else chat_of(rows[0])
    return Speaker(chat, [(row.role, row.for_place) for row in rows if row.role], rows[0].sentence)
