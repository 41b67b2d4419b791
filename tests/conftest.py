"""What tests share: stores to work on. Those of `database` run on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from shutil import copyfile

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Connection, create_engine, event

from bot import app, wisdom
from bot.config_model import Config
from knowledge.answer import Answerer
from store import database as opening
from store import schema
from store.database import Database, open_database
from store.tables import metadata
from tests.council_server import Council, council
from tests.postgres_server import fresh_database, ordered, postgres_server

# No test has a time limit: machines differ. `make hard` looks with the thorough profile.
CALM = [HealthCheck.too_slow]
settings.register_profile("house", deadline=None, max_examples=40, suppress_health_check=CALM)
settings.register_profile("thorough", deadline=None, max_examples=1000, suppress_health_check=CALM)
settings.load_profile("house")

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
# The migrated database that all others on PostgreSQL are copied from.
TEMPLATE = "template_migrated"
# What the product asks of SQLite.
DURABLE = opening.WRITER_PRAGMAS


@pytest.fixture(scope="session", autouse=True)
def one_index() -> Iterator[None]:
    """The built-in knowledge is read and indexed once for all tests: it is never changed."""
    shared = cache(lambda: wisdom.read_knowledge(Config()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "read_knowledge", lambda config: _read(config, shared))
        yield


@pytest.fixture(scope="session", autouse=True)
def cheap_stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A new store on SQLite is a copy of one that was migrated, and none here must outlive a power cut."""
    migrated, make_new = tmp_path_factory.mktemp("store") / "migrated.db", opening._make_new

    def copied(path: Path) -> None:
        if not migrated.exists():
            make_new(migrated)
            engine = create_engine(f"sqlite:///{migrated}")
            with engine.begin() as connection:
                schema.upgrade(connection)
            engine.dispose()
        copyfile(migrated, path)

    pragmas = tuple(one.replace("synchronous=FULL", "synchronous=OFF") for one in DURABLE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opening, "_make_new", copied)
        patch.setattr(opening, "WRITER_PRAGMAS", pragmas)
        yield


def _read(config: Config, shared: Callable[[], Answerer]) -> Answerer:
    own = config.knowledge is not None or config.semantic
    return wisdom.read_knowledge(config) if own else shared()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL of our own, without a database name: "postgresql://…?host=…"."""
    with postgres_server() as address:
        # Nothing here must outlive a power cut.
        asyncio.run(ordered(address, "ALTER SYSTEM SET fsync = off"))
        asyncio.run(ordered(address, "SELECT pg_reload_conf()"))
        asyncio.run(_migrate(fresh_database(address, TEMPLATE)))
        yield address


async def _migrate(url: str) -> None:
    database = await open_database(url, Path())
    await database.close()


@pytest.fixture
def postgres_url(postgres: str) -> str:
    """The address of a fresh, migrated database on PostgreSQL."""
    return fresh_database(postgres, template=TEMPLATE)


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


@pytest.fixture
async def town() -> AsyncIterator[Council]:
    """A council's server, which says what it is told to say."""
    async with council() as one:
        yield one


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
