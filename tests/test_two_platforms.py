"""Telegram and Matrix in one program: when one is dead or refuses the bot, the other answers all the same."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.app import running
from bot.transports.matrix import Matrix
from bot.transports.telegram import Telegram
from bot.transports.transport import kept_running
from errors import SaeulenbotError
from tests.emulator.server import TOKEN, Emulator, Fault, serving
from tests.homeserver.server import PASSWORD
from tests.stage.clock import HandClock
from tests.stage.matrix import configured
from tests.stage.multitude import BOT, SMALL, Multitude, multitude
from tests.stage.terminal import BEGIN

ANNA = 42
TRIES = 3
PATIENCE_SECONDS = 60
ALWAYS = 1_000_000


@dataclass
class OnTelegram:
    server: Emulator

    def fall(self, trouble: str) -> None:
        if trouble == "refuses":
            self.server.token = "8:another"
        else:
            self.server.faults.append(Fault("drop_before", method="getMe", times=ALWAYS))

    def recover(self) -> None:
        self.server.token = TOKEN
        self.server.faults.clear()

    async def tried_in_vain(self) -> None:
        faults = self.server.faults
        await self.server.until(
            lambda: self.server.unauthorised >= TRIES or any(one.times <= ALWAYS - TRIES for one in faults)
        )

    async def answers(self) -> None:
        before = len(self.server.sent)
        await self.server.says(ANNA, "/saeulen")
        await self.server.until(lambda: len(self.server.sent) > before)


@dataclass
class OnMatrix:
    server: Multitude

    def fall(self, trouble: str) -> None:
        self.server.trouble = trouble

    def recover(self) -> None:
        self.server.trouble = ""

    async def tried_in_vain(self) -> None:
        await self.server.until_failed(TRIES)

    async def answers(self) -> None:
        before = len(self.server.posted)
        await self.server.say(SMALL, "!saeulen")
        await self.server.until_posted(SMALL, before + 1)


def key_of(error: SaeulenbotError) -> str:
    return error.key


@asynccontextmanager
async def on_both(folder: Path, ill: str, trouble: str) -> AsyncIterator[tuple[OnTelegram, OnMatrix]]:
    """One program with two platforms, one of which is in trouble from the start."""
    emulator, clock = Emulator(), HandClock(BEGIN)
    async with serving(emulator) as telegram, multitude(1) as (homeserver, matrix):
        on_telegram, on_matrix = OnTelegram(emulator), OnMatrix(homeserver)
        (on_telegram if ill == "telegram" else on_matrix).fall(trouble)
        config = configured(matrix, BOT, folder)
        assert config.matrix is not None
        transports = (Telegram(TOKEN, telegram), Matrix(config, config.matrix))
        async with running(config, clock, transports, held=False) as app:
            tasks = [asyncio.create_task(kept_running(one, app, clock, key_of)) for one in transports]
            try:
                yield on_telegram, on_matrix
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        for one in transports:
            await one.close()


@pytest.mark.parametrize(
    ("ill", "trouble", "told"),
    [
        ("telegram", "dead", "telegram.unreachable"),
        ("telegram", "refuses", "telegram.bad_token"),
        ("matrix", "dead", "matrix.unreachable"),
        ("matrix", "refuses", "matrix.wrong_password"),
    ],
)
async def test_one_answers_while_the_other_is_in_trouble(
    ill: str, trouble: str, told: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    async with asyncio.timeout(PATIENCE_SECONDS), on_both(tmp_path, ill, trouble) as (telegram, matrix):
        sick, well = (telegram, matrix) if ill == "telegram" else (matrix, telegram)
        await sick.tried_in_vain()
        await well.answers()
        assert [record.getMessage() for record in caplog.records] == [f"{ill}: {told}"]
        sick.recover()
        await sick.answers()
        await well.answers()
        assert PASSWORD not in caplog.text
