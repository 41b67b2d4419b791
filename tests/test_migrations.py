"""The migrations lead to exactly the schema the program works on."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from store import archive, chats, schema
from store.database import Database, Transaction, open_database
from store.tables import metadata
from tests.conftest import NOW, memory

VERSIONS = sorted((schema.MIGRATIONS / "versions").glob("[0-9]*.py"))


def test_head_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [schema.HEAD]


def test_migrations_are_numbered_in_order() -> None:
    names = sorted(path.name[:4] for path in (schema.MIGRATIONS / "versions").glob("*.py"))
    assert names == [f"{number:04}" for number in range(1, len(names) + 1)]
    assert names[-1] == schema.HEAD


async def test_migrated_and_written_down_schema_are_one(database: Database) -> None:
    def differences(tx: Transaction) -> list[object]:
        options = {"compare_type": True, "compare_server_default": True}
        return list(compare_metadata(MigrationContext.configure(tx, opts=options), metadata))

    assert await database.read(differences) == []


async def test_tables_made_by_migration_and_by_metadata_are_the_same_to_sqlite(sqlite: Database) -> None:
    """What alembic does not compare: checks, AUTOINCREMENT, WITHOUT ROWID."""

    def shape(tx: Transaction) -> dict[str, list[str]]:
        rows = tx.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
        ours = {row.name: row.sql.split(",") for row in rows}
        return {
            name: sorted(" ".join(part.split()).strip(" )") for part in parts)
            for name, parts in ours.items()
            if not name.startswith(("alembic", "sqlite"))
        }

    connection = memory()
    wanted = shape(connection)
    connection.close()
    connection.engine.dispose()
    assert await sqlite.read(shape) == wanted


async def test_opening_again_migrates_nothing(tmp_path: Path) -> None:
    versions = []
    for _ in range(2):
        database = await open_database(None, tmp_path)
        versions.append(await database.read(schema.current))
        await database.close()
    assert versions == [schema.HEAD, schema.HEAD]


@pytest.mark.parametrize("revision", [path.name[:4] for path in VERSIONS])
async def test_every_earlier_schema_comes_to_the_programs_own(database: Database, revision: str) -> None:
    """A store as an older program made it, opened by this one; and a backup of that age brought back."""

    def older(tx: Transaction) -> bytes:
        schema.begin_anew(tx, revision)
        tx.execute(text("INSERT INTO settings (name, value) VALUES ('kept', 'yes')"))
        return archive.pack(tx, {}, NOW)

    def shape(tx: Transaction) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(tx), metadata))

    packed = await database.write(older)
    await database.write(schema.upgrade)
    assert await database.read(shape) == []
    assert await database.read(lambda tx: chats.setting(tx, "kept")) == "yes"
    found = archive.unpack(packed)
    assert found.schema == revision
    await database.write(lambda tx: chats.set_setting(tx, "kept", None))
    await database.write(lambda tx: archive.bring_back(tx, found))
    assert await database.read(schema.current) == schema.HEAD
    assert await database.read(lambda tx: chats.setting(tx, "kept")) == "yes"
