"""The store measured: reports a second beside bare drivers, /stand as reports grow, exports, taking over.

    python -m benchmarks store [--full]

A report is one durable transaction: the report, its first revision and the cell it changes. The bare
drivers write the same three rows.
"""

import asyncio
import os
import platform
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import asyncpg
from sqlalchemy import insert

from benchmarks.house import rows_of
from bot.exports import Format
from bot.outcomes import OUTCOMES
from bot.pictures import draw
from bot.report_files import board
from bot.texts import Texts
from knowledge.places import load_places
from knowledge.resolution import resolution
from store import reports, tables
from store.database import Database, Transaction, open_database
from store.reports import Report
from tests.postgres_server import fresh_database, postgres_server

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
COUNT, ROUNDS, STANDS, TAKE_OVERS = 300, 7, 9, 3
PLACES = [place.name for place in load_places().all]
MEASURES = [measure.code for measure in resolution().measures]
EXPORTED = (1_000, 100_000)
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


HOLDER = """
import asyncio, sys
from pathlib import Path
from store.database import open_database

async def main():
    database = await open_database(sys.argv[1], Path())
    async with database.hold("account:benchmark"):
        print("held", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


# The command line, and its own high water mark (kB) at the end: a parent's would count with getrusage.
EXPORTER = """
import atexit, re, runpy
from pathlib import Path

