"""How fast a platform lets us talk: overall, to one chat, and to one group.

A chat's turn comes when its own limit allows it; only then does it stand in the line that all chats
share, the most urgent first. So a chat that must wait holds up nobody else.

Nobody here knows when a message arrives, only that it was between the start and the end of its turn. So a
second that holds its full number begins anew only when the first of them has certainly left it.
"""

import asyncio
import itertools
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Protocol, runtime_checkable

from scheduler.clock import Clock

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
# A message that is under way for longer than that is taken to have arrived: the platform is slow to answer.
LONGEST_UNDER_WAY = timedelta(seconds=0.25)
# Chats that have been silent for longer than any limit looks back are forgotten now and then.
REMEMBERED = 1000


@dataclass(frozen=True)
class Limits:
    """What a platform allows: messages a second overall, and the pause between two to one chat.

    `groups_a_minute` holds for chats that `is_group` (by their id on the platform).
    """

    a_second: int
    between: timedelta
    groups_a_minute: int

    def is_group(self, chat: str) -> bool:
        """Telegram's groups have negative ids."""
        return chat.startswith("-")


@runtime_checkable
class Limited(Protocol):
    """A sender whose platform has limits."""

    @property
    def limits(self) -> Limits: ...


@dataclass
class _Turn:
    """When a turn began, and when at the latest its message arrived."""

    arrived: datetime


class Pace:
    """Lets senders wait until it is their turn. Turns of one chat must not overlap."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock
        self._step = timedelta(seconds=1 / limits.a_second)
        self._next = clock.now()
        self._lately: deque[_Turn] = deque(maxlen=limits.a_second)
        self._said: dict[str, deque[datetime]] = {}
        self._line: list[tuple[int, int, asyncio.Future[_Turn]]] = []
        self._numbers = itertools.count()
        self._usher: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def turn(self, chat: str, priority: int) -> AsyncIterator[None]:
        """Wait for a turn, and count from its end what was said in it."""
        await self._wait_until(self._free_at(chat))
        mine = await self.admitted(priority)
        try:
            yield
        finally:
            mine.arrived = min(mine.arrived, self._clock.now())
            self._note(chat)

    async def admitted(self, priority: int) -> _Turn:
        """Wait in the line of all chats; a low number goes first."""
        ticket: asyncio.Future[_Turn] = asyncio.get_running_loop().create_future()
        heappush(self._line, (priority, next(self._numbers), ticket))
        if self._usher is None or self._usher.done():
            self._usher = asyncio.create_task(self._let_in())
        return await ticket

    async def _let_in(self) -> None:
        while self._line:
            await self._wait_until(max(self._next, self._second_has_room()))
            # A late step is caught up once, never in a burst.
            self._next = max(self._next, self._clock.now() - self._step) + self._step
            while self._line:
                _, _, ticket = heappop(self._line)
                if not ticket.done():
                    turn = _Turn(self._clock.now() + LONGEST_UNDER_WAY)
                    self._lately.append(turn)
                    ticket.set_result(turn)
                    break

    def _second_has_room(self) -> datetime:
        full = len(self._lately) == self._lately.maxlen
        return self._lately[0].arrived + SECOND if full else self._next

    async def _wait_until(self, at: datetime) -> None:
        left = (at - self._clock.now()).total_seconds()
        if left > 0:
            await self._clock.pause(left)

    def _free_at(self, chat: str) -> datetime:
        said = self._said.get(chat)
        if not said:
            return self._clock.now()
        free = said[-1] + self._limits.between
        full = self._limits.is_group(chat) and len(said) == self._limits.groups_a_minute
        return max(free, said[0] + MINUTE) if full else free

    def _note(self, chat: str) -> None:
        now = self._clock.now()
        if len(self._said) > REMEMBERED:
            self._said = {name: said for name, said in self._said.items() if said[-1] > now - MINUTE}
        kept = self._limits.groups_a_minute if self._limits.is_group(chat) else 1
        self._said.setdefault(chat, deque(maxlen=kept)).append(now)
