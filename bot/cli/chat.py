"""`saeulenbot chat`: the bot in this terminal. The prompt comes first; the rest is loaded behind it."""

import asyncio
import importlib
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot import logs
from bot.cli.common import app, configured, say, sentence
from bot.cli.options import ConfigOption, DataOption, KnowledgeOption
from errors import UsageError

if TYPE_CHECKING:
    from bot.cli.talking import Who
    from bot.config_model import Config


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
    talk = _piped if sys.stdin is None or not sys.stdin.isatty() else _typed
    try:
        who = (name, role.value if role else "", place, session or secrets.token_hex(8))
        asyncio.run(_until_asked(talk(settings, who)))
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UsageError("cli.no_output", reason=error.strerror or "?") from error


async def _until_asked(talk: Coroutine[Any, Any, None]) -> None:
    """Talk until the conversation ends, or somebody asks the program to stop."""
    talking, asked = asyncio.ensure_future(talk), asyncio.Event()

    def stop() -> None:
        asked.set()
        talking.cancel()

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop)
    try:
        await talking
    except asyncio.CancelledError:
        if not asked.is_set():
            raise


def _talking() -> Any:
    """The module that puts the whole bot together: a second and a half to load."""
    return importlib.import_module("bot.cli.talking")


async def _piped(config: "Config", who: "Who") -> None:
    from bot.transports.pipe import piped_lines

    async with _talking().at_terminal(config, who, colours=False) as terminal:
        await terminal.read(piped_lines())


async def _typed(config: "Config", who: "Who") -> None:
    from bot.transports.prompt import typed_lines

    commands: list[str] = []
    drawn = asyncio.Event()
    colours = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    say(sentence("chat.welcome"))
    lines = typed_lines(commands, drawn.set)
    first = asyncio.create_task(_next(lines))
    try:
        await asyncio.wait([first, asyncio.create_task(drawn.wait())], return_when=asyncio.FIRST_COMPLETED)
        talking = await asyncio.to_thread(_talking)
        async with talking.at_terminal(config, who, colours) as terminal:
            commands += terminal.commands
            await terminal.read(_all(first, lines))
    finally:
        first.cancel()
        with suppress(asyncio.CancelledError):
            await first


async def _next(lines: AsyncIterator[str]) -> str | None:
    return await anext(lines, None)


async def _all(first: asyncio.Task[str | None], lines: AsyncIterator[str]) -> AsyncIterator[str]:
    """What was typed while the bot was still loading, then every later line."""
    line = await first
    while line is not None:
        if line.strip():
            yield line
        line = await _next(lines)
