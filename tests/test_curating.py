"""Editors learn from the chat, without learning about people; broken content never replaces sound content."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bot.config_model import Config, Operator
from bot.wisdom import Recall
from store import curating
from store.messages import ChatRef
from tests.stage.clock import HandClock
from tests.stage.terminal import BEGIN, Stage, on_stage

ENTRY = """
- id: muehle
  title: Wann mahlt die Mühle?
  questions: [Wann ist Mahltag?, Öffnungszeit der Mühle, Mühle offen?]
  answer: {answer}
  sources: [{{title: Müllerbuch}}]
  reviewed: 2026-11-01
  review_by: {review_by}
"""


def write(folder: Path, answer: str = "Am Dienstag.", review_by: str = "2027-05-31") -> None:
    folder.mkdir(exist_ok=True)
    (folder / "muehle.yaml").write_text(ENTRY.format(answer=answer, review_by=review_by), encoding="utf-8")


@asynccontextmanager
async def curated(tmp_path: Path, keep: bool = False) -> AsyncIterator[Stage]:
    """A bot with one entry, an organiser Anna and a member Mia."""
    folder = tmp_path / "wissen"
    write(folder)
    config = Config(
        data_dir=tmp_path / "daten",
        knowledge=folder,
        operator=Operator(keep_unanswered=keep, contact="a@b.de"),
    )
    async with on_stage(tmp_path, config) as stage:
        await stage.introduce("anna", "organiser", "*")
        await stage.introduce("mia", "member", "*")
        yield stage


async def answer_to(stage: Stage, name: str, text: str) -> str:
    await stage.say(name, text)
    return "\n".join(said for _, said in stage.heard())


async def test_new_content_is_used_without_a_restart(tmp_path: Path) -> None:
    async with curated(tmp_path) as stage:
        assert "Am Dienstag." in await answer_to(stage, "mia", "Wann mahlt die Mühle?")
        write(tmp_path / "wissen", answer="Am Freitag.")
        assert "Neu geladen: 1 " in await answer_to(stage, "anna", "/wissen neu")
        assert "Am Freitag." in await answer_to(stage, "mia", "Wann mahlt die Mühle?")


@pytest.mark.parametrize("broken", ["- id: [", "- id: a\n  title: b\n", "", "- 3"])
async def test_broken_content_keeps_the_old_and_says_where(tmp_path: Path, broken: str) -> None:
    async with curated(tmp_path) as stage:
        (tmp_path / "wissen" / "muehle.yaml").write_text(broken, encoding="utf-8")
        told = await answer_to(stage, "anna", "/wissen neu")
        assert "Ich behalte das alte Wissen" in told
        assert "muehle.yaml" in told or not broken
        assert "Am Dienstag." in await answer_to(stage, "mia", "Wann mahlt die Mühle?")


async def test_due_reviews_are_listed(tmp_path: Path) -> None:
    async with curated(tmp_path) as stage:
        write(tmp_path / "wissen", review_by="2026-11-20")
        await answer_to(stage, "anna", "/wissen neu")
        assert "20.11.2026: Wann mahlt die Mühle? (muehle)" in await answer_to(
            stage, "anna", "/wissen faellig"
        )


async def test_organisers_hear_of_due_reviews_once_each_and_at_most_once_a_month(tmp_path: Path) -> None:
    async with curated(tmp_path) as stage:
        write(tmp_path / "wissen", review_by="2026-11-25")
        await answer_to(stage, "anna", "/wissen neu")
        heard = []
        for days in range(1, 80):
            await stage.clock.jump(BEGIN + timedelta(days=days))
            if days == 10:
                write(tmp_path / "wissen", review_by="2026-12-01")
                await answer_to(stage, "anna", "/wissen neu")
            await stage.app.delivery.drained()
            heard += [(days, who, said) for who, said in stage.heard() if "zur Prüfung fällig" in said]
        assert [(days, who) for days, who, _ in heard] == [(2, "anna"), (32, "anna")]
        assert "Wann mahlt die Mühle? (muehle)" in heard[0][2]


async def test_unanswered_questions_are_kept_only_where_wanted(tmp_path: Path) -> None:
    async with curated(tmp_path) as stage:
        await answer_to(stage, "mia", "Rezept für Kartoffelsuppe")
        assert await stage.app.database.read(curating.count_questions) == 0


async def test_unanswered_questions_come_without_person_and_go_with_time(tmp_path: Path) -> None:
    async with curated(tmp_path, keep=True) as stage:
        told = await answer_to(stage, "mia", "Rezept für Kartoffelsuppe")
        assert "Sag es den Organisator*innen: a@b.de" in told
        await answer_to(stage, "mia", "Rezept  für Kartoffelsuppe")
        for private in ("Ruf mich an 0170 1234567", "schreib an ida@example.org", "x" * 300):
            await answer_to(stage, "mia", private)
        assert "2 × Rezept für Kartoffelsuppe" in await answer_to(stage, "anna", "/wissen fragen")
        assert await stage.app.database.read(curating.count_questions) == 1
        gone = await stage.app.database.write(
            lambda tx: curating.forget_questions(tx, BEGIN + timedelta(seconds=1))
        )
        assert gone == 1


async def test_nothing_is_noted_after_somebody_may_have_been_in_danger(tmp_path: Path) -> None:
    async with curated(tmp_path, keep=True) as stage:
        await answer_to(stage, "mia", "Mein Mann schlägt mich")
        await answer_to(stage, "mia", "Rezept für Kartoffelsuppe")
        assert await stage.app.database.read(curating.count_questions) == 0
        await stage.jump(BEGIN + timedelta(hours=25))
        await answer_to(stage, "mia", "Rezept für Kartoffelsuppe")
        assert await stage.app.database.read(curating.count_questions) == 1


async def test_voices_are_counted_per_entry(tmp_path: Path) -> None:
    async with curated(tmp_path) as stage:
        for name, text in (
            ("mia", "Wann mahlt die Mühle?"),
            ("mia", "1"),
            ("anna", "/frage #muehle schlecht"),
        ):
            await answer_to(stage, name, text)
        found = await stage.app.database.read(curating.all_ratings)
        assert found == [curating.Rating("muehle", 1, 1)]


def test_what_was_shown_is_forgotten_after_ten_minutes() -> None:
    recall, chat, clock = Recall(), ChatRef("terminal", "mia"), HandClock(BEGIN)
    recall.remember(chat, "muehle", clock.now())
    assert recall.last(chat, BEGIN + timedelta(minutes=9, seconds=59)) == "muehle"
    assert recall.last(chat, BEGIN + timedelta(minutes=10)) is None
    assert recall.last(ChatRef("terminal", "ben"), BEGIN) is None
    recall.remember(ChatRef("terminal", "ben"), "muehle", BEGIN + timedelta(minutes=11))
    assert recall.last(chat, BEGIN) is None
