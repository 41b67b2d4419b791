"""What was being sent when the program ended is known afterwards, and a stop lets it finish."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.transports.telegram.inflight import SLOTS, InFlight
from scheduler.delivery import Delivery
from store import outbox
from store.database import open_database
from store.messages import ChatRef, Outgoing, Queued
from tests.stage.clock import HandClock

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def test_a_row_is_doubtful_once_after_a_crash_and_never_before(tmp_path: Path) -> None:
    path = tmp_path / "sending"
    before = InFlight(path)
    assert [before.begin(row) for row in (7, 8, 8)] == [False, False, False]
    after = InFlight(path)
    assert [after.begin(row) for row in (8, 8, 9, 7)] == [True, False, False, True]
    before.close()
    after.close()


def test_what_is_written_down_is_not_doubtful(tmp_path: Path) -> None:
    before = InFlight(tmp_path / "sending")
    for row in range(1, SLOTS * 2):
        before.begin(row)
        if row % 3:
            before.end(row)
    before.begin(SLOTS * 2)
    before.close()
    after = InFlight(tmp_path / "sending")
    assert [after.begin(row) for row in (7, SLOTS * 2 - 1, SLOTS * 2)] == [False, False, True]
    after.close()


def test_a_doubt_outlives_a_second_crash(tmp_path: Path) -> None:
    for row in (7, 8):
        flight = InFlight(tmp_path / "sending")
        assert not flight.begin(row)
        flight.close()
    third = InFlight(tmp_path / "sending")
    assert third.begin(7)
    third.end(7)
    third.close()
    fourth = InFlight(tmp_path / "sending")
    assert [fourth.begin(7), fourth.begin(8)] == [False, True]
    fourth.close()


@pytest.mark.parametrize("found", [b"", b"\xff\x00 nonsense", b"9" * 3000, b"-5 1.5 x"])
def test_a_damaged_file_is_no_obstacle(tmp_path: Path, found: bytes) -> None:
    path = tmp_path / "folder" / "sending"
    path.parent.mkdir()
    path.write_bytes(found)
    opened = InFlight(path)
    assert not opened.begin(5)
    opened.close()


class SlowSender:
    """Takes a message only when it is let."""

    platform = "slow"

    def __init__(self) -> None:
        self.begun, self.let = asyncio.Event(), asyncio.Event()
        self.sent: list[str] = []

    async def send(self, message: Queued) -> str:
        self.begun.set()
        await self.let.wait()
        self.sent.append(message.outgoing.body)
        return "1"

    async def leave(self, chat: ChatRef) -> None:
        raise NotImplementedError

    async def delete(self, chat: ChatRef, sent_id: str) -> None:
        raise NotImplementedError


async def nothing(*_: ChatRef) -> None:
    raise NotImplementedError


async def test_a_stop_lets_what_is_on_the_wire_arrive_and_begins_nothing_new(tmp_path: Path) -> None:
    database, sender = await open_database(None, tmp_path), SlowSender()
    chat = ChatRef("slow", "5")
    for body in ("eins", "zwei"):
        message = Outgoing(body, chat, body)
        await database.write(lambda tx: outbox.add(tx, message, NOW))  # noqa: B023
    delivery = Delivery(database, [sender], HandClock(NOW), nothing, nothing)
    running = asyncio.create_task(delivery.run())
    await sender.begun.wait()
    running.cancel()
    await asyncio.sleep(0)
    sender.let.set()
    await asyncio.gather(running, return_exceptions=True)
    left = await database.read(lambda tx: outbox.waiting(tx, "slow", NOW, 10))
    await database.close()
    assert sender.sent == ["eins"]
    assert [one.outgoing.body for one in left] == ["zwei"]
