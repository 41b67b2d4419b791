"""The Matrix transport beside the library by itself: python -m benchmarks matrix [--full]

A real homeserver on this machine, without limits of rates; the real `saeulenbot run`, and a bare echo bot of
twenty lines on matrix-nio. Both answer the same people in turn. Nobody asks more than bot/limits.py lets one
person ask at once (60): what is measured is answered, never refused.
"""

import asyncio
import contextlib
import logging
import os
import platform
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

from nio import RoomSendResponse

from bot.app import opened
from bot.config import load_config
from store import chats, outbox
from store.database import Transaction
from store.messages import ChatRef, Kind, Outgoing
from tests.homeserver.server import PASSWORD, Homeserver, homeserver
from tests.stage.matrix_process import ROOT, Bot
from tests.stage.member import Member

QUESTION = "Wer bezahlt Frauenhäuser?"
PEOPLE, AT_ONCE = 5, 60
ASKED = {True: 100, False: 25}
ROOMS = {True: 500, False: 60}
TALKERS, EACH = {True: 40, False: 4}, 50
QUIET_MILLISECONDS = 150
# The echo bot loses some: when so long nothing more has come, nothing more will.
LOST_SECONDS = 8

ECHO = """
import asyncio, sys
from nio import AsyncClient, AsyncClientConfig, InviteMemberEvent, RoomMessageText
async def main(address, user, password, store):
    client = AsyncClient(address, user, store_path=store, config=AsyncClientConfig(encryption_enabled=True))
    await client.login(password)
    async def echo(room, event):
        if event.sender != client.user_id:
            content = {"msgtype": "m.text", "body": event.body}
            await client.room_send(room.room_id, "m.room.message", content, ignore_unverified_devices=True)
    async def join(room, _):
        await client.join(room.room_id)
    client.add_event_callback(echo, RoomMessageText)
    client.add_event_callback(join, InviteMemberEvent)
    await client.sync_forever(30000, full_state=True)
asyncio.run(main(*sys.argv[1:]))
"""
LOOP = """
import asyncio, sys
from nio import AsyncClient
async def main(address, user, password, *rooms):
    client = AsyncClient(address, user)
    await client.login(password)
    for room in rooms:
        await client.room_send(room, "m.room.message", {"msgtype": "m.text", "body": "Hallo"})
    await client.close()
asyncio.run(main(*sys.argv[1:]))
"""


@dataclass(frozen=True)
class Rival:
    """A running bot: what it is called, who it is on the homeserver, and its process."""

    name: str
    user: str
    pid: int

    @property
    def memory(self) -> float:
        """Resident megabytes now."""
        lines = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024

    @property
    def spent(self) -> float:
        """Milliseconds of processor time so far."""
        ticks = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        return (int(ticks[11]) + int(ticks[12])) * 1000 / os.sysconf("SC_CLK_TCK")


@contextlib.asynccontextmanager
async def started(bot: Bot) -> AsyncIterator[Rival]:
    """The program, until the block ends."""
    await bot.start()
    try:
        yield Rival("saeulenbot", bot.user, bot.pid)
    finally:
        await bot.stop()


@contextlib.asynccontextmanager
async def saeulenbot(server: Homeserver, folder: Path) -> AsyncIterator[Rival]:
    async with started(Bot(server, _made(folder / "saeulenbot"))) as bot:
        yield bot


@contextlib.asynccontextmanager
async def echo(server: Homeserver, folder: Path) -> AsyncIterator[Rival]:
    user = server.fresh("echo")
    process = await script(ECHO, server.address, user, PASSWORD, str(_made(folder / "echo")))
    try:
        yield Rival("bare echo", user, process.pid)
    finally:
        process.kill()
        await process.wait()


async def script(code: str, *words: str) -> asyncio.subprocess.Process:
    nowhere = asyncio.subprocess.DEVNULL
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, *words, cwd=ROOT, stdout=nowhere, stderr=nowhere
    )


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


# --- people ---


@dataclass
class Talk:
    """Somebody in a room with a bot of their own."""

    server: Homeserver
    member: Member
    bot: Rival
    room: str

    async def ask(self) -> None:
        """Write the question, to devices that are known already."""
        content = {"msgtype": "m.text", "body": QUESTION}
        answer = await self.member.client.room_send(
            self.room, "m.room.message", content, ignore_unverified_devices=True
        )
        assert isinstance(answer, RoomSendResponse), answer

    async def asked(self) -> float:
        """Milliseconds from writing a question until its answer is read; then until all is quiet."""
        before, begun = len(self.heard()), perf_counter()
        await self.ask()
        await self.member.until(lambda: len(self.heard()) > before)
        took = (perf_counter() - begun) * 1000
        known = -1
        while known < len(self.member.heard):
            known = len(self.member.heard)
            await self.member.sync(QUIET_MILLISECONDS)
        return took

    def heard(self) -> list[object]:
        return list(self.member.messages(self.room, self.bot.user))

    def answers(self) -> list[int]:
        """When the homeserver took each message of the bot (milliseconds)."""
        path = f"/_matrix/client/v3/rooms/{self.room}/messages?dir=b&limit=1000"
        found = self.server.ask("GET", path, token=str(self.member.client.access_token))["chunk"]
        return written_by(found, self.bot.user)


