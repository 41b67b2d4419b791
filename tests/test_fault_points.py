"""One broadcast and one reminder, with the process dying around each commit and each network call in turn.

The seams are the product's own: writing to the store, and posting to a platform. A dead process does nothing
any more; then the program starts again on what is left, and the platform hands out again what was not
acknowledged.
"""

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot import app as assembly
from bot.config_model import Config
from bot.transports.telegram import Telegram, transport
from bot.transports.telegram.api import Account, make_requests
from bot.wisdom import read_knowledge
from knowledge.answer import Answerer
from knowledge.places import load_places
from scheduler.sender import Partly
from store import broadcasts, chats, circulation
from store.database import Database, Transaction, Work, open_database
from store.messages import ChatRef, Incoming, Queued
from tests.stage.clock import HandClock
from tests.stage.crowd import Crowd, gathered, person, private
from tests.stage.terminal import BEGIN

ANNA = "60"
GROUPS = [ChatRef("telegram", "-1"), ChatRef("telegram", "-2"), ChatRef("matrix", "!room:example.org")]
PLACES = load_places()
DEBATE_AT, REMIND_AT = "5.12. 18 Uhr", datetime(2026, 11, 28, 18, 30, tzinfo=BEGIN.tzinfo)


@cache
def knowledge() -> Answerer:
    """Read once: nothing of it changes from life to life."""
    return read_knowledge(Config())


requests = cache(make_requests)


class Killed(asyncio.CancelledError):
    """The process is dead: whoever waits for something in it ends."""


@dataclass
class Fate:
    """Ends the process at one of the moments that are counted; `at` 0 never does."""

    at: int = 0
    moments: int = 0
    # Nothing is counted before the program has started.
    begun: bool = False
    died: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def dead(self) -> bool:
        return self.died.is_set()

    def moment(self) -> None:
        self.moments += self.begun
        if self.begun and self.moments == self.at:
            self.died.set()
        if self.dead:
            raise Killed

    async def around(self, work: Callable[[], Awaitable[Any]]) -> Any:
        """Do something, unless the process dies just before; it may die just after."""
        self.moment()
        done = await work()
        self.moment()
        return done


class MortalStore:
    """A store in a process that may die around each commit."""

    def __init__(self, database: Database, fate: Fate) -> None:
        self._database, self._fate = database, fate

    async def write(self, work: Work[Any]) -> Any:
        return await self._fate.around(lambda: self._database.write(work))

    async def read(self, work: Work[Any]) -> Any:
        if self._fate.dead:
            raise Killed
        return await self._database.read(work)

    async def close(self) -> None:
        await self._database.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)


@dataclass
class World:
    """What is outside of the process: what arrived where, by the key under which it was posted."""

    arrived: list[tuple[ChatRef, str]] = field(default_factory=list)
    transactions: dict[str, str] = field(default_factory=dict)

    def counts(self, words: str) -> Counter[str]:
        """How often a message with these words is in each group."""
        return Counter(str(chat) for chat, body in self.arrived if words in body and chat in GROUPS)


class MortalTelegram(Telegram):
    """The transport, with a network that takes everything, around which the process may die."""

    def __init__(self, world: World, fate: Fate, data_dir: Path) -> None:
        super().__init__("7:token", "http://127.0.0.1:9", None, data_dir / "sending-telegram")
        self._world, self._fate = world, fate
        self._poster = self  # type: ignore[assignment]

    async def _account(self) -> Account:
        return Account(7, "saeulen_bot")

    async def post(self, _: Account, message: Queued) -> str | Partly:
        async def arrive() -> str:
            self._world.arrived.append((message.outgoing.chat, message.outgoing.body))
            return str(len(self._world.arrived))

        return str(await self._fate.around(arrive))


class MortalMatrix:
    """A homeserver that knows transaction ids."""

    platform = "matrix"

    def __init__(self, world: World, fate: Fate) -> None:
        self._world, self._fate = world, fate

    async def send(self, message: Queued) -> str:
        async def arrive() -> str:
            known = self._world.transactions
            if message.outgoing.key not in known:
                known[message.outgoing.key] = f"$event{len(known)}"
                self._world.arrived.append((message.outgoing.chat, message.outgoing.body))
            return known[message.outgoing.key]

        return str(await self._fate.around(arrive))

    async def leave(self, chat: ChatRef) -> None:
        raise AssertionError(chat)

    async def delete(self, chat: ChatRef, sent_id: str) -> None:
        raise AssertionError((chat, sent_id))


@asynccontextmanager
async def started(folder: Path, world: World, fate: Fate) -> AsyncIterator[Crowd]:
    """The program on what lies in a folder, in a process that may die."""

    async def mortal(url: str | None, data_dir: Path) -> Any:
        return MortalStore(await open_database(url, data_dir), fate)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assembly, "open_database", mortal)
        patch.setattr(assembly, "load_places", lambda _: PLACES)
        patch.setattr(assembly, "read_knowledge", lambda _: knowledge())
        # Building one reads every certificate of the machine.
        patch.setattr(transport, "make_requests", requests)
        telegram, clock = MortalTelegram(world, fate, folder), HandClock(BEGIN)
        senders: list[Any] = [telegram, MortalMatrix(world, fate)]
        async with assembly.running(Config(data_dir=folder), clock, senders) as app:
            with app.door_for("telegram", telegram.speak) as door:
                yield Crowd(app, clock, telegram, door)  # type: ignore[arg-type]
        await telegram.close()


