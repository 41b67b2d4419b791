"""The open store. Work on it is a plain function of a connection, run as one transaction.

Such a function cannot wait for a network or a person, and may be run again from the start when
PostgreSQL asks for it, so it must have no effect but on the store.

On SQLite the function runs whole inside aiosqlite's thread. One thread hop per transaction instead
of four per statement makes it about four times cheaper than SQLAlchemy's own adapter.
"""

import asyncio
import os
import sqlite3
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, suppress
from functools import cache
from pathlib import Path
from typing import Any

import aiosqlite
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from errors import StoreError, StoreFull
from store import schema
from store.work import Database, T, Transaction, Work, damaged, translated

__all__ = ["Database", "SqliteDatabase", "Transaction", "Work", "open_database", "translated"]

WRITER_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")
READER_PRAGMAS = ("query_only=ON", "foreign_keys=ON")
# A whole check of a larger file would hold up the start; `backup` checks those.
CHECKED_AT_START_BYTES = 64 * 2**20


async def open_database(url: str | None, data_dir: Path) -> Database:
    """Open the store of `url`, or SQLite in `data_dir`, at the program's own schema.

    Raises DatabaseNewer, DatabaseDamaged, StoreFull, or StoreError for an address of no use.
    """
    if url is None or url.startswith("sqlite"):
        return await SqliteDatabase.open(sqlite_path(url, data_dir))
    if url.startswith("postgresql+asyncpg://"):
        from store.postgres import PostgresDatabase

        return await PostgresDatabase.open(url)
    raise StoreError("store.unknown_url", scheme=url.split(":", 1)[0])


def sqlite_path(url: str | None, data_dir: Path) -> Path:
    """The file that an address of SQLite means."""
    name = make_url(url).database if url else None
    return data_dir / (name or "saeulenbot.db")


class SqliteDatabase:
    """One writer and one reader connection to one file, each in its own aiosqlite thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._threads: list[_Thread] = []
        self._write_turn = asyncio.Lock()

    @classmethod
    async def open(cls, path: Path) -> "SqliteDatabase":
        database = cls(path)
        try:
            await database._connect()
        except BaseException:
            await database.close()
            raise
        return database

    async def _connect(self) -> None:
        _make_private(self.path)
        if self.path.stat().st_size == 0:
            raise damaged(self.path)
        writer = await self._start(WRITER_PRAGMAS, "BEGIN IMMEDIATE")
        await self._guarded(writer, self._check)
        await self._guarded(writer, schema.upgrade)
        await self._start(READER_PRAGMAS, "BEGIN")

    async def _start(self, pragmas: tuple[str, ...], begin: str) -> "_Thread":
        try:
            connection = await aiosqlite.connect(self.path, isolation_level=None, timeout=30)
            thread = _Thread(connection, begin)
            self._threads.append(thread)
            await thread.prepare(pragmas)
        except sqlite3.Error as error:
            raise translated(error, self.path) from error
        return thread

    def _check(self, connection: Connection) -> None:
        if self.path.stat().st_size > CHECKED_AT_START_BYTES:
            return
        verdict = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
        if verdict != "ok":
            raise damaged(self.path)

    async def write(self, work: Work[T]) -> T:
        """Run `work` as the one writing transaction; it counts, durably, when this returns."""
        async with self._write_turn:
            return await self._guarded(self._threads[0], work)

    async def read(self, work: Work[T]) -> T:
        """Run `work` on one consistent snapshot, beside a writer."""
        return await self._guarded(self._threads[1], work)

    @asynccontextmanager
    async def hold(self, name: str) -> AsyncIterator[asyncio.Event]:  # noqa: ARG002
        """There is no other process: the data directory is locked."""
        yield asyncio.Event()

    async def _guarded(self, thread: "_Thread", work: Work[T]) -> T:
        try:
            return await thread.run(work)
        except (DBAPIError, sqlite3.Error) as error:
            raise translated(error, self.path) from error

    async def close(self) -> None:
        while self._threads:
            await self._threads.pop().close()


class _Thread:
    """An aiosqlite connection whose thread runs whole transactions of SQLAlchemy Core."""

    def __init__(self, connection: aiosqlite.Connection, begin: str) -> None:
        self._connection = connection
        self._begin = begin
        self._core: Connection | None = None

    async def prepare(self, pragmas: tuple[str, ...]) -> None:
        for pragma in pragmas:
            async with self._connection.execute(f"PRAGMA {pragma}"):
                pass

    async def run(self, work: Work[T]) -> T:
        return await self._in_thread(self._transaction, work)

    def _transaction(self, work: Work[T]) -> T:
        if self._core is None:
            # Taken once, in the thread: taking it anew costs as much as a statement.
            self._core = _core_on(self._connection._conn, self._begin)
        with self._core.begin():
            return work(self._core)

    async def _in_thread(self, function: Callable[..., T], *arguments: Any) -> T:
        # aiosqlite offers no public way to run a function of one's own in its thread.
        execute: Callable[..., Awaitable[T]] = self._connection._execute
        return await execute(function, *arguments)

    async def close(self) -> None:
        if self._core is not None:
            await self._in_thread(self._core.close)
        await self._connection.close()


@cache
def _engine() -> Engine:
    """One for all connections of the program, so that each statement is compiled once."""
    engine = create_engine("sqlite://", creator=lambda: _handed.raw, poolclass=NullPool, hide_parameters=True)

    @event.listens_for(engine, "begin")
    def _begin(core: Connection) -> None:
        # Past SQLAlchemy's own execution, which costs more than the statement.
        core.connection.driver_connection.execute(core.info["begin"])  # type: ignore[union-attr]

    return engine


# The connection that the engine takes next, in this thread.
_handed = threading.local()


def _core_on(raw: sqlite3.Connection, begin: str) -> Connection:
    _handed.raw = raw
    core = _engine().connect()
    core.info["begin"] = begin
    return core


def _make_private(path: Path) -> None:
    """Make the file and its folder for the owner alone, before anything is written into it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _make_new(path)
    except OSError as error:
        raise StoreFull("store.not_writable", folder=str(path.parent), reason=error.strerror) from error
    with suppress(OSError):
        path.chmod(0o600)


def _make_new(path: Path) -> None:
    """An empty database, made beside its place and moved there whole: a file without a byte is never new."""
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    new.touch(mode=0o600)
    try:
        with closing(sqlite3.connect(new)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
        new.replace(path)
    except sqlite3.Error as error:
        raise translated(error, path) from error
    finally:
        new.unlink(missing_ok=True)
