"""Moves a store to another database, whole: every table in its order, with counts and checksums."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text

from errors import StoreError
from store.database import Database
from store.tables import metadata

PAGE = 1000
# Told after every page: the table, and how many rows of how many are there.
Told = Callable[[str, int, int], None]


async def copy(source: Database, target: Database, told: Told) -> dict[str, int]:
    """Copy every row; how many per table. Raises StoreError if the target holds anything, or came out other.

    Nobody may write to either meanwhile.
    """
    await target.read(_refuse_filled)
    counts = {}
    for table in metadata.sorted_tables:
        counts[table.name] = await _copy_table(source, target, table, told)
    await target.write(count_on)
    for table in metadata.sorted_tables:
        if await checksum(source, table) != await checksum(target, table):
            raise StoreError("copy.differs", table=table.name)
    return counts


def _refuse_filled(tx: Connection) -> None:
    for table in metadata.sorted_tables:
        if _count(tx, table):
            raise StoreError("copy.not_empty", table=table.name)


async def _copy_table(source: Database, target: Database, table: Table, told: Told) -> int:
    total = await source.read(lambda tx: _count(tx, table))
    done = 0
    for start in range(0, total, PAGE):
        rows = await source.read(lambda tx: _page(tx, table, start))  # noqa: B023
        await target.write(lambda tx: tx.execute(insert(table), rows))  # noqa: B023
        done += len(rows)
        told(table.name, done, total)
    return done


def _count(tx: Connection, table: Table) -> int:
    return int(tx.execute(select(func.count()).select_from(table)).scalar_one())


def _page(tx: Connection, table: Table, start: int) -> list[dict[str, Any]]:
    query = select(table).order_by(*table.primary_key.columns).offset(start).limit(PAGE)
    return [dict(row) for row in tx.execute(query).mappings()]


async def checksum(database: Database, table: Table) -> tuple[int, str]:
    """Rows and their hash, the same on every database whatever order it keeps rows in."""
    total = count = 0
    while rows := await database.read(lambda tx: _page(tx, table, count)):  # noqa: B023
        count += len(rows)
        total += sum(int.from_bytes(_hash(row), "big") for row in rows)
    return count, f"{total % 2**256:064x}"


def _hash(row: dict[str, Any]) -> bytes:
    return sha256("\x1f".join(_values(row)).encode("utf-8", "surrogatepass")).digest()


def _values(row: dict[str, Any]) -> Iterator[str]:
    for name, value in sorted(row.items()):
        yield f"{name}={value.hex() if isinstance(value, bytes) else value!r}"


def count_on(tx: Connection) -> None:
    """Let PostgreSQL give ids behind those that were copied; SQLite does so by itself."""
    if tx.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        if "id" in table.columns and table.columns["id"].autoincrement:
            name = f'"{table.name}"'
            tx.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), "  # noqa: S608
                    f"COALESCE((SELECT max(id) FROM {name}), 0) + 1, false)"
                )
            )
