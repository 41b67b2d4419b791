"""The store keeps what it is given, whole or not at all, on SQLite and on PostgreSQL alike."""

import asyncio
import sqlite3
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from errors import DatabaseDamaged, DatabaseNewer, StoreError, StoreFull
from store import chats, debates, outbox, people, privacy, reports, schema
from store import database as opening
from store.database import Database, Transaction, open_database
from store.debates import Debate, Item
from store.messages import ChatRef, Incoming, Outgoing
from store.people import Invitation
from store.reports import Report
from store.speakers import speaker_of
from store.tables import Instant
from tests.conftest import DURABLE, NOW

REF = ChatRef("terminal", "mia")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def keep(tx: Transaction, name: str = "mia") -> chats.Chat:
    return chats.keep(tx, ChatRef("terminal", name), True, f"terminal:{name}", NOW)


async def test_work_that_raises_leaves_nothing_behind(database: Database) -> None:
    def work(tx: Transaction) -> None:
        keep(tx)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.write(work)
    assert await database.read(lambda tx: chats.every(tx)) == []


async def test_writers_take_turns_and_lose_nothing(database: Database) -> None:
    def more(tx: Transaction) -> None:
        chats.set_setting(tx, "n", str(int(chats.setting(tx, "n") or 0) + 1))

    await database.write(more)
    await asyncio.gather(*(database.write(more) for _ in range(4)))
    assert await database.read(lambda tx: chats.setting(tx, "n")) == "5"


async def test_a_chat_is_known_once_and_changes(database: Database) -> None:
    first = await database.write(keep)
    assert await database.write(keep) == first
    await database.write(lambda tx: chats.change(tx, first.id, admitted=True, place="Rostock", easy=True))
    found = await database.read(lambda tx: chats.find(tx, ChatRef("terminal", "mia", "thread")))
    assert found == replace(first, admitted=True, place="Rostock", easy=True)


async def test_an_unknown_chat_is_not_kept_by_looking(database: Database) -> None:
    assert (await database.read(lambda tx: chats.find(tx, REF))).id == 0
    assert await database.read(lambda tx: chats.every(tx)) == []


async def test_subscriptions_of_districts_count_for_towns_only_when_asked(database: Database) -> None:
    def work(tx: Transaction) -> list[list[str]]:
        names = [("a", "Güstrow", False), ("b", "Landkreis Rostock", True), ("c", "Landkreis Rostock", False)]
        for name, place, towns in [*names, ("d", chats.EVERYWHERE, False)]:
            chats.subscribe(tx, keep(tx, name).id, "", place, towns, "7d,1d", NOW)
        return [
            [one.ref.chat for one in chats.subscribers(tx, *asked)]
            for asked in (("Güstrow", "Landkreis Rostock"), ("Landkreis Rostock", None), ("Wismar", None))
        ]

    assert await database.write(work) == [["a", "b", "d"], ["b", "c", "d"], ["d"]]


async def test_subscribing_again_changes_the_offsets(database: Database) -> None:
    def work(tx: Transaction) -> tuple[bool, bool, list[str], int, int]:
        chat = keep(tx).id
        first = chats.subscribe(tx, chat, "", "Rostock", False, "7d", NOW)
        again = chats.subscribe(tx, chat, "", "Rostock", False, "1h", NOW)
        offsets = [one.offsets for one in chats.subscriptions_of(tx, chat)]
        return (
            first,
            again,
            offsets,
            chats.unsubscribe(tx, chat, "", "Rostock"),
            chats.unsubscribe(tx, chat, ""),
        )

    assert await database.write(work) == (True, False, ["1h"], 1, 0)


async def test_a_form_is_replaced_and_expires(database: Database) -> None:
    def work(tx: Transaction) -> list[str | None]:
        chats.keep_form(tx, "terminal:mia", REF, "bericht {}", NOW + 30 * MINUTE)
        chats.keep_form(tx, "terminal:mia", REF, "termin {}", NOW + 30 * MINUTE)
        said = Incoming("k", REF, "terminal:mia", "Moin", NOW, private=True)
        return [speaker_of(tx, said, NOW + after * MINUTE).form for after in (0, 29, 30)]

    assert await database.write(work) == ["termin {}", "termin {}", None]


async def test_a_secret_is_made_once(database: Database) -> None:
    first = await database.write(lambda tx: chats.secret(tx, "marks", b"one", NOW))
    again = await database.write(lambda tx: chats.secret(tx, "marks", b"two", NOW))
    assert (first, again) == (b"one", b"one")


async def test_a_message_is_seen_once(database: Database) -> None:
    assert await database.write(lambda tx: people.see(tx, b"x" * 16, NOW))
    assert not await database.write(lambda tx: people.see(tx, b"x" * 16, NOW))
    assert await database.write(lambda tx: people.see(tx, b"y" * 16, NOW))


