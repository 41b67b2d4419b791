"""`saeulenbot chat`: the bot in this terminal."""

import asyncio
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from bot import logs
from bot.app import App, running
from bot.cli.common import ConfigOption, DataOption, KnowledgeOption, app, configured, say, sentence
from bot.config_model import Config
from bot.transports.terminal import PLATFORM, Files, Printer, Terminal
from errors import UsageError
from knowledge.places import Places, load_places
from scheduler.clock import SystemClock
from store import chats, people
from store.database import Transaction
from store.messages import ChatRef
from store.people import EVERYWHERE

GRANTED_BY = "terminal"


class ChatRole(StrEnum):
    """Who one is in the terminal."""

    MEMBER = "member"
    REPRESENTATIVE = "representative"
    ORGANISER = "organiser"


@app.command()
def chat(
    name: Annotated[str, typer.Option("--as", help="Who is speaking.")] = "ich",
    role: Annotated[
        ChatRole | None, typer.Option(help="What you are to the bot.", show_default="member")
    ] = None,
    place: Annotated[str | None, typer.Option(help="The place your role is for.", show_default=False)] = None,
    knowledge: KnowledgeOption = None,
    config: ConfigOption = None,
    data: DataOption = None,
    session: Annotated[str, typer.Option(hidden=True)] = "",
) -> None:
    """Talk with the bot in this terminal. With input piped in, one line is one message."""
    settings = configured(config, data, knowledge)
    logs.configure_lightly(sys.stderr)
    try:
        asyncio.run(_chat(settings, name, role, place, session or secrets.token_hex(8)))
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UsageError("cli.no_output", reason=error.strerror or "?") from error


async def _chat(config: Config, name: str, role: ChatRole | None, place: str | None, session: str) -> None:
    piped = sys.stdin is None or not sys.stdin.isatty()
    clock = SystemClock()
    where = place_named(load_places(config.places), place) if place else EVERYWHERE
    printer = Printer(sys.stdout, colours=not piped and sys.stdout.isatty())
    clock.start()
    try:
        async with running(config, clock, [printer]) as bot, _known(bot, name, role, where, clock.now()):
            printer.keep = Files(config.data_dir / "files", bot.recipes).keep
            with bot.door_for(PLATFORM, printer.speak) as door:
                terminal = Terminal(bot, door, name, session, printer)
                if piped:
                    await terminal.read_pipe()
                    await bot.delivery.drained()
                else:
                    say(sentence("chat.welcome"))
                    await terminal.read_person()
    finally:
        clock.stop()


def place_named(places: Places, name: str) -> str:
    """The canonical name of a place on the command line. Raises UsageError."""
    match = places.find(name)
    if match.place is not None:
        return match.place.name
    near = ", ".join(one.name for one in match.candidates)
    raise UsageError("cli.which_place" if near else "cli.unknown_place", place=name, near=near)


@asynccontextmanager
async def _known(
    bot: App, name: str, role: ChatRole | None, place: str, now: datetime
) -> AsyncIterator[None]:
    """Admit the terminal's own chat, and give the role that was asked for until the next start."""

    def introduce(tx: Transaction) -> None:
        person, ref = f"{PLATFORM}:{name}", ChatRef(PLATFORM, name)
        known = chats.keep(tx, ref, True, person, now)
        chats.change(tx, known.id, admitted=True, active=True)
        people.withdraw_granted_by(tx, person, GRANTED_BY)
        if role is not None and role is not ChatRole.MEMBER:
            people.grant(tx, person, role.value, place, GRANTED_BY, now)

    await bot.database.write(introduce)
    yield
