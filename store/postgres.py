"""The store on PostgreSQL: shared by several processes, through asyncpg."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from store import schema
from store.work import T, Work, translated

NAME = "PostgreSQL"
# A transaction that others are in the way of waits a little longer each time: about six seconds in all.
TRIES = 12
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.005, 1.0
# A holder that dies with its machine is given up after 15 s, and others look every 5 s: 20 s in all.
KEEPALIVE = {"tcp_keepalives_idle": "5", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "2"}
LOOK_AGAIN_SECONDS = 5.0
ANSWER_WITHIN_SECONDS = 5.0
MIGRATING = 0x5AE11
# PostgreSQL's codes for "another transaction was in the way, try again".
# A key that another has just taken may come as "not unique" (23505): seen again, it is there to be read.
SERIALIZATION_CODES = frozenset({"40001", "40P01", "23505"})
# Sent by ourselves: what SQLAlchemy does around a transaction costs as much as a statement.
WRITING = "BEGIN ISOLATION LEVEL SERIALIZABLE"
READING = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class ConnectionLost(OSError):
    """The server went away in the middle of a transaction, which did not count."""


# Nobody listens, the network is down, or the server says no: each in its own driver's words.
FAILURES = (DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError)


class PostgresDatabase:
    """Serializable transactions; one that another got in the way of is run again."""

    def __init__(self, engine: AsyncEngine, url: str) -> None:
        self._engine = engine
        self._url = url
        # Within a process writers queue; only those of other processes are met as failures.
        self._write_turn = asyncio.Lock()

    @classmethod
    async def open(cls, url: str) -> "PostgresDatabase":
        # It begins no transactions: see WRITING.
        engine = create_async_engine(url, isolation_level="AUTOCOMMIT", hide_parameters=True)
        database = cls(engine, url)
        try:
            await database.write(_upgrade)
        except BaseException:
            await engine.dispose()
            raise
        return database

    async def write(self, work: Work[T]) -> T:
        """Run `work` as one transaction, again after a serialization failure or a lost connection."""
        async with self._write_turn:
            return await self._run(WRITING, work)

    async def read(self, work: Work[T]) -> T:
        """Run `work` on one consistent snapshot, in nobody's way."""
        return await self._run(READING, work)

    async def _run(self, begin: str, work: Work[T]) -> T:
        wait = FIRST_WAIT_SECONDS
        for left in reversed(range(TRIES)):
            try:
                async with self._engine.connect() as connection:
                    return await _once(connection, begin, work)
            except FAILURES as error:
                if not (left and may_run_again(error)):
                    raise translated(error, Path(NAME)) from error
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT_SECONDS)
        raise AssertionError("the last try returns or raises")

    @asynccontextmanager
    async def hold(self, name: str) -> AsyncIterator[asyncio.Event]:
        """Be the only process that holds `name`: waits until no other does. The event: no longer ours.

        PostgreSQL gives it to another as soon as our connection is gone, so whoever holds it must stop
        when the event is set.
        """
        connection, lost = await self._locked(_number(name)), asyncio.Event()
        watching = asyncio.create_task(_watch(connection, lost))
        try:
            yield lost
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            connection.terminate()

    async def _locked(self, number: int) -> "asyncpg.Connection[Any]":
        address = make_url(self._url).set(drivername="postgresql").render_as_string(hide_password=False)
        while True:
            with suppress(OSError, asyncpg.PostgresError, TimeoutError):
                connection = await asyncpg.connect(address, server_settings=KEEPALIVE, timeout=10)
                try:
                    if await connection.fetchval("SELECT pg_try_advisory_lock($1)", number):
                        return connection
                except BaseException:
                    connection.terminate()
                    raise
                connection.terminate()
            await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def close(self) -> None:
        await self._engine.dispose()


async def _once(connection: AsyncConnection, begin: str, work: Work[T]) -> T:
    """Run `work` as one transaction. Raises ConnectionLost where the connection went before the end."""
    raw = await _driver(connection)
    if raw.is_closed() or raw.is_in_transaction():
        # It died while it was not in use, or whoever had it was stopped before the end.
        await connection.invalidate()
        raw = await _driver(connection)
    try:
        await raw.execute(begin)
        done = await connection.run_sync(work)
    except asyncio.CancelledError:
        raw.terminate()
        raise
    except BaseException as error:
        if raw.is_closed():
            raise ConnectionLost from error
        await raw.execute("ROLLBACK")
        raise
    # Lost from here on, nobody knows whether it counts: it is not run again.
    await raw.execute("COMMIT")
    return done


async def _driver(connection: AsyncConnection) -> Any:
    return (await connection.get_raw_connection()).driver_connection


async def _watch(connection: "asyncpg.Connection[Any]", lost: asyncio.Event) -> None:
    """Notice that the connection which holds a lock is gone."""
    with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
        while True:
            await connection.fetchval("SELECT 1", timeout=ANSWER_WITHIN_SECONDS)
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
    lost.set()


def may_run_again(error: Exception) -> bool:
    """Whether a transaction that failed may simply be tried again."""
    code = getattr(getattr(error, "orig", error), "sqlstate", None)
    return isinstance(error, ConnectionLost) or code in SERIALIZATION_CODES


def _number(name: str) -> int:
    return int.from_bytes(sha256(name.encode()).digest()[:8], "big", signed=True)


def _upgrade(connection: Connection) -> None:
    """Bring the schema up to date; one process after the other."""
    if schema.current(connection) != schema.HEAD:
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": MIGRATING})
    schema.upgrade(connection)
