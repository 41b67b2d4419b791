"""The dialogues of tests/dialogues on a real homeserver, in plain rooms and a handful in encrypted ones.

A few are played every time, one for each way of talking; all of them by `make hard`.
"""

from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from tests.homeserver.server import Homeserver
from tests.stage.matrix import on_matrix
from tests.stage.play import FILES, play
from tests.stage.script import read

ALWAYS = ("fragen", "bericht-gefuehrt", "abo-und-erinnerung", "notlage", "saeulen", "pause")
ENCRYPTED = ("fragen", "bericht", "abo-und-erinnerung", "notlage")
ALWAYS_ENCRYPTED = ("fragen", "abo-und-erinnerung")


def some(names: tuple[str, ...], always: tuple[str, ...]) -> list[ParameterSet]:
    """The files of these names, or of all; those that are not played always are marked as hard."""
    files = [one for one in FILES if one.stem in names or not names]
    marks = {one: () if one.stem in always else (pytest.mark.hard,) for one in files}
    return [pytest.param(one, id=one.stem, marks=marks[one]) for one in files]


@pytest.mark.parametrize("path", some((), ALWAYS))
async def test_dialogue_in_plain_rooms(path: Path, server: Homeserver, tmp_path: Path) -> None:
    await play(read(path), tmp_path, path.name, lambda folder: on_matrix(server, folder))


@pytest.mark.parametrize("path", some(ENCRYPTED, ALWAYS_ENCRYPTED))
async def test_dialogue_in_encrypted_rooms(path: Path, server: Homeserver, tmp_path: Path) -> None:
    await play(read(path), tmp_path, path.name, lambda folder: on_matrix(server, folder, encrypted=True))
