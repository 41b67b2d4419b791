"""The dialogues of tests/dialogues on a real homeserver, in plain rooms and a handful in encrypted ones."""

from pathlib import Path

import pytest

from tests.homeserver.server import Homeserver
from tests.stage.matrix import on_matrix
from tests.stage.play import FILES, play
from tests.stage.script import read

ENCRYPTED = ("fragen", "bericht", "abo-und-erinnerung", "notlage")


def name(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", FILES, ids=name)
async def test_dialogue_in_plain_rooms(path: Path, server: Homeserver, tmp_path: Path) -> None:
    await play(read(path), tmp_path, path.name, lambda folder: on_matrix(server, folder))


@pytest.mark.parametrize("path", [one for one in FILES if one.stem in ENCRYPTED], ids=name)
async def test_dialogue_in_encrypted_rooms(path: Path, server: Homeserver, tmp_path: Path) -> None:
    await play(read(path), tmp_path, path.name, lambda folder: on_matrix(server, folder, encrypted=True))
