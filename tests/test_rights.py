"""Who may do what: the whole table, cell by cell, as people would try it; and everything forged."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from bot import rights
from bot.commands import ALL
from bot.config_model import Config
from bot.texts import Texts
from store import chats, outbox
from store.messages import ChatRef, Choice, Kind, Outgoing, Press, Who
from tests.stage.crowd import GROUP, PLATFORM, Crowd, Post, gathered, person, private
from tests.stage.tables import TRACES, everything

ORDER = ("anyone", "member", "representative", "organiser")
PLACES = ("private", "group", "foreign")
# Sentences that would do something if they were allowed; any other command is said by itself.
SENTENCES = {
    "start": "/start",
    "frage": "/frage Wer bezahlt Frauenhäuser?",
    "saeule": "/saeule 2.1",
    "abo": "/abo Rostock",
    "ort": "/ort Schwerin",
    "sprache": "/sprache en",
    "leicht": "/leicht an",
    "bericht": "/bericht Rostock 2.1 beschlossen",
    "beitreten": "/beitreten falsch",
    "termin": "/termin Rostock 15.12. 18 Uhr Haushalt",
    "einladen": "/einladen vertretung Rostock",
    "rollen": "/rollen entziehen telegram:50",
    "chats": "/chats zulassen {foreign}",
    "loeschen": "/loeschen alles",
}
# What takes away the ground under what follows comes last.
LAST = ("sprache", "loeschen")
FOREIGN = ChatRef(PLATFORM, "-200")
ME, OTHER, ORGANISER = "1", "50", "60"
TEXTS = Texts()


def refusals(command: str) -> set[str]:
    """Every way the bot says no to a command, in every language."""
    keys = [key for key in TEXTS.keys("de") if key.startswith("refuse.")]
    return {TEXTS.get(one, key, command=command) for one, key in product(TEXTS.languages, keys)}


def allowed(cell: str, role: str, where: str, admin: bool) -> bool:
    """What a cell of the table means, said once more."""
    if role == "anyone" and where == "group":
        role = "member"
    if cell in ("-", "admin"):
        return cell == "admin" and (admin or role == "organiser")
    return ORDER.index(role) >= ORDER.index(cell)


def ordered() -> list[str]:
    names = [command.name for command in ALL]
    return [name for name in names if name not in LAST] + [name for name in LAST if name in names]


@pytest.fixture
async def crowd(tmp_path: Path) -> AsyncIterator[Crowd]:
    config = Config(data_dir=tmp_path, organisers=(person(ORGANISER),))
    async with gathered(tmp_path, config) as crowd:
        await crowd.give(OTHER, "representative", "Rostock")
        await crowd.group()
        await crowd.group(False, FOREIGN)
        yield crowd


def test_every_command_has_a_row_and_every_row_a_command() -> None:
    assert {command.name for command in ALL} <= rights.table().keys()
    assert rights.table().keys() - {command.name for command in ALL} <= {"export"}


@pytest.mark.parametrize("who", ["99", OTHER, ORGANISER])
async def test_help_names_exactly_what_one_may_do_here(crowd: Crowd, who: str) -> None:
    (post,) = await crowd.say(who, "/hilfe")
    role = {"99": "anyone", OTHER: "representative", ORGANISER: "organiser"}[who]
    cells = {name: cells[rights.Place.PRIVATE] for name, cells in rights.table().items()}
    expected = [name for name, cell in cells.items() if allowed(cell, role, "private", False)]
    assert sorted(re.findall(r"(?m)^- /(\w+)", post.text)) == sorted(expected)


@pytest.mark.parametrize("admin", [False, True])
@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize("role", [*ORDER, "first organiser"])
async def test_every_cell_of_the_table(crowd: Crowd, role: str, where: str, admin: bool) -> None:
    name = ORGANISER if role == "first organiser" else ME
    role = role.removeprefix("first ")
    if name == ME and role != "anyone":
        await crowd.give(ME, role)
    number = (await crowd.app.database.read(lambda tx: chats.find(tx, FOREIGN))).id
    chat = {"private": None, "group": GROUP, "foreign": FOREIGN}[where]
    wrong = []
    for command in ordered():
        text = SENTENCES.get(command, f"/{command}").format(foreign=number)
        before = await everything(crowd.app.database, TRACES)
        posts = await crowd.say(name, text, chat, admin=admin)
        after = await everything(crowd.app.database, TRACES)
        here = [post.text for post in posts if post.chat == (chat or private(name))]
        no = bool(set(here) & refusals(command))
        if not here or no == allowed(rights.table()[command][rights.Place(where)], role, where, admin):
            wrong.append(f"{text}: {here}")
        if no and (before != after or len(posts) != 1):
            wrong.append(f"{text} was refused, and yet did something")
    assert wrong == []


def test_there_is_no_other_way_past_the_table() -> None:
    for role, where in product(rights.Role, rights.Place):
        standing = rights.Standing(role, where, admin=True, places=frozenset("*"))
        assert not rights.allows("no such command", standing)


# --- presses ----------------------------------------------------------------------------------------


async def offer(crowd: Crowd, chat: ChatRef, *choices: Choice, asked: str = "") -> Post:
    """A message with choices, as some command may have left it."""
    message = Outgoing(f"offer:{len(choices)}{asked}{chat}", chat, "?", Kind.NOTICE, choices, asked=asked)
    await crowd.app.database.write(lambda tx: outbox.put(tx, message, crowd.clock.now()))
    (post,) = await crowd.posts()
    return post


async def untouched(crowd: Crowd, name: str, press: Press, chat: ChatRef | None, **how: object) -> bool:
    """Whether a press did nothing, and said so to the one who pressed."""
    before = await everything(crowd.app.database, TRACES)
    posts = await crowd.press(name, press, chat, **how)
    return (
        posts == [] and bool(crowd.handled.refused) and before == await everything(crowd.app.database, TRACES)
    )


async def test_presses_that_nobody_was_offered_do_nothing(crowd: Crowd) -> None:
    post = await offer(crowd, GROUP, Choice("Los", "/abo Rostock", Who.ALL))
    for row, number in ((post.row, 1), (post.row, -1), (post.row + 1, 0), (0, 0), (-1, 0), (2**62, 0)):
        assert await untouched(crowd, ORGANISER, Press(row, number), GROUP)


async def test_a_choice_of_one_chat_counts_in_no_other(crowd: Crowd) -> None:
    post = await offer(crowd, GROUP, Choice("Los", "/abo Rostock", Who.ALL))
    assert await untouched(crowd, ORGANISER, Press(post.row, 0), None)
    assert await untouched(crowd, ORGANISER, Press(post.row, 0), FOREIGN)


async def test_a_choice_is_for_who_was_asked(crowd: Crowd) -> None:
    mine = await offer(crowd, GROUP, Choice("Los", "/leicht an"), asked=person(ME))
    assert await untouched(crowd, OTHER, Press(mine.row, 0), GROUP, admin=True)
    admins = await offer(crowd, GROUP, Choice("Los", "/leicht an", Who.ADMINS))
    assert await untouched(crowd, OTHER, Press(admins.row, 0), GROUP)


async def test_a_choice_for_all_still_asks_the_table(crowd: Crowd) -> None:
    for chat, name in ((GROUP, ME), (FOREIGN, ME), (private(OTHER), OTHER)):
        post = await offer(crowd, chat, Choice("Los", "/rollen entziehen telegram:50", Who.ALL))
        where = None if chat == private(OTHER) else chat
        await crowd.press(name, Press(post.row, 0), where, admin=True)
        assert len((await everything(crowd.app.database))["roles"]) == 1


async def test_a_choice_expires(crowd: Crowd) -> None:
    post = await offer(crowd, GROUP, Choice("Los", "/abo Rostock", Who.ALL))
    await crowd.clock.jump(crowd.clock.now() + timedelta(days=61))
    # By then it is time for the monthly post to organisers.
    await crowd.posts()
    assert await untouched(crowd, ORGANISER, Press(post.row, 0), GROUP)


async def test_a_sentence_that_fills_a_form_needs_the_form(crowd: Crowd) -> None:
    (ask,) = await crowd.say(ORGANISER, "/einladen")
    await crowd.clock.jump(crowd.clock.now() + timedelta(minutes=31))
    (late,) = await crowd.press(ORGANISER, Press(ask.row, 0))
    assert "abgelaufen" in late.text
    assert (await everything(crowd.app.database))["invitations"] == []


# --- replies, numbers, edits, forwards --------------------------------------------------------------


async def test_numbers_in_groups_count_as_a_reply_to_the_list_only(crowd: Crowd) -> None:
    post = await offer(crowd, GROUP, Choice("Los", "/abo Rostock", Who.ADMINS))
    for said, reply in (("1", ""), ("1", "somebody else's"), ("Los", ""), ("2", str(post.row))):
        await crowd.say(ME, said, GROUP, reply_to=reply, admin=True)
        assert (await everything(crowd.app.database))["subscriptions"] == []
    await crowd.say(ME, "1", GROUP, reply_to=str(post.row))
    assert (await everything(crowd.app.database))["subscriptions"] == []
    await crowd.say(ME, "1", GROUP, reply_to=str(post.row), admin=True)
    assert len((await everything(crowd.app.database))["subscriptions"]) == 1


async def test_nobody_answers_what_somebody_else_was_asked(crowd: Crowd) -> None:
    (ask,) = await crowd.say(OTHER, "/bericht 2.1", GROUP)
    await crowd.say(ORGANISER, "beschlossen", GROUP, reply_to=str(ask.row))
    await crowd.say(ORGANISER, "1", GROUP, reply_to=str(ask.row))
    await crowd.say(OTHER, "beschlossen", FOREIGN, reply_to=str(ask.row))
    assert (await everything(crowd.app.database))["reports"] == []
    await crowd.say(OTHER, "beschlossen", GROUP, reply_to=str(ask.row))
    assert len((await everything(crowd.app.database))["reports"]) == 1


async def test_an_edited_message_has_no_more_rights_than_a_new_one(crowd: Crowd) -> None:
    for text in ("/pause", "/rollen entziehen telegram:50", "/chats"):
        before = await everything(crowd.app.database, TRACES)
        await crowd.say(ME, text, edited=True)
        await crowd.say(ME, text, GROUP, edited=True, admin=True)
        assert before == await everything(crowd.app.database, TRACES)


async def test_a_forwarded_message_is_a_question_and_never_an_order(crowd: Crowd) -> None:
    (ask,) = await crowd.say(ORGANISER, "/rollen entziehen")
    before = await everything(crowd.app.database, TRACES)
    for text in ("/pause", "telegram:50", "/rollen entziehen telegram:50", "/loeschen alles", "1", "pause"):
        assert await crowd.say(ORGANISER, text, forwarded=True, reply_to=str(ask.row))
        assert before == await everything(crowd.app.database, TRACES)
    (answer,) = await crowd.say(ME, "Wer bezahlt Frauenhäuser?", forwarded=True)
    assert "Quelle" in answer.text


async def test_the_same_message_counts_once(crowd: Crowd) -> None:
    incoming = crowd.message(OTHER, "/bericht Rostock 2.1 beschlossen")
    assert len(await crowd.bring(incoming)) == 1
    before = await everything(crowd.app.database)
    assert await crowd.bring(incoming) == []
    assert before == await everything(crowd.app.database)


# --- places -----------------------------------------------------------------------------------------


async def test_organisers_of_a_place_decide_about_that_place_only(crowd: Crowd) -> None:
    await crowd.give(ME, "organiser", "Schwerin")
    await crowd.give("70", "organiser")
    before = await everything(crowd.app.database, TRACES)
    for text in (
        "/einladen vertretung Rostock",
        "/einladen orga",
        "/einladen orga Rostock",
        "/rollen entziehen telegram:50",
        "/rollen entziehen telegram:70",
        f"/rollen entziehen {person(ORGANISER)}",
        "/rollen befristen telegram:50 bis 1.12.2026",
        "/rollen wahlperiode Rostock",
    ):
        await crowd.say(ME, text)
        assert before == await everything(crowd.app.database, TRACES), text
    await crowd.say(ME, "/einladen vertretung Schwerin")
    assert len((await everything(crowd.app.database))["invitations"]) == 1


@pytest.mark.parametrize("name", [ORGANISER, ME], ids=["first organiser", "organiser"])
async def test_organisers_of_all_places_decide_about_any_place(crowd: Crowd, name: str) -> None:
    if name == ME:
        await crowd.give(ME, "organiser")
    await crowd.say(name, "/einladen vertretung Schwerin")
    assert [row["place"] for row in (await everything(crowd.app.database))["invitations"]] == ["Schwerin"]
    await crowd.say(name, "/rollen entziehen telegram:50")
    assert person(OTHER) not in [row["person"] for row in (await everything(crowd.app.database))["roles"]]


async def test_the_first_organisers_cannot_be_locked_out(crowd: Crowd) -> None:
    await crowd.give(ME, "organiser")
    await crowd.say(ME, f"/rollen entziehen {person(ORGANISER)}")
    await crowd.say(ORGANISER, "/loeschen alles")
    (post,) = await crowd.say(ORGANISER, "/rollen")
    assert f"{person(ORGANISER)} – Organisator*in" in post.text


async def test_a_role_ends_with_its_day_and_takes_its_rights_along(crowd: Crowd) -> None:
    await crowd.say(ORGANISER, "/rollen befristen telegram:50 bis 30.11.2026")
    assert "Gespeichert" in (await crowd.say(OTHER, "/bericht Rostock 2.1 beschlossen"))[0].text
    await crowd.clock.jump(crowd.clock.now() + timedelta(days=8))
    assert "ohne deinen Namen" in (await crowd.say(OTHER, "/bericht Rostock 2.1 abgelehnt"))[0].text


async def test_what_a_person_had_ends_together(crowd: Crowd) -> None:
    await crowd.give(ME, "organiser")
    await crowd.say(ME, "/abo Rostock")
    await crowd.say(ME, "/einladen mitglied")
    await crowd.say(ME, "/termin Rostock 15.12. 18 Uhr Haushalt")
    await crowd.say(ME, "/pause")
    await crowd.say(ME, "/rundruf Kommt alle!")
    await crowd.say(ME, "/rundruf senden 1")
    await crowd.say(ME, "/rundruf Noch ein Entwurf")
    waiting = await everything(crowd.app.database)
    assert [row["state"] for row in waiting["outbox"] if row["kind"] == "broadcast"] == ["waiting"]
    await crowd.say(ORGANISER, f"/rollen entziehen {person(ME)}")
    left = await everything(crowd.app.database)
    for name in ("invitations", "subscriptions", "forms", "debates"):
        assert left[name] == [], name
    assert [row["state"] for row in left["broadcasts"]] == ["done"]
    assert [row["kind"] for row in left["outbox"] if row["state"] == "waiting"] == []
    assert [row["person"] for row in left["roles"]] == [person(OTHER)]
