"""Known chats with their settings and subscriptions, the open forms, and the program's own settings."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, func, insert, select, update

from store.messages import ChatRef
from store.prepared import Prepared
from store.tables import chats, forms, secrets, settings, subscriptions

EVERYWHERE = "*"
# The setting that stops all posting.
PAUSE = "pause"
HERE = and_(chats.c.platform == bindparam("platform"), chats.c.chat == bindparam("chat"))
FIND = Prepared(select(chats).where(HERE))
GET = Prepared(select(chats).where(chats.c.id == bindparam("number")))
SETTING = Prepared(select(settings.c.value).where(settings.c.name == bindparam("name")))


@dataclass(frozen=True)
class Chat:
    """A known chat and its settings; `id` is 0 for one that nothing is kept about."""

    id: int
    ref: ChatRef
    private: bool
    person: str = ""
    admitted: bool = False
    active: bool = True
    language: str | None = None
    easy: bool = False
    place: str | None = None


@dataclass(frozen=True)
class Subscription:
    """One chat's wish to hear of a place's debates; `offsets` as codes, such as "7d,1d".

    `levels`: those that are wanted ("shelter_money,shelter"), or "" for all.
    """

    id: int
    chat: int
    ref: ChatRef
    place: str
    towns: bool
    offsets: str
    levels: str = ""

    def wants(self, level: str) -> bool:
        """Whether debates of a level are wanted."""
        return not self.levels or level in self.levels.split(",")


def find(tx: Connection, ref: ChatRef, private: bool = True) -> Chat:
    """The chat of `ref`; one with id 0 if nothing is kept about it."""
    row = FIND.first(tx, {"platform": ref.platform, "chat": ref.chat})
    return Chat(0, ref.room, private) if row is None else chat_of(row)


def chat_of(row: Any) -> Chat:
    return Chat(
        id=row.id,
        ref=ChatRef(row.platform, row.chat),
        private=row.private,
        person=row.person,
        admitted=row.admitted,
        active=row.active,
        language=row.language,
        easy=row.easy,
        place=row.place,
    )


def keep(tx: Connection, ref: ChatRef, private: bool, person: str, now: datetime) -> Chat:
    """The chat of `ref`, made known if it was not."""
    known = find(tx, ref, private)
    if known.id:
        return known
    values = {"platform": ref.platform, "chat": ref.chat, "private": private, "created_at": now}
    tx.execute(insert(chats).values(**values, person=person if private else ""))
    return find(tx, ref, private)


def change(tx: Connection, chat: int, **values: object) -> None:
    """Set columns of a chat: admitted, active, language, easy, place."""
    tx.execute(update(chats).where(chats.c.id == chat).values(**values))


def lose(tx: Connection, ref: ChatRef, now: datetime) -> None:
    """A chat cannot be reached any more: nothing is sent there until the bot is back."""
    same = and_(chats.c.platform == ref.platform, chats.c.chat == ref.chat)
    tx.execute(update(chats).where(same).values(active=False, gone_at=now))


def get(tx: Connection, number: int) -> Chat | None:
    """A known chat by its id."""
    row = GET.first(tx, {"number": number})
    return None if row is None else chat_of(row)


def groups(tx: Connection) -> list[Chat]:
    """The groups the bot is in, those that wait to be admitted first."""
    inside = select(chats).where(chats.c.active.is_(True), chats.c.private.is_(False))
    return [chat_of(row) for row in tx.execute(inside.order_by(chats.c.admitted, chats.c.id.desc()))]


def waiting_since(tx: Connection, since: datetime) -> int:
    """How many groups the bot has come into since then that nobody has admitted."""
    query = select(func.count()).where(
        chats.c.private.is_(False), chats.c.admitted.is_(False), chats.c.created_at > since
    )
    return int(tx.execute(query).scalar_one())


def move(tx: Connection, old: ChatRef, new: ChatRef) -> None:
    """A chat has become another one: its settings, subscriptions and open forms go with it.

    What was kept under the new name before (the platform may tell of it first) gives way.
    """
    known = find(tx, old)
    if not known.id:
        return
    remove(tx, find(tx, new))
    here = update(chats).where(chats.c.id == known.id)
    tx.execute(here.values(platform=new.platform, chat=new.chat, active=True))
    tx.execute(update(forms).where(_forms_in(old)).values(platform=new.platform, chat=new.chat))


def every(tx: Connection, active: bool = True) -> list[Chat]:
    """All known chats."""
    query = select(chats).where(chats.c.active == active).order_by(chats.c.id)
    return [chat_of(row) for row in tx.execute(query)]


def of_person(tx: Connection, person: str) -> list[Chat]:
    """The private chats with a person."""
    return [chat_of(row) for row in tx.execute(select(chats).where(chats.c.person == person))]


def remove(tx: Connection, chat: Chat) -> None:
    """Forget a chat with its subscriptions, reminders and open forms."""
    tx.execute(delete(forms).where(_forms_in(chat.ref)))
    tx.execute(delete(chats).where(chats.c.id == chat.id))


def subscribe(
    tx: Connection,
    chat: int,
    thread: str,
    place: str,
    towns: bool,
    offsets: str,
    now: datetime,
    levels: str = "",
) -> bool:
    """Subscribe a chat to a place, or change how; True when it is new."""
    same = _subscription(chat, thread, place)
    how = {"towns": towns, "offsets": offsets, "levels": levels}
    if tx.execute(update(subscriptions).where(same).values(**how)).rowcount:
        return False
    values = {"chat": chat, "thread": thread, "place": place, **how}
    tx.execute(insert(subscriptions).values(**values, created_at=now))
    return True


def unsubscribe(tx: Connection, chat: int, thread: str, place: str | None = None) -> int:
    """End a chat's subscription to a place, or to all; how many there were."""
    gone = delete(subscriptions).where(subscriptions.c.chat == chat, subscriptions.c.thread == thread)
    if place is not None:
        gone = gone.where(subscriptions.c.place == place)
    return tx.execute(gone).rowcount


