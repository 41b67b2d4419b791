"""The program put together: store, knowledge, clock, delivery and dialogue, opened and closed in order."""

import asyncio
import fcntl
import gc
import os
import secrets
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot.admission import Admission, move
from bot.broadcast_posts import Posts, reached
from bot.calendar_address import Calendars
from bot.commands import ALL
from bot.commands.command import Commands
from bot.condition import TERMINAL
from bot.config_model import Config, Source
from bot.dialogue import Dialogue
from bot.digest import weekly_digest
from bot.door import CrashGuard, Door, Speak
from bot.limits import Limits
from bot.news import Herald
from bot.posts import composer
from bot.reach import organisers
from bot.recipes import Fetching, Recipes
from bot.retention import log_key_kept, retention
from bot.texts import Texts
from bot.turn import Services
from bot.wisdom import Wisdom, read_knowledge
from errors import DataLocked, StoreFull
from knowledge.places import Places, load_places
from scheduler.agendas.configured import Configured
from scheduler.alarm import Alarm
from scheduler.broadcasts import Broadcaster
from scheduler.calendar import Quiet
from scheduler.clock import Clock
from scheduler.delivery import Delivery
from scheduler.digest import Digest
from scheduler.followups import FollowUps
from scheduler.reminders import Planner
from scheduler.sender import Sender
from store import chats
from store.database import Database, open_database
from store.messages import ChatRef

if TYPE_CHECKING:
    from scheduler.agendas.polling import Poller

KEY_BYTES = 32
# Seconds that one thread may compute while another wants to. A turn of the loop lets go several times, and
# waits each time behind the database's threads.
LOOP_WAITS = 0.0002
# So many new objects, then rounds of each generation, until garbage is looked for: often in what is new,
# where it is soon over, and in everything rarely.
GARBAGE = (2_000, 100, 100)
# The store's own secret under which messages and people are hashed.
MARKS = "marks"
# Who sits at the terminal runs the program: there is nobody else to be kept waiting.
UNLIMITED = frozenset({"terminal"})


@dataclass(frozen=True)
class App:
    """The running parts. A transport needs `door_for`; everything else runs by itself."""

    config: Config
    clock: Clock
    database: Database
    services: Services
    delivery: Delivery
    dialogue: Dialogue
    alarm: Alarm
    poller: "Poller | None"
    admission: Admission
    recipes: Recipes
    calendars: Calendars

    @contextmanager
    def door_for(self, platform: str, speak: Speak) -> Iterator[Door]:
        """The door for one transport's messages."""
        guard = CrashGuard(self.config.data_dir / f"handling-{platform}")
        try:
            yield Door(self.dialogue, self.services, self.database, speak, guard, self._limits(platform))
        finally:
            guard.close()

    def _limits(self, platform: str) -> Limits | None:
        return None if platform in UNLIMITED else Limits(self.clock.now, log_key_kept(self.config))


@asynccontextmanager
async def running(
    config: Config, clock: Clock, senders: Sequence[Sender], held: bool = True
) -> AsyncIterator[App]:
    """Open everything and deliver until the block ends; then close everything.

    Not `held`: another process may hold the accounts, and nothing is delivered before they are ours.
    """
    with locked(config.data_dir):
        async with opened(config) as database:
            app = await _assemble(config, clock, database, senders, held)
            delivering = asyncio.create_task(app.delivery.run())
            try:
                await app.alarm.start()
                if app.poller is not None:
                    app.poller.start()
                _serve_the_loop_first()
                yield app
            finally:
                delivering.cancel()
                await asyncio.gather(delivering, return_exceptions=True)


def _serve_the_loop_first() -> None:
    """Let nothing hold up the loop: neither the database's thread nor the search for garbage.

    What is loaded by now stays; to look through it again for garbage took 0.2 s.
    """
    sys.setswitchinterval(LOOP_WAITS)
    gc.freeze()
    gc.set_threshold(*GARBAGE)


