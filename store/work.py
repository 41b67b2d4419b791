"""What work on a store is: a plain function of a connection, run as one transaction; and how it fails."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from shlex import quote
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from errors import DatabaseDamaged, StoreError, StoreFull

T = TypeVar("T")
# What work is done on: other rooms pass it to the functions of the store and do nothing else with it.
Transaction = Connection
Work = Callable[[Transaction], T]


class Database(Protocol):
    """A store that can be read and written. `close` leaves nothing open, and may be called twice.

    `hold` makes this process the only one of all on the store that holds a name; it waits for that, and
    its event is set when another may have taken over.
    """

    async def write(self, work: Work[T]) -> T: ...

    async def read(self, work: Work[T]) -> T: ...

    def hold(self, name: str) -> AbstractAsyncContextManager[asyncio.Event]: ...

    async def close(self) -> None: ...


def damaged(path: Path) -> DatabaseDamaged:
    """The error for a file that is no database, with the way out as it can be typed."""
    aside = path.with_name("beschaedigt")
    return DatabaseDamaged("store.damaged", file=path, files=quote(str(path)), aside=quote(str(aside)))


def translated(error: Exception, path: Path) -> StoreError:
    """The store's own error for what a driver raised."""
    text, file, cause = str(error).lower(), path.name, getattr(error, "orig", error)
    if "malformed" in text or "not a database" in text or "file is encrypted" in text:
        return damaged(path)
    if "disk i/o" in text or "full" in text or "readonly" in text or "unable to open" in text:
        return StoreFull("store.full", file=file)
    if isinstance(cause, sqlite3.OperationalError) and "locked" in text:
        return StoreError("store.locked", file=file)
    return StoreError("store.failed", file=file, reason=type(cause).__name__)
