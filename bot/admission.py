"""What happens when the bot comes into a chat, has to leave it, or the chat moves."""

from scheduler.clock import Clock
from store import chats
from store.database import Database, Transaction
from store.messages import ChatRef


class Admission:
    """Told by the transports; the same news twice changes nothing."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def joined(self, chat: ChatRef, title: str, members: int | None, by: str) -> None:  # noqa: ARG002
        """The bot was brought into a chat by a person."""
        now = self._clock.now()

        def know(tx: Transaction) -> None:
            private = members is not None and members <= 2
            known = chats.keep(tx, chat, private, by, now)
            chats.change(tx, known.id, active=True)

        await self._database.write(know)

    async def left(self, chat: ChatRef) -> None:
        """The bot is no longer in a chat."""
        await self._database.write(lambda tx: chats.change(tx, chats.find(tx, chat).id, active=False))

    async def moved(self, old: ChatRef, new: ChatRef) -> None:
        """A chat goes on under another id."""
        now = self._clock.now()

        def move(tx: Transaction) -> None:
            before = chats.find(tx, old)
            after = chats.keep(tx, new, before.private, before.person, now)
            chats.change(tx, before.id, active=False)
            chats.change(tx, after.id, active=True, admitted=before.admitted)

        await self._database.write(move)
