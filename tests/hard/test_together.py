"""Two processes and a standby on one PostgreSQL, killed again and again: every effect once, nothing lost."""

import asyncio
import random
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from knowledge.places import load_places
from knowledge.resolution import resolution
from store import outbox, reports
from store.database import open_database
from tests.emulator.server import TOKEN, Emulator, serving
from tests.hard.test_kill import NUMBER, Killed
from tests.stage.program import Program, program

# Each person stays below what one person may ask at once.
PEOPLE = range(2001, 2041)


def lines(start: int, count: int) -> list[str]:
    """Reports that nobody else makes within ten minutes, and that contradict none."""
    cells = [(place.name, one.code) for one in resolution().measures for place in load_places().all]
    return [
        f"/bericht {' '.join(cells[number % len(cells)])} beschlossen: Nummer {number}"
        for number in range(start, start + count)
    ]


def configuration(address: str, url: str) -> str:
    organisers = ", ".join(f'"telegram:{number}"' for number in PEOPLE)
    return (
        f'database: {url}\ntelegram:\n  token: "{TOKEN}"\n  api_url: {address}\norganisers: [{organisers}]\n'
    )


@pytest.mark.parametrize(
    ("count", "kills"),
    [pytest.param(60, 1, id="few"), pytest.param(1000, 6, id="many")],
)
@pytest.mark.hard
async def test_two_processes_and_a_standby_on_one_store(
    postgres_url: str, tmp_path: Path, count: int, kills: int
) -> None:
    emulator, dice = Emulator(), random.Random(2027)  # noqa: S311 - the same points in every run
    config = tmp_path / "terminal.yaml"
    config.write_text(f"database: {postgres_url}\n", encoding="utf-8")
    config.chmod(0o600)
    talk = Killed(tmp_path, lines(count, count), dice, "--config", config, each=count // (kills + 1))
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(serving(emulator))
        bots = []
        for name in ("first", "second"):
            (tmp_path / name).mkdir()
            text = configuration(address, postgres_url)
            bots.append(await stack.enter_async_context(program(tmp_path / name, text)))
        for number, line in enumerate(lines(0, count)):
            await emulator.says(PEOPLE[number % len(PEOPLE)], line)
        await bots[0].start()
        await reached(emulator, 1)
        await bots[1].start()
        talking = asyncio.create_task(asyncio.to_thread(talked, talk, kills))
        await killed_in_turn(emulator, bots, kills, count // (kills + 1), dice)
        await asyncio.wait_for(emulator.until(lambda: len(answered(emulator)) == count), 600)
        await talking
        for bot in bots:
            assert await bot.stop() == 0
    await everything_once(postgres_url, count, talk, emulator, kills)


def talked(talk: Killed, kills: int) -> None:
    """The chat on the same store, killed as often."""
    for _ in range(kills):
        talk.kill_once()
    talk.finish()


async def killed_in_turn(
    emulator: Emulator, bots: list[Program], kills: int, each: int, dice: random.Random
) -> None:
    """Kill the active one so many times: the standby takes over, and who was killed stands by."""
    active, standby = bots
    for number in range(kills):
        wanted = 1 + each * number + dice.randint(1, each)
        await reached(emulator, wanted)
        await asyncio.sleep(dice.random() / 20)
        await active.kill()
        # A few more than can have been on the wire: the other one is at it.
        await reached(emulator, len(answered(emulator)) + 4)
        await active.start()
        active, standby = standby, active


async def reached(emulator: Emulator, count: int) -> None:
    await asyncio.wait_for(emulator.until(lambda: len(answered(emulator)) >= count), 300)


def answered(emulator: Emulator) -> Counter[int]:
    return Counter(int(one) for sent in emulator.sent for one in NUMBER.findall(sent.text))


async def everything_once(url: str, count: int, talk: Killed, emulator: Emulator, kills: int) -> None:
    database = await open_database(url, Path())
    kept = await database.read(lambda tx: reports.page(tx, 0, 10 * count))
    left = await database.read(lambda tx: outbox.next_at(tx, ["telegram", "terminal"], kept[-1].reported_at))
    await database.close()
    assert Counter(one.text for one in kept) == Counter(f"Nummer {number}" for number in range(2 * count))
    assert {one.revision for one in kept} == {1}
    assert left is None
    assert set(answered(emulator)) == set(range(count))
    assert set(talk.answers()) == set(range(count, 2 * count))
    # A kill repeats at most the answers that were on the wire.
    assert answered(emulator).total() - count <= kills * len(PEOPLE)
    assert emulator.refused == []
