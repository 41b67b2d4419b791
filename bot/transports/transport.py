"""What a platform is to the program: a sender for delivery, and a receiver that runs until cancelled."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from bot.app import App
from errors import SaeulenbotError
from scheduler.clock import Clock
from scheduler.sender import Partly
from store.messages import Attachment, ChatRef, Queued

log = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=1)
# Who ran that long has recovered: the next failure is a new one.
RECOVERED_AFTER = timedelta(minutes=2)


class Transport(Protocol):
    """One account on one platform."""

    @property
    def platform(self) -> str: ...

    async def send(self, message: Queued) -> str | Partly:
        """Post a message, or the next part of it; the platform's id of it. Raises a SendError."""

    async def leave(self, chat: ChatRef) -> None:
        """Leave a group; one the bot is no longer in is no error. Raises a SendError."""

    async def delete(self, chat: ChatRef, sent_id: str) -> None:
        """Take back what was posted; what is gone already is no error. Raises a SendError."""

    async def fetch(self, file: Attachment) -> bytes:
        """The content of a file that lies on this platform. Raises a SendError."""

    async def run(self, app: App) -> None:
        """Receive until cancelled. Raises a SaeulenbotError when it cannot go on by itself."""

    async def close(self) -> None:
        """Close the connections; nothing can be sent afterwards."""


async def kept_running(
    transport: Transport, app: App, clock: Clock, explain: Callable[[SaeulenbotError], str]
) -> None:
    """Run a transport for as long as the program runs: after a failure again, with growing pauses.

    The same failure again and again is told once, so that a wrong token does not fill the log.
    """
    pause, told = FIRST_PAUSE, ""
    while True:
        began = clock.now()
        try:
            if await _run_held(transport, app):
                return
        except SaeulenbotError as error:
            sentence = explain(error)
            if clock.now() - began > RECOVERED_AFTER:
                pause, told = FIRST_PAUSE, ""
            if sentence != told:
                log.error("%s: %s", transport.platform, sentence)
            told = sentence
        await clock.pause(pause.total_seconds())
        pause = min(pause * 2, LONGEST_PAUSE)


async def _run_held(transport: Transport, app: App) -> bool:
    """Run a transport while this process holds its account; others on the store wait. Whether it ended."""
    async with app.database.hold(f"account:{transport.platform}") as lost:
        await app.delivery.hold(transport.platform, True)
        app.services.pulse.begin(transport.platform, app.clock.now())
        running = asyncio.create_task(transport.run(app))
        losing = asyncio.create_task(lost.wait())
        try:
            await asyncio.wait((running, losing), return_when=asyncio.FIRST_COMPLETED)
        finally:
            await app.delivery.hold(transport.platform, False)
            losing.cancel()
            running.cancel()
            await asyncio.gather(running, losing, return_exceptions=True)
    if running.cancelled():
        log.warning("%s: another process may have taken over", transport.platform)
        return False
    running.result()
    return True


async def run_all(transports: list[asyncio.Task[None]], stop: asyncio.Event) -> None:
    """Wait until the program is asked to stop, or every transport has ended; then cancel the rest."""
    try:
        await _either(transports, stop)
    finally:
        for task in transports:
            task.cancel()
        await asyncio.gather(*transports, return_exceptions=True)


async def _either(transports: list[asyncio.Task[None]], stop: asyncio.Event) -> None:
    async def all_ended() -> None:
        await asyncio.gather(*transports, return_exceptions=True)
        stop.set()

    ended = asyncio.create_task(all_ended())
    await stop.wait()
    ended.cancel()
