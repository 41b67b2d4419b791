"""What updates mean: who spoke, whether it is for the bot, and that no update can be too absurd."""

import asyncio
import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.transports.telegram import events
from bot.transports.telegram.api import Account
from bot.transports.telegram.updates import Message, number_of, read_update
from tests.emulator.server import Emulator
from tests.stage.telegram import on_telegram
from tests.stage.terminal import BEGIN

ME = Account(7, "saeulen_bot")


def message(chat: int, text: str, **more: Any) -> Message:
    update = read_update({"update_id": 1, "message": Emulator().message(chat, text, 42, **more)})
    assert update is not None
    assert update.message is not None
    return update.message


def taken(chat: int, text: str, **more: Any) -> str | None:
    """What the bot understands was said to it; None when it was not for the bot."""
    said = message(chat, text, **more)
    return events.words(ME, said) if events.is_for(ME, said) else None


def mention(text: str, name: str = "@saeulen_bot") -> list[dict[str, Any]]:
    start = len(text[: text.index(name)].encode("utf-16-le")) // 2
    return [{"type": "mention", "offset": start, "length": len(name)}]


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("/termine", "/termine"),
        ("/termine@saeulen_bot Rostock", "/termine@saeulen_bot Rostock"),
        ("/termine@SAEULEN_BOT", "/termine@SAEULEN_BOT"),
        ("/termine@other_bot", None),
        ("Wer bezahlt Frauenhäuser?", None),
        ("saeulen_bot", None),
    ],
)
def test_in_groups_only_what_is_addressed_counts(text: str, understood: str | None) -> None:
    assert taken(-100, text) == understood
    assert taken(42, text) == text


FORWARDED = {"forward_origin": {"type": "hidden_user", "sender_user_name": "x", "date": 1}}


def test_forwarded_words_are_nobodys_order() -> None:
    """In private they are a question at most; in groups they are not for the bot, whatever they say."""
    said = message(42, "/status", **FORWARDED)
    assert events.incoming(ME, said, BEGIN, "telegram:42", False).forwarded
    assert not events.incoming(ME, message(42, "/status"), BEGIN, "telegram:42", False).forwarded
    assert taken(-100, "/termine", **FORWARDED) is None


def test_a_mention_addresses_the_bot_and_is_not_part_of_the_question() -> None:
    text = "😀 @saeulen_bot, wer bezahlt Frauenhäuser?"
    assert taken(-100, text, entities=mention(text)) == "😀 wer bezahlt Frauenhäuser?"
    other = "@other_bot wer bezahlt?"
    assert taken(-100, other, entities=mention(other, "@other_bot")) is None
    contact = {"type": "text_mention", "offset": 0, "length": 1, "user": {"id": 7, "is_bot": True}}
    assert taken(-100, "B wer bezahlt?", entities=[contact]) == "B wer bezahlt?"


def test_a_reply_to_the_bot_addresses_it_and_the_start_of_a_topic_does_not() -> None:
    mine = {"message_id": 5, "from": {"id": 7, "is_bot": True}}
    assert taken(-100, "1", reply_to_message=mine) == "1"
    assert taken(-100, "1", reply_to_message={**mine, "forum_topic_created": {"name": "x"}}) is None
    assert taken(-100, "1", reply_to_message={**mine, "from": {"id": 8}}) is None


def test_a_link_with_a_code_is_the_command_that_takes_one() -> None:
    assert taken(42, "/start aB3_-x") == "/beitreten aB3_-x"
    assert taken(42, "/start") == "/start"
    assert taken(-100, "/start aB3_-x") == "/start aB3_-x"


def test_topics_are_kept_and_threads_of_replies_are_not() -> None:
    assert events.where(message(-100, "/x", message_thread_id=9, is_topic_message=True)).thread == "9"
    assert events.where(message(-100, "/x", message_thread_id=9)).thread == ""


def test_who_spoke() -> None:
    group = {"id": -100, "type": "supergroup"}
    admin = {"id": 1087968824, "is_bot": True}
    anonymous = message(-100, "/x", **{"from": admin, "sender_chat": group})
    assert events.author(message(-100, "/x")) == "telegram:42"
    assert events.author(anonymous) == ""
    assert events.is_anonymous(anonymous)
    channel = {"id": -200, "type": "channel"}
    as_channel = message(-100, "/x", **{"from": {"id": 136817688, "is_bot": True}, "sender_chat": channel})
    assert events.author(as_channel) == ""
    assert not events.is_anonymous(as_channel)
    assert events.author(message(-100, "/x", sender_chat=channel, is_automatic_forward=True)) is None
    assert events.author(message(-100, "/x", **{"from": {"id": 9, "is_bot": True}})) is None