def written_by(events: Sequence[dict[str, object]], user: str) -> list[int]:
    kinds = ("m.room.message", "m.room.encrypted")
    mine = [one for one in events if one["sender"] == user and one["type"] in kinds]
    return sorted(int(str(one["origin_server_ts"])) for one in mine)


@contextlib.asynccontextmanager
async def people(
    server: Homeserver, folder: Path, bots: Sequence[Rival], count: int, encrypted: bool
) -> AsyncIterator[dict[str, list[Talk]]]:
    """So many people, each in a room of their own with every bot; the talks by the bot's name."""
    async with contextlib.AsyncExitStack() as leaving:
        talks: dict[str, list[Talk]] = {bot.name: [] for bot in bots}
        for number in range(count):
            member = await Member.enter(server, server.fresh("p"), folder / f"{number}-{encrypted}")
            leaving.push_async_callback(member.leave)
            for bot in bots:
                room = await member.room(bot.user, direct=True, encrypted=encrypted)
                await member.joined_by(room, bot.user)
                if encrypted:
                    member.client.olm.users_for_key_query.add(bot.user)
                    await member.client.keys_query()
                talks[bot.name].append(Talk(server, member, bot, room))
        yield talks


# --- question to answer ---


async def questions(server: Homeserver, folder: Path, bots: Sequence[Rival], full: bool) -> list[str]:
    lines = []
    for encrypted in (False, True):
        async with people(server, folder, bots, PEOPLE, encrypted) as talks:
            for bot in bots:
                for talk in talks[bot.name]:
                    await talk.asked()
            times: dict[str, list[float]] = {bot.name: [] for bot in bots}
            before = {bot.name: bot.spent for bot in bots}
            for number in range(ASKED[full]):
                for bot in bots:
                    times[bot.name].append(await talks[bot.name][number % PEOPLE].asked())
            kind = "encrypted" if encrypted else "plain"
            for bot in bots:
                spent = (bot.spent - before[bot.name]) / ASKED[full]
                lines.append(_row(f"{kind}, {bot.name}", times[bot.name], spent))
            ours, bare = (median(times[bot.name]) for bot in bots)
            lines.append(f"| {kind}, ratio of the medians (goal: at most 1.3) | {ours / bare:.2f} | | |")
    return ["| question to answer | median | p95 | CPU a message |", "|---|---|---|---|", *lines]


def _row(name: str, times: list[float], spent: float) -> str:
    p95 = quantiles(times, n=20)[18]
    return f"| {name} | {median(times):.1f} ms | {p95:.1f} ms | {spent:.1f} ms |"


# --- many at once ---


async def at_once(server: Homeserver, folder: Path, bots: Sequence[Rival]) -> list[str]:
    lines = []
    for encrypted in (False, True):
        for bot in bots:
            async with people(server, folder / bot.name, [bot], PEOPLE, encrypted) as talks:
                answered, took = await _flood(talks[bot.name])
            kind = "encrypted" if encrypted else "plain"
            lines.append(f"| {kind}, {bot.name} | {answered} of {PEOPLE * AT_ONCE} | {took:.1f} s |")
    head = f"| {PEOPLE * AT_ONCE} messages of {PEOPLE} members at once | answered | first to last answer |"
    return [head, "|---|---|---|", *lines]


async def _flood(talks: list[Talk]) -> tuple[int, float]:
    """Everybody asks as often and as fast as they can: how many were answered, in how many seconds."""

    async def ask(talk: Talk) -> None:
        for _ in range(AT_ONCE):
            await talk.ask()

    async def answers() -> list[int]:
        return [at for talk in talks for at in await asyncio.to_thread(talk.answers)]

    await asyncio.gather(*map(ask, talks))
    found, since = await answers(), perf_counter()
    while len(found) < len(talks) * AT_ONCE and perf_counter() - since < LOST_SECONDS:
        await asyncio.sleep(0.5)
        now = await answers()
        found, since = now, perf_counter() if len(now) > len(found) else since
    return len(found), (max(found) - min(found)) / 1000


# --- broadcast ---


async def broadcast(server: Homeserver, folder: Path, count: int) -> list[str]:
    """The same word to many rooms, once by us and once by a loop that sends one after the other."""
    bot, bare = Bot(server, _made(folder / "broadcast")), server.fresh("loop")
    owner = await asyncio.to_thread(token_of, server, server.fresh("owner"))
    rooms = await _opened(server, owner, [bot.user, bare], count)
    messages = [Outgoing(f"b{room}", ChatRef("matrix", room), "Hallo", Kind.BROADCAST) for room in rooms]
    await _queued(bot.configuration, messages)

    def sent(user: str) -> list[int]:
        return [at for room in rooms for at in written_by(_last(server, owner, room), user)]

    async with started(bot):
        ours = await _rate(lambda: sent(bot.user), count)
    process = await script(LOOP, server.address, bare, PASSWORD, *rooms)
    await process.wait()
    loop = await _rate(lambda: sent(bare), count)
    return [
        f"| broadcast to {count} rooms | a second |",
        "|---|---|",
        f"| saeulenbot | {ours:.1f} |",
        f"| bare send loop | {loop:.1f} |",
        f"| ratio (goal: at least 0.8) | {ours / loop:.2f} |",
    ]


