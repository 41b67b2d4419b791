"""The hostile inputs over Matrix: a stranger writes them to the bot in a room on a real homeserver."""

from pathlib import Path

import pytest

from store import chats
from tests.homeserver.server import Homeserver
from tests.hostile_inputs import HOSTILE
from tests.stage.matrix import MatrixStage, on_matrix
from tests.stage.tables import TRACES, everything
from tests.test_hostile import OWN
from tests.test_hostile_transports import assert_harmless

# An event is 65,536 bytes at most, and no event holds half a character.
MOST_BYTES = 50_000


def carried(text: str) -> bool:
    """Whether Matrix carries a text at all."""
    return bool(text.strip()) and len(text.encode("utf-8", "replace")) <= MOST_BYTES and not _torn(text)


def _torn(text: str) -> bool:
    return text.encode("utf-8", "ignore").decode() != text


async def test_a_stranger_on_matrix_changes_nothing(
    server: Homeserver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [one.text for one in HOSTILE if carried(one.text)]
    assert len(texts) >= 100
    monkeypatch.setattr("bot.app.UNLIMITED", frozenset({"matrix"}))
    async with on_matrix(server, tmp_path) as stage:
        await stage.introduce("gast", "guest", "*")
        await stage.say("gast", "hallo")
        stage.heard()
        mine = TRACES | OWN | {"chats"}
        before, (known,) = await everything(stage.app.database, mine), await rooms(stage)
        for text in texts:
            await stage.say("gast", text)
            assert_harmless(stage.heard(), text)
        assert before == await everything(stage.app.database, mine)
        # One of them is the wish to be forgotten, which is granted.
        assert await rooms(stage) in ([known], [])


async def rooms(stage: MatrixStage) -> list[chats.Chat]:
    return await stage.app.database.read(chats.every)
