"""Takes messages out of the outbox and hands them to the platforms: in order per chat, with retries.

What happened to a message is written down before the next one of the same chat goes out, so that a
crash repeats at most one message a chat. Chats do not wait for each other.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from errors import ChatGone, MaybeSent, NotNow, SendError, StoreError
from scheduler.clock import Clock
from store import chats, outbox
from store.database import Database, Transaction
from store.messages import ChatRef, Kind, Queued
from store.outbox import Result

BATCH = 200
FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=10)
# After that many tries a message that the platform does not take is set aside.
MOST_TRIES = 12
STORE_RETRY_SECONDS = 1.0


class Sender(Protocol):
    """A platform's sending half. `send` returns the platform's id, or raises a SendError."""

    @property
    def platform(self) -> str: ...

    async def send(self, message: Queued) -> str: ...


class Gone(Protocol):
    """Told when a chat turns out to be gone."""

    async def __call__(self, chat: ChatRef) -> None: ...


@dataclass(frozen=True)
class _Place:
    """One queue: a chat on a platform."""

    platform: str
    chat: str


def waiting(tx: Transaction, platform: str, now: datetime, busy: Sequence[str]) -> list[Queued]:
    """What may go out now: while posting is paused, answers only."""
    kinds = [Kind.ANSWER] if chats.setting(tx, chats.PAUSE) else list(Kind)
    return outbox.waiting(tx, platform, now, BATCH, busy, kinds)


class Delivery:
    """Runs until cancelled; `wake` it when something was queued."""

    def __init__(
        self, database: Database, senders: Iterable[Sender], clock: Clock, gone: Gone, held: bool = True
    ) -> None:
        self._database = database
        self._senders: Mapping[str, Sender] = {sender.platform: sender for sender in senders}
        self._clock = clock
        self._gone = gone
        # Those whose account no other process holds; only they are delivered for.
        self._held: set[str] = set(self._senders) if held else set()
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._busy: dict[_Place, asyncio.Task[None]] = {}
        self._results: list[Result] = []
        self._noting = asyncio.Lock()

    async def wake(self) -> None:
        """Look into the outbox now."""
        self._idle.clear()
        self._wake.set()

    async def hold(self, platform: str, held: bool) -> None:
        """Deliver for a platform from now on, or no longer: another process may hold its account."""
        if held:
            self._held.add(platform)
            await self.wake()
            return
        self._held.discard(platform)
        ours = [task for chat, task in self._busy.items() if chat.platform == platform]
        for task in ours:
            task.cancel()
        await asyncio.gather(*ours, return_exceptions=True)

    async def drained(self) -> None:
        """Return when everything that is due has been sent or put off."""
        await self.wake()
        await self._idle.wait()

    async def run(self) -> None:
        """Deliver until cancelled; a store that fails for a while is tried again."""
        try:
            while True:
                self._wake.clear()
                with suppress(StoreError):
                    await self._round()
                await self._wake.wait()
        finally:
            await self._stop()

    async def _stop(self) -> None:
        for task in self._busy.values():
            task.cancel()
        await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def _round(self) -> None:
        started = False
        for platform in list(self._held):
            for chat, messages in (await self._due(platform)).items():
                task = asyncio.create_task(self._deliver(chat, messages))
                self._busy[chat] = task
                task.add_done_callback(lambda _, chat=chat: self._free(chat))  # type: ignore[misc]
                started = True
        if not started and not self._busy:
            await self._sleep_until_next()

    async def _due(self, platform: str) -> dict[_Place, list[Queued]]:
        busy = [place.chat for place in self._busy if place.platform == platform]
        now = self._clock.now()
        found = await self._database.read(lambda tx: waiting(tx, platform, now, busy))
        queues: dict[_Place, list[Queued]] = {}
        for message in found:
            queues.setdefault(_Place(platform, message.outgoing.chat.chat), []).append(message)
        return queues

    async def _sleep_until_next(self) -> None:
        now, held = self._clock.now(), list(self._held)
        at = await self._database.read(lambda tx: outbox.next_at(tx, held, now))
        if at is not None:
            self._clock.wake_at("delivery", at, self.wake)
        if not self._wake.is_set():
            self._idle.set()

    def _free(self, chat: _Place) -> None:
        self._busy.pop(chat, None)
        self._wake.set()

    async def _deliver(self, chat: _Place, messages: list[Queued]) -> None:
        for message in messages:
            result = await self._send(self._senders[chat.platform], message)
            await self._note(result)
            if result.state == "waiting":
                return

    async def _send(self, sender: Sender, message: Queued) -> Result:
        try:
            return Result(message.row, "sent", sent_id=await sender.send(message))
        except NotNow as error:
            return self._later(message, error)
        except MaybeSent as error:
            return self._perhaps(message, error)
        except ChatGone as error:
            await self._gone(message.outgoing.chat)
            return Result(message.row, "failed", error=error.key)
        except SendError as error:
            return Result(message.row, "failed", error=error.key)

    def _perhaps(self, message: Queued, error: MaybeSent) -> Result:
        # A broadcast is never posted twice unasked; an answer is better twice than never.
        if message.outgoing.kind.repeatable:
            return self._later(message, NotNow(error.key))
        return Result(message.row, "unknown", error=error.key)

    def _later(self, message: Queued, error: NotNow) -> Result:
        if message.tries + 1 >= MOST_TRIES:
            return Result(message.row, "failed", error=error.key)
        wait = error.after or min(FIRST_WAIT * 2**message.tries, LONGEST_WAIT)
        again = self._clock.now() + wait
        return Result(message.row, "waiting", error=error.key, again_at=again, parts_done=message.parts_done)

    async def _note(self, result: Result) -> None:
        """Write down what happened; results of several chats share a commit."""
        self._results.append(result)
        async with self._noting:
            while self._results:
                batch, now = list(self._results), self._clock.now()
                try:
                    await self._database.write(lambda tx: outbox.finish(tx, batch, now))  # noqa: B023
                    del self._results[: len(batch)]
                except StoreError:
                    await self._clock.pause(STORE_RETRY_SECONDS)
