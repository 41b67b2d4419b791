"""Broadcasts: who may, to whom, how it looks after them; and what a platform makes of files and deletions."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from bot.app import running
from bot.commands.broadcasting import MOST_A_DAY
from bot.config_model import Config
from errors import ChatGone, MaybeSent, NotNow, Refused, SendError
from scheduler.housekeeping import BROADCASTS_KEPT
from store import chats, outbox
from store.messages import FILE, Attachment, ChatRef, Kind, Outgoing, Queued
from tests.stage.clock import HandClock
from tests.stage.crowd import PLATFORM, Account, Crowd, gathered, person
from tests.stage.tables import everything
from tests.stage.telegram import on_telegram
from tests.stage.terminal import BEGIN

ANNA, BEN = "60", "61"


class Refusing(Account):
    """A platform that answers some chats with errors, one after the other."""

    errors: dict[str, list[SendError]]

    async def send(self, message: Queued) -> str:
        if left := self.errors.get(message.outgoing.chat.chat, []):
            raise left.pop(0)
        return await super().send(message)


@pytest.fixture
async def crowd(tmp_path: Path) -> AsyncIterator[Crowd]:
    config = Config(data_dir=tmp_path, organisers=(person(ANNA),))
    async with gathered(tmp_path, config) as crowd:
        crowd.account.__class__ = Refusing
        crowd.account.errors = {}  # type: ignore[attr-defined]
        await crowd.give(ANNA, "member")
        await crowd.give(BEN, "organiser")
        yield crowd


def group(number: int) -> ChatRef:
    return ChatRef(PLATFORM, f"-{number}")


async def groups(crowd: Crowd, *numbers: int, admitted: bool = True) -> None:
    for number in numbers:
        await crowd.group(admitted, group(number))


async def got(crowd: Crowd, text: str) -> Counter[str]:
    """Which chats got a message with these words."""
    return Counter(post.chat.chat for post in await crowd.posts() if text in post.text)


async def states(crowd: Crowd) -> dict[str, str]:
    rows = (await everything(crowd.app.database))["outbox"]
    return {row["chat"]: row["state"] for row in rows if row["kind"] == Kind.BROADCAST}


async def send(crowd: Crowd, text: str = "Kommt alle!", number: int = 1) -> Counter[str]:
    await crowd.say(ANNA, f"/rundruf {text}")
    said = await crowd.say(ANNA, f"/rundruf senden {number}")
    return Counter(post.chat.chat for post in said if text in post.text)


async def test_only_admitted_groups_the_bot_is_in_get_a_broadcast(crowd: Crowd) -> None:
    await groups(crowd, 1, 2)
    await groups(crowd, 3, admitted=False)
    left = await crowd.group(True, group(4))
    await crowd.app.database.write(lambda tx: chats.change(tx, left, active=False))
    assert await send(crowd) == {"-1": 1, "-2": 1}


async def test_a_group_that_is_withdrawn_meanwhile_gets_nothing(crowd: Crowd) -> None:
    await groups(crowd, 1, 2)
    await crowd.say(ANNA, "/pause")
    await send(crowd)
    chat = await crowd.app.database.read(lambda tx: chats.find(tx, group(1)))
    await crowd.say(ANNA, f"/chats zurücknehmen {chat.id}")
    assert await got(crowd, "Kommt") == {}
    posts = await crowd.say(ANNA, "/pause aus")
    assert [post.chat for post in posts if post.text == "Kommt alle!"] == [group(2)]
    report = posts[-1].text
    assert "1 gesendet, 1 fehlgeschlagen" in report
    assert "nicht mehr zugelassen" in report


async def test_only_the_author_sees_and_sends_a_draft(crowd: Crowd) -> None:
    await groups(crowd, 1)
    await crowd.say(ANNA, "/rundruf Kommt alle!")
    for said in ("/rundruf senden 1", "/rundruf text 1 Anders", "/rundruf verwerfen 1", "/rundruf senden"):
        (answer,) = await crowd.say(BEN, said)
        assert answer.text.startswith("Diesen Rundruf gibt es nicht")
    assert await send(crowd, number=2) == {"-1": 1}
    (answer,) = await crowd.say(BEN, "/rundruf korrigieren 2 Bleibt zu Hause")
    assert "nur, wer" in answer.text


async def test_whom_and_when_are_no_text_for_everybody(crowd: Crowd) -> None:
    await groups(crowd, 1, 2)
    await crowd.say(ANNA, "/ort Rostock", group(1))
    await crowd.posts()
    (asked,) = await crowd.say(ANNA, "/rundruf an Bielefeld")
    assert "Bielefeld" in asked.text
    (asked,) = await crowd.say(ANNA, "Rostock")
    assert "Was soll im Rundruf stehen?" in asked.text
    (shown, preview) = await crowd.say(ANNA, "Kommt alle!")
    assert (shown.text, "An: Rostock" in preview.text) == ("Kommt alle!", True)
    (shown, preview) = await crowd.say(ANNA, "/rundruf an alle")
    assert (shown.text, "2 Chats" in preview.text) == ("Kommt alle!", True)
    (shown, preview) = await crowd.say(ANNA, "/rundruf wann morgen 9 Uhr")
    assert (shown.text, "09:00" in preview.text) == ("Kommt alle!", True)
    (shown, _) = await crowd.say(ANNA, "/rundruf An alle, die kommen: Bringt Schilder mit!")
    assert shown.text.startswith("An alle, die kommen")


async def test_a_row_of_commas_holds_nobody_up(crowd: Crowd) -> None:
    await groups(crowd, 1)
    (shown, _) = await crowd.say(ANNA, f"/rundruf an {',' * 3_000}!")
    assert shown.text.startswith("an ,,,")


async def test_a_draft_follows_the_edited_message_it_was_made_of(crowd: Crowd) -> None:
    await groups(crowd, 1)
    await crowd.say(ANNA, "/rundruf")
    await crowd.say(ANNA, "Komt alle zum Rathaus")
    (shown, _) = await crowd.say(ANNA, "Kommt alle zum Rathaus", edited=True)
    assert shown.text == "Kommt alle zum Rathaus"
    assert await crowd.say(ANNA, "Eine ganz andere Nachricht von gestern", edited=True) == []
    (_, preview) = await crowd.say(ANNA, "/rundruf an Wismar: Kommt alle zum Rathaus!", edited=True)
    assert "An: Wismar" in preview.text
    assert await crowd.say(BEN, "Kommt alle zum Rathaus", edited=True) == []


async def test_what_waits_ends_with_the_role_of_its_author(crowd: Crowd) -> None:
    await groups(crowd, 1)
    await crowd.say(BEN, "/rundruf an alle, 25.11.2026 9 Uhr: Kommt alle!")
    await crowd.say(BEN, "/rundruf senden 1")
    code = (await crowd.say(BEN, "/einladen orga"))[0].text.split("/beitreten ")[1].split()[0]
    await crowd.say(ANNA, f"/rollen befristen {person(BEN)} bis 24.11.2026")
    await crowd.clock.jump(crowd.clock.now() + timedelta(days=3))
    assert await got(crowd, "Kommt alle!") == {}
    (refused,) = await crowd.say("99", f"/beitreten {code}")
    assert "Damit kann ich nichts anfangen" in refused.text


async def test_a_preview_tells_how_commands_look_in_groups(crowd: Crowd) -> None:
    await groups(crowd, 1)
    crowd.app.services.accounts["telegram"] = "saeulen_bot"
    (_, preview) = await crowd.say(ANNA, "/rundruf Schreibt /termine, oder schaut in die Akte 1/17")
    assert "/termine@saeulen_bot" in preview.text


async def test_an_organiser_of_one_place_reaches_that_place_only(crowd: Crowd) -> None:
    await groups(crowd, 1, 2)
    for number, place in ((1, "Rostock"), (2, "Wismar")):
        await crowd.say(ANNA, f"/ort {place}", group(number))
    await crowd.give("62", "organiser", "Rostock")
    await crowd.posts()
    (_, preview) = await crowd.say("62", "/rundruf Kommt alle!")
    assert "1 Chat" in preview.text
    (refusal,) = await crowd.say("62", "/rundruf an 1 Wismar")
    assert "Wismar" in refusal.text
    posts = await crowd.say("62", "/rundruf senden 1")
    assert [post.chat for post in posts if post.text == "Kommt alle!"] == [group(1)]


async def test_so_many_a_day_and_no_more(crowd: Crowd) -> None:
    await groups(crowd, 1)
    for number in range(1, MOST_A_DAY + 1):
        assert await send(crowd, f"Nummer {number}", number) == {"-1": 1}
    assert await send(crowd, "Zu viel", MOST_A_DAY + 1) == {}
    await crowd.clock.jump(crowd.clock.now() + timedelta(days=1, minutes=1))
    assert await send(crowd, "Am nächsten Tag", MOST_A_DAY + 2) == {"-1": 1}


async def test_the_report_says_what_became_of_it_and_sends_again(crowd: Crowd) -> None:
    await groups(crowd, 1, 2, 3, 4)
    errors: dict[str, list[SendError]] = {
        "-2": [ChatGone("telegram.blocked")],
        "-3": [MaybeSent("telegram.answer_lost")],
        "-4": [Refused("telegram.too_long")],
    }
    crowd.account.errors = errors  # type: ignore[attr-defined]
    await crowd.say(ANNA, "/rundruf Kommt alle!")
    report = (await crowd.say(ANNA, "/rundruf senden 1"))[-1]
    assert "1 gesendet, 2 fehlgeschlagen, 1 unklar" in report.text
    for reason in ("blockiert", "zu lang", "Verbindung brach ab"):
        assert reason in report.text
    again = await crowd.press(ANNA, report.press("Unklare nochmal senden"))
    assert [post.chat for post in again if post.text == "Kommt alle!"] == [group(3)]
    assert await states(crowd) == {"-1": "sent", "-2": "failed", "-3": "sent", "-4": "failed"}
    chat = await crowd.app.database.read(lambda tx: chats.find(tx, group(4)))
    one = await crowd.say(ANNA, f"/rundruf nochmal 1 {chat.id}")
    assert [post.chat for post in one if post.text == "Kommt alle!"] == [group(4)]


async def test_answers_and_reminders_overtake_it(crowd: Crowd) -> None:
    now = crowd.clock.now()
    await groups(crowd, *range(1, 200))
    await crowd.app.database.write(lambda tx: chats.set_setting(tx, chats.PAUSE, "on"))
    await send(crowd)
    reminder = Outgoing("r", group(150), "Erinnerung", Kind.REMINDER)
    await crowd.app.database.write(lambda tx: outbox.put(tx, reminder, now))
    posts = [post.text for post in await crowd.say(ANNA, "/pause aus")]
    assert posts.count("Kommt alle!") == 199
    assert posts.index("Erinnerung") < 5
    assert posts[0].startswith("Weiter")


async def test_what_a_platform_refuses_everywhere_is_not_tried_everywhere(crowd: Crowd) -> None:
    await groups(crowd, *range(1, 101))
    refused: dict[str, list[SendError]] = {f"-{n}": [Refused("telegram.refused")] * 3 for n in range(1, 101)}
    crowd.account.errors = refused  # type: ignore[attr-defined]
    assert await send(crowd) == {}
    assert set((await states(crowd)).values()) == {"failed"}
    assert sum(len(left) == 3 for left in refused.values()) >= 40


async def test_organisers_are_told_once_that_messages_are_set_aside(crowd: Crowd) -> None:
    await groups(crowd, 1)
    crowd.account.errors = {"-1": [Refused("telegram.refused")] * 3}  # type: ignore[attr-defined]
    for number in range(3):
        await crowd.say("5", f"/hilfe {number}", group(1))
    told = [post.chat.chat for post in await crowd.posts() if "beiseitegelegt" in post.text]
    assert sorted(told) in (["60", "61"], [])
    rows = (await everything(crowd.app.database))["settings"]
    assert [row["name"] for row in rows if row["name"].startswith("set aside")] == [
        "set aside: telegram.refused"
    ]


async def test_it_is_stopped_at_once_and_goes_on_where_it_stood(crowd: Crowd) -> None:
    await groups(crowd, 1, 2)
    crowd.account.errors = {"-2": [NotNow("telegram.too_fast", timedelta(seconds=30))]}  # type: ignore[attr-defined]
    assert await send(crowd) == {"-1": 1}
    (shown,) = await crowd.say(ANNA, "/rundruf anhalten 1")
    assert "1 gesendet, 1 warten" in shown.text
    await crowd.clock.jump(crowd.clock.now() + timedelta(minutes=5))
    assert await got(crowd, "Kommt") == {}
    posts = await crowd.say(ANNA, "/rundruf weiter 1")
    assert [post.chat for post in posts if post.text == "Kommt alle!"] == [group(2)]


async def test_after_a_week_only_the_counts_are_left(crowd: Crowd) -> None:
    await groups(crowd, 1)
    await send(crowd)
    await crowd.clock.jump(crowd.clock.now() + BROADCASTS_KEPT + timedelta(hours=1))
    rows = await everything(crowd.app.database)
    (one,) = rows["broadcasts"]
    assert (one["author"], one["text"], one["chats"], one["sent"]) == (person(ANNA), "", 1, 1)
    assert not [row for row in rows["outbox"] if row["kind"] == Kind.BROADCAST]
    (answer,) = await crowd.say(ANNA, "/rundruf nochmal 1 fehlgeschlagen")
    assert "vergessen" in answer.text


async def test_erasing_the_author_ends_what_waits_and_keeps_the_counts(crowd: Crowd) -> None:
    await groups(crowd, 1)
    await crowd.say(ANNA, "/pause")
    await send(crowd)
    await crowd.say(ANNA, "/loeschen alles")
    rows = await everything(crowd.app.database)
    (one,) = rows["broadcasts"]
    assert (one["author"], one["text"], one["state"]) == ("", "", "done")
    assert not [row for row in rows["outbox"] if row["kind"] == Kind.BROADCAST]


async def test_a_picture_comes_along_and_its_words_can_be_changed_and_deleted(tmp_path: Path) -> None:
    async with on_telegram(tmp_path) as stage:
        await stage.introduce("anna", "organiser", "*")
        for name in ("eins", "zwei"):
            await stage.introduce(name, "group", "*")
        emulator, here = stage.emulator, 1001
        emulator.assets["gross"] = {"data": b"", "size": 0}
        photo = [{"file_id": "klein", "file_size": 10}, {"file_id": "gross", "file_size": 9_000}]
        await stage.settled(await emulator.says(here, None, photo=photo, caption="/rundruf Seht **her**!"))
        await stage.say("anna", "/rundruf senden")
        posts = [one for one in emulator.sent if one.chat < 0]
        assert [(one.chat, one.file, one.text) for one in posts] == [
            (-1002, "gross", "Seht her!"),
            (-1003, "gross", "Seht her!"),
        ]
        await stage.say("anna", "/rundruf korrigieren 1 Seht *dorthin*!")
        assert [one.text for one in posts] == ["Seht dorthin!"] * 2
        emulator.too_old.add(-1003)
        await stage.say("anna", "/rundruf zurückrufen 1 ja")
        assert [one.deleted for one in posts] == [True, False]
        texts = [one.text for one in emulator.sent if one.chat == here]
        assert any(
            "1 gelöscht" in text and "In 1 Chat war das Löschen nicht möglich" in text for text in texts
        )


async def test_a_picture_without_words_waits_for_them(tmp_path: Path) -> None:
    async with on_telegram(tmp_path) as stage:
        await stage.introduce("anna", "organiser", "*")
        await stage.introduce("eins", "group", "*")
        document = {"file_id": "plan", "file_name": "plan.pdf", "mime_type": "application/pdf"}
        stage.emulator.assets["plan"] = {"data": b"", "size": 0}
        await stage.say("anna", "/rundruf")
        await stage.settled(await stage.emulator.says(1001, None, document=document))
        await stage.say("anna", "Der Plan für morgen")
        await stage.say("anna", "/rundruf senden")
        (post,) = [one for one in stage.emulator.sent if one.chat < 0]
        assert (post.file, post.text) == ("plan", "Der Plan für morgen")


async def test_a_picture_with_words_goes_into_the_draft_that_is_shown(tmp_path: Path) -> None:
    async with on_telegram(tmp_path) as stage:
        await stage.introduce("anna", "organiser", "*")
        await stage.introduce("eins", "group", "*")
        emulator, photo = stage.emulator, [{"file_id": "bild", "file_size": 10}]
        emulator.assets["bild"] = {"data": b"", "size": 0}
        await stage.settled(await emulator.says(1001, None, photo=photo, caption="Wer bezahlt Frauenhäuser?"))
        assert not emulator.sent[-1].file
        await stage.say("anna", "/rundruf Kommt alle!")
        await stage.settled(await emulator.says(1001, None, photo=photo, caption="Kommt **alle** um 9!"))
        shown, preview = [one for one in emulator.sent if one.chat == 1001][-2:]
        assert (shown.file, shown.text, "Vorschau" in preview.text) == ("bild", "Kommt alle um 9!", True)
        await stage.say("anna", "/rundruf senden")
        (post,) = [one for one in emulator.sent if one.chat < 0]
        assert (post.file, post.text) == ("bild", "Kommt alle um 9!")


async def test_a_broadcast_ends_when_its_platform_is_taken_out_of_the_configuration(tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path, organisers=(person(ANNA),))
    async with gathered(tmp_path, config, Account("matrix")) as crowd:
        await groups(crowd, 1)
        await crowd.group(ref=ChatRef("matrix", "!a:example.org"))
        await crowd.say(ANNA, "/pause")
        await crowd.say(ANNA, "/rundruf Kommt alle!")
        await crowd.say(ANNA, "/rundruf senden 1")
        await crowd.say(ANNA, "/rundruf korrigieren 1 Kommt doch alle!")
    async with gathered(tmp_path, config) as crowd:
        crowd._keys = count(100)
        posts = await crowd.say(ANNA, "/pause aus")
        assert [post.chat for post in posts if post.text == "Kommt doch alle!"] == [group(1)]
        report = posts[-1]
        assert "fertig" in report.text
        assert "1 gesendet, 1 fehlgeschlagen" in report.text
        assert "auf dieser Plattform bin ich nicht mehr" in report.text
        assert "Fehlgeschlagene nochmal senden" in report.labels
        again = await crowd.press(ANNA, report.press("Fehlgeschlagene nochmal senden"))
        assert "fertig" in again[-1].text
        (_, preview) = await crowd.say(ANNA, "/rundruf Und noch etwas")
        assert "matrix" not in preview.text


async def test_a_terminal_without_configuration_gives_no_broadcast_up(tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path, organisers=(person(ANNA),))
    async with gathered(tmp_path, config) as crowd:
        await groups(crowd, 1)
        await crowd.say(ANNA, "/pause")
        await crowd.say(ANNA, "/rundruf Kommt alle!")
        await crowd.say(ANNA, "/rundruf senden 1")
    clock = HandClock(BEGIN + timedelta(hours=1))
    async with running(Config(data_dir=tmp_path), clock, [Account("terminal")]) as app:
        await app.alarm.look()
    async with gathered(tmp_path, config) as crowd:
        crowd._keys = count(100)
        posts = await crowd.say(ANNA, "/pause aus")
        assert [post.chat for post in posts if post.text == "Kommt alle!"] == [group(1)]


async def test_a_file_of_another_platform_is_carried_here_once(tmp_path: Path) -> None:
    async with on_telegram(tmp_path) as stage:
        fetched = []

        async def fetch(file: Attachment) -> bytes:
            fetched.append(file.arguments["reference"])
            return b"\x89PNG\r\n\x1a\n"

        recipes = stage.app.recipes
        recipes.fetchers["matrix"] = fetch  # type: ignore[index]
        stage.transport._poster._draw = drawn(recipes)
        told = {"platform": "matrix", "reference": "mxc://x/1", "name": "bild.png", "mime": "image/png"}
        for number in (1, 2, 3):
            stage.emulator.chat(-number)
            message = Outgoing(
                str(number), group(number), "Seht!", Kind.BROADCAST, attachment=Attachment(FILE, told)
            )
            await stage.app.database.write(lambda tx, m=message: outbox.put(tx, m, stage.clock.now()))  # type: ignore[misc]
        await stage.app.delivery.drained()
        assert sorted(one.chat for one in stage.emulator.sent) == [-3, -2, -1]
        assert fetched == ["mxc://x/1"]


def drawn(recipes: object) -> object:
    from bot.recipes import Drawing

    drawing = Drawing()
    drawing.recipes = recipes  # type: ignore[assignment]
    return drawing
