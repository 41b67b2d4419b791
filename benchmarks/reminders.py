"""Reminders measured: 100,000 of them over 10,000 chats, and one debate told to all of these at once.

python -m benchmarks reminders [--full]
"""

import asyncio
import ctypes
import os
import platform
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import func, insert, select

from benchmarks.house import Nobody
from bot.app import App, running
from bot.config_model import Config
from scheduler.clock import SystemClock
from store import debates
from store.database import Transaction
from store.debates import Debate
from store.tables import chats, reminders, subscriptions

PLACE = "Rostock"
OFFSETS = "7d,1d"
# Debates far enough ahead that all reminders of all of them lie in the future.
AHEAD = timedelta(days=30)
TICKS = 50
TICK = 0.001
WAITED = "/proc/thread-self/schedstat"
PREAD = ctypes.PyDLL(None).pread
BUFFER = ctypes.create_string_buffer(100)


def table(full: bool = False) -> str:
    """All measurements as Markdown; at a tenth of the size without `full`."""
    people, many = (10_000, 5) if full else (1_000, 5)
    rows = asyncio.run(_measured(people, many))
    now = datetime.now(UTC)
    lines = ["| what | measured | goal |", "| --- | --- | --- |"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    head = f"{now:%Y-%m-%d}, Python {platform.python_version()}, {os.cpu_count()} cores."
    return "\n\n".join(["# Reminders, measured", head, "\n".join(lines)]) + "\n"


async def _measured(people: int, many: int) -> list[tuple[str, str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        async with _open(Path(folder)) as app:
            await app.database.write(lambda tx: _fill(tx, people, many, app))
            planned = await app.database.read(_count)
        begun = time.perf_counter()
        async with _open(Path(folder)) as app:
            start = time.perf_counter() - begun
            ticks = [await _timed(app) for _ in range(TICKS)]
            idle, *_ = await _watched(asyncio.sleep(2))
            late, ours, took = await _watched(_fan_out(app))
            sent = await app.database.read(_told)
    return [
        (f"start with {planned:,} future reminders over {people:,} chats", f"{start:.2f} s", "under 2 s"),
        (f"looking when nothing is due (median of {TICKS})", f"{median(ticks) * 1e3:.1f} ms", ""),
        (f"one debate told to {sent:,} chats, delivered to a platform that takes all", f"{took:.1f} s", ""),
        (
            "longest that this blocked the loop by its own doing",
            f"{ours * 1e3:.1f} ms",
            "under 20 ms",
        ),
        ("longest that a timer of the loop was late, on this busy machine", f"{late * 1e3:.1f} ms", ""),
        ("the same with nothing to do", f"{idle * 1e3:.1f} ms", ""),
    ]


@asynccontextmanager
async def _open(folder: Path) -> AsyncIterator[App]:
    clock = SystemClock()
    clock.start()
    try:
        async with running(Config(data_dir=folder, quiet_hours=None), clock, [Nobody()]) as app:
            yield app
    finally:
        clock.stop()


def _fill(tx: Transaction, people: int, many: int, app: App) -> None:
    """Chats, each subscribed, and debates of which all are to be reminded."""
    now = app.clock.now()
    common = {"platform": "terminal", "private": True, "admitted": True, "active": True, "easy": False}
    numbers = range(1, people + 1)
    tx.execute(
        insert(chats),
        [
            {**common, "id": n, "chat": f"c{n}", "person": f"terminal:c{n}", "created_at": now}
            for n in numbers
        ],
    )
    wish = {"thread": "", "place": PLACE, "towns": False, "offsets": OFFSETS, "created_at": now}
    tx.execute(insert(subscriptions), [{**wish, "chat": n} for n in numbers])
    for number in range(many):
        starts = now + AHEAD + timedelta(days=number)
        one = debates.add(tx, Debate(PLACE, f"Haushalt {number}", starts, "hand"), now)
        app.services.planner.plan_debate(tx, one, now)


def _count(tx: Transaction) -> int:
    return int(tx.execute(select(func.count()).select_from(reminders)).scalar_one())


def _told(tx: Transaction) -> int:
    told = reminders.c.state == "told"
    return int(tx.execute(select(func.count()).select_from(reminders).where(told)).scalar_one())


async def _timed(app: App) -> float:
    begun = time.perf_counter()
    await app.alarm.look()
    return time.perf_counter() - begun


async def _fan_out(app: App) -> None:
    """A debate becomes known two hours before it begins: everybody hears of it at once."""
    now = app.clock.now()
    soon = Debate(PLACE, "Haushaltssatzung", now + timedelta(hours=2), "hand")

    def learn(tx: Transaction) -> None:
        app.services.planner.plan_debate(tx, debates.add(tx, soon, now), now, fresh=True)

    await app.database.write(learn)
    await app.alarm.look()
    await app.delivery.drained()


async def _watched(work: Coroutine[object, object, None]) -> tuple[float, float, float]:
    """How long a timer of the loop was overdue at most; how long at most by our own doing; and how long
    all of the work took, in seconds.

    On a busy machine a timer is also late because others work. Our own doing is no longer than all our
    threads worked in that time, and no longer than what remains without the loop's waiting for a processor.
    """
    late = ours = 0.0
    begun = time.perf_counter()
    task = asyncio.create_task(work)
    waited = os.open(WAITED, os.O_RDONLY)
    while not task.done():
        queued, asleep, worked = _queued(waited), time.perf_counter(), time.process_time()
        await asyncio.sleep(TICK)
        overdue = time.perf_counter() - asleep - TICK
        own = min(overdue - (_queued(waited) - queued), time.process_time() - worked)
        late, ours = max(late, overdue), max(ours, own)
    os.close(waited)
    await task
    return late, ours, time.perf_counter() - begun


def _queued(waited: int) -> float:
    """The seconds that this thread was ready and waited for a processor (Linux: schedstat)."""
    # Python's own reading lets other threads in, and would be late itself.
    size = PREAD(waited, BUFFER, len(BUFFER), 0)
    return int(BUFFER.raw[:size].split()[1]) / 1e9
