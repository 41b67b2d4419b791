"""The bot put together for one person at this terminal."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from bot.app import App, running
from bot.cli.common import place_named
from bot.config_model import Config
from bot.transports.terminal import PLATFORM, Files, Printer, Terminal
from knowledge.places import load_places
from scheduler.clock import SystemClock
from store import chats, outbox, people
from store.database import Transaction
from store.messages import ChatRef
from store.people import EVERYWHERE

GRANTED_BY = "terminal"
# Name, role or "", the place as typed or None, session.
Who = tuple[str, str, str | None, str]


@asynccontextmanager
async def at_terminal(config: Config, who: Who, colours: bool) -> AsyncIterator[Terminal]:
    """Everything running, and this person known; at the end all answers are out. Raises UsageError."""
    name, role, place, session = who
    clock = SystemClock()
    where = place_named(load_places(config.places), place) if place else EVERYWHERE
    printer = Printer(sys.stdout, colours)
    clock.start()
    try:
        async with running(config, clock, [printer]) as bot, _known(bot, name, role, where, clock.now()):
            printer.keep = Files(config.data_dir / "files", bot.recipes).keep
            with bot.door_for(PLATFORM, printer.speak) as door:
                yield Terminal(bot, door, name, session, printer)
                await bot.delivery.drained()
    finally:
        clock.stop()


@asynccontextmanager
async def _known(bot: App, name: str, role: str, place: str, now: datetime) -> AsyncIterator[None]:
    """Admit the terminal's own chat, and give the role that was asked for until the next start."""

    def introduce(tx: Transaction) -> None:
        person, ref = f"{PLATFORM}:{name}", ChatRef(PLATFORM, name)
        known = chats.keep(tx, ref, True, person, now)
        chats.change(tx, known.id, admitted=True, active=True)
        outbox.make_due(tx, ref, now)
        people.withdraw_granted_by(tx, person, GRANTED_BY)
        if role:
            people.grant(tx, person, role, place, GRANTED_BY, now)

    await bot.database.write(introduce)
    yield