def _subscription(chat: int, thread: str, place: str) -> Any:
    return and_(
        subscriptions.c.chat == chat, subscriptions.c.thread == thread, subscriptions.c.place == place
    )


def subscriptions_of(tx: Connection, chat: int, thread: str | None = None) -> list[Subscription]:
    """A chat's subscriptions, of one thread or of all."""
    which: ColumnElement[bool] = subscriptions.c.chat == chat
    if thread is not None:
        which = and_(which, subscriptions.c.thread == thread)
    return _subscriptions(tx, which)


def subscribers(tx: Connection, place: str, district: str | None) -> list[Subscription]:
    """Active chats that want to hear of a place: by name, by its district with towns, or of all."""
    wanted: ColumnElement[bool] = subscriptions.c.place.in_([place, EVERYWHERE])
    if district is not None:
        wanted = wanted | and_(subscriptions.c.place == district, subscriptions.c.towns.is_(True))
    return _subscriptions(tx, and_(wanted, chats.c.active.is_(True)))


def all_subscriptions(tx: Connection) -> list[Subscription]:
    """Every subscription of a chat that is admitted and still there."""
    return _subscriptions(tx, and_(chats.c.active.is_(True), chats.c.admitted.is_(True)))


def _subscriptions(tx: Connection, which: ColumnElement[bool]) -> list[Subscription]:
    query = (
        select(subscriptions, chats.c.platform, chats.c.chat.label("chat_name"))
        .join(chats, chats.c.id == subscriptions.c.chat)
        .where(which)
        .order_by(subscriptions.c.id)
    )
    return [
        Subscription(
            row.id,
            row.chat,
            ChatRef(row.platform, row.chat_name, row.thread),
            row.place,
            row.towns,
            row.offsets,
            row.levels,
        )
        for row in tx.execute(query)
    ]


def keep_form(tx: Connection, person: str, ref: ChatRef, sentence: str, until: datetime) -> None:
    """Keep a sentence so far; it replaces the one before."""
    close_form(tx, person, ref)
    values = {"person": person, "platform": ref.platform, "chat": ref.chat}
    tx.execute(insert(forms).values(**values, sentence=sentence, expires_at=until))


def close_form(tx: Connection, person: str, ref: ChatRef) -> bool:
    """Forget a person's open form in a chat; whether there was one."""
    return tx.execute(delete(forms).where(_form(person, ref))).rowcount > 0


def close_forms(tx: Connection, person: str) -> int:
    """Forget all of a person's open forms."""
    return tx.execute(delete(forms).where(forms.c.person == person)).rowcount


def _form(person: str, ref: ChatRef) -> Any:
    return and_(forms.c.person == person, _forms_in(ref))


def _forms_in(ref: ChatRef) -> ColumnElement[bool]:
    return and_(forms.c.platform == ref.platform, forms.c.chat == ref.chat)


def setting(tx: Connection, name: str) -> str | None:
    """A setting of the whole bot."""
    found = SETTING.first(tx, {"name": name})
    return None if found is None else str(found.value)


def set_setting(tx: Connection, name: str, value: str | None) -> None:
    """Set or, with None, unset a setting of the whole bot."""
    tx.execute(delete(settings).where(settings.c.name == name))
    if value is not None:
        tx.execute(insert(settings).values(name=name, value=value))


def secret(tx: Connection, name: str, fresh: bytes, now: datetime) -> bytes:
    """The store's own secret of that name; `fresh` becomes it when there is none."""
    found: bytes | None = tx.execute(select(secrets.c.value).where(secrets.c.name == name)).scalar()
    if found is None:
        tx.execute(insert(secrets).values(name=name, value=fresh, created_at=now))
    return found or fresh


def forget(tx: Connection, now: datetime, gone_for: timedelta | None = None) -> int:
    """Delete expired forms, and chats that could not be reached for that long; how many."""
    gone = tx.execute(delete(forms).where(forms.c.expires_at <= now)).rowcount
    if gone_for is not None:
        lost = chats.c.active.is_(False) & (chats.c.gone_at <= now - gone_for)
        gone += tx.execute(delete(chats).where(lost)).rowcount
    return gone
