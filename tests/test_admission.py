"""A group is nobody's until organisers have admitted it; it can be left, and it may move."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.admission import ASKED_A_DAY
from bot.config_model import Config
from store import chats, outbox
from store.messages import ChatRef, Kind, Outgoing, Press
from tests.stage.crowd import GROUP, PLATFORM, Crowd, gathered, private

ANNA, BERT, LOCAL = "1", "2", "3"
TITLE = "*Kampagne* [Rostock](https://example.org)"


@pytest.fixture
async def crowd(tmp_path: Path) -> AsyncIterator[Crowd]:
    async with gathered(tmp_path, Config(data_dir=tmp_path, organisers=("telegram:1",))) as crowd:
        yield crowd


def kept_anywhere(folder: Path, words: bytes) -> list[str]:
    """Files that hold some words; a write-ahead log keeps what was deleted until its next checkpoint."""
    files = [file for file in folder.iterdir() if not file.name.endswith("-wal")]
    return [file.name for file in files if words in file.read_bytes()]


async def known(crowd: Crowd, ref: ChatRef = GROUP) -> chats.Chat:
    return await crowd.app.database.read(lambda tx: chats.find(tx, ref))


async def test_a_new_group_is_introduced_and_organisers_are_asked_once(crowd: Crowd) -> None:
    await crowd.give(BERT, "organiser")
    await crowd.give(LOCAL, "organiser", "Rostock")
    for _ in range(3):
        await crowd.app.admission.joined(GROUP, TITLE, 31, "telegram:99")
    hello, *asked = sorted(await crowd.posts(), key=lambda post: post.chat.chat)
    assert hello.chat == GROUP
    assert len(hello.text.split("\n\n")[0].splitlines()) == 3
    assert "Für welchen Ort ist diese Gruppe?" in hello.text
    assert [post.chat for post in asked] == [private(ANNA), private(BERT)]
    for post in asked:
        assert TITLE in post.text
        assert "31" in post.text
        assert post.labels == ["Zulassen", "Verlassen"]
    assert not (await known(crowd)).admitted


async def test_an_organiser_who_brings_the_bot_is_the_one_to_be_asked(crowd: Crowd) -> None:
    await crowd.give(BERT, "organiser")
    await crowd.app.admission.joined(GROUP, "", None, "telegram:2")
    asked = [post for post in await crowd.posts() if post.chat != GROUP]
    assert [post.chat for post in asked] == [private(BERT)]
    assert "ohne Namen" in asked[0].text


async def test_the_title_is_gone_once_it_was_shown(crowd: Crowd, tmp_path: Path) -> None:
    await crowd.app.admission.joined(GROUP, "Kanarienvogelzucht", 5, "telegram:99")
    assert any("Kanarienvogelzucht" in post.text for post in await crowd.posts())
    assert kept_anywhere(tmp_path, b"Kanarienvogelzucht") == []
    assert await crowd.app.database.read(lambda tx: outbox.queues(tx, crowd.clock.now())) == {}


async def test_strangers_with_many_groups_do_not_drown_organisers(crowd: Crowd) -> None:
    for number in range(ASKED_A_DAY + 20):
        await crowd.app.admission.joined(ChatRef(PLATFORM, f"-{number}"), "x", 3, "telegram:99")
    asked = [post for post in await crowd.posts() if post.chat == private(ANNA)]
    assert len(asked) == ASKED_A_DAY


async def test_a_group_of_two_is_nobodys_private_chat(crowd: Crowd) -> None:
    await crowd.app.admission.joined(GROUP, "x", 2, "telegram:1")
    (group,) = await crowd.app.database.read(chats.groups)
    assert group.ref == GROUP
    assert await crowd.app.database.read(lambda tx: chats.of_person(tx, "telegram:1")) == []


async def test_admitting_opens_the_group_and_offers_to_subscribe(crowd: Crowd) -> None:
    await crowd.app.admission.joined(GROUP, "x", 3, "telegram:99")
    asked = next(post for post in await crowd.posts() if post.chat == private(ANNA))
    (refused,) = await crowd.say("9", "/stand Rostock", GROUP)
    assert "noch nicht zugelassen" in refused.text
    told = await crowd.press(ANNA, asked.press("Zulassen"))
    assert {post.chat for post in told} == {GROUP, private(ANNA)}
    assert (await known(crowd)).admitted
    (progress,) = await crowd.say("9", "/stand Rostock", GROUP)
    assert progress.text.startswith("Stand in Rostock")
    (again,) = await crowd.press(ANNA, asked.press("Zulassen"))
    assert "schon zugelassen" in again.text


async def test_administrators_name_the_place_by_choice_by_reply_or_by_command(crowd: Crowd) -> None:
    await crowd.app.admission.joined(GROUP, "x", 3, "telegram:99")
    hello = next(post for post in await crowd.posts() if post.chat == GROUP)
    assert await crowd.press("9", hello.press("Schwerin"), GROUP) == []
    assert crowd.handled.refused
    (refused,) = await crowd.say("9", "Wismar", GROUP, reply_to=str(hello.row))
    assert "nur Admins" in refused.text
    assert (await known(crowd)).place is None
    for said, press, place in (
        ("", hello.press("Schwerin"), "Schwerin"),
        ("Wismar", None, "Wismar"),
        ("/ort Rostock", None, "Rostock"),
    ):
        reply = str(hello.row) if said == "Wismar" else ""
        await crowd.say("9", said, GROUP, press=press, reply_to=reply, admin=True)
        assert (await known(crowd)).place == place
    (ask,) = await crowd.press("9", hello.press("Anderer Ort"), GROUP, admin=True)
    assert "Für welchen Ort" in ask.text
    await crowd.say("9", "Bützow", GROUP, reply_to=str(ask.row), admin=True)
    assert (await known(crowd)).place == "Bützow"


async def test_an_admitted_group_with_a_place_subscribes_with_one_press(crowd: Crowd) -> None:
    number = await crowd.group()
    (offer,) = await crowd.say("9", "/ort Rostock", GROUP, admin=True)
    await crowd.press("9", offer.press("An Debatten in Rostock erinnern"), GROUP, admin=True)
    found = await crowd.app.database.read(lambda tx: chats.subscriptions_of(tx, number))
    assert [one.place for one in found] == ["Rostock"]


async def test_chats_lists_groups_without_names_and_changes_them(crowd: Crowd) -> None:
    assert (await crowd.say(ANNA, "/chats"))[0].text.startswith("Ich bin in keiner Gruppe")
    number = await crowd.group()
    await crowd.say("9", "/abo Rostock", GROUP, admin=True)
    (listed,) = await crowd.say(ANNA, "/chats")
    assert f"{number} telegram, Ort unbekannt: zugelassen" in listed.text
    assert listed.labels == [f"{number} Zulassung zurücknehmen", f"{number} verlassen"]
    await crowd.press(ANNA, listed.press(f"{number} Zulassung zurücknehmen"))
    assert not (await known(crowd)).admitted
    assert await crowd.app.database.read(lambda tx: chats.subscriptions_of(tx, number)) == []
    (one,) = await crowd.say(ANNA, f"/chats {number}")
    assert one.labels == [f"{number} zulassen", f"{number} verlassen"]


async def test_leaving_asks_the_platform_even_while_posting_is_paused(crowd: Crowd) -> None:
    number = await crowd.group()
    await crowd.say(ANNA, "/pause")
    await crowd.say(ANNA, f"/chats verlassen {number}")
    assert crowd.account.left == [GROUP]
    assert not (await known(crowd)).active
    (gone,) = await crowd.say(ANNA, f"/chats zulassen {number}")
    assert "kenne ich nicht" in gone.text


async def test_local_organisers_decide_about_groups_of_their_places_only(crowd: Crowd) -> None:
    await crowd.give(LOCAL, "organiser", "Rostock")
    number = await crowd.group(admitted=False)
    await crowd.say(LOCAL, f"/chats zulassen {number}")
    assert not (await known(crowd)).admitted
    await crowd.say("9", "/ort Rostock", GROUP, admin=True)
    await crowd.say(LOCAL, f"/chats zulassen {number}")
    assert (await known(crowd)).admitted


async def test_private_chats_are_no_groups(crowd: Crowd) -> None:
    await crowd.give(BERT, "member")
    chat = await crowd.app.database.read(lambda tx: chats.find(tx, private(BERT)))
    (said,) = await crowd.say(ANNA, f"/chats verlassen {chat.id}")
    assert "kenne ich nicht" in said.text
    assert crowd.account.left == []


async def test_a_chat_that_was_left_sleeps_and_its_return_wakes_it(crowd: Crowd) -> None:
    await crowd.group()
    await crowd.app.admission.left(GROUP)
    assert not (await known(crowd)).active
    await crowd.app.admission.left(ChatRef(PLATFORM, "-404"))
    await crowd.app.admission.joined(GROUP, "x", 3, "telegram:99")
    assert (await known(crowd)).active
    assert await crowd.posts() == []


@pytest.mark.parametrize("told_before", [False, True])
async def test_a_group_that_becomes_another_keeps_everything(crowd: Crowd, told_before: bool) -> None:
    new = ChatRef(PLATFORM, "-100200")
    number = await crowd.group()
    await crowd.say("9", "/ort Rostock", GROUP, admin=True)
    (offer,) = await crowd.say("9", "/abo Rostock", GROUP, admin=True)
    later = Outgoing("later", GROUP, "x", Kind.NOTICE, not_before=crowd.clock.now().replace(year=2030))
    await crowd.app.database.write(lambda tx: outbox.put(tx, later, crowd.clock.now()))
    if told_before:
        await crowd.app.admission.joined(new, "x", 3, "telegram:99")
        await crowd.posts()
    for _ in range(2):
        await crowd.app.admission.moved(GROUP, new)
    moved = await known(crowd, new)
    assert (moved.id, moved.admitted, moved.active, moved.place) == (number, True, True, "Rostock")
    assert (await known(crowd)).id == 0
    found = await crowd.app.database.read(lambda tx: chats.subscriptions_of(tx, number))
    assert [one.ref for one in found] == [new]
    await crowd.press("9", Press(offer.row, 0), new, admin=True)
    assert await crowd.app.database.read(lambda tx: chats.subscriptions_of(tx, number)) == []
    await crowd.clock.jump(crowd.clock.now().replace(year=2031))
    # Organisers hear in private which places have no date; what was queued for the group comes once.
    assert [post.chat for post in await crowd.posts() if post.chat != private(ANNA)] == [new]


async def test_a_private_chat_that_becomes_a_group_begins_anew(crowd: Crowd) -> None:
    """Nothing that was for one person is said or kept before the others."""
    await crowd.give(BERT, "representative")
    await crowd.give(LOCAL, "organiser")
    (offer,) = await crowd.say(BERT, "/abo Rostock")
    await crowd.say(BERT, "/bericht 2.1")
    later = Outgoing("later", private(BERT), "Nur für dich", not_before=crowd.clock.now().replace(year=2030))
    await crowd.app.database.write(lambda tx: outbox.put(tx, later, crowd.clock.now()))
    before = await known(crowd, private(BERT))
    await crowd.app.admission.grown(before, "x", 3)
    hello, *asked = sorted(await crowd.posts(), key=lambda post: (post.chat != private(BERT), post.chat.chat))
    assert "Für welchen Ort ist diese Gruppe?" in hello.text
    assert [post.chat for post in asked] == [private(ANNA), private(LOCAL)]
    now = await known(crowd, private(BERT))
    assert (now.private, now.person, now.admitted) == (False, "", False)
    assert await crowd.app.database.read(chats.all_subscriptions) == []
    assert await wanted_in(crowd, private(BERT)) == []
    await crowd.press(BERT, offer.press(offer.labels[0]), private(BERT))
    (said,) = await crowd.say(BERT, "beschlossen", private(BERT))
    assert "Gespeichert" not in said.text
    await crowd.clock.jump(crowd.clock.now().replace(year=2031))
    assert not any("Nur für dich" in post.text for post in await crowd.posts())


async def test_a_group_of_which_one_is_left_is_their_private_chat(crowd: Crowd) -> None:
    await crowd.group()
    await crowd.say("9", "/abo Rostock", GROUP, admin=True)
    await crowd.app.admission.shrunk(await known(crowd), "telegram:9")
    alone = await known(crowd)
    assert (alone.private, alone.person, alone.admitted) == (True, "telegram:9", False)
    assert await wanted_in(crowd, GROUP) == ["Rostock"]


async def test_who_left_a_private_chat_and_opens_a_new_one_finds_everything_there(crowd: Crowd) -> None:
    old, new = ChatRef(PLATFORM, "old"), ChatRef(PLATFORM, "new")
    await crowd.app.admission.met(old, "telegram:9")
    await crowd.say("9", "/abo Rostock", old, private=True)
    await crowd.app.admission.met(new, "telegram:9")
    assert (await known(crowd, old)).id != (await known(crowd, new)).id
    third = ChatRef(PLATFORM, "third")
    await crowd.app.admission.left(old)
    await crowd.app.admission.met(third, "telegram:8")
    assert await wanted_in(crowd, third) == []
    fourth = ChatRef(PLATFORM, "fourth")
    await crowd.app.admission.met(fourth, "telegram:9")
    assert await wanted_in(crowd, fourth) == ["Rostock"]
    assert (await known(crowd, fourth)).active


async def wanted_in(crowd: Crowd, ref: ChatRef) -> list[str]:
    chat = await known(crowd, ref)
    found = await crowd.app.database.read(lambda tx: chats.subscriptions_of(tx, chat.id))
    return [one.place for one in found]


@pytest.mark.parametrize("told", [False, True])
async def test_who_is_back_is_reminded_of_what_came_meanwhile(crowd: Crowd, told: bool) -> None:
    """Whether the platform tells that they are back, or they just write."""
    await crowd.give(BERT, "organiser")
    await crowd.say("9", "/abo Rostock")
    await crowd.app.admission.left(private("9"))
    await crowd.say(BERT, "/termin Rostock 15.12. 18 Uhr Haushaltssatzung 2027")
    await crowd.say(BERT, "ja")
    await (crowd.app.admission.back(private("9")) if told else crowd.say("9", "hallo"))
    await crowd.posts()
    await crowd.clock.jump(crowd.clock.now().replace(month=12, day=15))
    assert private("9") in [post.chat for post in await crowd.posts() if "Haushaltssatzung" in post.text]
