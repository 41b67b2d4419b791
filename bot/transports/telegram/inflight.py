"""Remembers across a crash which messages were just being sent: those may come twice.

Telegram has no idempotency key, so a send that a crash cut off is repeated. The file is a ring that is
not synced: it must outlive the process, not the machine. It holds row numbers and nothing else.
"""

import os
from pathlib import Path

SLOTS = 64
WIDTH = 20


class InFlight:
    """The last rows whose sending began."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        said = os.pread(self._file, SLOTS * WIDTH, 0).split()
        self._doubtful = {int(one) for one in said if one.isdigit() and len(one) < WIDTH}
        self._next = 0

    def begin(self, row: int) -> bool:
        """Note that a row is about to be sent; whether it was when the program before this one ended."""
        os.pwrite(self._file, b"%*d" % (WIDTH, row), self._next * WIDTH)
        self._next = (self._next + 1) % SLOTS
        doubtful = row in self._doubtful
        self._doubtful.discard(row)
        return doubtful

    def close(self) -> None:
        os.close(self._file)
