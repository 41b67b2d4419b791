"""Everything kept about one person: listed, and erased in one transaction."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, and_, delete, exists, select, update

from store import circulation
from store import reports as report_store
from store.tables import (
    attendance,
    broadcasts,
    calendars,
    chats,
    debates,
    followups,
    forms,
    invitations,
    metadata,
    outbox,
    reminders,
    report_revisions,
    reports,
    roles,
    subscriptions,
    wrong_codes,
)

Row = dict[str, Any]
# Removes or blanks what one column knows of a person; how many rows.
Eraser = Callable[[Connection, str], int]


def person_columns() -> list[Column[Any]]:
    """Every column of the store that holds a person id, always in the same order."""
    return [
        column
        for table in metadata.tables.values()
        for column in table.columns
        if column.info.get("person") == "id"
    ]


def listed(tx: Connection, person: str, person_hash: bytes = b"") -> dict[str, list[Row]]:
    """Every row about a person, by table; instants as ISO 8601, hashes as "…"."""
    found: dict[str, list[Row]] = {}
    for table, which in _about(person, person_hash).items():
        rows = tx.execute(select(table).where(which)).mappings()
        shown = [_shown(row) for row in rows]
        if shown:
            found[table.name] = shown
    return found


def _about(person: str, person_hash: bytes) -> dict[Table, ColumnElement[bool]]:
    """Which rows of which tables are about a person: by their id, or by what belongs to such rows."""
    about: dict[Table, ColumnElement[bool]] = {}
    for column in person_columns():
        mine = column == person
        about[column.table] = about[column.table] | mine if column.table in about else mine
    private = select(chats.c.id).where(chats.c.person == person)
    told = select(reports.c.id).where(reports.c.person == person)
    about[outbox] = about[outbox] | _to_private_chat(person)
    for owned in (calendars, reminders, subscriptions):
        about[owned] = owned.c.chat.in_(private)
    about[report_revisions] = report_revisions.c.report.in_(told)
    for hashed in (wrong_codes, attendance):
        about[hashed] = hashed.c.hash == person_hash
    return about


def _to_private_chat(person: str) -> ColumnElement[bool]:
    """Messages to a person's private chats, whoever is asked there."""
    same = and_(chats.c.platform == outbox.c.platform, chats.c.chat == outbox.c.chat)
    return exists().where(same, chats.c.person == person)


def _shown(row: Any) -> Row:
    return {name: _readable(value) for name, value in row.items()}


def _readable(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return "…" if isinstance(value, bytes) else value


def erase(tx: Connection, person: str, person_hash: bytes, keep_reports: bool) -> int:
    """Erase a person; with `keep_reports` their reports stay without them. How many rows it touched."""
    # What waits to be sent to the person goes before the chat that says whose it is.
    touched = tx.execute(delete(outbox).where(_to_private_chat(person))).rowcount
    for hashed in (wrong_codes, attendance):
        touched += tx.execute(delete(hashed).where(hashed.c.hash == person_hash)).rowcount
    for column in person_columns():
        eraser = ERASERS[str(column)]
        touched += eraser(tx, person)
    return touched + (_blank_reports(tx, person) if keep_reports else _delete_reports(tx, person))


def _delete(table: Table, column: Column[Any]) -> Eraser:
    return lambda tx, person: tx.execute(delete(table).where(column == person)).rowcount


def _blank(table: Table, column: Column[Any]) -> Eraser:
    return lambda tx, person: (
        tx.execute(update(table).where(column == person).values({column.name: ""})).rowcount
    )


def _take_author_away(tx: Connection, person: str) -> int:
    """What a person wrote to everybody ends and is forgotten; that it was sent, and to how many, stays."""
    circulation.end_of_author(tx, person)
    mine = update(broadcasts).where(broadcasts.c.author == person)
    return tx.execute(mine.values(author="", chat="", text="", file=None, progress=None)).rowcount


def _left_to_choice(_: Connection, __: str) -> int:
    """Reports stay or go by the person's own choice, after everything else."""
    return 0


ERASERS: dict[str, Eraser] = {
    str(chats.c.person): _delete(chats, chats.c.person),
    str(roles.c.person): _delete(roles, roles.c.person),
    str(roles.c.granted_by): _blank(roles, roles.c.granted_by),
    str(forms.c.person): _delete(forms, forms.c.person),
    str(followups.c.person): _delete(followups, followups.c.person),
    str(broadcasts.c.author): _take_author_away,
    str(outbox.c.asked): _delete(outbox, outbox.c.asked),
    str(debates.c.created_by): _blank(debates, debates.c.created_by),
    str(invitations.c.created_by): _delete(invitations, invitations.c.created_by),
    str(reports.c.person): _left_to_choice,
}


def _blank_reports(tx: Connection, person: str) -> int:
    mine = update(reports).where(reports.c.person == person)
    return tx.execute(mine.values(person="", message="")).rowcount


def _delete_reports(tx: Connection, person: str) -> int:
    cells = tx.execute(select(reports.c.place, reports.c.measure).where(reports.c.person == person)).all()
    gone = tx.execute(delete(reports).where(reports.c.person == person)).rowcount
    for place, measure in set(map(tuple, cells)):
        report_store.count(tx, place, measure)
    return gone
