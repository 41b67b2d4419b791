"""The signs to tap under choices: a help only, numbers work without. They never keep an answer waiting."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from bot.transports.matrix.html import KEYCAPS
from errors import SendError
from scheduler.clock import Clock

# Signs take longer to post than answers: where there is too much to do, the oldest offers go without.
MOST_WAITING = 500
# A homeserver that takes a sign meanwhile shows the answer later.
READING_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Offer:
    """An event whose choices can be tapped; `key` is its transaction."""

    room: str
    event: str
    key: str
    choices: int


# Posts one sign: its offer, and which it is, from 0. Raises SendError.
Sign = Callable[[Offer, int], Awaitable[None]]


class Offering:
    """Posts signs one after the other, the latest offer first: who has just been answered is there to tap."""

    def __init__(self, sign: Sign) -> None:
        self._sign = sign
        self._waiting: deque[Offer] = deque(maxlen=MOST_WAITING)
        self._some = asyncio.Event()

    def add(self, offer: Offer) -> None:
        self._waiting.append(offer)
        self._some.set()

    async def run(self, clock: Clock) -> None:
        """Post them until cancelled."""
        while True:
            await self._some.wait()
            self._some.clear()
            await clock.pause(READING_SECONDS)
            while self._waiting:
                await self._offer(self._waiting.pop())

    async def _offer(self, offer: Offer) -> None:
        with suppress(SendError):
            for number in range(min(offer.choices, len(KEYCAPS))):
                await self._sign(offer, number)