async def test_seen_marks_are_forgotten_after_their_time_only(database: Database) -> None:
    await database.write(lambda tx: people.see(tx, b"x" * 16, NOW))
    assert await database.write(lambda tx: people.forget(tx, NOW + 6 * DAY, 7 * DAY)) == 0
    assert await database.write(lambda tx: people.forget(tx, NOW + 7 * DAY, 7 * DAY)) == 1


async def test_a_role_ends_at_its_end(database: Database) -> None:
    def work(tx: Transaction) -> list[int]:
        people.grant(tx, "terminal:mia", "representative", "Rostock", "x", NOW, NOW + DAY)
        people.grant(tx, "terminal:mia", "representative", "Rostock", "x", NOW, NOW + 2 * DAY)
        return [len(people.roles_of(tx, "terminal:mia", NOW + days * DAY)) for days in (0, 1, 2)]

    assert await database.write(work) == [1, 1, 0]


async def test_an_invitation_works_once_and_in_time(database: Database) -> None:
    given = Invitation("representative", "Rostock", "terminal:anna", NOW + DAY, None)

    def work(tx: Transaction) -> list[Invitation | None]:
        for code in (b"a", b"b"):
            people.invite(tx, code, given, NOW)
        return [
            people.redeem(tx, b"a", NOW),
            people.redeem(tx, b"a", NOW),
            people.redeem(tx, b"b", NOW + DAY),
            people.redeem(tx, b"c", NOW),
        ]

    assert await database.write(work) == [given, None, None, None]


async def test_wrong_codes_lock_a_person_out_for_a_while(database: Database) -> None:
    def work(tx: Transaction) -> list[bool]:
        locked = []
        for _ in range(3):
            people.wrong_code(tx, b"mia", NOW, 3, HOUR)
            locked.append(people.locked_until(tx, b"mia", NOW) is not None)
        return [*locked, people.locked_until(tx, b"mia", NOW + HOUR) is not None]

    assert await database.write(work) == [False, False, True, False]


DEBATE = Debate("Rostock", "Haushaltssatzung 2027", NOW + 10 * DAY, "hand", "budget", items=(Item("A", "1"),))


async def test_a_debate_comes_back_as_it_was(database: Database) -> None:
    added = await database.write(lambda tx: debates.add(tx, DEBATE, NOW))
    assert await database.read(lambda tx: debates.get(tx, added.id)) == added == replace(DEBATE, id=added.id)


async def test_a_told_change_counts_the_version_up(database: Database) -> None:
    def work(tx: Transaction) -> list[int]:
        added = debates.add(tx, DEBATE, NOW)
        quietly = debates.change(tx, replace(added, url="https://example.org"), NOW, tell=False)
        loudly = debates.change(tx, replace(quietly, starts=NOW + 11 * DAY), NOW)
        found = debates.get(tx, added.id)
        return [added.version, quietly.version, loudly.version, found.version if found else 0]

    assert await database.write(work) == [1, 1, 2, 2]


REPORT = Report("terminal:mia", "Rostock", "2.1", "adopted", NOW, "drei Plätze", 19, 12)


async def test_the_same_report_within_ten_minutes_is_one(database: Database) -> None:
    def work(tx: Transaction) -> list[Report]:
        reports.add(tx, REPORT)
        reports.add(tx, replace(REPORT, reported_at=NOW + 9 * MINUTE))
        reports.add(tx, replace(REPORT, reported_at=NOW + 11 * MINUTE))
        return reports.page(tx)

    found = await database.write(work)
    assert [(one.revision, one.reported_at) for one in found] == [(1, NOW), (1, NOW + 11 * MINUTE)]


async def test_progress_shows_the_latest_report_that_stands(database: Database) -> None:
    def work(tx: Transaction) -> list[list[str]]:
        first = reports.add(tx, REPORT)
        second = reports.add(tx, replace(REPORT, outcome="rejected", reported_at=NOW + HOUR))
        shown = [[one.report.outcome for one in reports.standing(tx, "Rostock")]]
        for one in (second, first):
            reports.revise(tx, replace(one, withdrawn=True), NOW + 2 * HOUR)
            shown.append([one.report.outcome for one in reports.standing(tx, "Rostock")])
        return shown

    assert await database.write(work) == [["rejected"], ["adopted"], []]


async def test_a_corrected_report_moves_its_cell(database: Database) -> None:
    def work(tx: Transaction) -> list[tuple[str, str, int]]:
        added = reports.add(tx, REPORT)
        reports.revise(tx, replace(added, place="Wismar", measure="3.1"), NOW)
        return [
            (one.place, one.measure, one.revision) for one in (cell.report for cell in reports.standing(tx))
        ]

    assert await database.write(work) == [("Wismar", "3.1", 2)]


