"""Takes messages out of the outbox and hands them to the platforms: in order per chat, with retries.

What happened to a message is written down before the next one of the same chat goes out, so that a
crash repeats at most one message a chat. Chats do not wait for each other.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from errors import StoreError
from scheduler.attempt import Attempts, Gone, Moved
from scheduler.clock import Clock
from scheduler.pace import Limited, Pace
from scheduler.receipts import RETRY_SECONDS, Followed, Receipts, nothing_follows
from scheduler.sender import Connecting, Doubting, Sender
from store import chats, outbox
from store.database import Database, Transaction
from store.messages import Kind, Queued
from store.settling import Result

# Few enough that taking them up is over at once: the loop has others to serve.
BATCH = 40
# What goes on while posting is paused, and so many chats a platform are served at once for what is less
# and less urgent: so nothing of it waits for hands that are full of broadcasts, and memory is bounded.
HANDS = {
    **dict.fromkeys((Kind.ANSWER, Kind.LEAVE), 500),
    **dict.fromkeys((Kind.REMINDER, Kind.NOTICE), 120),
    **dict.fromkeys((Kind.BROADCAST, Kind.AMEND, Kind.RECALL), 60),
}
UNPAUSED = (Kind.ANSWER, Kind.LEAVE, Kind.RECALL)
# A stop waits that long for answers of the platform, so that nothing sent is sent again.
STOP_SECONDS = 2.0


@dataclass(frozen=True)
class _Place:
    """One queue: a chat on a platform."""

    platform: str
    chat: str


def waiting(tx: Transaction, platform: str, now: datetime, shut: Sequence[str], busy: int) -> list[Queued]:
    """What may go out now, with so many chats `busy` and those `shut`; while posting is paused, answers only.

    Leaving a group and taking a broadcast back are silent, and go on.
    """
    paused = chats.setting(tx, chats.PAUSE) is not None
    allowed = [kind for kind, hands in HANDS.items() if hands > busy and (not paused or kind in UNPAUSED)]
    if not allowed:
        return []
    free = min(max(HANDS[kind] for kind in allowed) - busy, BATCH)
    found: list[Queued] = []
    served: dict[str, int] = {}
    for message in outbox.waiting(tx, platform, now, free, shut, allowed):
        hands = HANDS[message.outgoing.kind]
        # What is less urgent waits for the next round of its chat.
        if busy + len(found) < hands == served.setdefault(message.outgoing.chat.chat, hands):
            found.append(message)
    return found


def as_it_is_now(tx: Transaction, message: Queued) -> Queued | None:
    """The message just before it goes out; None when it was stopped, recalled, or all posting is paused."""
    if message.outgoing.kind not in UNPAUSED and chats.setting(tx, chats.PAUSE):
        return None
    return outbox.still_waiting(tx, message.row)


class Delivery:
    """Runs until cancelled; `wake` it when something was queued."""

    def __init__(
        self,
        database: Database,
        senders: Iterable[Sender],
        clock: Clock,
        gone: Gone,
        moved: Moved,
        held: bool = True,
        followed: Followed = nothing_follows,
    ) -> None:
        self._database = database
        self._senders: Mapping[str, Sender] = {sender.platform: sender for sender in senders}
        self._paces = {
            name: Pace(one.limits, clock) for name, one in self._senders.items() if isinstance(one, Limited)
        }
        self._clock = clock
        self._attempts = Attempts(clock, gone, moved)
        # Those whose account no other process holds; only they are delivered for.
        self._accounts: set[str] = set(self._senders) if held else set()
        self._on_the_wire: set[_Place] = set()
        self._writing_down: set[_Place] = set()
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._busy: dict[_Place, asyncio.Task[None]] = {}
        self._receipts = Receipts(database, clock, followed, self._idle.set)
        # What became of sends, by platform and result, since the program started.
        self.tally: Counter[tuple[str, str]] = Counter()

    def pace(self, platform: str) -> Pace | None:
        """How fast a platform may be talked to, for what a transport does beside the outbox."""
        return self._paces.get(platform)

    async def wake(self) -> None:
        """Look into the outbox now, before whoever wakes us goes on: somebody may wait for an answer."""
        self._idle.clear()
        self._wake.set()
        await asyncio.sleep(0)

    async def hold(self, platform: str, held: bool) -> None:
        """Deliver for a platform from now on, or no longer: another process may hold its account."""
        if held:
            self._accounts.add(platform)
            await self.wake()
        else:
            self._accounts.discard(platform)
            await self._end({platform}, self._writing_down)

    async def drained(self) -> None:
        """Return when everything that is due has been sent or put off. Raises StoreError if that fails."""
        await self.wake()
        await self._idle.wait()
        if self._receipts.failed is not None:
            raise self._receipts.failed

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
        self._accounts.clear()
        await self._end(self._senders, ())

    async def _end(self, platforms: Collection[str], go_on: Collection[_Place]) -> None:
        """Stop delivering, but wait a while for platforms and store, so that nothing sent is sent again.

        Those that `go_on` end when they can: until then their chats stay taken.
        """
        ending = {chat: task for chat, task in self._busy.items() if chat.platform in platforms}
        for chat, task in ending.items():
            if chat not in self._on_the_wire | self._writing_down:
                task.cancel()
        if ending:
            await asyncio.wait(ending.values(), timeout=STOP_SECONDS)
        left = [task for chat, task in ending.items() if chat not in go_on]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _round(self) -> None:
        started = False
        for platform in list(self._accounts):
            for chat, messages in (await self._due(platform)).items():
                task = asyncio.create_task(self._deliver(chat, messages))
                self._busy[chat] = task
                task.add_done_callback(lambda _, chat=chat: self._free(chat))  # type: ignore[misc]
                started = True
        if not started and not self._busy:
            await self._sleep_until_next()

    async def _due(self, platform: str) -> dict[_Place, list[Queued]]:
        now = self._clock.now()
        busy = [place.chat for place in self._busy if place.platform == platform]
        shut = busy + self._attempts.put_off(platform, now)
        found = await self._database.read(lambda tx: waiting(tx, platform, now, shut, len(busy)))
        if platform not in self._accounts:
            return {}
        queues: dict[_Place, list[Queued]] = {}
        for message in found:
            queues.setdefault(_Place(platform, message.outgoing.chat.chat), []).append(message)
        return queues

    async def _sleep_until_next(self) -> None:
        now, ours = self._clock.now(), list(self._accounts)
        if not ours:
            self._idle.set()
            return
        at = await self._database.read(lambda tx: outbox.next_at(tx, ours, now))
        if at is not None:
            self._clock.wake_at("delivery", at, self.wake)
        if not self._wake.is_set():
            self._idle.set()

    def _free(self, chat: _Place) -> None:
        self._busy.pop(chat, None)
        self._wake.set()

    async def _deliver(self, chat: _Place, messages: list[Queued]) -> None:
        for message in messages:
            result = await self._send_whole(chat, message)
            if result is None or result.state == "waiting" or chat.platform not in self._accounts:
                return

    async def _send_whole(self, chat: _Place, message: Queued) -> Result | None:
        """Send what is left of a message; every part is written down before the next goes out."""
        while True:
            result = await self._in_turn(chat, message)
            if result is None:
                return None
            self.tally[chat.platform, result.state] += 1
            await self._write_down(chat, result)
            sender = self._senders[chat.platform]
            if isinstance(sender, Doubting):
                sender.settled(message.row)
            if result.state != "part" or chat.platform not in self._accounts:
                return result
            message = replace(message, parts_done=result.parts_done)

    async def _write_down(self, chat: _Place, result: Result) -> None:
        self._writing_down.add(chat)
        try:
            await self._receipts.note(result)
        finally:
            self._writing_down.discard(chat)

    async def _in_turn(self, chat: _Place, message: Queued) -> Result | None:
        sender, pace = self._senders[chat.platform], self._paces.get(chat.platform)
        if isinstance(sender, Connecting):
            await sender.connected()
        if pace is None:
            return await self._on_wire(chat, sender, message)
        async with pace.turn(chat.chat, message.outgoing.kind.priority):
            return await self._on_wire(chat, sender, message)

    async def _on_wire(self, chat: _Place, sender: Sender, message: Queued) -> Result | None:
        """Send it, unless it is not to be sent any more; what only answers somebody is not asked about."""
        if message.outgoing.kind is not Kind.ANSWER or message.outgoing.replaces is not None:
            try:
                now = await self._database.read(lambda tx: as_it_is_now(tx, message))
            except StoreError:
                await self._clock.pause(RETRY_SECONDS)
                return None
            if now is None:
                return None
            message = now
        self._on_the_wire.add(chat)
        try:
            return await self._attempts.send(sender, message)
        finally:
            self._on_the_wire.discard(chat)