@asynccontextmanager
async def opened(config: Config) -> AsyncIterator[Database]:
    """The store alone, for commands that only look or import."""
    database = await open_database(config.database_url, config.data_dir)
    try:
        yield database
    finally:
        await database.close()


@contextmanager
def locked(data_dir: Path) -> Iterator[None]:
    """Keep other programs from running on the same data directory. Raises DataLocked, StoreFull."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = os.open(data_dir / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StoreFull("store.not_writable", folder=str(data_dir), reason=error.strerror) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(file)
        raise DataLocked("app.locked", folder=str(data_dir)) from error
    try:
        yield
    finally:
        os.close(file)


def planner_for(config: Config, texts: Texts, places: Places, clock: Clock) -> Planner:
    """The planner with this configuration's zone, quiet hours and texts."""
    quiet = Quiet(*config.quiet) if config.quiet else None
    return Planner(config.zone, quiet, places, composer(texts, config, clock.now))


async def _assemble(
    config: Config, clock: Clock, database: Database, senders: Sequence[Sender], held: bool
) -> App:
    texts, places = Texts(), load_places(config.places)
    wisdom = Wisdom(read_knowledge(config))
    planner = planner_for(config, texts, places, clock)
    fresh, now = secrets.token_bytes(KEY_BYTES), clock.now()
    key = await database.write(lambda tx: chats.secret(tx, MARKS, fresh, now))
    served = config.platforms | {one.platform for one in senders}
    services = Services(config, texts, places, wisdom, planner, key, served)
    herald = Herald(services)
    broadcaster = Broadcaster(
        Posts(texts, config).show,
        herald.tell_set_aside,
        # Whoever wrote it may be no organiser any more.
        lambda tx, one: (
            reached(tx, places, served, one) if one.author in organisers(tx, config, clock.now()) else []
        ),
        config.zone,
        planner.quiet,
        # A terminal chat without configuration knows nothing of accounts, and gives nothing up.
        served if served - {TERMINAL} else None,
    )

    async def gone(chat: ChatRef) -> None:
        await database.write(lambda tx: chats.lose(tx, chat, clock.now()))

    async def moved(old: ChatRef, new: ChatRef) -> None:
        await database.write(lambda tx: move(tx, old, new))

    delivery = Delivery(database, senders, clock, gone, moved, held, broadcaster.settled)
    follow_ups = FollowUps(planner, herald.ask, lambda tx, now: organisers(tx, config, now))
    digest = Digest(config.zone, places, partial(weekly_digest, services))
    duties = (follow_ups.due, herald.tell_missing, herald.tell_reviews, digest.due, broadcaster.due)
    kept = retention(config)
    alarm = Alarm(database, clock, planner, delivery, kept, duties, (broadcaster.next_look,))
    poller = _poller(database, services, clock, herald, alarm)
    dialogue = Dialogue(database, services, clock, delivery, alarm, Commands(ALL))
    admission = Admission(database, services, clock, delivery)
    fetchers = {one.platform: one.fetch for one in senders if isinstance(one, Fetching)}
    recipes, calendars = Recipes(database, services, fetchers), Calendars(database, services)
    return App(
        config, clock, database, services, delivery, dialogue, alarm, poller, admission, recipes, calendars
    )


def _poller(
    database: Database, services: Services, clock: Clock, herald: Herald, alarm: Alarm
) -> "Poller | None":
    """What asks the configured sources; None where there are none, as the web is slow to load."""
    config, places = services.config, services.places
    if not config.sources:
        return None
    from scheduler.agendas.polling import Poller, WebReader

    reader = WebReader(clock, config.zone, config.operator.contact or "")
    sources = [configured(one, places) for one in config.sources]
    tell, changed = herald.tell_source, alarm.look
    return Poller(
        database, clock, services.planner, places, sources, config.associations, tell, reader, changed
    )


def configured(source: Source, places: Places) -> Configured:
    """A source of the configuration, with the canonical name of its place."""
    match = places.find(source.place)
    place = match.place.name if match.place else source.place
    return Configured(place, source.url or "", source.file, source.type, source.automatic, source.private)
