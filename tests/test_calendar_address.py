"""A chat's calendar under an address of its own: unguessable, always current, and over when it is ended."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import icalendar
import pytest

from bot.config_model import Config
from tests.stage.crowd import GROUP, Crowd, gathered, person
from tests.stage.tables import everything

ANNA = "1"


@pytest.fixture
async def crowd(tmp_path: Path) -> AsyncIterator[Crowd]:
    config = Config(
        data_dir=tmp_path, organisers=(person(ANNA),), http={"public_url": "https://bot.example.org/"}
    )
    async with gathered(tmp_path, config) as crowd:
        yield crowd


async def token(crowd: Crowd, said: str = "/kalender adresse", name: str = "7", **how: object) -> str:
    (post,) = await crowd.say(name, said, **how)
    found = re.search(r"https://bot\.example\.org/kalender/([A-Za-z0-9_-]{32})\.ics", post.text)
    assert found is not None, post.text
    return found[1]


async def titles(crowd: Crowd, which: str) -> list[str] | None:
    """What a calendar program finds there; None for nothing at all."""
    content = await crowd.app.calendars.calendar_of(which, crowd.clock.now())
    if content is None:
        return None
    return sorted(str(one["SUMMARY"]) for one in icalendar.Calendar.from_ical(content).walk("VEVENT"))


async def enter(crowd: Crowd, line: str) -> None:
    await crowd.say(ANNA, f"/termin {line}")
    await crowd.say(ANNA, "1")


async def test_the_calendar_follows_debates_and_subscriptions(crowd: Crowd) -> None:
    await crowd.say("7", "/abo Rostock")
    mine = await token(crowd)
    assert await titles(crowd, mine) == []
    await enter(crowd, "Rostock 15.12. 18 Uhr Haushaltssatzung")
    await enter(crowd, "Schwerin 16.12. 18 Uhr Nachtragshaushalt")
    assert await titles(crowd, mine) == ["Rostock: Haushaltssatzung"]
    await crowd.say("7", "/abo Schwerin")
    assert await titles(crowd, mine) == ["Rostock: Haushaltssatzung", "Schwerin: Nachtragshaushalt"]
    assert await token(crowd) == mine


async def test_a_new_address_ends_the_old_one_and_none_comes_back(crowd: Crowd) -> None:
    first = await token(crowd)
    second = await token(crowd, "/kalender neue adresse")
    assert await titles(crowd, first) is None
    assert await titles(crowd, second) == []
    await crowd.say("7", "/kalender aus")
    assert await titles(crowd, second) is None
    third = await token(crowd)
    assert len({first, second, third}) == 3
    await crowd.say("7", "/loeschen alles")
    assert await titles(crowd, third) is None
    assert await token(crowd) not in (first, second, third)


async def test_nobody_finds_a_calendar_without_its_address(crowd: Crowd) -> None:
    mine, other = await token(crowd), await token(crowd, name="8")
    assert mine != other
    for wrong in ("", "x", mine[:-1], mine + "A", "A" * 32, "../" + mine, "\udc80" * 32):
        assert await titles(crowd, wrong) is None
    assert mine not in repr(await everything(crowd.app.database, frozenset({"outbox"})))


async def test_in_a_group_admins_decide_and_its_end_is_the_calendars_end(crowd: Crowd) -> None:
    await crowd.group()
    (refused,) = await crowd.say("7", "/kalender adresse", GROUP)
    assert "nur Admins" in refused.text
    ours = await token(crowd, chat=GROUP, admin=True)
    assert await titles(crowd, ours) == []
    await crowd.app.admission.left(GROUP)
    assert await titles(crowd, ours) is None


async def test_without_a_public_address_there_is_the_file_alone(tmp_path: Path) -> None:
    async with gathered(tmp_path) as crowd:
        (post,) = await crowd.say("7", "/kalender adresse")
        assert "gibt es hier nicht" in post.text
