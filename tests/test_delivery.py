"""Delivery: in order per chat, chats beside each other, retried, and nothing lost when things fail."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select

from errors import ChatGone, MaybeSent, NotNow, Refused, SendError, StoreFull
from scheduler.attempt import MOST_TRIES
from scheduler.delivery import Delivery
from scheduler.receipts import STORE_TRIES
from store import broadcasts, chats, circulation, outbox
from store.broadcasts import Broadcast
from store.database import Database, Transaction, Work
from store.messages import ChatRef, Kind, Outgoing, Queued
from store.tables import outbox as table
from tests.conftest import NOW
from tests.stage.clock import HandClock

MIA, BEN = ChatRef("terminal", "mia"), ChatRef("terminal", "ben")


class Platform:
    """A platform that does with each message what the test says, and remembers what arrived."""

    platform = "terminal"

    def __init__(self) -> None:
        self.arrived: list[str] = []
        self.tried: list[str] = []
        self.errors: dict[str, list[SendError]] = defaultdict(list)
        self.blocked: dict[str, asyncio.Event] = {}

    async def send(self, message: Queued) -> str:
        body = message.outgoing.body
        self.tried.append(body)
        if body in self.blocked:
            await self.blocked[body].wait()
        if self.errors[body]:
            raise self.errors[body].pop(0)
        self.arrived.append(body)
        return f"id-{body}"

    async def leave(self, _: ChatRef) -> None:
        self.arrived.append("leave")

    async def delete(self, _: ChatRef, sent_id: str) -> None:
        self.arrived.append(f"deleted {sent_id}")


class Shaky:
    """A store whose writes fail for a while."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.failures = 0

    async def write(self, work: Work[object]) -> object:
        if self.failures:
            self.failures -= 1
            raise StoreFull("store.full", file="x")
        return await self.database.write(work)

    async def read(self, work: Work[object]) -> object:
        return await self.database.read(work)

    async def close(self) -> None:
        await self.database.close()


class House:
    """Delivery at work between a store and a platform."""

    def __init__(self, database: Database) -> None:
        self.platform, self.clock, self.store = Platform(), HandClock(NOW), Shaky(database)
        self.gone: list[ChatRef] = []
        self.delivery = Delivery(self.store, [self.platform], self.clock, self._gone, self._moved)

    async def _gone(self, chat: ChatRef) -> None:
        self.gone.append(chat)

    async def _moved(self, old: ChatRef, new: ChatRef) -> None:
        raise AssertionError(f"{old} has not moved to {new}")

    async def queue(self, *bodies: str, chat: ChatRef = MIA, kind: Kind = Kind.ANSWER) -> None:
        def work(tx: Transaction) -> None:
            for body in bodies:
                outbox.add(tx, Outgoing(body, chat, body, kind), self.clock.now())

        await self.store.database.write(work)

    async def later(self, **span: float) -> None:
        await self.clock.jump(self.clock.now() + timedelta(**span))
        await self.delivery.drained()

    async def rows(self) -> dict[str, str]:
        query = select(table.c.key, table.c.state)
        return await self.store.database.read(lambda tx: {row.key: row.state for row in tx.execute(query)})


@pytest.fixture
async def house(sqlite: Database) -> AsyncIterator[House]:
    async with at_work(House(sqlite)) as built:
        yield built


@asynccontextmanager
async def at_work(house: House) -> AsyncIterator[House]:
    task = asyncio.create_task(house.delivery.run())
    yield house
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def until(true: Callable[[], bool]) -> None:
    """Let others go on until something holds; the test's own time limit is ten thousand steps."""
    for _ in range(10_000):
        if true():
            return
        await asyncio.sleep(0.001)
    raise AssertionError("it never came to hold")


async def test_a_chat_gets_its_messages_in_order(house: House) -> None:
    bodies = [str(number) for number in range(30)]
    await house.queue(*bodies)
    await house.delivery.drained()
    assert house.platform.arrived == bodies
    assert await house.rows() == {}


