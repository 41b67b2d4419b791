"""Everything in the store, as plain rows."""

from typing import Any

from sqlalchemy import select

from store.database import Database, Transaction
from store.tables import metadata

# What every message leaves behind, whatever it was.
TRACES = frozenset({"seen", "outbox"})
Rows = dict[str, list[dict[str, Any]]]


async def everything(database: Database, without: frozenset[str] = frozenset()) -> Rows:
    """All rows by table; empty tables too."""

    def read(tx: Transaction) -> Rows:
        return {
            table.name: [dict(row) for row in tx.execute(select(table)).mappings()]
            for table in metadata.sorted_tables
            if table.name not in without
        }

    return await database.read(read)