async def test_erasing_a_person_leaves_no_trace_of_them(database: Database) -> None:
    def work(tx: Transaction) -> tuple[bool, int, dict[str, list[dict[str, object]]]]:
        chat = keep(tx)
        chats.subscribe(tx, chat.id, "", "Rostock", False, "7d", NOW)
        chats.keep_form(tx, "terminal:mia", REF, "bericht {}", NOW + DAY)
        people.grant(tx, "terminal:mia", "organiser", "*", "terminal:mia", NOW)
        people.grant(tx, "terminal:ben", "representative", "*", "terminal:mia", NOW)
        people.invite(tx, b"a", Invitation("organiser", "*", "terminal:mia", NOW + DAY, None), NOW)
        outbox.add(tx, Outgoing("a", REF, "Hallo", asked="terminal:mia"), NOW)
        debates.add(tx, replace(DEBATE, created_by="terminal:mia"), NOW)
        reports.add(tx, REPORT)
        listed = set(privacy.listed(tx, "terminal:mia")) >= {"chats", "roles", "forms", "outbox", "reports"}
        privacy.erase(tx, "terminal:mia", b"hash", keep_reports=True)
        return listed, len(reports.standing(tx)), privacy.listed(tx, "terminal:mia")

    assert await database.write(work) == (True, 1, {})


async def test_erasing_with_the_reports_counts_progress_anew(database: Database) -> None:
    def work(tx: Transaction) -> list[str]:
        reports.add(tx, replace(REPORT, person="terminal:ben", outcome="rejected"))
        reports.add(tx, replace(REPORT, reported_at=NOW + HOUR))
        privacy.erase(tx, "terminal:mia", b"hash", keep_reports=False)
        return [one.report.outcome for one in reports.standing(tx)]

    assert await database.write(work) == ["rejected"]


@given(st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_instants_come_back_to_the_millisecond(at: datetime) -> None:
    kept = Instant().process_bind_param(at, None)
    back = Instant().process_result_value(kept, None)
    assert back is not None
    assert timedelta() <= at - back < timedelta(milliseconds=1)


async def test_what_is_kept_is_there_after_opening_again(tmp_path: Path) -> None:
    first = await open_database(None, tmp_path)
    await first.write(keep)
    await first.close()
    await first.close()
    again = await open_database(None, tmp_path)
    assert [one.ref for one in await again.read(lambda tx: chats.every(tx))] == [REF]
    await again.close()


async def test_sqlite_is_opened_so_that_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "WRITER_PRAGMAS", DURABLE)
    sqlite = await open_database(None, tmp_path)

    def look(tx: Transaction) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        return [tx.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]

    assert await sqlite.write(look) == ["wal", 2, 1, 1]
    await sqlite.close()
    assert stat.S_IMODE((tmp_path / "saeulenbot.db").stat().st_mode) == 0o600


async def test_a_reader_cannot_write_on_sqlite(sqlite: Database) -> None:
    with pytest.raises(StoreError):
        await sqlite.read(keep)


async def test_a_reader_is_not_held_up_by_a_writer(sqlite: Database) -> None:
    await sqlite.write(keep)
    inside, go_on = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def long_work(tx: Transaction) -> None:
        keep(tx, "ben")
        loop.call_soon_threadsafe(inside.set)
        asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result()

    writing = asyncio.create_task(sqlite.write(long_work))
    await inside.wait()
    assert len(await sqlite.read(lambda tx: chats.every(tx))) == 1
    go_on.set()
    await writing
    assert len(await sqlite.read(lambda tx: chats.every(tx))) == 2


@pytest.mark.parametrize(
    "content", [b"", b"just text, no database at all\n" * 200, b"SQLite format 3\0" + b"\xff" * 5000]
)
async def test_a_file_that_is_no_database_is_named_and_kept(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "saeulenbot.db"
    file.write_bytes(content)
    with pytest.raises(DatabaseDamaged) as caught:
        await open_database(None, tmp_path)
    assert caught.value.details["file"] == file
    assert file.read_bytes() == content


async def test_a_torn_file_is_refused(tmp_path: Path) -> None:
    database = await open_database(None, tmp_path)
    await database.write(lambda tx: [keep(tx, str(number)) for number in range(500)])
    await database.close()
    file = tmp_path / "saeulenbot.db"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(DatabaseDamaged):
        await open_database(None, tmp_path)


async def test_a_database_of_a_newer_program_is_refused(database: Database) -> None:
    await database.write(lambda tx: tx.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(DatabaseNewer) as caught:
        await database.write(schema.upgrade)
    assert caught.value.details["found"] == "9999"


async def test_somebody_elses_database_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "saeulenbot.db") as other:
        other.execute("CREATE TABLE recipes (name TEXT)")
    other.close()
    with pytest.raises(DatabaseDamaged) as caught:
        await open_database(None, tmp_path)
    assert (caught.value.key, caught.value.details["table"]) == ("store.foreign", "recipes")


async def test_a_file_where_the_directory_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(StoreFull) as caught:
        await open_database(None, tmp_path / "data")
    assert caught.value.details["folder"] == str(tmp_path / "data")


async def test_an_address_of_no_use_is_named() -> None:
    with pytest.raises(StoreError) as caught:
        await open_database("mysql://somewhere", Path())
    assert caught.value.details == {"scheme": "mysql"}


async def test_a_server_that_is_not_there_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        await open_database(f"postgresql+asyncpg://nobody@/none?host={tmp_path}", tmp_path)
