"""The real `saeulenbot run` on an emulated Telegram: it answers, stops cleanly, and survives kill -9."""

import asyncio
import random
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from tests.emulator.server import TOKEN, Emulator, Fault, serving
from tests.stage.program import program

KILLS = 5
PEOPLE = range(2001, 2021)


def configuration(address: str) -> str:
    organisers = ", ".join(f'"telegram:{number}"' for number in PEOPLE)
    return f'telegram:\n  token: "{TOKEN}"\n  api_url: {address}\norganisers: [{organisers}]\n'


async def test_the_program_answers_and_stops_cleanly(tmp_path: Path) -> None:
    emulator = Emulator(strict_limits=True)
    async with serving(emulator) as address, program(tmp_path, configuration(address)) as bot:
        emulator.faults.append(Fault(502, method="getMe", times=1))
        await bot.start()
        await emulator.says(42, "Wer bezahlt Frauenhäuser?")
        await asyncio.wait_for(emulator.until(lambda: len(emulator.sent) == 1), 30)
        assert "Frauenhäuser" in emulator.sent[0].text
        assert await bot.stop() == 0
        assert TOKEN.split(":")[1] not in bot.printed()
        assert "Frauenhäuser" not in bot.printed()
        assert "Traceback" not in bot.printed()


async def test_a_wrong_token_is_one_clear_line(tmp_path: Path) -> None:
    emulator = Emulator()
    async with serving(emulator) as address, program(tmp_path, configuration(address)) as bot:
        emulator.token = "7:another"
        await bot.start()
        await asyncio.wait_for(emulator.until(lambda: emulator.unauthorised >= 2), 30)
        lines = [line for line in bot.printed().splitlines() if "Token" in line]
        assert len(lines) == 1
        assert "@BotFather" in lines[0]
        emulator.token = TOKEN
        await emulator.says(42, "/termine")
        await asyncio.wait_for(emulator.until(lambda: len(emulator.sent) == 1), 30)
        assert await bot.stop() == 0
        assert TOKEN.split(":")[1] not in bot.printed()


async def killed_again_and_again(folder: Path, kills: int, seed: int) -> None:
    """Every command takes effect exactly once, no answer is missing, and few come twice."""
    emulator, dice = Emulator(strict_limits=True), random.Random(seed)  # noqa: S311
    async with serving(emulator) as address, program(folder, configuration(address)) as bot:
        asked = 0
        for _ in range(kills):
            for number in PEOPLE:
                asked += 1
                await emulator.says(number, f"/termin Rostock 15.12.2027 18 Uhr Haushalt Nummer {asked}")
            await bot.start()
            wanted = len(emulator.sent) + dice.randint(1, len(PEOPLE))
            await asyncio.wait_for(emulator.until(lambda: len(emulator.sent) >= wanted), 60)  # noqa: B023
            await asyncio.sleep(dice.random() / 20)
            await bot.kill()
        await bot.start()
        await asyncio.wait_for(emulator.until(lambda: len(answered(emulator)) == asked), 120)
        assert await bot.stop() == 0
    with closing(sqlite3.connect(bot.data / "saeulenbot.db")) as store:
        (entered,) = store.execute("SELECT count(*) FROM debates").fetchone()
        titles = {row[0] for row in store.execute("SELECT title FROM debates")}
    assert entered == len(titles) == asked
    doubled = len(emulator.sent) - asked
    assert doubled <= bot.printed().count("was being sent when the program ended")
    assert max(answered(emulator).values()) <= 1 + kills
    assert emulator.refused == []


def answered(emulator: Emulator) -> Counter[str]:
    """How often each question was answered, by its number."""
    return Counter(sent.text.split("Nummer ")[1].split("\n")[0] for sent in emulator.sent)


async def test_five_kills_lose_nothing_and_do_nothing_twice(tmp_path: Path) -> None:
    await killed_again_and_again(tmp_path, KILLS, seed=1)


@pytest.mark.hard
async def test_fifty_kills_lose_nothing_and_do_nothing_twice(tmp_path: Path) -> None:
    await killed_again_and_again(tmp_path, 50, seed=2)
