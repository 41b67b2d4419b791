"""Remembers across a crash which messages were just being sent: nobody knows whether those arrived.

Telegram has no idempotency key, so what a crash cut off may come twice, or not at all. The file holds row
numbers and nothing else. A row stands in it from before it is sent until what became of it is written down.
"""

import os
from pathlib import Path

WIDTH = 20
# Reserved at the start, so that a full disk cannot be in the way; more than are ever sent at once.
SLOTS = 1024


class InFlight:
    """The rows that are being sent."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        said = os.pread(self._file, SLOTS * WIDTH, 0).split()
        left = {int(one) for one in said if one.isdigit() and len(one) < WIDTH}
        # Those a crash left behind; where there is no room for all, the newest.
        self._doubtful = set(sorted(left)[-SLOTS // 2 :])
        self._slots = {row: slot for slot, row in enumerate(sorted(self._doubtful))}
        self._free = list(range(SLOTS - 1, len(self._slots) - 1, -1))
        os.pwrite(self._file, b"".join(b"%*d" % (WIDTH, row) for row in self._slots).ljust(SLOTS * WIDTH), 0)

    def begin(self, row: int) -> bool:
        """Note that a row is about to be sent; whether it was when the program before this one ended."""
        doubtful = row in self._doubtful
        self._doubtful.discard(row)
        if row not in self._slots and self._free:
            self._slots[row] = self._free.pop()
            os.pwrite(self._file, b"%*d" % (WIDTH, row), self._slots[row] * WIDTH)
        return doubtful

    def sync(self) -> None:
        """Make it outlive the machine as well; takes as long as the disk does."""
        os.fdatasync(self._file)

    def end(self, row: int) -> None:
        """Note that what became of a row is written down."""
        slot = self._slots.pop(row, None)
        if slot is not None:
            os.pwrite(self._file, b" " * WIDTH, slot * WIDTH)
            self._free.append(slot)

    def close(self) -> None:
        os.close(self._file)