def token_of(server: Homeserver, user: str) -> str:
    login = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": user}}
    answer = server.ask("POST", "/_matrix/client/v3/login", login | {"password": PASSWORD})
    return str(answer["access_token"])


async def _opened(server: Homeserver, owner: str, users: list[str], count: int) -> list[str]:
    """So many plain rooms with these users in them."""
    tokens = [token_of(server, user) for user in users]

    def one(_: int) -> str:
        made = server.ask("POST", "/_matrix/client/v3/createRoom", {"invite": users, "name": "Raum"}, owner)
        for token in tokens:
            server.ask("POST", f"/_matrix/client/v3/join/{made['room_id']}", {}, token)
        return str(made["room_id"])

    return [await asyncio.to_thread(one, number) for number in range(count)]


def _last(server: Homeserver, token: str, room: str) -> list[dict[str, object]]:
    path = f"/_matrix/client/v3/rooms/{room}/messages?dir=b&limit=20"
    found: list[dict[str, object]] = server.ask("GET", path, token=token)["chunk"]
    return found


async def _queued(file: Path, messages: list[Outgoing]) -> None:
    """Admitted rooms, and the messages for them, before the program starts."""
    now = datetime.now(UTC)

    def fill(tx: Transaction) -> None:
        for message in messages:
            chats.change(tx, chats.keep(tx, message.chat, False, "", now).id, admitted=True)
            outbox.add(tx, message, now)

    async with opened(load_config(file, None)) as database:
        await database.write(fill)


async def _rate(sent: Callable[[], list[int]], count: int) -> float:
    """Messages a second from the first to the last, when all are there."""
    found = await asyncio.to_thread(sent)
    while len(found) < count:
        # Rarely: looking costs the homeserver as much as a message.
        await asyncio.sleep(max(2.0, count / 20))
        found = await asyncio.to_thread(sent)
    assert len(found) == count
    return count / ((max(found) - min(found)) / 1000)


# --- memory ---


async def memory(server: Homeserver, folder: Path, talkers: int) -> list[str]:
    """Of a program that was started before, as a service is: the first start makes the store."""
    bot = Bot(server, _made(folder / "memory"))
    async with started(bot):
        await bot.says("ready")
    async with started(bot) as rival:
        async with people(server, folder / "memory", [rival], 1, encrypted=False):
            idle = rival.memory
        async with people(server, folder / "memory", [rival], talkers, encrypted=True) as talks:
            few = await _talked(talks[rival.name], 1)
            many = await _talked(talks[rival.name], EACH)
    return [
        "| memory with Matrix alone | resident |",
        "|---|---|",
        f"| idle (goal: under 90 MB) | {idle:.0f} MB |",
        f"| after the first {talkers} encrypted messages, with all loaded that answers need | {few:.0f} MB |",
        f"| after {talkers * EACH:,} encrypted messages | {many:.0f} MB |",
        f"| growth from the first messages (goal: under 10 MB) | {many - few:.0f} MB |",
        f"| growth from idle | {many - idle:.0f} MB |",
    ]


async def _talked(talks: list[Talk], each: int) -> float:
    """Memory when everybody has had so many answers in all."""
    for _ in range(len(talks[0].heard()), each):
        await asyncio.gather(*[talk.asked() for talk in talks])
    return talks[0].bot.memory


async def measured(full: bool) -> str:
    # People's own clients complain in the log of what they are about to mend.
    logging.getLogger("nio").setLevel(logging.CRITICAL)
    now = datetime.now(UTC)
    parts = [
        ["# The Matrix transport beside the library by itself"],
        [f"{now:%Y-%m-%d}, Python {platform.python_version()}, {os.cpu_count()} cores, Synapse on SQLite."],
    ]
    with tempfile.TemporaryDirectory() as name, homeserver(_made(Path(name) / "homeserver")) as server:
        folder = Path(name)
        async with saeulenbot(server, folder) as ours, echo(server, folder) as bare:
            parts.append(await questions(server, folder, [ours, bare], full))
            parts.append(await at_once(server, folder, [ours, bare]))
        parts.append(await broadcast(server, folder, ROOMS[full]))
        parts.append(await memory(server, folder, TALKERS[full]))
    return "\n\n".join("\n".join(lines) for lines in parts) + "\n"


def table(full: bool = False) -> str:
    """All measurements as Markdown."""
    return asyncio.run(measured(full))