status = Path("/proc/self/status")
atexit.register(lambda: print(re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1]))
runpy.run_module("bot", run_name="__main__", alter_sys=True)
"""


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


async def compare(
    name: str, database: Database, bare: Callable[[int], Awaitable[float]]
) -> tuple[object, ...]:
    """Both in turn, several times; medians, and the ratio with its spread."""
    mine, theirs = [], []
    for turn in range(ROUNDS):
        mine.append(await ours(database, turn * 2 * COUNT))
        theirs.append(await bare((turn * 2 + 1) * COUNT))
    ratios = sorted(one / other for one, other in zip(mine, theirs, strict=True))
    shown = f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
    return name, f"{statistics.median(mine):.0f}", f"{statistics.median(theirs):.0f}", shown, "at least .5"


def fill(tx: Transaction, start: int, end: int) -> None:
    """Many reports at once, as an import would; the cells are counted by the store itself."""
    rows = [
        {**{name: value for name, value in made(number).__dict__.items() if name != "id"}, "changed_at": NOW}
        for number in range(start, end)
    ]
    tx.execute(insert(tables.reports), rows)


def recount(tx: Transaction) -> None:
    for place in PLACES:
        for measure in MEASURES:
            reports.count(tx, place, measure)


async def stand(folder: Path, most: int) -> list[tuple[object, ...]]:
    """How long the state of all cells and its picture take, at every size up to `most`."""
    database, have, rows = await open_database(None, folder / "stand"), 0, []
    for size in (size for size in SIZES if size <= most):
        for start in range(have, size, 20_000):
            await database.write(lambda tx: fill(tx, start, min(start + 20_000, size)))  # noqa: B023
        have = size
        await database.write(recount)
        rows.append(await one_stand(database, size))
    await database.close()
    return rows


async def one_stand(database: Database, size: int) -> tuple[object, ...]:
    texts, taken, read = Texts(), [], []
    for _ in range(STANDS):
        began = time.perf_counter()
        known = await database.read(reports.states)
        read.append((time.perf_counter() - began) * 1000)
        cells = {(one.place, one.measure): one.outcomes for one in known}
        draw(board(texts, "de", cells, date(2026, 11, 23)))
        taken.append((time.perf_counter() - began) * 1000)
    median, cells = statistics.median(taken), f"{len(known):,}"
    spread = f"{median:.0f} ms ({min(taken):.0f} to {max(taken):.0f})"
    return f"{size:,}", cells, spread, f"{statistics.median(read):.0f} ms", "under 300 ms"


def exported(folder: Path) -> list[tuple[object, ...]]:
    """The peak memory of the command that exports, with few reports and with many."""
    peaks: dict[str, list[float]] = {kind: [] for kind in Format}
    taken: dict[str, float] = {}
    for size in EXPORTED:
        asyncio.run(filled(folder / str(size), size))
        for kind in Format:
            began = time.perf_counter()
            peaks[kind].append(peak_of_export(folder / str(size), kind, folder / f"reports.{kind}"))
            taken[kind] = time.perf_counter() - began
    return [
        (
            kind,
            *(f"{peak:.0f} MB" for peak in peaks[kind]),
            f"{taken[kind]:.1f} s",
            "within 20 MB of each other",
        )
        for kind in Format
    ]


async def filled(folder: Path, size: int) -> None:
    database = await open_database(None, folder)
    for start in range(0, size, 20_000):
        await database.write(lambda tx: fill(tx, start, min(start + 20_000, size)))  # noqa: B023
    await database.close()


def peak_of_export(folder: Path, kind: str, out: Path) -> float:
    """Megabytes (MiB) of memory at most, of a process of its own."""
    command = ("reports", "export", "--format", kind, "--out", str(out), "--data", str(folder))
    ran = subprocess.run(
        [sys.executable, "-c", EXPORTER, *command], capture_output=True, text=True, check=True
    )
    return int(ran.stdout.split()[-1]) / 1024


async def take_over(url: str) -> float:
    """Seconds from killing the process that holds an account until another holds it."""
    pipe = subprocess.PIPE
    holder = await asyncio.create_subprocess_exec(sys.executable, "-c", HOLDER, url, stdout=pipe)
    assert holder.stdout is not None
    await holder.stdout.readline()
    database = await open_database(url, Path())
    waiting = asyncio.create_task(held(database))
    # It has looked once and found it taken.
    await asyncio.wait((waiting,), timeout=1)
    began = time.perf_counter()
    holder.send_signal(signal.SIGKILL)
    await waiting
    taken = time.perf_counter() - began
    await asyncio.gather(holder.wait(), database.close())
    return taken


async def held(database: Database) -> None:
    async with database.hold("account:benchmark"):
        pass


async def on_sqlite(folder: Path) -> tuple[object, ...]:
    database = await open_database(None, folder / "ours")
    await (await open_database(None, folder / "bare")).close()
    bare = folder / "bare" / "saeulenbot.db"
    row = await compare("SQLite", database, lambda start: bare_sqlite(bare, start))
    await database.close()
    return row


async def on_postgres(ours_url: str, bare_url: str) -> tuple[object, ...]:
    database = await open_database(ours_url, Path())
    await (await open_database(bare_url, Path())).close()
    row = await compare("PostgreSQL", database, lambda start: bare_postgres(bare_url, start))
    await database.close()
    return row


def table(full: bool = False) -> str:
    """All measurements as Markdown."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        speeds = [asyncio.run(on_sqlite(folder))]
        with postgres_server() as server:
            url = fresh_database(server)
            speeds.append(asyncio.run(on_postgres(url, fresh_database(server))))
            taken = [asyncio.run(take_over(url)) for _ in range(TAKE_OVERS)]
        files = exported(folder)
        stands = asyncio.run(stand(folder, SIZES[-1] if full else SIZES[1]))
    over = [("a killed process", f"{max(taken):.1f} s (longest of {TAKE_OVERS})", "within 30 s")]
    parts = [
        "# The store, measured",
        f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {os.cpu_count()} cores.",
        f"## Reports a second, each durable ({ROUNDS} interleaved rounds of {COUNT}, medians)",
        rows_of("store | reports | bare driver | ratio | goal", speeds),
        f"## /stand with its picture (median of {STANDS}, the first drawing included)",
        rows_of("reports | cells | in all | of it reading | goal", stands),
        "## Peak memory of an export, start of the program included",
        rows_of("format | 1,000 reports | 100,000 reports | these in | goal", files),
        "## Taking over an account",
        rows_of("from | taken | goal", over),
    ]
    return "\n\n".join(parts) + "\n"
