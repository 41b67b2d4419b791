"""The Telegram transport beside the library by itself: `python -m benchmarks.telegram`.

Measured with the real `saeulenbot run` in a process of its own; the emulator keeps Telegram's published
limits (30 a second, one a second to a chat, 20 a minute to a group) and refuses what is over them. The
comparison is a program of twenty lines on python-telegram-bot alone: its AIORateLimiter for the
broadcast, a bare echo for everything else.
"""

import argparse
import asyncio
import contextlib
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

from bot.app import opened
from bot.config import load_config
from store import chats, outbox
from store.database import Transaction
from store.messages import ChatRef, Kind, Outgoing
from tests.emulator.server import TOKEN, Emulator, serving
from tests.stage.process import ROOT

QUESTION = "Wer bezahlt Frauenhäuser?"
PRIVATE, GROUPS = 2_000, 200
ASKED, PENDING = 100, 500
KNOWN = 10_000

ECHO = """
import sys
from telegram.ext import Application, MessageHandler, filters
async def echo(update, context):
    await update.message.reply_text(update.message.text)
app = Application.builder().token(sys.argv[2]).base_url(sys.argv[1] + "/bot").build()
app.add_handler(MessageHandler(filters.TEXT, echo))
app.run_polling()
"""
LIMITED = """
import asyncio, sys
from telegram.ext import AIORateLimiter, ExtBot
async def main():
    limiter = AIORateLimiter(max_retries=20)
    async with ExtBot(sys.argv[2], base_url=sys.argv[1] + "/bot", rate_limiter=limiter) as bot:
        chats = [1000 + n for n in range(int(sys.argv[3]))] + [-1000 - n for n in range(int(sys.argv[4]))]
        await asyncio.gather(*[bot.send_message(chat, "Hallo") for chat in chats])
asyncio.run(main())
"""


def chats_of(private: int, groups: int) -> list[int]:
    return [1000 + number for number in range(private)] + [-1000 - number for number in range(groups)]


