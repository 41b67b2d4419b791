"""The dialogues of tests/dialogues on a real homeserver: all in plain rooms, a handful in encrypted ones."""

from pathlib import Path

import pytest

from tests.homeserver.server import Homeserver
from tests.stage.matrix import on_matrix
from tests.stage.playing import FILES, play

ENCRYPTED = ("fragen", "bericht", "abo-und-erinnerung", "notlage")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_dialogue_in_plain_rooms(path: Path, server: Homeserver, tmp_path: Path) -> None:
    async with on_matrix(server, tmp_path) as stage:
        await play(path, stage)


@pytest.mark.parametrize("path", [one for one in FILES if one.stem in ENCRYPTED], ids=lambda path: path.stem)
async def test_dialogue_in_encrypted_rooms(path: Path, server: Homeserver, tmp_path: Path) -> None:
    async with on_matrix(server, tmp_path, encrypted=True) as stage:
        await play(path, stage)
