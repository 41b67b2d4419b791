"""The real program, as people start it: a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
    """Run the program to its end; `limit` is called in the child before it starts."""
    ended = subprocess.run(
        command(*words),
        input=stdin.encode() if isinstance(stdin, str) else stdin,
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
    """The next line of a running chat."""
    assert process.stdout is not None
    return process.stdout.readline().decode()
