"""What is kept about a person is listed, exported and erased: all of it, whatever table it is in.

Every table gets a row of the person, made from its columns, so that a new table or column is covered
from its first day, or fails here.
"""

import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, CheckConstraint, Column, LargeBinary, Text, insert

from bot.hashes import person_hash
from bot.recipes import MY_DATA
from bot.texts import Texts
from store import privacy
from store.database import SqliteDatabase, Transaction
from store.messages import Attachment
from store.tables import Instant, chats, metadata
from tests.stage.crowd import Crowd, gathered
from tests.stage.tables import Rows, everything
from tests.stage.terminal import on_stage

DIALOGUES = sorted((Path(__file__).parent / "dialogues").glob("*.txt"))
NOW = datetime(2027, 1, 12, 18, 0, tzinfo=UTC)
ME, OTHER = "telegram:4711", "telegram:4712"
KEY = b"key"
# Tables that know a person by a keyed hash alone.
HASHED = {"attendance", "wrong_codes"}
# Tables whose rows are about nobody, with the reason.
NOBODYS = {
    "secrets": "the program's own keys",
    "seen": "keyed hashes of platform events, of which nobody can tell whose they were",
    "settings": "switches of the whole bot",
    "debate_sources": "how a council's server calls its own meetings",
    "sources": "what was asked where, and whether it answered",
    "ratings": "how often entries helped; nobody knows whom",
    "questions": "what nobody could answer, without who asked or where",
    "progress": "points to the report that counts, which is covered itself",
}


def tables_of_people() -> set[str]:
    return {column.table.name for column in privacy.person_columns()}


def children_of_people() -> set[str]:
    """Tables that belong to rows of people's tables."""
    return {
        table.name
        for table in metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name in tables_of_people()
    } - tables_of_people()


# --- the schema -------------------------------------------------------------------------------------


def test_every_table_is_either_covered_or_nobodys() -> None:
    covered = tables_of_people() | children_of_people() | HASHED
    assert {table.name for table in metadata.sorted_tables} == covered | NOBODYS.keys()


def test_every_column_with_a_person_has_its_eraser() -> None:
    assert privacy.ERASERS.keys() == {str(column) for column in privacy.person_columns()}


def test_columns_named_like_people_are_marked() -> None:
    telling = re.compile(r"person|_by$|^by$|author|user|sender|asked$|owner|member")
    unmarked = [
        str(column)
        for table in metadata.sorted_tables
        for column in table.columns
        if telling.search(column.name) and "person" not in column.info
    ]
    assert unmarked == []


def test_every_table_a_person_can_be_in_has_its_words() -> None:
    texts = Texts()
    for name in (tables_of_people() | children_of_people() | HASHED) - NOBODYS.keys():
        assert texts.plural("de", f"privacy.table_{name}", 2)


# --- a person in every table ------------------------------------------------------------------------


def fill(tx: Transaction, who: str, number: int) -> None:
    """A row of that person in every table, its columns filled by their types."""
    for table in metadata.sorted_tables:
        values = {column.name: value_of(column, who, number) for column in table.columns}
        if table is chats:
            values |= {"private": True, "chat": who.partition(":")[2], "platform": "telegram"}
        tx.execute(insert(table).values(**values))


def value_of(column: Column[Any], who: str, number: int) -> object:
    if column.info.get("person") == "id":
        return who
    if column.foreign_keys or column.name == "id":
        return number
    if column.table.name in HASHED and column.name == "hash":
        return person_hash(KEY, who)
    if isinstance(column.type, Boolean):
        return False
    kinds = {Text: one_of(column) or f"x{number}", JSON: [], Instant: NOW, LargeBinary: b"x%d" % number}
    return next((value for kind, value in kinds.items() if isinstance(column.type, kind)), number)


def one_of(column: Column[Any]) -> str:
    """A value that a check on the column allows, if there is one."""
    checks = [str(one.sqltext) for one in column.table.constraints if isinstance(one, CheckConstraint)]
    allowed = [re.findall(r"'(\w+)'", text) for text in checks if text.startswith(f"{column.name} ")]
    return allowed[0][0] if allowed else ""


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    database = await SqliteDatabase.open(tmp_path / "store.db")
    try:
        await database.write(lambda tx: fill(tx, ME, 101))
        await database.write(lambda tx: fill(tx, OTHER, 102))
        yield database
    finally:
        await database.close()


def mentions(rows: Rows, who: str) -> list[str]:
    """Columns in which a person stands, in whatever way."""
    shape = re.compile(rf"(?<![\w.]){re.escape(who)}(?!\d)")
    return [
        f"{name}.{column}"
        for name, found in rows.items()
        for row in found
        for column, value in row.items()
        if isinstance(value, str | dict | list) and shape.search(json.dumps(value, ensure_ascii=False))
    ]


