"""A message has its effects once, whatever happens in between; a failing command leaves an apology only."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot import commands
from bot.app import App, running
from bot.commands.command import Command
from bot.config_model import Config
from bot.door import Door
from bot.picking import picked
from bot.turn import Turn
from errors import StoreFull
from store import chats, people
from store.database import Transaction
from store.messages import ChatRef, Choice, Incoming, Press
from store.tables import forms, metadata, outbox, reports
from store.tables import seen as seen_table
from tests.conftest import NOW
from tests.knowledge_bases import entry_yaml, write_base
from tests.stage.clock import HandClock
from tests.stage.terminal import Ears

MIA = ChatRef("terminal", "mia")
REPORT = "/bericht Rostock 2.1 beschlossen: drei Plätze mehr"
CRISIS = "Mein Mann schlägt mich, ich habe Angst"


def boom(turn: Turn, rest: str) -> None:
    """A command that does something, says something, and fails."""
    chats.set_setting(turn.tx, "boom", "done")
    turn.say("reply.empty")
    raise ZeroDivisionError


class Talk:
    """Mia, a representative of all places, at the door of the whole bot."""

    def __init__(self, app: App, door: Door, ears: Ears, clock: HandClock) -> None:
        self.app, self.door, self.ears, self.clock = app, door, ears, clock
        self.keys = 0

    def incoming(self, text: str, key: str = "", press: Press | None = None) -> Incoming:
        self.keys += 1
        key = key or f"terminal:{self.keys}"
        return Incoming(key, MIA, "terminal:mia", text, self.clock.now(), press=press)

    async def say(self, text: str, key: str = "", press: Press | None = None) -> list[str]:
        """Say something; the answers."""
        await self.door.come_in(self.incoming(text, key, press))
        await self.app.delivery.drained()
        return self.answers()

    def answers(self) -> list[str]:
        said, self.ears.heard = self.ears.heard, []
        return [text for _, text in said]

    async def count(self, table: object) -> int:
        query = select(func.count()).select_from(table)  # type: ignore[arg-type]
        return await self.app.database.read(lambda tx: int(tx.execute(query).scalar_one()))

    async def rows(self) -> dict[str, int]:
        return {table.name: await self.count(table) for table in metadata.sorted_tables}


@asynccontextmanager
async def talking(folder: Path, **settings: Path) -> AsyncIterator[Talk]:
    clock, ears = HandClock(NOW), Ears()
    config = Config.model_validate({"data_dir": folder, **settings})
    async with running(config, clock, [ears]) as app:
        await app.database.write(_introduce)
        with ExitStack() as doors:
            yield Talk(app, doors.enter_context(app.door_for("terminal", ears.speak)), ears, clock)


def _introduce(tx: Transaction) -> None:
    known = chats.keep(tx, MIA, True, "terminal:mia", NOW)
    chats.change(tx, known.id, admitted=True)
    people.grant(tx, "terminal:mia", "representative", "*", "test", NOW)


@pytest.fixture
async def talk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Talk]:
    extended = (*commands.ALL, Command("hilfe", boom, ("boom",)))
    monkeypatch.setattr(
        "bot.app.ALL", tuple(one for one in extended if one.name != "hilfe" or one.handle is boom)
    )
    async with talking(tmp_path) as ready:
        yield ready


async def test_the_same_event_again_changes_nothing(talk: Talk) -> None:
    assert len(await talk.say(REPORT, "k")) == 1
    assert await talk.say(REPORT, "k") == []
    assert (await talk.count(reports), await talk.count(seen_table)) == (1, 1)


async def test_two_at_once_with_one_key_are_one(talk: Talk) -> None:
    await asyncio.gather(*(talk.door._dialogue.handle(talk.incoming(REPORT, "k")) for _ in range(5)))
    await talk.app.delivery.drained()
    assert len(talk.answers()) == 1
    assert await talk.count(reports) == 1


async def test_what_is_remembered_of_a_message_is_a_keyed_hash(talk: Talk) -> None:
    await talk.say("Moin", "secret-key")
    (row,) = await talk.app.database.read(lambda tx: tx.execute(select(seen_table.c.hash)).all())
    assert row.hash == talk.app.dialogue.mark("secret-key")
    assert len(row.hash) == 16


async def test_a_failing_command_is_rolled_back_and_apologised_for_once(
    talk: Talk, caplog: pytest.LogCaptureFixture
) -> None:
    (answer,) = await talk.say("/boom", "k")
    assert "schiefgegangen" in answer
    assert await talk.app.database.read(lambda tx: chats.setting(tx, "boom")) is None
    assert await talk.say("/boom", "k") == []
    assert len(await talk.say("Moin")) == 1
    assert [record.message for record in caplog.records] == ["a command failed: ZeroDivisionError"]


async def test_a_store_that_fails_leaves_the_message_to_come_again(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_: object) -> None:
        raise StoreFull("store.full", file="x")

    with monkeypatch.context() as patched:
        patched.setattr(talk.app.database, "write", fail)
        with pytest.raises(StoreFull):
            await talk.door.come_in(talk.incoming(REPORT, "k"))
    assert await talk.count(reports) == 0
    assert len(await talk.say(REPORT, "k")) == 1
    assert await talk.count(reports) == 1


async def test_a_message_that_ended_the_program_twice_is_skipped(tmp_path: Path) -> None:
    answers = []
    for _ in range(3):
        async with talking(tmp_path) as talk:
            guard = talk.door._guard
            if guard.enter(talk.app.dialogue.mark("k")):
                continue  # the program ends here, without a word
            guard._count = guard.TIMES
            answers += await talk.say(REPORT, "k")
            assert await talk.count(reports) == 0
    assert len(answers) == 1
    assert "schiefgegangen" in answers[0]
    async with talking(tmp_path) as talk:
        assert len(await talk.say(REPORT, "l")) == 1
        assert await talk.count(reports) == 1


async def test_a_message_is_tried_twice_before_it_is_skipped(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.door._guard.enter(talk.app.dialogue.mark("k"))
    async with talking(tmp_path) as talk:
        assert len(await talk.say(REPORT, "k")) == 1
        assert await talk.count(reports) == 1


async def test_people_in_danger_leave_no_row(talk: Talk) -> None:
    await talk.say("Moin")
    before = await talk.rows()
    (answer,) = await talk.say(CRISIS)
    assert "116 016" in answer
    assert await talk.rows() == before


async def test_people_in_danger_are_helped_while_the_store_fails(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_: object) -> None:
        raise StoreFull("store.full", file="x")

    with monkeypatch.context() as patched:
        patched.setattr(talk.app.database, "write", fail)
        patched.setattr(talk.app.database, "read", fail)
        await talk.door.come_in(talk.incoming(CRISIS))
    assert "116 016" in talk.answers()[0]


async def test_another_base_may_give_numbers_another_meaning(tmp_path: Path) -> None:
    base = tmp_path / "base"
    base.mkdir()
    write_base(base, entry_yaml(questions="[was steht in 2.1, kapitel zwei, mühle offen]"))
    async with talking(tmp_path, knowledge=base) as talk:
        (said,) = await talk.say("Was steht in 2.1?")
    assert "Die Mühle mahlt am Dienstag." in said


async def test_help_does_not_close_an_open_form(talk: Talk) -> None:
    await talk.say("/bericht Rostock 2.1")
    (answer,) = await talk.say(CRISIS)
    assert "noch offen" in answer
    await talk.say("beschlossen")
    assert await talk.count(reports) == 1


@pytest.mark.parametrize(("minutes", "kept"), [(29, 1), (31, 0)])
async def test_a_form_is_open_for_thirty_minutes(talk: Talk, minutes: int, kept: int) -> None:
    await talk.say("/bericht Rostock 2.1")
    assert await talk.count(forms) == 1
    await talk.clock.jump(NOW + timedelta(minutes=minutes))
    await talk.say("beschlossen")
    assert await talk.count(reports) == kept


async def test_forms_that_ran_out_are_deleted_by_the_clock(talk: Talk) -> None:
    await talk.say("/bericht Rostock 2.1")
    await talk.clock.jump(NOW + timedelta(days=2))
    assert await talk.count(forms) == 0


async def test_a_choice_expires_after_sixty_days(talk: Talk) -> None:
    await talk.say(REPORT)
    row = await talk.app.database.read(lambda tx: tx.execute(select(func.max(outbox.c.id))).scalar_one())
    handled = await talk.door.come_in(talk.incoming("", press=Press(row, 9)))
    assert "abgelaufen" in handled.refused
    talk.clock._now = NOW + timedelta(days=59)
    handled = await talk.door.come_in(talk.incoming("", press=Press(row, 1)))
    assert handled.refused == ""
    talk.clock._now = NOW + timedelta(days=61)
    handled = await talk.door.come_in(talk.incoming("", press=Press(row, 1)))
    assert "abgelaufen" in handled.refused


async def test_pressing_twice_is_two_events_with_one_effect(talk: Talk) -> None:
    await talk.say(REPORT)
    row = await talk.app.database.read(lambda tx: tx.execute(select(func.max(outbox.c.id))).scalar_one())
    for _ in range(2):
        await talk.say("", press=Press(row, 1))
    found = await talk.app.database.read(
        lambda tx: tx.execute(select(reports.c.revision, reports.c.withdrawn)).all()
    )
    assert [tuple(one) for one in found] == [(2, True)]


@pytest.mark.parametrize(
    "text", ["", "   ", "/", "!", "\ud800", "\0\1\2", "/\ud800", "/" * 5000, "x" * 100_000]
)
async def test_any_message_gets_one_answer(talk: Talk, text: str) -> None:
    assert len(await talk.say(text)) == 1


def test_a_yes_in_other_words_keeps_but_deletes_nothing() -> None:
    keep, drop = Choice("Ja, speichern", "/a"), Choice("Ja, überall löschen", "/b")
    no = Choice("Nein", "/c")
    for said in ("ja", "ok", "Ja gerne, danke!", "passt", "👍"):
        assert picked(said, (keep, no)) is keep
        assert picked(said, (drop, no)) is (drop if said == "ja" else None)
    for said in ("nö", "nein danke", "lieber nicht"):
        assert picked(said, (keep, no)) is no
    assert picked("ok, aber 2.2 nicht", (keep, no)) is None