@contextlib.asynccontextmanager
async def started(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that is ended when the block ends."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=ROOT,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


def configured(folder: Path, address: str) -> Path:
    file = folder / "config.yaml"
    file.write_text(
        f'data_dir: data\ntelegram:\n  token: "{TOKEN}"\n  api_url: {address}\n', encoding="utf-8"
    )
    file.chmod(0o600)
    return file


def run_with(file: Path) -> list[str]:
    return ["-m", "bot", "run", "--config", str(file)]


async def prefilled(file: Path, work: "list[Outgoing]", known: int = 0) -> None:
    """Queue messages, and make chats known, before the program starts."""
    now = datetime.now(UTC)

    def fill(tx: Transaction) -> None:
        for message in work:
            outbox.add(tx, message, now)
        for number in range(known):
            chats.keep(
                tx, ChatRef("telegram", str(10_000 + number)), True, f"telegram:{10_000 + number}", now
            )

    async with opened(load_config(file, None)) as database:
        await database.write(fill)


def resident_mb(process: asyncio.subprocess.Process) -> float:
    """Memory of a process now (VmRSS), in MB."""
    lines = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def span(emulator: Emulator) -> float:
    return emulator.sent[-1].at - emulator.sent[0].at


async def broadcast(private: int, groups: int) -> list[str]:
    """One message to every chat: time from first to last, and how many were refused."""
    count, lines = private + groups, list[str]()
    for name in ("saeulenbot", "AIORateLimiter"):
        emulator = Emulator(strict_limits=True, html_only=False)
        for chat in chats_of(private, groups):
            emulator.chat(chat)
        with tempfile.TemporaryDirectory() as folder:
            async with serving(emulator) as address:
                file = configured(Path(folder), address)
                arguments = ["-c", LIMITED, address, TOKEN, str(private), str(groups)]
                if name == "saeulenbot":
                    messages = [
                        Outgoing(f"b{chat}", ChatRef("telegram", str(chat)), "Hallo", Kind.BROADCAST)
                        for chat in chats_of(private, groups)
                    ]
                    await prefilled(file, messages)
                    arguments = run_with(file)
                async with started(*arguments) as process:
                    await all_or_ended(emulator, count, process)
        lines.append(
            f"| broadcast to {private} private chats and {groups} groups, {name} | "
            f"{len(emulator.sent)} sent in {span(emulator):.1f} s, {len(emulator.sent) / span(emulator):.1f} "
            f"a second, {emulator.limited} refused |"
        )
    return lines


async def all_or_ended(emulator: Emulator, count: int, process: asyncio.subprocess.Process) -> None:
    """Return when so many messages arrived, or when the program that sends them gave up."""
    ended = asyncio.create_task(process.wait())
    arrived = asyncio.create_task(emulator.until(lambda: len(emulator.sent) >= count))
    await asyncio.wait([ended, arrived], return_when=asyncio.FIRST_COMPLETED)
    for task in (ended, arrived):
        task.cancel()


async def asked(name: str) -> list[str]:
    """From a question to its answer, one after the other; and a pile of them at once."""
    emulator = Emulator(html_only=False)
    with tempfile.TemporaryDirectory() as folder:
        async with serving(emulator) as address:
            file = configured(Path(folder), address)
            arguments = run_with(file) if name == "saeulenbot" else ["-c", ECHO, address, TOKEN]
            for number in range(PENDING):
                await emulator.says(10_000 + number, QUESTION)
            begun = time.monotonic()
            async with started(*arguments) as process:
                await emulator.until(lambda: len(emulator.sent) >= PENDING)
                pile = span(emulator)
                start = emulator.sent[0].at - begun
                times = [await one_question(emulator, 50_000 + number) for number in range(ASKED)]
                memory = resident_mb(process)
    answered = len({sent.chat for sent in emulator.sent[:PENDING]})
    quantiles = statistics.quantiles(times, n=100)
    return [
        f"| {name}, first answer | after {start:.2f} s |",
        f"| {name}, pending answered | {answered} of {PENDING} in {pile:.2f} s |",
        f"| {name}, question to answer, median | {statistics.median(times):.1f} ms |",
        f"| {name}, question to answer, p99 | {quantiles[98]:.1f} ms |",
        f"| {name}, memory afterwards | {memory:.0f} MB |",
    ]


async def one_question(emulator: Emulator, chat: int) -> float:
    before, begun = len(emulator.sent), time.monotonic()
    await emulator.says(chat, QUESTION)
    await emulator.until(lambda: len(emulator.sent) > before)
    took = (time.monotonic() - begun) * 1000
    await asyncio.sleep(0.05)
    return took


async def idle() -> list[str]:
    """Memory while nothing happens, with few and with many known chats."""
    lines = []
    for known in (0, KNOWN):
        emulator = Emulator()
        with tempfile.TemporaryDirectory() as folder:
            async with serving(emulator) as address:
                file = configured(Path(folder), address)
                await prefilled(file, [], known)
                async with started(*run_with(file)) as process:
                    await emulator.until(lambda: ("all_chat_administrators", "en") in emulator.menus)  # noqa: B023
                    lines.append(f"| idle with {known} known chats | {resident_mb(process):.0f} MB |")
    return lines


async def measured(private: int, groups: int) -> str:
    """The table of one run."""
    lines = [*await idle(), *await asked("bare echo"), *await asked("saeulenbot")]
    lines += await broadcast(private, groups)
    head = ["# The Telegram transport beside the library by itself", "", "| what | measured |", "|---|---|"]
    return "\n".join([*head, *lines, ""])


def table(full: bool = False) -> str:
    """At full size the broadcast goes to as many chats as the design promises; else to a sixth of them."""
    return asyncio.run(measured(*(PRIVATE, GROUPS) if full else (PRIVATE // 6, GROUPS // 6)))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--private", type=int, default=PRIVATE)
    options.add_argument("--groups", type=int, default=GROUPS)
    chosen = options.parse_args()
    print(asyncio.run(measured(chosen.private, chosen.groups)))


if __name__ == "__main__":
    main()
