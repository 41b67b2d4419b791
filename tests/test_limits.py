"""A flood is answered with one friendly sentence and then with nothing, and nobody else waits for it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bot.limits
from bot.limits import CHAT, PERSON, Limits, Verdict
from store.database import Work
from tests.stage.crowd import GROUP, Crowd, gathered, private

NOW = datetime(2027, 1, 12, 18, 0, tzinfo=UTC)
MONTH = timedelta(days=30)
FLOOD = 10_000
CRISIS = "Mein Mann schlägt mich"


class Time:
    """A time that is set by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
async def crowd(tmp_path: Path) -> AsyncIterator[Crowd]:
    async with gathered(tmp_path) as crowd:
        yield crowd


async def test_ten_thousand_messages_of_one_person_slow_nobody_else(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes = 0
    write = crowd.app.database.write

    async def counted(work: Work[object]) -> object:
        nonlocal writes
        writes += 1
        return await write(work)

    flooded, answered = [], 0
    monkeypatch.setattr(crowd.app.database, "write", counted)
    for number in range(FLOOD):
        await crowd.door.come_in(crowd.message("666", "hallo"))
        if number % 500 == 0:
            posts = await crowd.say("7", "/saeulen")
            answered += sum(post.chat == private("7") for post in posts)
            flooded += [post for post in posts if post.chat == private("666")]
    assert answered == FLOOD / 500
    assert len(flooded) == PERSON.most + 1
    assert sum("kurze Pause" in post.text for post in flooded) == 1
    # A message costs the store at most a transaction and the note that its answer was delivered.
    assert writes <= 2 * (PERSON.most + answered) + 2


async def test_a_group_has_its_own_measure_whoever_speaks_there(crowd: Crowd) -> None:
    await crowd.group()
    for number in range(CHAT.most * 2):
        await crowd.door.come_in(crowd.message(str(number % 20), "/hilfe", GROUP))
    posts = await crowd.posts()
    assert len([post for post in posts if "kurze Pause" not in post.text]) == CHAT.most
    assert len([post for post in posts if "kurze Pause" in post.text]) == 1
    assert await crowd.say("7", "/hilfe")


async def test_people_in_danger_are_answered_however_much_was_asked(crowd: Crowd) -> None:
    for _ in range(PERSON.most * 3):
        await crowd.door.come_in(crowd.message("666", "hallo"))
    await crowd.posts()
    assert await crowd.say("666", "hallo") == []
    for _ in range(3):
        (answer,) = await crowd.say("666", CRISIS)
        assert "116 016" in answer.text


async def test_a_flood_of_cries_for_help_is_answered_too(crowd: Crowd) -> None:
    for _ in range(PERSON.most * 2):
        assert len(await crowd.say("666", CRISIS)) == 1


async def test_who_was_silenced_is_answered_again_after_a_while(crowd: Crowd) -> None:
    for _ in range(PERSON.most + 5):
        await crowd.door.come_in(crowd.message("666", "hallo"))
    await crowd.posts()
    await crowd.clock.jump(crowd.clock.now() + PERSON.most * PERSON.refill)
    (answer,) = await crowd.say("666", "hallo")
    assert "kurze Pause" not in answer.text


def test_one_sentence_then_silence_until_there_was_a_pause() -> None:
    time = Time()
    limits = Limits(time, MONTH)
    said = [limits.take("telegram:1", "telegram:1") for _ in range(PERSON.most + 3)]
    assert said == [Verdict.ANSWER] * PERSON.most + [Verdict.SAY_SO, Verdict.NOTHING, Verdict.NOTHING]
    time.now += PERSON.refill
    assert limits.take("telegram:1", "telegram:1") is Verdict.ANSWER
    assert limits.take("telegram:1", "telegram:1") is Verdict.NOTHING
    time.now += PERSON.refill * PERSON.most
    said = [limits.take("telegram:1", "telegram:1") for _ in range(PERSON.most + 1)]
    assert said == [Verdict.ANSWER] * PERSON.most + [Verdict.SAY_SO]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5)), max_size=300))
def test_nobody_gets_more_than_the_allowance_and_its_refill(steps: list[tuple[str, int]]) -> None:
    time, answered = Time(), dict.fromkeys("abc", 0)
    limits = Limits(time, MONTH)
    for who, seconds in steps:
        time.now += timedelta(seconds=seconds)
        answered[who] += limits.take(who, who) is Verdict.ANSWER
    passed = (time.now - NOW) / PERSON.refill
    assert all(count <= PERSON.most + passed for count in answered.values())


def test_only_hashes_are_remembered_and_their_key_changes() -> None:
    time = Time()
    limits = Limits(time, MONTH)
    for _ in range(PERSON.most + 1):
        limits.take("telegram:123456", "telegram:123456")
    assert "123456" not in repr(vars(limits))
    before = limits.name("telegram:123456")
    assert before == limits.name("telegram:123456") != limits.name("telegram:123457")
    time.now += MONTH
    assert limits.take("telegram:123456", "telegram:123456") is Verdict.ANSWER
    assert limits.name("telegram:123456") != before
    assert Limits(time, MONTH).name("telegram:123456") != limits.name("telegram:123456")


def test_a_crowd_of_strangers_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.limits, "MOST_REMEMBERED", 100)
    limits = Limits(Time(), MONTH)
    for number in range(1000):
        limits.take(f"matrix:@{number}:example.org", f"matrix:!{number}:example.org")
    assert len(limits._left) == 100


async def test_the_terminal_knows_no_limit(crowd: Crowd) -> None:
    with crowd.app.door_for("terminal", crowd.account.speak) as door:
        for _ in range(PERSON.most + 20):
            await door.come_in(crowd.message("1", "/hilfe"))
        assert len(await crowd.posts()) == PERSON.most + 20
