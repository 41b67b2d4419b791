"""Every dialogue of tests/dialogues, played over HTTP on an emulated Telegram."""

from pathlib import Path

import pytest

from tests.stage.play import play
from tests.stage.script import read
from tests.stage.telegram import on_telegram

FILES = sorted((Path(__file__).parent / "dialogues").glob("*.txt"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_dialogue_on_telegram(path: Path, tmp_path: Path) -> None:
    await play(read(path), tmp_path, path.name, on_telegram)