def test_an_edit_is_another_event_than_the_message() -> None:
    first = events.incoming(ME, message(42, "a"), "telegram:42", BEGIN, False)
    edited = events.incoming(ME, message(42, "a", edit_date=17), "telegram:42", BEGIN, False)
    again = events.incoming(ME, message(42, "a", edit_date=18), "telegram:42", BEGIN, False)
    assert len({first.key, edited.key, again.key}) == 3
    assert (first.edited, edited.edited) == (False, True)


# --- absurd updates -----------------------------------------------------------------------------------

EMULATOR = Emulator()
SHAPES: list[dict[str, Any]] = [
    {"message": EMULATOR.message(42, "Hallo", entities=[{"type": "bold", "offset": 0, "length": 2}])},
    {"message": EMULATOR.message(-100, "/hilfe", 42, message_thread_id=3, is_topic_message=True)},
    {"message": EMULATOR.message(-100, None, 42, migrate_to_chat_id=-1001)},
    {"message": EMULATOR.message(42, None, voice={"file_id": "x", "duration": 3})},
    {"edited_message": EMULATOR.message(42, "Hallo", edit_date=5)},
    {"callback_query": {"id": "q", "from": {"id": 42}, "data": "1:0", "message": EMULATOR.message(42, "x")}},
    {
        "my_chat_member": {
            "chat": EMULATOR.chat(-100),
            "from": {"id": 42},
            "date": 1,
            "old_chat_member": {"status": "left", "user": {"id": 7}},
            "new_chat_member": {"status": "member", "user": {"id": 7}},
        }
    },
]
ABSURD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
    st.just(2**200),
    st.just("\ud800"),
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for name, one in inner for found in paths(one, (*path, name)))]


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """A recorded update in which something is missing or absurd."""
    update = copy.deepcopy(draw(st.sampled_from(SHAPES)))
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(paths(update)))
        if not path:
            continue
        *way, last = path
        target = update
        for step in way:
            target = target[step]
        if draw(st.booleans()) and isinstance(target, dict):
            del target[last]
        else:
            target[last] = draw(ABSURD)
    return update


@given(damaged() | ABSURD)
def test_no_update_is_too_absurd_to_be_read_or_skipped(raw: Any) -> None:
    numbered = {**raw, "update_id": 5} if isinstance(raw, dict) else raw
    update = read_update(numbered)
    assert number_of(numbered) == (5 if isinstance(raw, dict) else None)
    if update is not None and update.message is not None:
        events.is_for(ME, update.message)
        events.author(update.message)
        events.incoming(ME, update.message, "telegram:1", BEGIN, False)


async def test_the_bot_answers_after_any_number_of_absurd_updates(tmp_path: Path) -> None:
    absurd: list[dict[str, Any]] = [
        {},
        {"message": None},
        {"message": {"message_id": "x"}},
        {"message": {**SHAPES[0]["message"], "chat": {"id": 2**200, "type": "private"}}},
        {"message": {**SHAPES[0]["message"], "from": {"id": -5}}},
        {"message": {**SHAPES[0]["message"], "text": "\x00" * 4000}},
        {"message": {**SHAPES[0]["message"], "text": "a" * 50_000}},
        {"callback_query": {"id": "q", "from": {"id": 42}, "data": "9" * 64}},
        {"callback_query": {"id": "q", "from": {"id": 42}, "data": "1:0"}},
        {"poll_answer": {"option_ids": [1]}},
        {"channel_post": {"message_id": 1, "chat": {"id": -5, "type": "channel"}}},
        {"message": {**SHAPES[0]["message"], "chat": {"id": -5, "type": "channel"}}},
    ]
    async with on_telegram(tmp_path) as stage:
        await stage.introduce("mia", "member", "*")
        for update in absurd:
            await stage.emulator.happens(**update)
        stage.heard()
        await asyncio.wait_for(stage.say("mia", "/termine"), 20)
        assert ("mia", "Ich kenne gerade keinen kommenden Haushaltstermin.") in stage.heard()
