"""The Matrix account as a transport: logs in, cross-signs its device, sends and receives."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

from nio import AsyncClient, ProfileGetDisplayNameResponse

from bot.app import App
from bot.config_model import Config
from bot.config_model import Matrix as Settings
from bot.names import with_names
from bot.transports.matrix.account import cross_sign, entered, reached
from bot.transports.matrix.hearing import Hearing
from bot.transports.matrix.receiving import Receiving
from bot.transports.matrix.rooms import PLATFORM, Rooms
from bot.transports.matrix.sending import Draw, Post
from bot.transports.matrix.session import Files
from bot.transports.matrix.signs import with_signs
from bot.transports.matrix.stream import Stream
from bot.transports.matrix.typing import Typing
from bot.transports.matrix.unreadable import Unreadable
from store import outbox
from store.messages import Attachment, ChatRef, Outgoing, Queued

log = logging.getLogger(__name__)

DAY_OF = "%Y-%m-%d"


class Matrix:
    """Implements bot.transports.transport.Transport, and with it delivery's Sender."""

    platform = PLATFORM

    def __init__(self, config: Config, settings: Settings, draw: Draw | None = None) -> None:
        self._config = config
        self._settings = settings
        self._draw = draw
        self._files = Files(config.data_dir)
        self._post: Post | None = None
        self._ready = asyncio.Event()
        self._names: tuple[str, ...] = ()

    async def send(self, message: Queued) -> str:
        """Post a message; waits until the account is connected. Raises a SendError."""
        post = await self._connected()
        named = await with_names(message.outgoing, post.name_of)
        return await post.send(replace(message, outgoing=with_signs(named, self._names)))

    async def leave(self, chat: ChatRef) -> None:
        """Leave a room for good; one the bot is no longer in is no error. Raises a SendError."""
        post = await self._connected()
        await post.leave(chat.chat)

    async def speak(self, message: Outgoing) -> None:
        """Post at once, past the outbox. Raises a SendError."""
        post = await self._connected()
        await post.speak(with_signs(message, self._names))

    async def delete(self, chat: ChatRef, sent_id: str) -> None:
        """Redact what was posted. Raises a SendError."""
        post = await self._connected()
        await post.delete(chat.chat, sent_id)

    async def fetch(self, file: Attachment) -> bytes:
        """The content of a file that somebody sent. Raises a SendError."""
        post = await self._connected()
        return await post.fetch(file)

    async def connected(self) -> None:
        """Wait until the account is connected."""
        await self._connected()

    async def _connected(self) -> Post:
        while (post := self._post) is None:
            await self._ready.wait()
        return post

    async def run(self, app: App) -> None:
        """Receive until cancelled. Raises ConfigError, NotNow when it cannot go on by itself."""
        client, _ = await entered(self._settings, self._files)
        try:
            await self._cross_sign(app, client)
            self._names = app.dialogue.router.commands.names
            typing = Typing(client, app.clock)
            post = Post(client, self._draw, typing)
            async with self._parts(app, client, post, typing) as receiving:
                batch = await receiving.begin()
                self._files.close_store()
                self._post = post
                self._ready.set()
                await receiving.run(batch)
        finally:
            self._ready.clear()
            self._post = None
            await client.close()

    async def close(self) -> None:
        """Nothing is left open: `run` closes what it has opened."""

    async def _cross_sign(self, app: App, client: AsyncClient) -> None:
        password = self._settings.password
        trouble = await cross_sign(client, self._files, password.get_secret_value() if password else None)
        if trouble is not None:
            log.warning("matrix: %s", app.services.texts.get(app.config.language, trouble))

    @asynccontextmanager
    async def _parts(
        self, app: App, client: AsyncClient, post: Post, typing: Typing
    ) -> AsyncIterator[Receiving]:
        """Everything that works on one connected client."""
        texts, language = app.services.texts, app.config.language
        rooms = Rooms(app, client, self._settings.invites, lambda key: texts.get(language, key))
        name = await reached(client.get_displayname())
        shown = name.displayname or "" if isinstance(name, ProfileGetDisplayNameResponse) else ""
        async with AsyncExitStack() as stack:
            stack.callback(asyncio.create_task(post.offering.run(app.clock)).cancel)
            door = stack.enter_context(app.door_for(PLATFORM, self.speak))
            hearing = Hearing(app, client, door, post, typing, shown)
            unreadable = Unreadable(client, app.clock, Hints(app).hint)
            pulse = app.services.pulse
            stream = Stream(client, app.clock, self._files, lambda: pulse.hear(PLATFORM, app.clock.now()))
            yield Receiving(client, app.clock, self._files, stream, rooms, hearing, unreadable)


class Hints:
    """Says what to do about messages that cannot be read: once a day, person and room."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def hint(self, room: str, sender: str, code: str) -> None:
        app, now = self._app, self._app.clock.now()
        key = "matrix.withheld" if code else "matrix.unreadable"
        mark = app.dialogue.mark(f"unreadable:{room}:{sender}:{now:{DAY_OF}}").hex()
        body = app.services.texts.get(app.config.language, key)
        message = Outgoing(key=f"unreadable:{mark}", chat=ChatRef(PLATFORM, room), body=body)
        await app.database.write(lambda tx: outbox.put(tx, message, now))
        await app.delivery.wake()
