"""The real program, as people start it."""

import io
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.cli import common, main
from bot.logs import OURS, SILENT
from bot.texts import DEFAULT_LANGUAGE

ROOT = Path(__file__).resolve().parents[2]
LIMIT_SECONDS = 120


@dataclass(frozen=True)
class Ended:
    """How a process ended, and what it said."""

    status: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """Standard output as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def messages(self) -> list[str]:
        """Standard output as the messages of a chat: blank lines stand between them."""
        return [part for part in self.out.split("\n\n") if part.strip()]


def command(*words: object) -> list[str]:
    """The command line of the program."""
    return [sys.executable, "-m", "bot", *map(str, words)]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default"}


def run(*words: object, stdin: bytes | str = b"", limit: Callable[[], None] | None = None) -> Ended:
    """Run the program to its end; with a `limit`, called in the child before it starts, in a process.

    Without one the same entry point runs in this process, which is several times as fast.
    """
    said = stdin.encode() if isinstance(stdin, str) else stdin
    return _here(words, said) if limit is None else _apart(words, said, limit)


def _apart(words: Sequence[object], stdin: bytes, limit: Callable[[], None]) -> Ended:
    ended = subprocess.run(
        command(*words),
        input=stdin,
        capture_output=True,
        env=environment(),
        cwd=ROOT,
        timeout=LIMIT_SECONDS,
        preexec_fn=limit,
        check=False,
    )
    return Ended(
        ended.returncode, ended.stdout.decode("utf-8", "replace"), ended.stderr.decode("utf-8", "replace")
    )


def _here(words: Sequence[object], stdin: bytes) -> Ended:
    out, err = _screen(), _screen()
    with _typed(stdin) as lines, _logging_left_alone(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["saeulenbot", *map(str, words)])
        patch.setattr(sys, "stdin", lines)
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        patch.setattr(common, "_spoken", [DEFAULT_LANGUAGE])
        with pytest.raises(SystemExit) as ended:
            main()
    return Ended(int(ended.value.code or 0), _shown(out), _shown(err))


def _screen() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="surrogateescape", newline="")


def _shown(screen: io.TextIOWrapper) -> str:
    screen.flush()
    assert isinstance(screen.buffer, io.BytesIO)
    return screen.buffer.getvalue().decode("utf-8", "replace")


@contextmanager
def _typed(said: bytes) -> Iterator[io.TextIOWrapper]:
    """A pipe with what is typed; the program may end before it has read all."""
    reading, writing = os.pipe()

    def write() -> None:
        with suppress(BrokenPipeError), os.fdopen(writing, "wb") as pipe:
            pipe.write(said)

    typing = threading.Thread(target=write)
    typing.start()
    with open(reading, encoding="utf-8", errors="surrogateescape") as lines:  # noqa: PTH123 - no path
        yield lines
    typing.join()


@contextmanager
def _logging_left_alone() -> Iterator[None]:
    """What the program sets up for its own logs ends with it."""
    loggers = [logging.getLogger(), *map(logging.getLogger, (*OURS, *SILENT))]
    before = [(one, one.level, list(one.handlers), one.propagate) for one in loggers]
    yield
    for one, level, handlers, propagate in before:
        one.setLevel(level)
        one.handlers, one.propagate = handlers, propagate


@contextmanager
def started(*words: object) -> Iterator[subprocess.Popen[bytes]]:
    """The running program with pipes on all sides; it does not outlive the block."""
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        command(*words), stdin=pipe, stdout=pipe, stderr=pipe, env=environment(), cwd=ROOT
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def tell(process: subprocess.Popen[bytes], line: str) -> None:
    """Type a line into a running chat."""
    assert process.stdin is not None
    process.stdin.write(line.encode() + b"\n")
    process.stdin.flush()


def hear(process: subprocess.Popen[bytes]) -> str:
    """The next line of a running chat; empty when it says nothing for too long, and is ended."""
    assert process.stdout is not None
    impatience = threading.Timer(LIMIT_SECONDS, process.kill)
    impatience.start()
    try:
        return process.stdout.readline().decode()
    finally:
        impatience.cancel()
