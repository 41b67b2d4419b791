"""A report follows its chat message: edited there, it is corrected; deleted there, it is withdrawn."""

from pathlib import Path

import pytest

from bot.transports.terminal import PLATFORM
from store import reports
from store.messages import ChatRef, Incoming
from store.reports import Report
from tests.stage.terminal import Stage, on_stage

CHAT = ChatRef(PLATFORM, "ben")


async def say(
    stage: Stage, text: str, message: str, edited: bool = False, by: str = "ben", chat: ChatRef = CHAT
) -> str:
    """What the bot answers to a message with an id, or to its edit."""
    say.count += 1  # type: ignore[attr-defined]
    incoming = Incoming(
        key=f"test:{say.count}",  # type: ignore[attr-defined]
        chat=chat,
        sender=f"{PLATFORM}:{by}",
        text=text,
        received_at=stage.clock.now(),
        edited=edited,
        message_id=message,
    )
    await stage.come_in(incoming)
    return "\n".join(text for _, text in stage.heard())


say.count = 0  # type: ignore[attr-defined]


async def kept(stage: Stage) -> list[Report]:
    return await stage.app.database.read(lambda tx: reports.of_person(tx, f"{PLATFORM}:ben")[::-1])


@pytest.fixture
async def stage(tmp_path: Path):  # type: ignore[no-untyped-def]
    async with on_stage(tmp_path) as made:
        await made.introduce("ben", "representative", "Rostock")
        await made.introduce("eva", "representative", "Rostock")
        yield made


async def test_an_edited_message_revises_its_report(stage: Stage) -> None:
    await say(stage, "/bericht 2.1 beschlossen 19:12: drei Plätze", "7")
    answer = await say(stage, "/bericht 2.1 abgelehnt", "7", edited=True)
    assert answer.startswith("Korrigiert:")
    (one,) = await kept(stage)
    assert (one.outcome, one.text, one.yes, one.revision) == ("abgelehnt", "", None, 2)


async def test_measures_that_an_edit_adds_or_drops_are_added_or_withdrawn(stage: Stage) -> None:
    await say(stage, "/bericht 2.1 beschlossen, 2.2 vertagt", "7")
    await say(stage, "/bericht 2.1 vertagt", "7", edited=True)
    assert [(one.measure, one.outcome, one.withdrawn) for one in await kept(stage)] == [
        ("2.1", "vertagt", False),
        ("2.2", "vertagt", True),
    ]
    await say(stage, "/bericht 2.1, 2.2 und 3.1 beschlossen", "7", edited=True)
    found = {one.measure: (one.outcome, one.withdrawn) for one in await kept(stage)}
    assert found == dict.fromkeys(("2.1", "2.2", "3.1"), ("beschlossen", False))


async def test_a_measure_that_was_mistyped_is_moved_not_doubled(stage: Stage) -> None:
    await say(stage, "/bericht 2.1 beschlossen", "7")
    await say(stage, "/bericht 2.2 beschlossen", "7", edited=True)
    assert [(one.measure, one.withdrawn) for one in await kept(stage)] == [("2.2", False)]


async def test_the_first_message_of_a_guided_report_amends_it(stage: Stage) -> None:
    await say(stage, "/bericht 2.1", "7")
    await say(stage, "beschlossen", "8")
    await say(stage, "/bericht 2.2", "7", edited=True)
    assert [(one.measure, one.outcome) for one in await kept(stage)] == [("2.2", "beschlossen")]


async def test_an_offered_text_amends_its_report(stage: Stage) -> None:
    await say(stage, "Die 2.1 wurde heute beschlossen", "7")
    await say(stage, "ja", "8")
    await say(stage, "Die 2.1 wurde heute abgelehnt", "7", edited=True)
    assert [one.outcome for one in await kept(stage)] == ["abgelehnt"]


async def test_a_deleted_message_withdraws_its_reports(stage: Stage) -> None:
    await say(stage, "/bericht 2.1 und 2.2 beschlossen", "7")
    answer = await say(stage, "", "7", edited=True)
    assert answer.count("Zurückgezogen") == 2
    assert all(one.withdrawn for one in await kept(stage))
    assert await say(stage, "", "7", edited=True) == ""


async def test_any_other_edit_is_ignored(stage: Stage) -> None:
    await say(stage, "/bericht 2.1 beschlossen", "7")
    assert await say(stage, "/bericht 2.2 abgelehnt", "99", edited=True) == ""
    assert await say(stage, "/hilfe", "", edited=True) == ""
    assert await say(stage, "/bericht 2.1 abgelehnt", "7", edited=True, by="eva") == ""
    elsewhere = ChatRef(PLATFORM, "anderswo")
    assert await say(stage, "/bericht 2.1 abgelehnt", "7", edited=True, chat=elsewhere) == ""
    assert [(one.outcome, one.revision) for one in await kept(stage)] == [("beschlossen", 1)]


async def test_an_edit_that_is_no_report_changes_nothing_and_says_so(stage: Stage) -> None:
    await say(stage, "/bericht 2.1 beschlossen", "7")
    answer = await say(stage, "/bericht ach egal", "7", edited=True)
    assert "verstehe ich nicht als Bericht" in answer
    assert [(one.outcome, one.text) for one in await kept(stage)] == [("beschlossen", "")]


async def test_a_foreign_place_is_refused_in_an_edit(stage: Stage) -> None:
    await say(stage, "/bericht 2.1 beschlossen", "7")
    answer = await say(stage, "/bericht Schwerin 2.1 beschlossen", "7", edited=True)
    assert "Für Schwerin hast du keine Rolle" in answer
    assert [one.place for one in await kept(stage)] == ["Rostock"]


async def test_people_in_danger_are_helped_when_they_edit(stage: Stage) -> None:
    await say(stage, "/bericht 2.1 beschlossen", "7")
    answer = await say(stage, "Mein Mann schlägt mich", "7", edited=True)
    assert "116 016" in answer or "116016" in answer
    assert [one.outcome for one in await kept(stage)] == ["beschlossen"]
