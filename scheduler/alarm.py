"""Wakes when something is due: reminders are queued, and old things are forgotten once a day."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from errors import StoreError
from scheduler.clock import Clock
from scheduler.delivery import Delivery
from scheduler.housekeeping import Retention, tidy
from scheduler.reminders import Planner
from store import reminders
from store.database import Database, Transaction

log = logging.getLogger(__name__)

# The clock may jump, or another process may change what is due: look again that often.
LOOK_AGAIN = timedelta(minutes=1)
DAY = timedelta(days=1)

# Something else that may be due, done inside one transaction; and when something will be.
Duty = Callable[[Transaction, datetime], None]
Next = Callable[[Transaction, datetime], datetime | None]


class Alarm:
    """Looks after what falls due. What the store cannot do now is tried again."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        planner: Planner,
        delivery: Delivery,
        kept: Retention,
        duties: Sequence[Duty] = (),
        nexts: Sequence[Next] = (),
    ) -> None:
        self._database = database
        self._clock = clock
        self._planner = planner
        self._delivery = delivery
        self._kept = kept
        self._duties = duties
        self._nexts = nexts

    async def start(self) -> None:
        """Tell what became due while nobody was there, and wake from now on."""
        self._clock.every("look again", LOOK_AGAIN, self.look)
        self._clock.every("tidy", DAY, self.tidy)
        await self.tidy()
        try:
            await self._database.write(lambda tx: self._planner.keep_hours(tx, self._clock.now()))
        except StoreError as error:
            log.warning("cannot keep to new quiet hours: %s", error.key)
        await self.look()

    async def look(self) -> None:
        """Queue everything that is due, and wake again when the next thing is."""
        try:
            await self._look()
        except StoreError as error:
            log.warning("cannot look for what is due: %s", error.key)
        await self._delivery.wake()

    async def _look(self) -> None:
        now = self._clock.now()
        while await self._database.write(lambda tx: self._planner.tell_due(tx, now)):
            pass
        for duty in self._duties:
            await self._database.write(lambda tx: duty(tx, now))  # noqa: B023
        known = await self._database.read(
            lambda tx: [reminders.next_due(tx), *(when(tx, now) for when in self._nexts)]
        )
        if ahead := [at for at in known if at and at > now]:
            self._clock.wake_at("reminders", min(ahead), self.look)

    async def tidy(self) -> None:
        """Delete what is past its time."""
        now = self._clock.now()
        try:
            await self._database.write(lambda tx: tidy(tx, now, self._kept))
        except StoreError as error:
            log.warning("cannot tidy up: %s", error.key)
