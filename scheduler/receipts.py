"""Writes down what became of messages; results of several chats share a commit."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from errors import StoreError
from scheduler.clock import Clock
from store import settling
from store.database import Database, Transaction
from store.settling import Result, Settled

RETRY_SECONDS = 1.0
STORE_TRIES = 5


class Followed(Protocol):
    """What follows from results, in the transaction that writes them down."""

    def __call__(self, tx: Transaction, settled: Settled, now: datetime) -> None: ...


def nothing_follows(tx: Transaction, settled: Settled, now: datetime) -> None:
    """Nothing follows."""


class Receipts:
    """`failing` is called when nothing can be written down for a while: nobody should wait for its end."""

    def __init__(
        self, database: Database, clock: Clock, followed: Followed, failing: Callable[[], None]
    ) -> None:
        self._database = database
        self._clock = clock
        self._followed = followed
        self._failing = failing
        self._results: list[Result] = []
        self._turn = asyncio.Lock()
        # Why nothing can be written down; None while that works.
        self.failed: StoreError | None = None

    async def note(self, result: Result) -> None:
        """Return when a result is written down, however long a failing store takes to recover."""
        self._results.append(result)
        async with self._turn:
            tries = 0
            while self._results:
                batch, now = list(self._results), self._clock.now()
                try:
                    await self._database.write(lambda tx: self._write_down(tx, batch, now))  # noqa: B023
                    del self._results[: len(batch)]
                    self.failed = None
                except StoreError as error:
                    tries += 1
                    if tries >= STORE_TRIES:
                        self.failed = error
                        self._failing()
                    await self._clock.pause(RETRY_SECONDS)

    def _write_down(self, tx: Transaction, batch: list[Result], now: datetime) -> None:
        settled = settling.finish(tx, batch, now)
        if settled.broadcasts or settled.set_aside:
            self._followed(tx, settled, now)
