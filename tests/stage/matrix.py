"""The same stage on Matrix: the whole bot in this process, a real homeserver, and people's own clients."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from nio import AsyncClient
from pydantic import SecretStr

from bot.app import App, running
from bot.config_model import Config
from bot.config_model import Matrix as Settings
from bot.door import Door, Speak
from bot.transports.matrix import Matrix
from bot.transports.matrix.html import KEYCAPS
from bot.transports.matrix.sending import Draw
from store.messages import ChatRef
from tests.homeserver.server import NAME, PASSWORD, Homeserver
from tests.stage.admitting import admit
from tests.stage.clock import HandClock
from tests.stage.member import Heard, Member
from tests.stage.terminal import BEGIN, admit_group

PATIENCE_SECONDS = 60
BEYOND = re.compile(r"^(\d\d)\. ", re.MULTILINE)


class Seen:
    """Which events the bot has handled."""

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self._news = asyncio.Event()

    def note(self, key: str) -> None:
        self._keys.add(key)
        self._news.set()

    async def until(self, event: str) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while f"matrix:{event}" not in self._keys:
                self._news.clear()
                await self._news.wait()


class WatchedDoor:
    """A door that notes what came through it."""

    def __init__(self, door: Door, seen: Seen) -> None:
        self._door = door
        self._seen = seen

    async def come_in(self, incoming: Any) -> Any:
        handled = await self._door.come_in(incoming)
        self._seen.note(incoming.key)
        return handled


@dataclass(frozen=True)
class WatchedApp(App):
    """An App whose doors are watched."""

    seen: Seen

    @contextmanager
    def door_for(self, platform: str, speak: Speak) -> Iterator[Any]:
        with super().door_for(platform, speak) as door:
            yield WatchedDoor(door, self.seen)


@dataclass
class Person:
    """A member, and their room with the bot."""

    member: Member
    room: str
    read: int = 0


class WatchedMatrix(Matrix):
    """The transport, whose rooms can be looked at."""

    client: AsyncClient

    async def _cross_sign(self, app: App, client: AsyncClient) -> None:
        self.client = client
        await super()._cross_sign(app, client)


class MatrixStage:
    """Implements tests.stage.play.Stage."""

    def __init__(
        self,
        app: WatchedApp,
        transport: WatchedMatrix,
        server: Homeserver,
        bot: str,
        folder: Path,
        encrypted: bool,
    ) -> None:
        self.app = app
        self._transport = transport
        self._running: asyncio.Task[None] | None = None
        self.server = server
        self.bot = bot
        self._folder = folder
        self._encrypted = encrypted
        self._people: dict[str, Person] = {}
        names = "|".join(map(re.escape, app.dialogue.router.commands.names))
        self._sign = re.compile(rf"(?<!\w)!(?=(?:{names})\b)")

    @property
    def clock(self) -> HandClock:
        assert isinstance(self.app.clock, HandClock)
        return self.app.clock

    def person(self, name: str) -> Person:
        return self._people[name]

    async def say(self, name: str, text: str) -> None:
        if name not in self._people:
            await self.introduce(name, "member", "*")
        one = self._people[name]
        for other, person in self._people.items():
            text = text.replace(f"terminal:{other}", f"matrix:{person.member.user}")
        await self.handled(await one.member.say(one.room, text))

    async def handled(self, event: str) -> None:
        """Return when the bot has handled an event, and everybody has what it said."""
        await self.app.seen.until(event)
        await self._listen()

    async def introduce(self, name: str, role: str, place: str) -> None:
        if role == "group":
            await self._open_group(name, place)
            return
        if name not in self._people:
            member = await Member.enter(self.server, self.server.fresh(name), self._folder / name)
            room = await member.room(self.bot, direct=True, encrypted=self._encrypted)
            await self._met(member, room)
            self._people[name] = Person(member, room)
        if role != "guest":
            one, now = self._people[name], self.app.clock.now()
            ref, person = ChatRef("matrix", one.room), f"matrix:{one.member.user}"
            await self.app.database.write(lambda tx: admit(tx, ref, person, role, place, now))

    async def _open_group(self, name: str, place: str) -> None:
        """A room that organisers have admitted before the bot comes into it."""
        member = await Member.enter(self.server, self.server.fresh(name), self._folder / name)
        room = await member.room(name=name, encrypted=self._encrypted)
        ref = ChatRef("matrix", room)
        await self.app.database.write(lambda tx: admit_group(tx, ref, place, self.clock.now()))
        await member.client.room_invite(room, self.bot)
        await self._met(member, room)
        self._people[name] = Person(member, room)

    async def _met(self, member: Member, room: str) -> None:
        """Return when the bot is in a room, and has heard so itself."""
        await member.joined_by(room, self.bot)
        await member.until(lambda: room in self._transport.client.rooms)

    async def jump(self, to: datetime) -> None:
        await self.clock.jump(to)
        await self._listen()

    async def _listen(self) -> None:
        await self.app.delivery.drained()
        for one in self._people.values():
            await one.member.sync()

    def heard(self) -> list[tuple[str, str]]:
        said = []
        for name, one in self._people.items():
            messages = one.member.messages(one.room, self.bot)
            said += [(name, self._as_written(message)) for message in as_edited(messages[one.read :])]
            one.read = len(messages)
        return said

    def _as_written(self, message: Heard) -> str:
        """As it stands in the files, which speak of the terminal."""
        text = message.text
        for number, keycap in enumerate(KEYCAPS, start=1):
            text = text.replace(f"{keycap} ", f"[{number}] ")
        for name, one in self._people.items():
            person, shown = f"matrix:{one.member.user}", one.member.user[1:].partition(":")[0]
            text = text.replace(f"{shown} ({person})", person).replace(person, f"terminal:{name}")
        return self._sign.sub("/", BEYOND.sub(r"[\1] ", text))

    @asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        """The bot is not connected while the block runs."""
        await self.disconnect()
        yield
        self.connect()

    def connect(self) -> None:
        self._running = asyncio.create_task(self._transport.run(self.app))

    async def disconnect(self) -> None:
        assert self._running is not None
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)

    async def close(self) -> None:
        for one in self._people.values():
            await one.member.leave()


def as_edited(messages: list[Heard]) -> list[Heard]:
    """Messages as they are at last: edits of these are put in their places, others are left out."""
    found = {}
    for one in messages:
        relation = one.content.get("m.relates_to", {})
        if relation.get("rel_type") != "m.replace":
            found[one.event] = one
        elif relation["event_id"] in found:
            found[relation["event_id"]] = replace(one, content=one.content["m.new_content"])
    return list(found.values())


def configured(address: str, bot: str, data_dir: Path, invites: str = NAME) -> Config:
    """A configuration for a bot that follows the invitations of a server or person."""
    settings = Settings(homeserver=address, user=bot, password=SecretStr(PASSWORD), invites=(invites,))
    return Config(data_dir=data_dir, matrix=settings)


@asynccontextmanager
async def on_matrix(
    server: Homeserver, folder: Path, encrypted: bool = False, draw: Draw | None = None, invites: str = NAME
) -> AsyncIterator[MatrixStage]:
    """The bot on a new account, with a data directory of its own."""
    bot = server.fresh("saeulenbot")
    config, clock = configured(server.address, bot, folder / "bot", invites), HandClock(BEGIN)
    assert config.matrix is not None
    transport = WatchedMatrix(config, config.matrix, draw)
    async with running(config, clock, [transport]) as app:
        watched = WatchedApp(**{one.name: getattr(app, one.name) for one in fields(App)}, seen=Seen())
        stage = MatrixStage(watched, transport, server, bot, folder, encrypted)
        stage.connect()
        try:
            yield stage
        finally:
            await stage.disconnect()
            await stage.close()
