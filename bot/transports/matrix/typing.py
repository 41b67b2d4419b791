"""Shows that the bot is writing, when something takes long enough for people to wonder."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from nio import AsyncClient

from bot.transports.matrix.account import OFFLINE
from scheduler.clock import Clock

PATIENCE_SECONDS = 0.5
SHOWN_MILLISECONDS = 20_000


class Typing:
    """The typing notices of one client."""

    def __init__(self, client: AsyncClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock

    @asynccontextmanager
    async def shown(self, room: str) -> AsyncIterator[None]:
        """Show it in a room while the block runs, if it runs longer than half a second."""
        begun = asyncio.Event()
        waiting = asyncio.create_task(self._begin(room, begun))
        try:
            yield
        finally:
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
            if begun.is_set():
                await self._say(room, False)

    async def _begin(self, room: str, begun: asyncio.Event) -> None:
        await self._clock.pause(PATIENCE_SECONDS)
        begun.set()
        await self._say(room, True)

    async def _say(self, room: str, typing: bool) -> None:
        with suppress(*OFFLINE):
            await self._client.room_typing(room, typing, SHOWN_MILLISECONDS)
