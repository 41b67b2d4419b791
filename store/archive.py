"""Everything kept, as bytes that can be carried away and brought back: all tables at one instant, and files.

Packed it is gzip over JSON lines: a head, the rows of every table, the files, and an end that counts. The
rows are as the database itself has them, so that those of an older schema can be brought in and migrated.
"""

import gzip
import io
import json
import sqlite3
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Connection, LargeBinary, MetaData, Table, func, insert, select, text

from errors import BackupUnfit, DatabaseDamaged
from store import schema
from store.copying import count_on
from store.database import sqlite_path
from store.tables import chats, debates, outbox, reports, roles
from store.work import damaged

FORMAT = 1
PAGE = 500
# The program's own book-keeping of its schema, which the head of an archive tells.
REVISION = "alembic_version"
# Old buttons carry row numbers: those given out after the archive was made must not be given again.
ROWS_SKIPPED = 1_000_000


@dataclass(frozen=True)
class Archive:
    """An unpacked archive: which schema, made when, how many rows, and the lines themselves."""

    schema: str
    made_at: datetime
    rows: int
    files: Mapping[str, bytes]
    content: bytes


def pack(tx: Connection, files: Mapping[str, bytes], now: datetime) -> bytes:
    """Everything of the store as it is in this transaction, with files by their relative path.

    Raises DatabaseDamaged if the database does not stand up to a whole check.
    """
    _check(tx)
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as packed:
        for line in _lines(tx, files, now):
            packed.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
    return out.getvalue()


def _check(tx: Connection) -> None:
    if tx.dialect.name == "sqlite":
        verdict = tx.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()
        if verdict != "ok":
            (_, _, file), *_ = tx.exec_driver_sql("PRAGMA database_list")
            raise damaged(Path(file))


def _lines(tx: Connection, files: Mapping[str, bytes], now: datetime) -> Iterator[dict[str, Any]]:
    yield {"saeulenbot": FORMAT, "schema": schema.current(tx), "made_at": now.isoformat()}
    count = 0
    for table in _tables(tx):
        for rows in tx.execute(select(table)).mappings().partitions(PAGE):
            count += len(rows)
            yield {"table": table.name, "rows": [_written(dict(row)) for row in rows]}
    for name, content in files.items():
        yield {"file": name, "content": b64encode(content).decode()}
    yield {"end": count}


def _tables(tx: Connection) -> list[Table]:
    """The tables as they are in the database, those that others point to first."""
    found = MetaData()
    found.reflect(tx, only=lambda name, _: name != REVISION)
    for table in found.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, JSON):
                column.type = JSON(none_as_null=True)
    return found.sorted_tables


def _written(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: b64encode(value).decode() if isinstance(value, bytes) else value for name, value in row.items()
    }


def unpack(packed: bytes) -> Archive:
    """Look an archive through. Raises BackupUnfit for one that is torn, foreign or newer than the program."""
    try:
        content = gzip.decompress(packed)
        head, *_ = lines = [json.loads(line) for line in content.splitlines()]
        made_by, end = head["saeulenbot"], lines[-1].get("end")
        rows = sum(len(line["rows"]) for line in lines if "table" in line)
        files = {line["file"]: b64decode(line["content"]) for line in lines if "file" in line}
        archive = Archive(head["schema"], datetime.fromisoformat(head["made_at"]), rows, files, content)
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupUnfit("backup.not_ours") from error
    if made_by > FORMAT or archive.schema > schema.HEAD:
        raise BackupUnfit("backup.newer", found=archive.schema, known=schema.HEAD)
    if end != rows:
        raise BackupUnfit("backup.torn")
    return archive


def bring_back(tx: Connection, archive: Archive) -> None:
    """Put what the archive holds in the place of everything that is in the store, at the program's schema."""
    schema.begin_anew(tx, archive.schema)
    tables = {table.name: table for table in _tables(tx)}
    for line in map(json.loads, archive.content.splitlines()):
        if line.get("table"):
            table = tables[line["table"]]
            tx.execute(insert(table), [_read(table, row) for row in line["rows"]])
    schema.upgrade(tx)
    count_on(tx)
    _skip_rows(tx)


def _read(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    binary = {column.name for column in table.columns if isinstance(column.type, LargeBinary)}
    return {name: b64decode(value) if name in binary and value else value for name, value in row.items()}


def _skip_rows(tx: Connection) -> None:
    """Let the next message have a number that no message on a platform can have."""
    last = int(tx.execute(select(func.coalesce(func.max(outbox.c.id), 0))).scalar_one()) + ROWS_SKIPPED
    if tx.dialect.name == "postgresql":
        tx.execute(text("SELECT setval(pg_get_serial_sequence('outbox', 'id'), :last)"), {"last": last})
    else:
        tx.execute(text("DELETE FROM sqlite_sequence WHERE name = 'outbox'"))
        tx.execute(text("INSERT INTO sqlite_sequence VALUES ('outbox', :last)"), {"last": last})


def sqlite_file(path: Path) -> bytes:
    """A whole SQLite file of somebody else's at one instant, whoever writes to it meanwhile.

    Raises DatabaseDamaged.
    """
    try:
        source, copy = sqlite3.connect(f"file:{path}?mode=ro", uri=True), sqlite3.connect(":memory:")
        with closing(source), closing(copy):
            source.backup(copy)
            return copy.serialize()
    except sqlite3.Error as error:
        raise DatabaseDamaged("matrix.torn_file", file=path) from error


def is_empty(tx: Connection) -> bool:
    """Whether nobody has used the store yet."""
    return not any(tx.execute(select(table).limit(1)).first() for table in (chats, debates, reports, roles))


def set_aside(url: str, data_dir: Path, mark: str) -> Path | None:
    """Give an unusable SQLite file and what belongs to it another name; the new one, None elsewhere."""
    if not url.startswith("sqlite"):
        return None
    path = sqlite_path(url, data_dir)
    for part in ("", "-wal", "-shm"):
        one = path.with_name(path.name + part)
        if one.exists():
            one.rename(path.with_name(f"{path.name}.{mark}{part}"))
    return path.with_name(f"{path.name}.{mark}")
