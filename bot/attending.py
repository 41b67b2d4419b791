"""What stands around a bot that runs for long: the web server, systemd, and new content on SIGHUP."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bot import systemd
from bot.app import App, configured
from bot.listening import listening
from bot.wisdom import read_knowledge
from errors import SaeulenbotError
from store import sources

log = logging.getLogger(__name__)

Explain = Callable[[SaeulenbotError], str]


@asynccontextmanager
async def attended(app: App, hangup: asyncio.Event, explain: Explain) -> AsyncIterator[None]:
    """The bot is up: tell whoever asks, and read the content again at a `hangup`, until the block ends."""
    await _forget_sources(app)
    tasks = [asyncio.create_task(systemd.keep_alive()), asyncio.create_task(_reloading(app, hangup, explain))]
    try:
        async with listening(app) as port:
            app.services.pulse.since = app.clock.now()
            systemd.notify(systemd.READY)
            log.info("ready", extra={"facts": {"port": port, **_entries(app)}})
            yield
            systemd.notify(systemd.STOPPING)
            log.info("stopping")
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _forget_sources(app: App) -> None:
    """Sources that are no longer configured are nobody's worry any more."""
    names = [configured(one, app.services.places).name for one in app.config.sources]
    await app.database.write(lambda tx: sources.forget_others(tx, names))


async def _reloading(app: App, hangup: asyncio.Event, explain: Explain) -> None:
    while await hangup.wait():
        hangup.clear()
        await _reload(app, explain)


async def _reload(app: App, explain: Explain) -> None:
    """Read the content again; if it is broken, the old stays."""
    try:
        app.services.wisdom.replace(await asyncio.to_thread(read_knowledge, app.config))
    except SaeulenbotError as error:
        log.error("the content could not be read again, the old stays: %s", explain(error))
        return
    log.info("content read again", extra={"facts": _entries(app)})


def _entries(app: App) -> dict[str, int]:
    return {"entries": len(app.services.answerer.library.entries)}