@pytest.fixture
async def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An organiser, three admitted groups that are subscribed to Schwerin, and one debate there."""
    folder = tmp_path_factory.mktemp("prepared")
    async with gathered(folder) as crowd:
        await crowd.give(ANNA, "organiser")
        for ref in GROUPS:
            number = await crowd.group(ref=ref)
            await crowd.app.database.write(lambda tx, n=number: subscribe(tx, n))  # type: ignore[misc]
        await crowd.say(ANNA, f"/termin Schwerin {DEBATE_AT} Haushaltssatzung 2027")
        await crowd.say(ANNA, "/termin ja 1")
    return folder


def subscribe(tx: Transaction, number: int) -> None:
    chats.subscribe(tx, number, "", "Schwerin", False, "7d", BEGIN)


async def lived(prepared: Path, folder: Path, life: Callable[[Crowd], Awaitable[None]], at: int) -> "Left":
    """What is left of a life that ended at a moment, and of the one after it."""
    shutil.copytree(prepared, folder)
    world, fate = World(), Fate(at)
    for one in (fate, Fate()):
        try:
            async with started(folder, world, one) as crowd:
                one.begun = True
                await until_death(life(crowd), one)
                return Left(world, await crowd.app.database.read(became), one.moments)
        except Killed:
            assert fate.dead
    raise AssertionError("the second life does not end")


async def until_death(life: Coroutine[Any, Any, None], fate: Fate) -> None:
    """Live; raises Killed when the process dies meanwhile."""
    living, dying = asyncio.ensure_future(life), asyncio.ensure_future(fate.died.wait())
    async with asyncio.timeout(60):
        await asyncio.wait((living, dying), return_when=asyncio.FIRST_COMPLETED)
    living.cancel()
    dying.cancel()
    await asyncio.gather(living, dying, return_exceptions=True)
    if fate.dead:
        raise Killed
    living.result()


@dataclass(frozen=True)
class Left:
    """What arrived; how the broadcast stands and what it says of each group; how many moments there were."""

    world: World
    broadcast: tuple[broadcasts.Broadcast | None, dict[str, str]]
    moments: int


def became(tx: Transaction) -> tuple[broadcasts.Broadcast | None, dict[str, str]]:
    states = ("waiting", "held", "sent", "failed", "unknown")
    rows = circulation.delivered(tx, 1, states)
    refs = {one.id: str(one.ref) for one in chats.every(tx)}
    return broadcasts.get(tx, 1), {refs[row.chat]: row.state for row in rows}


def said(number: int, text: str) -> Incoming:
    """A message that the platform hands out until it is acknowledged: always the same."""
    return Incoming(f"telegram:fault:{number}", private(ANNA), person(ANNA), text, BEGIN)


async def send_broadcast(crowd: Crowd) -> None:
    for number, text in enumerate(("/rundruf Kommt alle!", "/rundruf senden 1")):
        await crowd.door.come_in(said(number, text))
        await crowd.app.delivery.drained()
    one, _ = await crowd.app.database.read(became)
    if one is None or one.state != "done":
        await crowd.clock.jump(BEGIN + timedelta(minutes=2))
        await crowd.app.delivery.drained()


async def remind(crowd: Crowd) -> None:
    await crowd.clock.jump(REMIND_AT)
    await crowd.app.delivery.drained()
    await crowd.clock.jump(REMIND_AT + timedelta(minutes=20))
    await crowd.app.delivery.drained()


async def test_a_broadcast_survives_the_end_of_the_process_at_any_moment(
    prepared: Path, tmp_path: Path
) -> None:
    whole = await lived(prepared, tmp_path / "0", send_broadcast, 0)
    assert whole.world.counts("Kommt alle!") == dict.fromkeys(map(str, GROUPS), 1)
    doubtful = set()
    assert whole.moments > 20
    for at in range(1, whole.moments + 1):
        left = await lived(prepared, tmp_path / str(at), send_broadcast, at)
        one, states = left.broadcast
        assert one is not None, at
        assert (one.state, one.chats) == ("done", 3), at
        assert one.sent + one.unknown == 3, at
        arrived = left.world.counts("Kommt alle!")
        for ref in GROUPS:
            # Once where it says so; where it does not know, once or not at all.
            assert arrived[str(ref)] in ((1,) if states[str(ref)] == "sent" else (0, 1)), (at, ref)
        assert states[str(GROUPS[2])] == "sent", at
        doubtful |= {name for name, state in states.items() if state == "unknown"}
    assert doubtful


async def test_a_reminder_survives_the_end_of_the_process_at_any_moment(
    prepared: Path, tmp_path: Path
) -> None:
    whole = await lived(prepared, tmp_path / "0", remind, 0)
    assert whole.world.counts("Haushaltssatzung") == dict.fromkeys(map(str, GROUPS), 1)
    assert whole.moments > 10
    twice = 0
    for at in range(1, whole.moments + 1):
        left = await lived(prepared, tmp_path / str(at), remind, at)
        arrived = left.world.counts("Haushaltssatzung")
        assert arrived.keys() == set(map(str, GROUPS)), at
        assert arrived[str(GROUPS[2])] == 1, at
        assert sum(arrived.values()) <= len(GROUPS) + 2, at
        twice += sum(arrived.values()) > len(GROUPS)
    # Only a crash between posting and writing that down repeats one.
    assert 0 < twice < whole.moments
