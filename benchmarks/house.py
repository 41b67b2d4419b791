"""The house measured: start, one message to its commit, many messages, memory, and what the start imports.

python -m benchmarks house [--full]
"""

import argparse
import asyncio
import json
import os
import platform
import pty
import resource
import select
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import aiosqlite

from bot.app import App, running
from bot.config_model import Config
from scheduler.clock import SystemClock
from store import chats
from store.database import WRITER_PRAGMAS
from store.messages import ChatRef, Incoming, Queued

ROOT = Path(__file__).resolve().parents[1]
ROUNDS, IN_A_ROUND = 30, 20
STARTS = 5
ME = ChatRef("terminal", "ich")
# What people say, in turn: questions, commands, small words, and a report now and then.
SAID = (
    "Wer bezahlt Frauenhäuser?",
    "/saeule 2",
    "Moin",
    "termine",
    "Wie wird das Wetter?",
    "/saeulen",
    "danke",
)
COMMAND = "/saeule 2.1"
# The rows of one answered question, as the bot writes them.
SEEN = "INSERT INTO seen (hash, at) VALUES (?, ?)"
COLUMNS = (
    "key, platform, chat, thread, kind, priority, body, silent, reply_to, asked, not_before, created_at, "
    "state, tries, parts_done, sent_id, error"
)
SENT = f"INSERT INTO outbox ({COLUMNS}) VALUES ({', '.join('?' * 17)})"  # noqa: S608 - constants


LIBRARIES = (
    "asyncio, aiosqlite, apscheduler.schedulers.asyncio, babel.messages.pofile, markdown_it, "
    "prompt_toolkit.shortcuts, pydantic, rapidfuzz.process, sqlalchemy, typer, yaml"
)


class Nobody:
    """A platform that takes everything and shows nothing."""

    platform = "terminal"

    async def send(self, message: Queued) -> str:
        return str(message.row)


def table(full: bool = False) -> str:
    """All measurements as Markdown."""
    now = datetime.now(UTC)
    parts = [
        "# The house, measured",
        f"{now:%Y-%m-%d}, Python {platform.python_version()}, {os.cpu_count()} cores.",
        _starts(),
        _commits(),
        _flood((10_000, 50_000, 100_000) if full else (1_000, 5_000, 10_000)),
        _imports(),
    ]
    return "\n\n".join(parts) + "\n"


def rows_of(head: str, rows: list[tuple[object, ...]]) -> str:
    columns = head.count("|") + 1
    lines = [f"| {head} |", "|" + " --- |" * columns, *(f"| {' | '.join(map(str, row))} |" for row in rows)]
    return "\n".join(lines)


# --- start and memory ---


def _starts() -> str:
    with tempfile.TemporaryDirectory() as folder:
        first = _first_answer(Path(folder))
        later = median(_first_answer(Path(folder)) for _ in range(STARTS))
        prompts = [_prompt(Path(folder)) for _ in range(STARTS)]
    shown = median(one[0] for one in prompts)
    peak = median(one[1] for one in prompts)
    rows: list[tuple[object, ...]] = [
        ("first start to first answer (piped, makes the store)", f"{first:.2f} s", ""),
        ("second start to first answer (piped)", f"{later:.2f} s", ""),
        ("second start to the prompt (terminal)", f"{shown:.2f} s", "under 1 s"),
        ("processor time of that start", f"{median(one[2] for one in prompts):.2f} s", ""),
        ("peak memory of the idle terminal bot", f"{peak:.0f} MB", "under 80 MB"),
        ("its libraries alone, imported and unused", f"{_libraries():.0f} MB", ""),
    ]
    return f"## Start and memory (median of {STARTS})\n\n" + rows_of("what | measured | goal", rows)


def _command(data: Path) -> list[str]:
    return [sys.executable, "-m", "bot", "chat", "--data", str(data)]


def _first_answer(data: Path) -> float:
    """Seconds from starting the process to the first line of its answer."""
    pipe = subprocess.PIPE
    begun = time.perf_counter()
    with subprocess.Popen(_command(data), stdin=pipe, stdout=pipe, cwd=ROOT) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("Wer bezahlt Frauenhäuser?\n".encode())
        process.stdin.close()
        process.stdout.readline()
        took = time.perf_counter() - begun
        process.stdout.read()
    return took


def _prompt(data: Path) -> tuple[float, float, float]:
    """Seconds to the prompt in a real terminal, then peak megabytes and processor seconds when idle."""
    ours, theirs = pty.openpty()
    begun = time.perf_counter()
    with subprocess.Popen(_command(data), stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT) as process:
        os.close(theirs)
        seen = b""
        while b"du>" not in seen and select.select([ours], [], [], 60)[0]:
            seen += os.read(ours, 65536)
        took = time.perf_counter() - begun
        # What is loaded behind the prompt counts too.
        time.sleep(1.5)
        peak, spent = _peak(process.pid), _spent(process.pid)
        os.write(ours, b"\x04")
        process.kill()
    os.close(ours)
    return took, peak, spent


def _libraries() -> float:
    """Megabytes of a program that imports what the chat imports, and nothing of ours."""
    code = f"import {LIBRARIES}\nprint(open('/proc/self/status').read())"
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    return next(int(line.split()[1]) / 1024 for line in said.splitlines() if line.startswith("VmHWM"))


