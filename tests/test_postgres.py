"""The store on a real PostgreSQL: every dialogue, several processes, and moving between databases."""

import asyncio
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from bot.config_model import Config
from errors import StoreError
from scheduler.clock import SystemClock
from store import chats, people, reports
from store.copying import copy
from store.database import Database, open_database
from store.messages import ChatRef
from store.reports import Report
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
        admin = await asyncpg.connect(postgres)
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
        )
        await admin.close()
        await asyncio.wait_for(lost.wait(), timeout=15)
    await database.close()


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
