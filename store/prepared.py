"""Statements of every message and every report, run on the driver itself.

SQLAlchemy's own way of running a statement costs several times what a database takes for it. Here a
statement of Core is compiled once per kind of database; after that only its values pass through.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Delete, Dialect, Insert, Select, TextClause
from sqlalchemy.types import TypeEngine
from sqlalchemy.util import await_only

Statement = Select[Any] | Insert | Delete | TextClause
Convert = Callable[[Any], Any] | None


class Prepared:
    """One statement. Every run names all of its values: defaults of columns do not count, nor do lists."""

    def __init__(self, statement: Statement) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, tx: Connection, values: Mapping[str, Any]) -> list[Any]:
        """Run it in a transaction; the rows it returns, as named tuples."""
        compiled = self._compiled.get(tx.dialect.name)
        if compiled is None:
            compiled = self._compiled[tx.dialect.name] = _Compiled(self._statement, tx.dialect, values)
        return compiled.run(tx, values)


class _Compiled:
    """A statement in the words of one database, with what its types do to values and rows."""

    def __init__(self, statement: Statement, dialect: Dialect, values: Mapping[str, Any]) -> None:
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(values))
        self._sql = str(compiled)
        binds = [compiled.binds[name] for name in compiled.positiontup or ()]
        # What the statement brings itself, such as a limit.
        self._fixed = {bind.key: bind.value for bind in binds if not bind.required}
        self._binds = [(bind.key, _binder(bind.type, dialect)) for bind in binds]
        columns = getattr(statement, "exported_columns", ())
        self._row = _row([column.key for column in columns])
        self._shown = [
            (at, show) for at, column in enumerate(columns) if (show := _shower(column.type, dialect))
        ]

    def run(self, tx: Connection, values: Mapping[str, Any]) -> list[Any]:
        said = {**self._fixed, **values}
        given = [bind(said[name]) if bind else said[name] for name, bind in self._binds]
        return [self._row._make(self._as_shown(row)) for row in _run(tx, self._sql, given)]

    def _as_shown(self, row: Sequence[Any]) -> Sequence[Any]:
        if not self._shown:
            return row
        shown = list(row)
        for at, show in self._shown:
            shown[at] = show(shown[at])
        return shown


def _row(names: list[str]) -> Any:
    return namedtuple("Row", names)  # noqa: PYI024 - names and types are known only now


def _run(tx: Connection, sql: str, given: list[Any]) -> Sequence[Sequence[Any]]:
    raw: Any = tx.connection.driver_connection
    if tx.dialect.is_async:
        return await_only(raw.fetch(sql, *given))
    found: list[tuple[Any, ...]] = raw.execute(sql, given).fetchall()
    return found


def _binder(kind: TypeEngine[Any], dialect: Dialect) -> Convert:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _shower(kind: TypeEngine[Any], dialect: Dialect) -> Convert:
    return kind.dialect_impl(dialect).result_processor(dialect, None)
