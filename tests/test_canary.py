"""Planted words that must be nowhere: not in the logs, the store, its write-ahead log, or any other file."""

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot import logs
from bot.config_model import Config, Telegram
from bot.turn import Turn
from tests.stage.crowd import GROUP, Crowd, gathered
from tests.stage.tables import everything
from tests.stage.terminal import on_stage

DIALOGUES = sorted((Path(__file__).parent / "dialogues").glob("*.txt"))
QUESTION = "Zwitschert der Fragekanarienvogel im Haushaltsausschuss?"
NAME = "Ich heiße Namenskanarina Vogelsang und wohne am Kanarienweg 7."
CODE = "Codekanarie_0123456789-"
TOKEN = "123456:Tokenkanarie"
CRISIS = "Mein Mann schlägt mich, Krisenkanarie"
FAILURE = "Fehlerkanarie"
CANARIES = ("kanarie", "kanarina", "vogelsang")
PERSON = "telegram:4711"
# What somebody asked to be kept is kept: it shows that the search finds things.
KEPT = "Erlaubtes Gefieder"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged at DEBUG level, by anybody; logging is put back afterwards."""
    names = [None, *logs.OURS, *logs.SILENT]
    before = [(one, one.level, list(one.handlers), one.propagate) for one in map(logging.getLogger, names)]
    out = io.StringIO()
    logs.configure(out, logging.DEBUG)
    logging.getLogger().setLevel(logging.DEBUG)
    yield out
    for one, level, handlers, propagate in before:
        one.setLevel(level)
        one.handlers, one.propagate = handlers, propagate


def files(folder: Path) -> dict[str, bytes]:
    """Every file in a folder, as it lies there now."""
    return {file.name: file.read_bytes().lower() for file in folder.rglob("*") if file.is_file()}


def found(kept: dict[str, bytes], words: tuple[str, ...] = CANARIES) -> list[str]:
    """Where any of the words stands, in any of the ways text is written down."""
    shapes = [(word, word.lower().encode(code)) for word in words for code in ("utf-8", "utf-16-le")]
    return [f"{name}: {word}" for name, content in kept.items() for word, shape in shapes if shape in content]


async def test_dialogues_and_what_people_ask_leave_nothing(tmp_path: Path, log: io.StringIO) -> None:
    async with on_stage(tmp_path) as stage:
        await stage.play_all(DIALOGUES)
        for name in ("anna", "ben", "mia", "fremd"):
            for text in (QUESTION, NAME, f"/frage {QUESTION}", f"/beitreten {CODE}", CRISIS):
                await stage.say(name, text)
        await stage.introduce("zoe", "representative", "Rostock")
        await stage.say("zoe", f"/bericht Rostock 2.1 beschlossen: {KEPT}")
        running = files(tmp_path)
        assert any(name.endswith("-wal") and content for name, content in running.items())
        assert found(running, (KEPT,)) != []
        assert found(running) == []
    assert found(files(tmp_path)) == []
    assert found({"log": log.getvalue().lower().encode()}) == []
    for name in ("terminal:", "anna", "rostock"):
        assert name not in log.getvalue().lower()


async def test_groups_floods_and_failures_leave_nothing(tmp_path: Path, log: io.StringIO) -> None:
    config = Config(data_dir=tmp_path, telegram=Telegram(token=SecretStr(TOKEN)))
    async with gathered(tmp_path, config) as crowd:
        await crowd.group()
        breaks_on(crowd, FAILURE)
        for number in range(80):
            await crowd.say("4711", QUESTION if number % 2 else NAME, GROUP)
        await crowd.say("4711", CRISIS, GROUP)
        (sorry,) = await crowd.say("4712", f"{FAILURE} bitte")
        assert "schiefgegangen" in sorry.text
        assert found(files(tmp_path), (*CANARIES, TOKEN)) == []
        rows = await everything(crowd.app.database)
        assert found({"rows": repr(rows).encode()}, (PERSON,)) == []
    # An answer's row names who asked until it is delivered, the write-ahead log until its checkpoint.
    assert found(files(tmp_path), (*CANARIES, TOKEN, PERSON)) == []
    told = log.getvalue()
    assert "somebody asks too much" in told
    assert "a command failed: ValueError" in told
    assert found({"log": told.lower().encode()}, (*CANARIES, TOKEN, PERSON, "4711")) == []


def breaks_on(crowd: Crowd, word: str) -> None:
    """A program with a fault: it fails on a word, and its error quotes what was written."""
    take = crowd.app.dialogue.router.take

    def broken(turn: Turn) -> None:
        if word in turn.incoming.text:
            raise ValueError(turn.incoming.text)
        take(turn)

    crowd.app.dialogue.router.take = broken  # type: ignore[method-assign]


async def test_a_message_in_danger_leaves_no_row_at_all(tmp_path: Path) -> None:
    async with gathered(tmp_path) as crowd:
        await crowd.give("1", "representative", "Rostock")
        await crowd.group()
        await crowd.say("1", "/bericht 2.1")
        before = await everything(crowd.app.database)
        for chat in (None, GROUP):
            assert await crowd.say("1", CRISIS, chat)
            assert await crowd.say("2", CRISIS, chat, edited=True)
        assert before == await everything(crowd.app.database)