def _peak(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def _spent(process: int) -> float:
    ticks = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK")


# --- one message to its commit ---


def _commits() -> str:
    with tempfile.TemporaryDirectory() as folder:
        questions, commands, bare = asyncio.run(_rounds(Path(folder)))
    rows: list[tuple[object, ...]] = [
        ("a command, from the door to its durable transaction", f"{median(commands) * 1e3:.2f} ms", ""),
        ("a question, with the search for its answer", f"{median(questions) * 1e3:.2f} ms", ""),
        ("the same two rows committed by aiosqlite alone", f"{median(bare) * 1e3:.2f} ms", ""),
        ("ratio of the command (median of the rounds)", f"{_ratio(commands, bare):.2f}", "at most 3"),
        ("ratio of the question", f"{_ratio(questions, bare):.2f}", ""),
    ]
    head = f"## One message ({ROUNDS} interleaved rounds of {IN_A_ROUND})\n\n"
    return head + rows_of("what | measured | goal", rows)


def _ratio(ours: list[float], bare: list[float]) -> float:
    return median(one / other for one, other in zip(ours, bare, strict=True))


async def _rounds(folder: Path) -> tuple[list[float], list[float], list[float]]:
    questions, commands, bare = [], [], []
    async with running(Config(data_dir=folder / "ours"), SystemClock(), []) as app:
        async with running(Config(data_dir=folder / "bare"), SystemClock(), []):
            pass
        await _admit(app)
        async with aiosqlite.connect(folder / "bare" / "saeulenbot.db", isolation_level=None) as store:
            for pragma in WRITER_PRAGMAS:
                await store.execute(f"PRAGMA {pragma}")
            with app.door_for("terminal", _silence) as door:

                async def question(number: int) -> None:
                    await door.come_in(_incoming(app, number, SAID[0]))

                async def command(number: int) -> None:
                    await door.come_in(_incoming(app, -number - 1, COMMAND))

                async def commit(number: int) -> None:
                    await _bare(store, number)

                for number in range(ROUNDS):
                    questions.append(await _timed(question, number * IN_A_ROUND))
                    commands.append(await _timed(command, number * IN_A_ROUND))
                    bare.append(await _timed(commit, number * IN_A_ROUND))
    return questions, commands, bare


async def _timed(work: Callable[[int], Awaitable[None]], first: int) -> float:
    """Seconds for one, as the mean of a round."""
    begun = time.perf_counter()
    for number in range(first, first + IN_A_ROUND):
        await work(number)
    return (time.perf_counter() - begun) / IN_A_ROUND


async def _bare(store: aiosqlite.Connection, number: int) -> None:
    now, key = time.time_ns() // 10**6, f"{number:032}"
    sent = (
        key,
        "terminal",
        "ich",
        "",
        "answer",
        0,
        "x" * 900,
        True,
        "",
        "ich",
        now,
        now,
        "waiting",
        0,
        0,
        "",
        "",
    )
    await store.execute("BEGIN IMMEDIATE")
    await store.execute(SEEN, (key[-16:].encode(), now))
    await store.execute(SENT, sent)
    await store.execute("COMMIT")


async def _silence(_: object) -> None:
    """Nobody is in danger here."""


async def _admit(app: App) -> None:
    now = app.clock.now()

    def work(tx: object) -> None:
        chats.change(tx, chats.keep(tx, ME, True, "terminal:ich", now).id, admitted=True)  # type: ignore[arg-type]

    await app.database.write(work)


def _incoming(app: App, number: int, text: str) -> Incoming:
    return Incoming(f"terminal:bench:{number}", ME, "terminal:ich", text, app.clock.now())


# --- many messages ---


def _flood(sizes: tuple[int, ...]) -> str:
    command = [sys.executable, "-m", "benchmarks.house", *map(str, sizes)]
    done = subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    rows = [tuple(row) for row in json.loads(done.stdout)]
    head = f"## {sizes[-1]:,} messages, answered and delivered\n\n"
    return head + rows_of("messages | memory | peak | a second", rows)


async def _many(sizes: list[int]) -> list[tuple[str, str, str, str]]:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        clock = SystemClock()
        clock.start()
        async with running(Config(data_dir=Path(folder)), clock, [Nobody()]) as app:
            await _admit(app)
            begun = time.perf_counter()
            with app.door_for("terminal", _silence) as door:
                for number in range(sizes[-1] + 1):
                    if number in sizes:
                        rows.append(_measured(number, begun))
                    await door.come_in(_incoming(app, number, SAID[number % len(SAID)]))
                    await app.delivery.drained()
        clock.stop()
    return rows


def _measured(number: int, begun: float) -> tuple[str, str, str, str]:
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    speed = number / (time.perf_counter() - begun)
    return f"{number:,}", f"{resident:.0f} MB", f"{peak:.0f} MB", f"{speed:.0f}"


# --- imports ---


def _imports() -> str:
    """What importing the chat costs by package, each module without what it imports itself."""
    command = [sys.executable, "-X", "importtime", "-c", "import bot.cli.chat"]
    said = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stderr
    spent: Counter[str] = Counter()
    for line in said.splitlines():
        own, _, name = line.removeprefix("import time:").split("|")
        if own.strip().isdigit():
            spent[name.strip().partition(".")[0]] += int(own)
    rows: list[tuple[object, ...]] = [(name, f"{cost / 1e3:.0f} ms") for name, cost in spent.most_common(12)]
    rows.append(("everything", f"{spent.total() / 1e3:.0f} ms"))
    return "## What the start imports\n\n" + rows_of("package | time", rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("sizes", nargs="+", type=int)
    print(json.dumps(asyncio.run(_many(parser.parse_args().sizes))))
