"""Which schema the program has, and the way there from an older one."""

from pathlib import Path

from sqlalchemy import Connection, MetaData, inspect, text

from errors import DatabaseDamaged, DatabaseNewer

# The newest revision in store/migrations/versions; a test compares.
HEAD = "0002"
MIGRATIONS = Path(__file__).parent / "migrations"
# Revisions are numbered, so that an unknown higher one is a newer program's.


def upgrade(connection: Connection) -> None:
    """Bring the store to HEAD. Raises DatabaseNewer, or DatabaseDamaged for tables that are not ours."""
    found = current(connection)
    if found == HEAD:
        return
    if found is not None and found > HEAD:
        raise DatabaseNewer("store.newer", found=found, known=HEAD)
    if found is None and inspect(connection).get_table_names():
        raise DatabaseDamaged("store.foreign", table=sorted(inspect(connection).get_table_names())[0])
    _migrate(connection, HEAD)


def begin_anew(connection: Connection, revision: str) -> None:
    """Throw away every table, and make those of a revision, empty."""
    found = MetaData()
    found.reflect(connection)
    found.drop_all(connection)
    _migrate(connection, revision)


def current(connection: Connection) -> str | None:
    """The revision the store stands at; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _migrate(connection: Connection, revision: str) -> None:
    # Alembic is heavy and needed only when the schema changes.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
