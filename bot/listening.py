"""The port of the web server: held from the start, served from the first time that somebody asks.

aiohttp and what comes with it take 11 MB, which nobody needs to pay whose bot is never asked.
"""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib import import_module

from bot.app import App

log = logging.getLogger(__name__)


@asynccontextmanager
async def listening(app: App) -> AsyncIterator[int | None]:
    """Serve until the block ends; the port, or None where there is none: the bot works without."""
    found = _bound(app.config.http.address)
    if found is None:
        yield None
        return
    task = asyncio.create_task(_serve(app, found))
    try:
        yield int(found.getsockname()[1])
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        found.close()


def _bound(address: tuple[str, int] | None) -> socket.socket | None:
    if address is None:
        return None
    try:
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        found = socket.create_server(address, family=family, backlog=128)
    except OSError as error:
        log.error("the web server cannot listen: %s", error.strerror or type(error).__name__)
        return None
    found.setblocking(False)
    return found


async def _serve(app: App, found: socket.socket) -> None:
    await _asked(found)
    await asyncio.to_thread(import_module, "bot.web")
    from bot.web import serving

    async with serving(app, found):
        await asyncio.Event().wait()


async def _asked(found: socket.socket) -> None:
    """Return when the first connection waits to be accepted."""
    loop, asked = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(found, asked.set)
    try:
        await asked.wait()
    finally:
        loop.remove_reader(found)
