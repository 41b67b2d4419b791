"""Every dialogue of tests/dialogues, played on the whole bot over the terminal transport."""

from pathlib import Path

import pytest

from tests.stage.playing import FILES, play
from tests.stage.terminal import on_stage


def test_there_are_dialogues() -> None:
    assert len(FILES) >= 15


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_dialogue(path: Path, tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        await play(path, stage)
