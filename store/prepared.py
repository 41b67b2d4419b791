"""Statements of every message, every reminder and every report, run on the driver itself.

SQLAlchemy's own way of running a statement costs several times what a database takes for it. Here a
statement of Core is compiled once per kind of database; after that only its values pass through.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Delete, Dialect, Insert, Select, Update
from sqlalchemy.types import TypeEngine
from sqlalchemy.util import await_only

Statement = Select[Any] | Insert | Update | Delete
Convert = Callable[[Any], Any] | None
Values = Mapping[str, Any]


class Prepared:
    """One statement. Every run names all of its values: defaults of columns do not count.

    `lists` are the names of those that are lists (expanding, for IN); `then` is what Core cannot say in
    the same words for every database.
    """

    def __init__(self, statement: Statement, *lists: str, then: str = "") -> None:
        self._statement = statement
        self._then = then
        self._lists = lists
        self._compiled: dict[tuple[object, ...], _Compiled] = {}

    def rows(self, tx: Connection, values: Values) -> list[Any]:
        """Run it in a transaction; the rows it returns, as named tuples."""
        ready, given = self._ready(tx, values)
        return ready.shown(_fetch(tx, ready.sql, given))

    def first(self, tx: Connection, values: Values) -> Any | None:
        """Run it in a transaction; the first row it returns, if there is one."""
        return next(iter(self.rows(tx, values)), None)

    def count(self, tx: Connection, values: Values) -> int:
        """Run it in a transaction; how many rows it changed."""
        ready, given = self._ready(tx, values)
        return _changed(tx, ready.sql, given)

    def _ready(self, tx: Connection, values: Values) -> "tuple[_Compiled, list[Any]]":
        if self._lists:
            values = {**values, **{name: _filled_up(values[name]) for name in self._lists}}
        kind = (tx.dialect.name, *values, *[len(values[name]) for name in self._lists])
        ready = self._compiled.get(kind)
        if ready is None:
            ready = self._compiled[kind] = _Compiled(self._statement, self._then, tx.dialect, values)
        return ready, ready.given(values)


def _filled_up(some: list[Any]) -> list[Any]:
    """A list as long as a power of two, so that few lengths are compiled; its last once more is no other."""
    full = 1 << (len(some) - 1).bit_length()
    return [*some, *some[-1:] * (full - len(some))]


class _Compiled:
    """A statement in the words of one database, with what its types do to values and rows."""

    def __init__(self, statement: Statement, then: str, dialect: Dialect, values: Values) -> None:
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(values))
        written = compiled.construct_expanded_state(dict(values))
        self.sql = f"{written.statement} {then}"
        # The names of a list's values, by the name of the list.
        self._lists: dict[str, list[str]] = dict(written.parameter_expansion)
        of_list = {name: whole for whole, names in self._lists.items() for name in names}
        names = written.positiontup or ()
        self._binds = [
            (name, _binder(compiled.binds[of_list.get(name, name)].type, dialect)) for name in names
        ]
        # What the statement brings itself, such as a limit.
        self._fixed = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
        columns = list(statement.exported_columns)
        self._row = _row([str(column.key) for column in columns])
        self._shown = [
            (at, show) for at, column in enumerate(columns) if (show := _shower(column.type, dialect))
        ]

    def given(self, values: Values) -> list[Any]:
        """The values in the order in which the database takes them."""
        said = {**self._fixed, **values}
        for whole, names in self._lists.items():
            said.update(zip(names, values[whole], strict=True))
        return [bind(said[name]) if bind else said[name] for name, bind in self._binds]

    def shown(self, rows: Sequence[Sequence[Any]]) -> list[Any]:
        return [self._row._make(self._as_shown(row)) for row in rows]

    def _as_shown(self, row: Sequence[Any]) -> Sequence[Any]:
        if not self._shown:
            return row
        shown = list(row)
        for at, show in self._shown:
            shown[at] = show(shown[at])
        return shown


def _row(names: list[str]) -> Any:
    return namedtuple("Row", names)  # noqa: PYI024 - names and types are known only now


def _fetch(tx: Connection, sql: str, given: list[Any]) -> Sequence[Sequence[Any]]:
    raw: Any = tx.connection.driver_connection
    if tx.dialect.is_async:
        return await_only(raw.fetch(sql, *given))
    found: list[tuple[Any, ...]] = raw.execute(sql, given).fetchall()
    return found


def _changed(tx: Connection, sql: str, given: list[Any]) -> int:
    raw: Any = tx.connection.driver_connection
    if tx.dialect.is_async:
        # It says what it did, such as "INSERT 0 1".
        return int(await_only(raw.execute(sql, *given)).rpartition(" ")[2])
    return int(raw.execute(sql, given).rowcount)


def _binder(kind: TypeEngine[Any], dialect: Dialect) -> Convert:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _shower(kind: TypeEngine[Any], dialect: Dialect) -> Convert:
    return kind.dialect_impl(dialect).result_processor(dialect, None)