async def test_a_chat_that_blocks_does_not_hold_up_others(house: House) -> None:
    house.platform.blocked["slow"] = asyncio.Event()
    await house.queue("slow", "after")
    await house.queue("quick", chat=BEN)
    await house.delivery.wake()
    await until(lambda: "quick" in house.platform.arrived)
    assert house.platform.tried.count("slow") == 1
    assert "after" not in house.platform.tried
    house.platform.blocked["slow"].set()
    await house.delivery.drained()
    assert house.platform.arrived == ["quick", "slow", "after"]


async def test_what_comes_while_a_chat_is_busy_goes_out_after(house: House) -> None:
    house.platform.blocked["first"] = asyncio.Event()
    await house.queue("first")
    await house.delivery.wake()
    await until(lambda: "first" in house.platform.tried)
    await house.queue("second")
    await house.delivery.wake()
    house.platform.blocked["first"].set()
    await house.delivery.drained()
    assert house.platform.arrived == ["first", "second"]


async def test_a_limit_is_waited_out_and_not_overtaken_in_its_chat(house: House) -> None:
    house.platform.errors["one"] = [NotNow("send.limit", timedelta(seconds=30))]
    await house.queue("one", "two")
    await house.queue("elsewhere", chat=BEN)
    await house.delivery.drained()
    await house.later(seconds=29)
    assert house.platform.tried == ["one", "elsewhere"]
    await house.later(seconds=1)
    assert house.platform.arrived == ["elsewhere", "one", "two"]


async def test_an_answer_does_not_wait_for_a_reminder_that_is_put_off(house: House) -> None:
    house.platform.errors["reminder"] = [NotNow("send.limit")]
    await house.queue("reminder", kind=Kind.REMINDER)
    await house.delivery.drained()
    await house.queue("answer")
    await house.delivery.drained()
    assert house.platform.arrived == ["answer"]


async def test_pauses_between_tries_grow(house: House) -> None:
    house.platform.errors["one"] = [NotNow("send.limit") for _ in range(3)]
    await house.queue("one")
    await house.delivery.drained()
    tries = []
    for _ in range(15):
        await house.later(seconds=1)
        tries.append(len(house.platform.tried))
    assert tries == [1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 4, 4]
    assert house.platform.arrived == ["one"]


async def test_a_message_that_is_never_taken_is_set_aside(house: House) -> None:
    house.platform.errors["one"] = [NotNow("send.limit") for _ in range(100)]
    await house.queue("one", "two")
    await house.delivery.drained()
    for _ in range(MOST_TRIES + 2):
        await house.later(hours=1)
    assert house.platform.tried.count("one") == MOST_TRIES
    assert house.platform.arrived == ["two"]
    assert await house.rows() == {"one": "failed"}


@pytest.mark.parametrize("error", [Refused("send.refused"), ChatGone("send.gone")], ids=["refused", "gone"])
async def test_a_refused_message_fails_once(house: House, error: SendError) -> None:
    house.platform.errors["one"] = [error]
    await house.queue("one", "two")
    await house.delivery.drained()
    assert house.platform.tried == ["one", "two"]
    assert await house.rows() == {"one": "failed"}
    assert house.gone == ([MIA] if isinstance(error, ChatGone) else [])


@pytest.mark.parametrize("kind", [Kind.ANSWER, Kind.REMINDER, Kind.NOTICE])
async def test_what_may_have_arrived_is_sent_again(house: House, kind: Kind) -> None:
    house.platform.errors["one"] = [MaybeSent("send.lost")]
    await house.queue("one", kind=kind)
    await house.delivery.drained()
    await house.later(minutes=1)
    assert house.platform.tried == ["one", "one"]
    assert await house.rows() == {}


async def test_a_broadcast_that_may_have_arrived_is_not(house: House) -> None:
    house.platform.errors["one"] = [MaybeSent("send.lost")]
    await house.queue("one", kind=Kind.BROADCAST)
    await house.delivery.drained()
    await house.later(hours=1)
    assert house.platform.tried == ["one"]
    assert await house.rows() == {"one": "unknown"}


