"""Messages whose key has not come yet: kept until it does, and told about once when it does not."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

from nio import AsyncClient, Event, MegolmEvent, RoomGetEventResponse

from bot.transports.matrix.account import OFFLINE
from scheduler.clock import Clock

log = logging.getLogger(__name__)

KEY_SECONDS = 15.0
MOST_WAITING = 200
# Told with the room, the sender, and the code under which a key was withheld, if it was.
Hint = Callable[[str, str, str], Awaitable[None]]


class Unreadable:
    """The encrypted messages that wait for their key."""

    def __init__(self, client: AsyncClient, clock: Clock, hint: Hint) -> None:
        self._client = client
        self._clock = clock
        self._hint = hint
        # By event: its room, and the event as it came, or already read.
        self._waiting: OrderedDict[str, tuple[str, Any]] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def waiting(self) -> tuple[tuple[str, str], ...]:
        """Room and event of what waits."""
        return tuple((room, key) for key, (room, _) in self._waiting.items())

    async def fetch(self, waiting: tuple[tuple[str, str], ...]) -> None:
        """Take up what waited before the program was started again; some may be readable by now."""
        for room, key in waiting:
            try:
                answer = await self._client.room_get_event(room, key)
            except OFFLINE:
                return
            if isinstance(answer, RoomGetEventResponse) and isinstance(answer.event, Event):
                self._waiting[key] = (room, answer.event)

    def keep(self, event: MegolmEvent, private: bool) -> None:
        """Let a message wait for its key; in a private chat, say so if it does not come soon."""
        if event.event_id in self._waiting:
            return
        self._waiting[event.event_id] = (str(event.room_id), event)
        while len(self._waiting) > MOST_WAITING:
            self._waiting.popitem(last=False)
        log.info("matrix: a message came without its key")
        if private:
            task = asyncio.create_task(self._complain(event))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _complain(self, event: MegolmEvent) -> None:
        await self._clock.pause(KEY_SECONDS)
        if event.event_id in self._waiting:
            await self._hint(str(event.room_id), event.sender, "")

    def readable(self) -> list[tuple[str, str, Any]]:
        """What can be read by now: its event, its room, and what it says. It waits until it is `done`."""
        found = []
        for key, (room, event) in self._waiting.items():
            clear = self._read(room, event) if isinstance(event, MegolmEvent) else event
            if clear is not None:
                found.append((key, room, clear))
        return found

    def _read(self, room: str, event: MegolmEvent) -> Any:
        event.room_id = room
        return self._client.olm.decrypt_event(event, room)

    def done(self, event: str) -> None:
        self._waiting.pop(event, None)

    async def withheld(self, content: dict[str, Any]) -> None:
        """A member's device does not give its key to the bot."""
        code, session = str(content.get("code", "")), content.get("session_id")
        log.warning("matrix: a device keeps its key from the bot (%s)", code[:40])
        for room, event in list(self._waiting.values()):
            if isinstance(event, MegolmEvent) and event.session_id == session:
                await self._hint(room, event.sender, code)

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
