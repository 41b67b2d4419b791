"""Every dialogue of tests/dialogues, played on the whole bot over the terminal transport."""

from pathlib import Path

import pytest

from tests.stage.play import FILES, play
from tests.stage.script import read


def test_there_are_dialogues() -> None:
    assert len(FILES) >= 15


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_dialogue(path: Path, tmp_path: Path) -> None:
    await play(read(path), tmp_path, path.name)
