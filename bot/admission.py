"""Groups come and go: the bot introduces itself, sleeps when it is thrown out, and moves along."""

from dataclasses import dataclass

from bot.turn import Services
from scheduler.clock import Clock
from scheduler.delivery import Delivery
from store import chats, outbox
from store.database import Database, Transaction
from store.messages import ChatRef, Outgoing


@dataclass(frozen=True)
class Admission:
    """What a transport tells about the chats the bot is in."""

    database: Database
    services: Services
    clock: Clock
    delivery: Delivery

    async def joined(self, chat: ChatRef, title: str, members: int | None, by: str) -> None:  # noqa: ARG002
        """The bot was added to a group, or came back to one. `by`: who added it, if known."""
        await self.database.write(lambda tx: self._join(tx, chat))
        await self.delivery.wake()

    def _join(self, tx: Transaction, chat: ChatRef) -> None:
        now = self.clock.now()
        known = chats.find(tx, chat, private=False)
        if known.id and known.active:
            return
        kept = chats.keep(tx, chat, False, "", now)
        chats.change(tx, kept.id, active=True)
        language = kept.language or self.services.config.language
        body = self.services.texts.get(language, "start.group")
        outbox.put(tx, Outgoing(f"joined:{chat}:{now.timestamp():.0f}", chat, body), now)

    async def left(self, chat: ChatRef) -> None:
        """The bot was thrown out, or blocked: nothing is sent there until it is back."""
        await self.database.write(lambda tx: chats.change(tx, chats.find(tx, chat).id, active=False))

    async def moved(self, old: ChatRef, new: ChatRef) -> None:
        """A group became a supergroup: everything kept about it goes along."""
        await self.database.write(lambda tx: _move(tx, old.room, new.room))


def _move(tx: Transaction, old: ChatRef, new: ChatRef) -> None:
    chats.move(tx, old, new)
    outbox.move(tx, old, new)
