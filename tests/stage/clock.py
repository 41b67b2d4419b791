"""A clock that stands still until a test moves it, and then wakes whoever asked for it, in order."""

import asyncio
from datetime import datetime, timedelta

from scheduler.clock import Wakened


class HandClock:
    """Implements scheduler.clock.Clock by hand."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        # A patient clock lets those who pause wait for as long as it stands still.
        self.patient = False
        self._wakes: dict[str, tuple[datetime, Wakened]] = {}
        self._repeats: dict[str, tuple[timedelta, Wakened]] = {}

    def now(self) -> datetime:
        return self._now

    def wake_at(self, name: str, at: datetime, wakened: Wakened) -> None:
        self._wakes[name] = (at, wakened)

    def every(self, name: str, interval: timedelta, wakened: Wakened) -> None:
        self._repeats[name] = (interval, wakened)

    async def pause(self, _: float) -> None:
        await asyncio.sleep(0)
        if self.patient:
            await asyncio.Event().wait()

    async def jump(self, to: datetime) -> None:
        """Go forward, stopping at every instant somebody wanted to be woken at."""
        while due := [(at, name) for name, (at, _) in self._wakes.items() if at <= to]:
            at, name = min(due)
            _, wakened = self._wakes.pop(name)
            self._now = max(at, self._now)
            await wakened()
        self._now = to
        for _, wakened in list(self._repeats.values()):
            await wakened()
