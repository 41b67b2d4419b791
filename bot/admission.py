"""Groups the bot comes into: it introduces itself, asks for the place, and asks organisers to decide.

Transports tell it of a group joined, left, or become another one. Until organisers have admitted a
group it gets answers and public dates only.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.groups import place_choices
from bot.hashes import person_hash
from bot.reach import private_chat_of
from bot.turn import Services
from scheduler.clock import Clock
from scheduler.delivery import Delivery
from store import chats, outbox, people
from store.chats import Chat
from store.database import Database, Transaction
from store.messages import ChatRef, Kind, Outgoing
from store.people import EVERYWHERE

LONGEST_TITLE = 80
# A stranger could put the bot into any number of groups: organisers are asked about that many a day.
ASKED_A_DAY = 10
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Admission:
    """Each call is one transaction; all of them may be repeated without harm."""

    database: Database
    services: Services
    clock: Clock
    delivery: Delivery

    async def met(self, chat: ChatRef, person: str) -> None:
        """The bot is in the private chat of a person."""
        now = self.clock.now()
        await self.database.write(lambda tx: self._meet(tx, chat.room, person, now))

    async def joined(self, chat: ChatRef, title: str, members: int | None, by: str) -> None:
        """The bot is in a group, put there by a person. `title` and size are shown once and not kept."""
        now = self.clock.now()
        await self.database.write(lambda tx: self._arrive(tx, chat.room, title, members, by, now))
        await self.delivery.wake()

    async def grown(self, chat: Chat, title: str, members: int) -> None:
        """A private chat has become a group: what was said and wanted in private ends, and it begins anew."""
        now = self.clock.now()

        def begin_anew(tx: Transaction) -> None:
            chats.remove(tx, chat)
            outbox.drop(tx, chat.ref)
            self._arrive(tx, chat.ref, title, members, chat.person, now)

        await self.database.write(begin_anew)
        await self.delivery.wake()

    async def shrunk(self, chat: Chat, person: str) -> None:
        """Of a group only one person is left: it is their private chat, and they are what they are alone."""
        now = self.clock.now()

        def turn(tx: Transaction) -> None:
            alone = {"private": True, "person": person, "admitted": bool(people.roles_of(tx, person, now))}
            chats.change(tx, chat.id, **alone)

        await self.database.write(turn)

    async def left(self, chat: ChatRef) -> None:
        """The bot is no longer in a chat: nothing is sent there until it is back."""
        await self.database.write(lambda tx: chats.lose(tx, chat, self.clock.now()))

    async def back(self, chat: ChatRef) -> None:
        """A chat can be reached again; one that nothing is kept about stays unknown."""
        now = self.clock.now()

        def wake(tx: Transaction) -> None:
            known = chats.find(tx, chat)
            if known.id:
                self._wake(tx, known, now)

        await self.database.write(wake)

    async def moved(self, old: ChatRef, new: ChatRef) -> None:
        """A chat has got another id: everything kept about it goes along."""
        await self.database.write(lambda tx: move(tx, old, new))
        await self.delivery.wake()

    def _meet(self, tx: Transaction, ref: ChatRef, person: str, now: datetime) -> None:
        before = [one.ref for one in chats.of_person(tx, person) if not one.active] if person else []
        same = [one for one in before if one.platform == ref.platform]
        if same and not chats.find(tx, ref).id:
            move(tx, same[-1], ref)
        self._wake(tx, chats.keep(tx, ref, True, person, now), now)

    def _wake(self, tx: Transaction, chat: Chat, now: datetime) -> None:
        """The bot is in a chat, perhaps again: what it wanted comes again."""
        if not chat.active:
            chats.change(tx, chat.id, active=True)
            self.services.planner.plan_chat(tx, chat.id, now)

    def _arrive(
        self, tx: Transaction, ref: ChatRef, title: str, members: int | None, by: str, now: datetime
    ) -> None:
        chat = chats.keep(tx, ref, False, "", now)
        self._wake(tx, chat, now)
        if chat.admitted:
            return
        self._introduce(tx, chat, now)
        if chats.waiting_since(tx, now - DAY) <= ASKED_A_DAY:
            self._ask_organisers(tx, chat, title, members, by, now)

    def _introduce(self, tx: Transaction, chat: Chat, now: datetime) -> None:
        """Three lines and one question; at most once a day, however often it is thrown out and fetched."""
        voice = self.services.voice(chat.language)
        body, choices = voice.text("admission.hello"), place_choices(self.services, voice)
        key = f"hello:{chat.ref}:{now:%Y-%m-%d}"
        outbox.put(tx, Outgoing(key, chat.ref, body, Kind.NOTICE, choices), now)

    def _ask_organisers(
        self, tx: Transaction, chat: Chat, title: str, members: int | None, by: str, now: datetime
    ) -> None:
        """One message to each organiser of all places; if one of them has put the bot there, to that one."""
        known = {row.person for row in people.with_role(tx, "organiser", EVERYWHERE, now)}
        organisers = {*self.services.config.organisers, *known}
        for person in sorted({by} & organisers or organisers):
            self._ask(tx, chat, person, title, members, now)

    def _ask(
        self, tx: Transaction, chat: Chat, person: str, title: str, members: int | None, now: datetime
    ) -> None:
        kept = [one for one in chats.of_person(tx, person) if one.active]
        private = kept[0].ref if kept else private_chat_of(person)
        if private is None:
            return
        voice = self.services.voice(kept[0].language if kept else None)
        body = voice.text(
            "admission.new",
            title=title[:LONGEST_TITLE].strip() or voice.label("admission.untitled"),
            platform=chat.ref.platform,
            size=voice.text("admission.size", n=members) if members is not None else "",
            number=chat.id,
        )
        choices = (
            voice.choice("chats.admit", f"/chats zulassen {chat.id}"),
            voice.choice("chats.leave", f"/chats verlassen {chat.id}"),
        )
        # The key tells organisers apart without naming them: it outlives the message.
        key = f"admission:{chat.id}:{person_hash(self.services.key, person).hex()[:16]}"
        outbox.put(tx, Outgoing(key, private, body, Kind.NOTICE, choices, asked=person), now)


def move(tx: Transaction, old: ChatRef, new: ChatRef) -> None:
    """Re-key a chat: its settings, subscriptions, and what is queued for it."""
    chats.move(tx, old.room, new.room)
    outbox.move(tx, old.room, new.room)
