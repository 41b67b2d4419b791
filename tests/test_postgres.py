"""The store on a real PostgreSQL: every dialogue, several processes, and moving between databases."""

import asyncio
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.util import await_only

from bot.config_model import Config
from errors import StoreError
from scheduler.clock import SystemClock
from store import chats, people, reports
from store.copying import copy
from store.database import Database, open_database
from store.messages import ChatRef
from store.reports import Report
from tests.postgres_server import ordered
from tests.stage.play import FILES, play
from tests.stage.script import read
from tests.stage.terminal import on_stage

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
HOLDER = """
import asyncio, sys
from pathlib import Path
from store.database import open_database

async def main():
    database = await open_database(sys.argv[1], Path())
    async with database.hold("account:test"):
        print("held", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
def url(postgres_url: str) -> str:
    return postgres_url


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_every_dialogue_is_the_same_on_postgresql(path: Path, url: str, tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path, database=url)
    await play(read(path), tmp_path, path.name, lambda folder: on_stage(folder, config))


async def test_writers_in_each_others_way_lose_nothing(url: str) -> None:
    stores = [await open_database(url, Path()) for _ in range(2)]

    async def write(database: Database, number: int) -> None:
        def work(tx):  # type: ignore[no-untyped-def]
            count = int(chats.setting(tx, "count") or 0)
            chats.set_setting(tx, "count", str(count + 1))
            return people.see(tx, number.to_bytes(16, "big"), NOW)

        assert await database.write(work)

    await asyncio.gather(*(write(stores[number % 2], number) for number in range(24)))
    assert await stores[0].read(lambda tx: chats.setting(tx, "count")) == "24"
    for one in stores:
        await one.close()


async def test_only_one_process_holds_an_account_and_another_takes_over(url: str) -> None:
    await (await open_database(url, Path())).close()
    holder = await asyncio.create_subprocess_exec(sys.executable, "-c", HOLDER, url, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert await holder.stdout.readline() == b"held\n"
    standby = await open_database(url, Path())
    waiting = asyncio.ensure_future(_held(standby))
    done, _ = await asyncio.wait((waiting,), timeout=1)
    assert not done
    killed = SystemClock().now()
    holder.send_signal(signal.SIGKILL)
    await asyncio.wait_for(waiting, timeout=30)
    assert SystemClock().now() - killed < timedelta(seconds=30)
    await holder.wait()
    await standby.close()


async def _held(database: Database) -> None:
    async with database.hold("account:test"):
        pass


async def test_who_loses_the_connection_is_told(url: str, postgres: str) -> None:
    database = await open_database(url, Path())
    async with database.hold("account:test") as lost:
        await ordered(
            postgres, "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
        )
        await asyncio.wait_for(lost.wait(), timeout=15)
    await database.close()


async def test_a_connection_that_died_in_the_pool_is_nobodys_trouble(url: str, postgres: str) -> None:
    database = await open_database(url, Path())
    for number in range(3):
        await _cut(postgres, url)
        await database.write(lambda tx: reports.add(tx, _report(f"Ort {number}")))  # noqa: B023
        await _cut(postgres, url)
        assert len(await database.read(reports.page)) == number + 1
    await database.close()


async def test_a_transaction_whose_connection_dies_is_run_again_and_counts_once(
    url: str, postgres: str
) -> None:
    database = await open_database(url, Path())
    tries: list[int] = []

    def work(tx):  # type: ignore[no-untyped-def]
        added = reports.add(tx, _report("Barth"))
        tries.append(added.id)
        if len(tries) < 3:
            await_only(_cut(postgres, url))
        return reports.add(tx, _report("Wismar"))

    await database.write(work)
    assert len(tries) == 3
    assert sorted(one.place for one in await database.read(reports.page)) == ["Barth", "Wismar"]
    await database.close()


async def test_a_commit_that_nobody_saw_is_not_run_again(
    url: str, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = await open_database(url, Path())
    tries: list[int] = []
    roll_on = asyncpg.Connection.execute

    async def execute(self, query, *rest, **more):  # type: ignore[no-untyped-def]
        if query == "COMMIT" and len(tries) == 1:
            await _cut(postgres, url)
        return await roll_on(self, query, *rest, **more)

    def work(tx):  # type: ignore[no-untyped-def]
        tries.append(reports.add(tx, _report("Barth")).id)

    monkeypatch.setattr(asyncpg.Connection, "execute", execute)
    with pytest.raises(StoreError) as failed:
        await database.write(work)
    assert failed.value.key == "store.failed"
    assert len(tries) == 1
    await database.write(work)
    assert len(await database.read(reports.page)) == 1
    await database.close()


async def test_a_transaction_that_is_cancelled_leaves_nothing_behind(url: str) -> None:
    database = await open_database(url, Path())
    started = asyncio.Event()

    def work(tx):  # type: ignore[no-untyped-def]
        reports.add(tx, _report("Barth"))
        started.set()
        tx.execute(text("SELECT pg_sleep(60)"))

    writing = asyncio.create_task(database.write(work))
    await started.wait()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    await database.write(lambda tx: reports.add(tx, _report("Wismar")))
    assert [one.place for one in await database.read(reports.page)] == ["Wismar"]
    await database.close()


async def _cut(server: str, url: str) -> None:
    """Let the server drop every connection to a database."""
    name = make_url(url).database
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname ="
    await ordered(server, f"{others} '{name}'")


async def test_a_store_is_moved_there_and_back_whole(url: str, tmp_path: Path) -> None:
    old = await open_database(None, tmp_path)
    await old.write(_fill)
    new = await open_database(url, tmp_path)
    told: list[tuple[str, int, int]] = []
    counts = await copy(old, new, lambda *now: told.append(now))
    assert counts["reports"] == 3
    assert ("reports", 3, 3) in told
    added = await new.write(lambda tx: reports.add(tx, _report("Barth")))
    assert added.id == 4
    back = await open_database(f"sqlite:///{tmp_path / 'back.db'}", tmp_path)
    await copy(new, back, lambda *_: None)
    assert len(await back.read(reports.page)) == 4
    with pytest.raises(StoreError) as refused:
        await copy(old, new, lambda *_: None)
    assert refused.value.key == "copy.not_empty"
    for database in (old, new, back):
        await database.close()


def _fill(tx) -> None:  # type: ignore[no-untyped-def]
    chats.keep(tx, ChatRef("telegram", "1"), True, "telegram:1", NOW)
    chats.secret(tx, "marks", b"\x00\xff" * 16, NOW)
    people.see(tx, b"m" * 16, NOW)
    for place in ("Rostock", "Schwerin", "Wismar"):
        reports.add(tx, _report(place, f"telegram:{place}"))


def _report(place: str, person: str = "telegram:1") -> Report:
    return Report(person, place, "2.1", "beschlossen", NOW, text="Größe ☆", yes=19)