async def test_everything_about_a_person_is_listed(database: SqliteDatabase) -> None:
    listed = await database.read(lambda tx: privacy.listed(tx, ME, person_hash(KEY, ME)))
    assert listed.keys() == (tables_of_people() | children_of_people() | HASHED) - NOBODYS.keys()
    assert all(len(rows) == 1 for rows in listed.values())
    assert mentions(listed, OTHER) == []
    assert json.loads(json.dumps(listed)) == listed


@pytest.mark.parametrize("keep_reports", [False, True])
async def test_erasing_leaves_no_trace_and_touches_nobody_else(
    database: SqliteDatabase, keep_reports: bool
) -> None:
    hashed = person_hash(KEY, ME)
    others = await database.read(lambda tx: privacy.listed(tx, OTHER, person_hash(KEY, OTHER)))
    assert mentions(await everything(database), ME) != []
    await database.write(lambda tx: privacy.erase(tx, ME, hashed, keep_reports))
    assert mentions(await everything(database), ME) == []
    assert await database.read(lambda tx: privacy.listed(tx, ME, hashed)) == {}
    left = await everything(database)
    assert len(left["reports"]) == (2 if keep_reports else 1)
    assert {row["person"] for row in left["reports"]} == ({"", OTHER} if keep_reports else {OTHER})
    for name in ("chats", "roles", "forms", "outbox", "invitations", "subscriptions", "reminders"):
        assert len(left[name]) == 1, name
    assert await database.read(lambda tx: privacy.listed(tx, OTHER, person_hash(KEY, OTHER))) == others
    assert await database.write(lambda tx: privacy.erase(tx, ME, hashed, keep_reports)) == 0


# --- as people do it --------------------------------------------------------------------------------


async def busy(crowd: Crowd) -> None:
    """A person who has done everything there is to do."""
    await crowd.give("4711", "organiser")
    for text in (
        "/abo Rostock",
        "/einladen mitglied",
        "/termin Rostock 15.12. 18 Uhr Haushalt",
        "/bericht Rostock 2.1 beschlossen",
        "/beitreten falsch",
        "/rollen entziehen",
        "/meinedaten",
    ):
        await crowd.say("4711", text)


async def test_the_file_holds_what_the_list_names(tmp_path: Path) -> None:
    async with gathered(tmp_path) as crowd:
        await busy(crowd)
        drawn = await crowd.app.recipes.draw(Attachment(MY_DATA, {"person": ME}))
        assert drawn is not None
        rows = json.loads(drawn.content)
        assert rows.pop("person") == ME
        hashed = person_hash(crowd.app.services.key, ME)
        assert rows == await crowd.app.database.read(lambda tx: privacy.listed(tx, ME, hashed))
        assert {"wrong_codes", "forms", "debates", "invitations", "subscriptions", "reports"} <= rows.keys()


@pytest.mark.parametrize("said", ["/loeschen alles", "/loeschen ohne mich"])
async def test_who_deletes_is_gone(tmp_path: Path, said: str) -> None:
    async with gathered(tmp_path) as crowd:
        await busy(crowd)
        (sure,) = await crowd.say("4711", "/loeschen")
        assert len(sure.labels) == 2
        await crowd.say("4711", said)
        assert mentions(await everything(crowd.app.database), ME) == []
        (nothing,) = await crowd.say("4711", "/meinedaten")
        assert "nichts gespeichert" in nothing.text
        left = await everything(crowd.app.database)
        assert len(left["reports"]) == (1 if "ohne" in said else 0)
        assert [row for row in left["outbox"] if row["chat"] == "4711"] == []


async def test_people_stand_in_marked_columns_only(tmp_path: Path) -> None:
    marked = {str(column) for table in metadata.sorted_tables for column in table.columns if column.info}
    async with on_stage(tmp_path) as stage:
        await stage.play_all(DIALOGUES)
        rows = await everything(stage.app.database)
        people = {f"terminal:{name}" for name in ("anna", "ben", "mia", "gast")}
        seen = {column for who in people for column in mentions(rows, who)}
        assert seen
        assert seen <= marked
        for who in people:
            hashed = person_hash(stage.app.services.key, who)
            listed = await stage.app.database.read(lambda tx, who=who: privacy.listed(tx, who))
            assert {name.partition(".")[0] for name in mentions(rows, who)} <= listed.keys()
            await stage.app.database.write(
                lambda tx, who=who, hashed=hashed: privacy.erase(tx, who, hashed, True)
            )
        rows = await everything(stage.app.database)
        assert [column for who in people for column in mentions(rows, who)] == []
