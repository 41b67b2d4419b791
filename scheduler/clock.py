"""The clock: the only place that asks what time it is, and the only one that knows APScheduler.

It wakes others at an instant and knows nothing of what they do then; what is due lies in the store.
APScheduler's defaults lose jobs (a grace time of one second), so every job here is told to come late
rather than never.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

Wakened = Callable[[], Awaitable[None]]


class Clock(Protocol):
    """What the other rooms need of a clock; tests hand in one that jumps. Instants are UTC."""

    def now(self) -> datetime: ...

    def wake_at(self, name: str, at: datetime, wakened: Wakened) -> None:
        """Call `wakened` once at `at`; a later call with the same name moves it."""

    def every(self, name: str, interval: timedelta, wakened: Wakened) -> None:
        """Call `wakened` again and again."""

    async def pause(self, seconds: float) -> None:
        """Let that much time go by."""


class SystemClock:
    """The real time. To be started inside a running event loop."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        """Wake nobody any more; what is running runs on."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def now(self) -> datetime:
        return datetime.now(UTC)

    def wake_at(self, name: str, at: datetime, wakened: Wakened) -> None:
        self._scheduler.add_job(wakened, DateTrigger(at), id=name, replace_existing=True)

    def every(self, name: str, interval: timedelta, wakened: Wakened) -> None:
        trigger = IntervalTrigger(seconds=int(interval.total_seconds()))
        self._scheduler.add_job(wakened, trigger, id=name, replace_existing=True)

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
