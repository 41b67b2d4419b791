"""`saeulenbot run`: the bot on its platforms, until it is asked to stop."""

import asyncio
import logging
import signal
import sys
from contextlib import suppress
from enum import StrEnum
from typing import Annotated

import typer

from bot import logs
from bot.app import running
from bot.attending import attended
from bot.cli.common import app, configured, language, texts
from bot.cli.options import ConfigOption, DataOption
from bot.config_model import Config
from bot.recipes import Drawing
from bot.texts import render_error
from bot.transports.transport import Transport, kept_running, run_all
from errors import SaeulenbotError, UsageError
from scheduler.clock import SystemClock

log = logging.getLogger(__name__)

# All together a stop takes five seconds at most: receiving ends, sends on the wire are waited for, then this.
CLOSE_SECONDS = 1.0


class Platform(StrEnum):
    """The platforms a bot can have an account on."""

    TELEGRAM = "telegram"
    MATRIX = "matrix"


@app.command()
def run(
    only: Annotated[Platform | None, typer.Option(help="Only this platform.", show_default=False)] = None,
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Run the bot on its platforms until it is asked to stop (Ctrl-C, SIGTERM)."""
    settings = configured(config, data)
    drawing = Drawing()
    transports = configured_transports(settings, only, drawing)
    if not transports:
        raise UsageError("run.not_configured" if only else "run.no_platform", platform=only)
    logs.configure(sys.stderr)
    asyncio.run(_run(settings, transports, drawing))


def configured_transports(settings: Config, only: Platform | None, draw: Drawing) -> list[Transport]:
    """A transport for every platform in the configuration; its library is loaded only then."""
    made: list[Transport | None] = []
    if settings.telegram is not None and only in (None, Platform.TELEGRAM):
        from bot.transports.telegram import make_telegram

        made.append(make_telegram(settings, draw))
    if settings.matrix is not None and only in (None, Platform.MATRIX):
        from bot.transports.matrix import Matrix

        made.append(Matrix(settings, settings.matrix, draw))
    return [one for one in made if one is not None]


async def _run(settings: Config, transports: list[Transport], drawing: Drawing) -> None:
    clock, stop, hangup = SystemClock(), asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    loop.add_signal_handler(signal.SIGHUP, hangup.set)
    clock.start()
    try:
        log.info("starting", extra={"facts": {"platforms": [one.platform for one in transports]}})
        async with running(settings, clock, transports, held=False) as bot, attended(bot, hangup, explain):
            drawing.recipes = bot.recipes
            tasks = [asyncio.create_task(kept_running(one, bot, clock, explain)) for one in transports]
            await run_all(tasks, stop)
    finally:
        clock.stop()
        await _closed(transports)
    log.info("stopped")


async def _closed(transports: list[Transport]) -> None:
    """Close every connection; a platform that does not answer holds nobody up."""
    with suppress(TimeoutError):
        async with asyncio.timeout(CLOSE_SECONDS):
            await asyncio.gather(*(one.close() for one in transports), return_exceptions=True)


def explain(error: SaeulenbotError) -> str:
    """An error in the configured language."""
    return render_error(texts, language(), error)
