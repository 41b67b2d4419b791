"""The configured sources, asked again and again by the clock: what is new is stored, told or proposed."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from errors import SourceClosed, SourceError
from knowledge.places import Places
from scheduler.agendas.addresses import Origin
from scheduler.agendas.configured import Configured, News, Teller
from scheduler.agendas.fetch import Fetcher
from scheduler.agendas.meetings import FoundMeeting, Harvest
from scheduler.agendas.reading import Before, of_one_town, read_address, read_file
from scheduler.clock import Clock
from scheduler.importing import Imported, Source, bring_in
from scheduler.reminders import Planner
from store import sources
from store.database import Database, Transaction
from store.sources import SourceState

log = logging.getLogger(__name__)

ASKED_EVERY = timedelta(hours=6)
# After a failure it is tried again sooner.
RETRY_AFTER = timedelta(hours=1)
# Servers forget changes, and clocks differ: what changed is asked for that much further back.
OVERLAP = timedelta(hours=24)
REREAD = timedelta(days=60)
CLOSED_FOR = timedelta(hours=24)
SILENT_AFTER = timedelta(days=3)
LOOK_AGAIN = timedelta(minutes=15)


Reader = Callable[[Configured, Before, datetime], Awaitable[Harvest | None]]


@dataclass
class Poller:
    """Asks every source in turn; one that fails harms no other."""

    database: Database
    clock: Clock
    planner: Planner
    places: Places
    configured: Sequence[Configured]
    associations: Sequence[str]
    tell: Teller
    read: Reader
    changed: Callable[[], Awaitable[None]]

    def __post_init__(self) -> None:
        self._asking = asyncio.Lock()

    def start(self) -> None:
        """Look from now on; the first time soon, but not before the bot itself is up."""
        if self.configured:
            self.clock.every("sources", LOOK_AGAIN, self.look)
            self.clock.wake_at("first sources", self.clock.now() + timedelta(seconds=5), self.look)

    async def look(self) -> None:
        """Ask every source whose time has come."""
        if self._asking.locked():
            return
        async with self._asking:
            told = False
            for one in self.configured:
                state = await self.database.read(lambda tx: sources.get(tx, one.name))  # noqa: B023
                if is_due(state, self.clock.now()):
                    await self._ask(one, state)
                    told = True
        if told:
            await self.changed()

    async def _ask(self, one: Configured, before: SourceState | None) -> None:
        now = self.clock.now()
        known = await self.database.read(lambda tx: _before(tx, one, before, now))
        reading: Harvest | None = None
        try:
            reading = await self.read(one, known, now)
            after = succeeded(before, one.name, reading, now)
        except SourceError as error:
            after = failed(before, one.name, error, now)
            log.warning("a source could not be read: %s", error.key)

        def keep(tx: Transaction) -> None:
            done = Imported() if reading is None else self._store(tx, one, reading, now)
            trouble = after.reported_at is None and is_trouble(after, now)
            state = replace(after, reported_at=now) if trouble else after
            sources.keep(tx, state)
            if done.proposed or trouble:
                self.tell(tx, News(one, done, state, trouble), now)

        await self.database.write(keep)

    def _store(self, tx: Transaction, one: Configured, reading: Harvest, now: datetime) -> Imported:
        kind = Source(one.name, reading.curated, self.associations, one.automatic)
        meetings = placed(self.places, of_one_town(reading).meetings, one.place)
        return bring_in(tx, meetings, kind, self.planner, now, reading.gone)


def is_due(state: SourceState | None, now: datetime) -> bool:
    """Whether a source should be asked now."""
    if state is None:
        return True
    if state.paused_until is not None and state.paused_until > now:
        return False
    return now - state.last_try >= (RETRY_AFTER if state.problem else ASKED_EVERY)


def failed(state: SourceState | None, name: str, error: SourceError, now: datetime) -> SourceState:
    """The state of a source that could not be read; one that shuts us out rests for a while."""
    before = state or SourceState(name, now, now)
    pause = now + (error.after or CLOSED_FOR) if isinstance(error, SourceClosed) else None
    return replace(before, last_try=now, paused_until=pause, problem=error.key)


def succeeded(state: SourceState | None, name: str, reading: Harvest | None, now: datetime) -> SourceState:
    """The state of a source that answered; its time stamp advances only when everything was read."""
    before = state or SourceState(name, now, now)
    if reading is None:
        return replace(
            before, last_try=now, last_success=now, paused_until=None, problem="", reported_at=None
        )
    if reading.closed is not None:
        return failed(before, name, reading.closed, now)
    before = replace(before, last_try=now, paused_until=None, etag=reading.etag, modified=reading.modified)
    if not reading.complete:
        problem = reading.problems[-1].key if reading.problems else "agendas.no_connection"
        return replace(before, problem=problem)
    return replace(before, last_success=now, problem="", reported_at=None)


def is_trouble(state: SourceState, now: datetime) -> bool:
    """Whether organisers should know: shut out at once, anything else after three days."""
    if state.paused_until is not None:
        return True
    return now - (state.last_success or state.first_try) >= SILENT_AFTER


def _before(tx: Transaction, one: Configured, state: SourceState | None, now: datetime) -> Before:
    if state is None:
        return Before()
    since = state.last_success - OVERLAP if state.last_success else None
    coming = sources.coming_keys(tx, one.name, now, now + REREAD)
    return Before(since, tuple(coming), state.etag, state.modified)


def placed(places: Places, meetings: Iterable[FoundMeeting], default: str) -> list[tuple[FoundMeeting, str]]:
    """Each meeting with its place: what the source says where that is known, else what is configured."""
    found = []
    for meeting in meetings:
        match = places.find(meeting.place).place if meeting.place else None
        found.append((meeting, match.name if match else default))
    return found


@dataclass(frozen=True)
class WebReader:
    """Reads a configured source for real: over the web, or from its file."""

    clock: Clock
    zone: ZoneInfo
    contact: str = ""

    async def __call__(self, one: Configured, before: Before, now: datetime) -> Harvest | None:
        if one.file is not None:
            return await asyncio.to_thread(read_file, one.file, self.zone, now, one.place)
        origin = Origin.of(one.url, one.private)
        async with Fetcher(origin, self.clock.pause, contact=self.contact) as fetcher:
            return await read_address(one.url, fetcher, self.zone, now, before, kind=one.kind)