async def test_a_store_that_fails_for_a_while_repeats_no_message(house: House) -> None:
    house.store.failures = STORE_TRIES - 1
    await house.queue("one", "two")
    await house.queue("three", chat=BEN)
    await house.delivery.drained()
    assert sorted(house.platform.arrived) == ["one", "three", "two"]
    assert house.store.failures == 0
    assert await house.rows() == {}


async def test_while_paused_only_answers_go_out(house: House) -> None:
    await house.store.write(lambda tx: chats.set_setting(tx, chats.PAUSE, "yes"))
    for kind in Kind:
        await house.queue(kind.value, kind=kind)
    await house.delivery.drained()
    assert house.platform.arrived == ["answer", "leave", "deleted "]
    await house.store.write(lambda tx: chats.set_setting(tx, chats.PAUSE, None))
    await house.delivery.drained()
    assert house.platform.arrived == [
        "answer",
        "leave",
        "deleted ",
        "reminder",
        "notice",
        "broadcast",
        "amend",
    ]


async def test_what_waited_while_nobody_ran_goes_out_at_the_start(sqlite: Database) -> None:
    house = House(sqlite)
    await house.queue("one", "two")
    async with at_work(house):
        await house.delivery.drained()
    assert house.platform.arrived == ["one", "two"]


async def test_a_message_for_later_goes_out_by_itself_then(house: House) -> None:
    at = NOW + timedelta(hours=1)
    await house.store.write(lambda tx: outbox.add(tx, Outgoing("a", MIA, "later", not_before=at), NOW))
    await house.delivery.drained()
    await house.later(minutes=59)
    assert house.platform.arrived == []
    await house.later(minutes=1)
    assert house.platform.arrived == ["later"]


async def test_a_fault_of_the_program_is_tried_again_with_pauses(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.platform.errors["one"] = [ZeroDivisionError(), ZeroDivisionError()]  # type: ignore[list-item]
    await house.queue("one")
    await house.queue("two", chat=BEN)
    await house.delivery.drained()
    assert house.platform.tried == ["one", "two"]
    await house.later(minutes=1)
    await house.later(minutes=1)
    assert house.platform.arrived == ["two", "one"]
    assert [record.message for record in caplog.records] == ["sending failed: ZeroDivisionError in send"] * 2


async def test_a_chat_is_gone_even_when_that_cannot_be_written_down(house: House) -> None:
    async def fail(_: ChatRef) -> None:
        raise StoreFull("store.full", file="x")

    house.delivery._gone = fail
    house.platform.errors["one"] = [ChatGone("send.gone")]
    await house.queue("one", "two")
    await house.delivery.drained()
    assert house.platform.tried == ["one", "two"]


async def test_what_was_sent_is_not_sent_again_while_it_cannot_be_written_down(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scheduler.delivery.STOP_SECONDS", 0.01)
    house.store.failures = 1_000_000
    await house.queue("one", kind=Kind.BROADCAST)
    with pytest.raises(StoreFull):
        await house.delivery.drained()
    # The platform fails over the full disk as well, and comes back before the store does.
    await house.delivery.hold("terminal", False)
    await house.delivery.hold("terminal", True)
    await house.queue("two", kind=Kind.BROADCAST)
    house.store.failures = 0
    await house.later(minutes=1)
    assert house.platform.arrived == ["one", "two"]


async def test_what_arrives_after_it_was_set_aside_keeps_its_words(house: House) -> None:
    house.platform.blocked["one"] = asyncio.Event()
    await house.store.write(lambda tx: broadcasts.keep_draft(tx, Broadcast("terminal:ben", BEN, "one"), NOW))
    message = Outgoing("one", MIA, "one", Kind.BROADCAST, broadcast=1)
    await house.store.write(lambda tx: outbox.add(tx, message, NOW))
    await house.delivery.wake()
    await until(lambda: "one" in house.platform.tried)
    await house.store.write(lambda tx: circulation.set_aside(tx, 1, "terminal", "telegram.refused", NOW))
    house.platform.blocked["one"].set()
    await house.delivery.drained()
    assert (house.platform.arrived, await house.rows()) == (["one"], {"one": "sent"})
