"""Standard input that is no terminal: every line is a message."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from typing import TextIO

LONGEST_LINE_BYTES = 2**20
CHUNK_BYTES = 2**16


async def piped_lines() -> AsyncIterator[str]:
    """The lines of standard input, without their ends; what is no UTF-8 is replaced.

    A line is one message however long it is; beyond LONGEST_LINE_BYTES it is cut off.
    """
    kept = b""
    while chunk := await _read(sys.stdin):
        *lines, rest = (kept + chunk).split(b"\n")
        for line in lines:
            yield _decoded(line)
        kept = rest[:LONGEST_LINE_BYTES]
    if kept:
        yield _decoded(kept)


def _decoded(line: bytes) -> str:
    return line[:LONGEST_LINE_BYTES].decode("utf-8", "replace").rstrip("\r")


async def _read(source: TextIO | None) -> bytes:
    """What can be read now, at least one byte; nothing at the end.

    No thread waits in a read here: it would hold up the end of the program when it is interrupted.
    """
    if source is None:
        return b""
    file, loop, ready = source.fileno(), asyncio.get_running_loop(), asyncio.Event()
    try:
        loop.add_reader(file, ready.set)
    except PermissionError:
        # A plain file never keeps anybody waiting.
        return os.read(file, CHUNK_BYTES)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(file)
    return os.read(file, CHUNK_BYTES)
