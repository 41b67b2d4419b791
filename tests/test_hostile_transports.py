"""The hostile inputs once more, over a real transport: written by strangers to the bot on Telegram.

What the platform itself refuses to carry (empty texts, more than 4,096 units) cannot arrive this way.
`tests/matrix` does the same in a room on a real homeserver.
"""

from pathlib import Path

import pytest
from sqlalchemy import select

from bot.transports.telegram.lines import units
from store.tables import outbox
from tests.hostile_inputs import HOSTILE
from tests.stage.tables import TRACES, everything
from tests.stage.telegram import TelegramStage, on_telegram
from tests.test_hostile import CONTROL, OWN

LONGEST = 4096
CARRIED = [one for one in HOSTILE if one.text.strip() and units(one.text) <= LONGEST]


async def test_a_stranger_on_telegram_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(CARRIED) >= 100
    monkeypatch.setattr("bot.app.UNLIMITED", frozenset({"telegram"}))
    async with on_telegram(tmp_path) as stage:
        await stage.introduce("gast", "guest", "*")
        before = await everything(stage.app.database, TRACES | OWN)
        for one in CARRIED:
            await stage.say("gast", one.text)
            assert_harmless(stage.heard(), one.text)
        assert before == await everything(stage.app.database, TRACES | OWN)
        assert await refused(stage) == []


def assert_harmless(heard: list[tuple[str, str]], text: str) -> None:
    """One answer at most, to who wrote, without control characters and without an apology."""
    assert len(heard) <= 1, text[:80]
    for name, answer in heard:
        assert name == "gast"
        assert not CONTROL.findall(answer), text[:80]
        assert "schiefgegangen" not in answer, text[:80]


async def refused(stage: TelegramStage) -> list[str]:
    """Why answers could not be sent: the emulated server takes no broken markup."""
    query = select(outbox.c.error).where(outbox.c.error != "")
    return await stage.app.database.read(lambda tx: list(tx.execute(query).scalars()))
