"""How the bot behaves on Telegram: in groups and topics, with buttons, edits, and comings and goings."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from store import chats, people, reports
from store.messages import ChatRef
from tests.emulator.server import BOT, Fault, Sent
from tests.stage.telegram import TelegramStage, on_telegram

GROUP, MIA, BEN, ADMIN = -100500, 42, 43, 44
REF = ChatRef("telegram", str(GROUP))


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncIterator[TelegramStage]:
    async with on_telegram(tmp_path) as opened:
        yield opened


async def said(stage: TelegramStage, chat: int, text: str | None, sender: int = 0, **more: Any) -> list[Sent]:
    """What the bot says to a message."""
    before = len(stage.emulator.sent)
    await stage.settled(await stage.emulator.says(chat, text, sender, **more))
    return stage.emulator.sent[before:]


async def pressed(stage: TelegramStage, sent: Sent, label: str, sender: int = 0) -> list[Sent]:
    before = len(stage.emulator.sent)
    toasts = len(stage.emulator.toasts)
    await stage.settled(await stage.emulator.presses(sent, label, sender))
    await stage.emulator.until(lambda: len(stage.emulator.toasts) > toasts)
    return stage.emulator.sent[before:]


async def change(stage: TelegramStage, chat: int, old: str, new: str) -> list[Sent]:
    before = len(stage.emulator.sent)
    changed = {
        "chat": stage.emulator.chat(chat),
        "from": {"id": MIA, "is_bot": False},
        "date": 1,
        "old_chat_member": {"status": old, "user": BOT},
        "new_chat_member": {"status": new, "user": BOT},
    }
    await stage.settled(await stage.emulator.happens(my_chat_member=changed))
    return stage.emulator.sent[before:]


async def chat_of(stage: TelegramStage, ref: ChatRef = REF) -> chats.Chat:
    return await stage.app.database.read(lambda tx: chats.find(tx, ref))


async def grant(stage: TelegramStage, person: int, role: str, place: str = "*") -> None:
    now = stage.clock.now()
    stage.emulator.chat(person)
    await stage.app.database.write(
        lambda tx: people.grant(tx, f"telegram:{person}", role, place, "test", now)
    )


async def test_a_group_hears_nothing_it_did_not_ask_for(stage: TelegramStage) -> None:
    for text in ("Moin zusammen", "Wer bezahlt Frauenhäuser?", "/unbekannt", "/termine@other_bot", "1", "!"):
        assert await said(stage, GROUP, text, MIA) == []
    assert await said(stage, GROUP, None, MIA, voice={"duration": 3}) == []
    assert await said(stage, GROUP, None, MIA, sticker={"emoji": "x"}) == []


async def test_an_answer_in_a_group_replies_to_the_question_and_carries_the_bots_name(
    stage: TelegramStage,
) -> None:
    (answer,) = await said(stage, GROUP, "/start@saeulen_bot", MIA, message_id=777)
    assert answer.reply_to == 777
    assert "/hilfe@saeulen_bot" in answer.text
    assert "/frage@saeulen_bot" in answer.text
    (private,) = await said(stage, MIA, "/start")
    assert private.reply_to == 0
    assert "@saeulen_bot" not in private.text


async def test_a_mention_and_a_reply_are_answered(stage: TelegramStage) -> None:
    text = "@saeulen_bot Wer bezahlt Frauenhäuser?"
    entity = {"type": "mention", "offset": 0, "length": 12}
    (answer,) = await said(stage, GROUP, text, MIA, entities=[entity])
    assert "Frauenhäuser" in answer.text
    mine = {"message_id": answer.message_id, "from": BOT}
    (again,) = await said(stage, GROUP, "Wer bezahlt Frauenhäuser?", MIA, reply_to_message=mine)
    assert again.text == answer.text


async def test_answers_stay_in_their_topic_and_general_has_none(stage: TelegramStage) -> None:
    (topic,) = await said(stage, GROUP, "/termine", MIA, message_thread_id=12, is_topic_message=True)
    (general,) = await said(stage, GROUP, "/termine", MIA)
    assert (topic.thread, general.thread) == (12, 0)
    stage.emulator.closed_topics.add(12)
    (closed,) = await said(stage, GROUP, "/termine", MIA, message_thread_id=12, is_topic_message=True)
    assert closed.thread == 0


async def test_a_button_says_its_sentence_and_goes(stage: TelegramStage) -> None:
    (menu,) = await said(stage, MIA, "/saeulen")
    first = menu.buttons[0][0]
    (answer,) = await pressed(stage, menu, first)
    assert "Prävention" in answer.text
    await stage.emulator.until(lambda: first not in dict(menu.buttons))
    assert len(menu.buttons) == 3
    assert stage.emulator.toasts[-1][1] == ""


async def test_a_question_to_somebody_else_is_not_for_you(stage: TelegramStage) -> None:
    (menu,) = await said(stage, GROUP, "/saeulen", MIA)
    assert await pressed(stage, menu, menu.buttons[0][0], BEN) == []
    assert stage.emulator.toasts[-1][1] == "Das ist nicht für dich."
    assert len(menu.buttons) == 4
    (answer,) = await pressed(stage, menu, menu.buttons[0][0], MIA)
    assert "Prävention" in answer.text


async def test_an_old_button_has_expired(stage: TelegramStage) -> None:
    (menu,) = await said(stage, MIA, "/saeulen")
    menu.buttons = [("alt", "999999:0"), ("fremd", "???")]
    for label in ("alt", "fremd"):
        assert await pressed(stage, menu, label) == []
        assert stage.emulator.toasts[-1][1].startswith("Das ist abgelaufen.")


async def test_administrators_and_nobody_else_change_a_group(stage: TelegramStage) -> None:
    stage.emulator.chat(GROUP)
    stage.emulator.admins[GROUP] = [ADMIN]
    (refused,) = await said(stage, GROUP, "/sprache en", MIA)
    assert "nur Admins" in refused.text
    (done,) = await said(stage, GROUP, "/sprache en", ADMIN)
    assert "English" in done.text
    anonymous = {
        "from": {"id": 1087968824, "is_bot": True},
        "sender_chat": {"id": GROUP, "type": "supergroup"},
    }
    (back,) = await said(stage, GROUP, "/sprache de", **anonymous)
    assert "Deutsch" in back.text
    (which,) = await said(stage, GROUP, "/sprache", **anonymous)
    assert await pressed(stage, which, "English", MIA) == []
    assert "nur Admins" in stage.emulator.toasts[-1][1]
    channel = {
        "from": {"id": 136817688, "is_bot": True},
        "sender_chat": {"id": -9, "type": "channel"},
    }
    (stranger,) = await said(stage, GROUP, "/sprache en", **channel)
    assert "nur Admins" in stranger.text


async def test_people_in_danger_are_answered_at_once_and_leave_no_trace(stage: TelegramStage) -> None:
    for more in ({"text": "Mein Mann schlägt mich"}, {"text": None, "caption": "Mein Mann schlägt mich"}):
        text = more.pop("text")
        (answer,) = await said(stage, MIA, text, **more)
        assert "116 016" in answer.text
        assert not answer.buttons
    rows = await stage.app.database.read(lambda tx: chats.every(tx))
    assert rows == []


async def test_an_edited_report_amends_it_and_any_other_edit_changes_nothing(stage: TelegramStage) -> None:
    await grant(stage, MIA, "representative", "Rostock")
    await said(stage, MIA, "/bericht 2.1 beschlossen: drei Plätze", message_id=50)

    async def kept() -> reports.Report:
        found = await stage.app.database.read(lambda tx: reports.of_person(tx, f"telegram:{MIA}"))
        assert len(found) == 1
        return found[0]

    async def edited(text: str, message_id: int, edit_date: int, sender: int = MIA) -> int:
        before = len(stage.emulator.sent)
        update = stage.emulator.message(sender, text, message_id=message_id, edit_date=edit_date)
        await stage.settled(await stage.emulator.happens(edited_message=update))
        return len(stage.emulator.sent) - before

    assert (await kept()).outcome == "beschlossen"
    assert await edited("/bericht 2.1 abgelehnt: kein Platz", 50, 5) == 1
    assert ((await kept()).outcome, (await kept()).revision) == ("abgelehnt", 2)
    assert await edited("/bericht 2.1 abgelehnt: kein Platz", 50, 5) == 0
    assert await edited("/loeschen", 50, 6) == 1
    assert await edited("ach, vergiss es", 50, 7) == 1
    await said(stage, MIA, "/termine", message_id=51)
    assert await edited("/bericht 1.1 vertagt", 51, 8) == 0
    await people_lose(stage, MIA)
    assert await edited("/bericht 2.1 beschlossen", 50, 9) == 1
    assert (await kept()).revision == 2


async def people_lose(stage: TelegramStage, person: int) -> None:
    await stage.app.database.write(lambda tx: people.withdraw(tx, f"telegram:{person}"))


async def test_a_link_with_a_code_gives_the_role(stage: TelegramStage) -> None:
    await grant(stage, ADMIN, "organiser")
    (invited,) = await said(stage, ADMIN, "/einladen vertretung Rostock")
    code = invited.text.split("/beitreten ")[1].split()[0]
    (welcome,) = await said(stage, MIA, f"/start {code}")
    assert "Vertreter*in (Rostock)" in welcome.text


async def test_voice_and_stickers_get_one_friendly_sentence_in_private(stage: TelegramStage) -> None:
    for what in ("voice", "sticker", "poll", "location", "photo", "document", "video_note"):
        (answer,) = await said(stage, MIA, None, **{what: [{"file_id": "x"}]})
        assert "als Text" in answer.text
    assert await said(stage, MIA, None, pinned_message={"message_id": 1}) == []
    (answer,) = await said(stage, MIA, None, photo=[{"file_id": "x"}], caption="/termine")
    assert "Haushaltstermin" in answer.text


async def test_added_thrown_out_and_back(stage: TelegramStage) -> None:
    (hello,) = await change(stage, GROUP, "left", "member")
    assert "Säulenbot" in hello.text
    assert await change(stage, GROUP, "member", "administrator") == []
    assert await change(stage, GROUP, "administrator", "kicked") == []
    assert not (await chat_of(stage)).active
    # It introduces itself at most once a day, however often it is thrown out and fetched.
    assert await change(stage, GROUP, "kicked", "member") == []
    assert (await chat_of(stage)).active


async def test_who_blocks_the_bot_is_left_alone_until_they_are_back(stage: TelegramStage) -> None:
    await stage.introduce("mia", "member", "*")
    ref = ChatRef("telegram", "1001")
    await change(stage, 1001, "member", "kicked")
    assert not (await chat_of(stage, ref)).active
    await change(stage, 1001, "kicked", "member")
    assert (await chat_of(stage, ref)).active
    await change(stage, 1001, "member", "kicked")
    await stage.say("mia", "/termine")
    assert (await chat_of(stage, ref)).active


async def test_a_group_that_becomes_a_supergroup_takes_everything_along(stage: TelegramStage) -> None:
    stage.emulator.admins[GROUP] = [ADMIN]
    await change(stage, GROUP, "left", "member")
    known = await chat_of(stage)
    await stage.app.database.write(lambda tx: chats.change(tx, known.id, admitted=True, language="en"))
    await said(stage, GROUP, "/abo Rostock", ADMIN)
    new = -1009
    stage.emulator.chat(new)
    stage.emulator.moved[GROUP] = new
    moved = stage.emulator.message(GROUP, None, MIA, migrate_to_chat_id=new)
    await stage.settled(await stage.emulator.happens(message=moved))
    arrived = stage.emulator.message(new, None, MIA, migrate_from_chat_id=GROUP)
    await stage.settled(await stage.emulator.happens(message=arrived))
    assert not (await chat_of(stage)).id
    there = await chat_of(stage, ChatRef("telegram", str(new)))
    assert (there.id, there.admitted, there.language) == (known.id, True, "en")
    subscribed = await stage.app.database.read(lambda tx: chats.subscriptions_of(tx, known.id))
    assert [(one.ref.chat, one.place) for one in subscribed] == [(str(new), "Rostock")]


async def test_everybody_sees_the_menu_that_is_theirs(stage: TelegramStage) -> None:
    menus = stage.emulator.menus
    await stage.emulator.until(lambda: ("all_chat_administrators", "en") in menus)
    await grant(stage, MIA, "representative", "Rostock")
    await stage.jump(stage.clock.now())
    assert menus.keys() >= {(kind, code) for kind in ("default", "all_private_chats") for code in ("", "en")}
    assert "meineberichte" in menus[f"chat{MIA}", ""]
    assert "meineberichte" not in menus["all_private_chats", ""]
    assert "termin" not in menus[f"chat{MIA}", ""]
    assert "sprache" in menus["all_chat_administrators", "en"]
    assert "sprache" not in menus["all_group_chats", "en"]
    await people_lose(stage, MIA)
    await stage.jump(stage.clock.now())
    assert (f"chat{MIA}", "") not in menus


async def test_help_is_tried_until_it_gets_through_and_not_for_ever(stage: TelegramStage) -> None:
    stage.emulator.faults.append(Fault(502, times=5))
    (answer,) = await said(stage, MIA, "Mein Mann schlägt mich")
    assert "116 016" in answer.text
    stage.emulator.gone.add(MIA)
    assert await said(stage, MIA, "Mein Mann schlägt mich") == []
    stage.emulator.faults.append(Fault(500, chat=BEN, times=100))
    assert await said(stage, BEN, "Mein Mann schlägt mich") == []
    assert len(await said(stage, ADMIN, "/termine")) == 1
