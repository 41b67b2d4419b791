"""The real program on a real homeserver: started, stopped, killed, logged out, and looked at closely."""

import asyncio
import random
import shutil
import stat
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from bot.transports.matrix.crosssigning import is_signed
from bot.transports.matrix.stream import PAGE
from tests.homeserver.server import NAME, PASSWORD, Homeserver
from tests.stage.matrix_process import Bot
from tests.stage.member import Heard, Member

LONG_SECONDS = 180
AWAY_SECONDS = 15


@asynccontextmanager
async def talking(bot: Bot, folder: Path, encrypted: bool = False) -> AsyncIterator[tuple[Member, str]]:
    """A running bot, and a member in a private room with it; both are gone at the end."""
    await bot.start()
    member = await Member.enter(bot.server, bot.server.fresh("anna"), folder / "anna")
    try:
        room = await member.room(bot.user, direct=True, encrypted=encrypted)
        await member.joined_by(room, bot.user)
        yield member, room
    finally:
        await member.leave()
        await bot.kill()


@asynccontextmanager
async def three_talking(
    bot: Bot, folder: Path, encrypted: bool = False
) -> AsyncIterator[tuple[list[Member], str]]:
    """A running bot in a room with three members: one alone would soon have asked enough (bot/limits.py)."""
    async with talking(bot, folder) as (anna, _), AsyncExitStack() as leaving:
        others = [
            await Member.enter(bot.server, bot.server.fresh(name), folder / name) for name in ("ben", "cem")
        ]
        for one in others:
            leaving.push_async_callback(one.leave)
        room = await anna.room(bot.user, *(one.user for one in others), encrypted=encrypted)
        for one in others:
            await one.join(room)
        for one in (anna, *others):
            await one.joined_by(room, bot.user)
        yield [anna, *others], room


def answered(member: Member, room: str, bot: Bot) -> Counter[str]:
    """How many answers each message got; what the bot says by itself, as when it comes, is none."""
    replies = (_asked(one) for one in member.messages(room, bot.user))
    return Counter(asked for asked in replies if asked)


def _asked(answer: Heard) -> str:
    relation = answer.content.get("m.relates_to", {})
    return str(relation.get("m.in_reply_to", {}).get("event_id", ""))


async def test_it_starts_answers_and_stops(server: Homeserver, tmp_path: Path) -> None:
    bot = Bot(server, tmp_path)
    async with talking(bot, tmp_path) as (anna, plain):
        encrypted = await anna.room(bot.user, direct=True, encrypted=True)
        await anna.joined_by(encrypted, bot.user)
        for room in (plain, encrypted):
            asked = await anna.say(room, "!saeulen")
            await anna.until(lambda: answered(anna, room, bot)[asked] == 1)  # noqa: B023
        assert await bot.stop() == 0
        assert "Traceback" not in bot.said
        for file in [path for path in (bot.data / "matrix").rglob("*") if path.is_file()]:
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
        for secret in (bot.session["token"], PASSWORD, anna.user, "saeulen\n"):
            assert secret not in bot.said


async def test_a_wrong_password_is_one_clear_line(server: Homeserver, tmp_path: Path) -> None:
    bot = Bot(server, tmp_path, password="falsch")
    await bot.start()
    await bot.says("nimmt das Passwort")
    await bot.stop()
    assert bot.said.count('"level": "error"') == 1
    assert "Traceback" not in bot.said


async def test_a_wrong_homeserver_is_one_clear_line(server: Homeserver, tmp_path: Path) -> None:
    bot = Bot(server, tmp_path, homeserver="http://127.0.0.1:9")
    await bot.start()
    await bot.says("nicht erreichbar")
    await bot.stop()
    assert bot.said.count('"level": "error"') == 1
    assert "Traceback" not in bot.said


async def test_a_revoked_session_is_told_once_and_a_new_one_goes_on(
    server: Homeserver, tmp_path: Path
) -> None:
    bot = Bot(server, tmp_path)
    async with talking(bot, tmp_path) as (anna, room):
        server.ask("POST", "/_matrix/client/v3/logout", {}, bot.session["token"])
        await bot.says("kennt die Sitzung")
        asked = await anna.say(room, "!saeulen")
        assert await bot.stop() == 0
        assert bot.said.count("kennt die Sitzung") == 1
        (bot.data / "matrix" / "session.json").unlink()
        await bot.start()
        await anna.until(lambda: answered(anna, room, bot)[asked] == 1)
        status, said = await bot.command("matrix", "verify")
        assert status == 0, said


@pytest.mark.parametrize("encrypted", [pytest.param(False, marks=pytest.mark.hard), True])
async def test_what_was_missed_while_down_is_answered_once_over_five_kills(
    encrypted: bool, server: Homeserver, tmp_path: Path
) -> None:
    bot = Bot(server, tmp_path)
    async with talking(bot, tmp_path, encrypted) as (anna, room):
        first = await anna.say(room, "!notfall")
        await anna.until(lambda: answered(anna, room, bot)[first] == 1)
        await bot.stop()
        asked = [first] + [await anna.say(room, f"!saeule {1 + number % 4}") for number in range(25)]
        for kill in range(5):
            await bot.start()
            wanted = 1 + 4 * (kill + 1)
            await anna.until(lambda: len(answered(anna, room, bot)) >= wanted, LONG_SECONDS)  # noqa: B023
            await bot.kill()
        await bot.start()
        await anna.until(lambda: all(answered(anna, room, bot)[one] for one in asked), LONG_SECONDS)
        last = await anna.say(room, "!saeulen")
        await anna.until(lambda: answered(anna, room, bot)[last] == 1)
        assert answered(anna, room, bot) == Counter(dict.fromkeys([*asked, last], 1))


@pytest.mark.hard
async def test_more_messages_than_a_timeline_holds_are_all_answered(
    server: Homeserver, tmp_path: Path
) -> None:
    bot = Bot(server, tmp_path)
    async with three_talking(bot, tmp_path) as (members, room):
        anna = members[0]
        first = await anna.say(room, "!saeulen")
        await anna.until(lambda: answered(anna, room, bot)[first] == 1)
        await bot.stop()
        asked = [first] + [await one.say(room, "!saeulen") for _ in range(PAGE // 2) for one in members]
        await bot.start()
        await anna.until(lambda: len(answered(anna, room, bot)) == len(asked), LONG_SECONDS)
        assert answered(anna, room, bot) == Counter(dict.fromkeys(asked, 1))


async def test_a_restored_device_goes_on_as_the_same(server: Homeserver, tmp_path: Path) -> None:
    bot, key, file = Bot(server, tmp_path), str(tmp_path / "key"), str(tmp_path / "backup.age")
    async with talking(bot, tmp_path, encrypted=True) as (anna, room):
        asked = await anna.say(room, "!saeulen")
        await anna.until(lambda: answered(anna, room, bot)[asked] == 1)
        status, said = await bot.command("backup", "--new-key", key)
        assert status == 0, said
        with bot.configuration.open("a") as more:
            more.write(f"backup: {{recipient: {said.split('recipient: ')[1].strip()}}}\n")
        status, said = await bot.command("backup", file)
        assert status == 0, said
        before = bot.session
        status, said = await bot.command("restore", file, "--key", key, "--force")
        assert (status, "Beende ihn" in said) == (1, True)
        await bot.stop()
        shutil.rmtree(bot.data)
        status, said = await bot.command("restore", file, "--key", key)
        assert status == 0, said
        await bot.start()
        asked = await anna.say(room, "!saeule 2")
        await anna.until(lambda: answered(anna, room, bot)[asked] == 1)
        assert bot.session == before
        status, said = await bot.command("matrix", "verify")
        assert status == 0, said


async def test_its_device_is_signed_as_a_strict_client_checks_it(server: Homeserver, tmp_path: Path) -> None:
    bot = Bot(server, tmp_path)
    async with talking(bot, tmp_path) as (anna, room):
        asked = await anna.say(room, "!saeulen")
        await anna.until(lambda: answered(anna, room, bot)[asked] == 1)
        query = {"device_keys": {bot.user: []}}
        token = str(anna.client.access_token)
        found = server.ask("POST", "/_matrix/client/v3/keys/query", query, token)
        master, own = found["master_keys"][bot.user], found["self_signing_keys"][bot.user]
        device = found["device_keys"][bot.user][bot.session["device"]]
        (master_key,), (own_key,) = master["keys"].values(), own["keys"].values()
        assert is_signed(own, bot.user, master_key)
        assert is_signed(device, bot.user, own_key)
        fingerprint = device["keys"][f"ed25519:{device['device_id']}"]
        assert is_signed(device, bot.user, fingerprint, device["device_id"])
        assert is_signed(master, bot.user, fingerprint, device["device_id"])
        status, said = await bot.command("matrix", "verify")
        assert status == 0
        assert fingerprint in said.replace(" ", "")
        await bot.stop()
        await bot.start()
        asked = await anna.say(room, "!saeulen")
        await anna.until(lambda: answered(anna, room, bot)[asked] == 1)
        again = server.ask("POST", "/_matrix/client/v3/keys/query", query, token)
        assert again["master_keys"][bot.user]["keys"] == master["keys"]


async def test_a_foreign_identity_is_left_alone_and_named(server: Homeserver, tmp_path: Path) -> None:
    first, second = Bot(server, _made(tmp_path / "a")), None
    async with talking(first, tmp_path):
        seen = (first.data / "matrix" / "identity.json").read_text()
        second = Bot(server, _made(tmp_path / "b"), first.user)
        await second.start()
        await second.says("Cross-Signing-Identität")
        await second.stop()
        assert seen == (first.data / "matrix" / "identity.json").read_text()
        assert not (second.data / "matrix" / "identity.json").exists()


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


async def test_an_access_token_is_enough_and_signing_asks_for_the_password(
    server: Homeserver, tmp_path: Path
) -> None:
    user = server.fresh("saeulenbot")
    login = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": user}}
    entered = server.ask("POST", "/_matrix/client/v3/login", login | {"password": PASSWORD})
    ways = {"access_token": entered["access_token"], "device_id": entered["device_id"], "password": None}
    bot = Bot(server, tmp_path, user, **ways)
    async with talking(bot, tmp_path, encrypted=True) as (anna, room):
        asked = await anna.say(room, "!saeulen")
        await anna.until(lambda: answered(anna, room, bot)[asked] == 1)


async def test_somebody_elses_invitation_is_declined_politely(server: Homeserver, tmp_path: Path) -> None:
    bot = Bot(server, tmp_path, invites=["other.example"])
    await bot.start()
    member = await Member.enter(server, server.fresh("anna"), tmp_path / "anna")
    room = await member.room(bot.user, direct=True)

    def declined() -> bool:
        reasons = [one.content.get("reason", "") for one in member.heard if one.kind == "m.room.member"]
        return any("Danke für die Einladung" in one for one in reasons)

    await member.until(declined)
    assert not member.messages(room, bot.user)
    await member.leave()
    await bot.kill()


@pytest.mark.hard
async def test_killed_at_fifty_points_every_message_is_answered_exactly_once(
    server: Homeserver, tmp_path: Path
) -> None:
    bot, chance = Bot(server, tmp_path), random.Random(7)  # noqa: S311
    async with three_talking(bot, tmp_path, encrypted=True) as (members, room):
        anna, asked = members[0], list[str]()
        for _ in range(50):
            asked += [await one.say(room, f"!saeule {chance.randint(1, 4)}") for one in members]
            await anna.listen(chance.uniform(0.3, 4.0))
            await bot.kill()
            await bot.start()
        await anna.until(lambda: all(answered(anna, room, bot)[one] for one in asked), 2 * LONG_SECONDS)
        assert answered(anna, room, bot) == Counter(dict.fromkeys(asked, 1))


@pytest.mark.hard
async def test_a_homeserver_that_is_away_for_a_while_loses_nothing(
    server: Homeserver, tmp_path: Path
) -> None:
    bot = Bot(server, tmp_path)
    async with talking(bot, tmp_path) as (anna, room):
        asked = [await anna.say(room, "!saeule 2") for _ in range(5)]
        server.stop()
        await asyncio.sleep(AWAY_SECONDS)
        server.start()
        asked += [await anna.say(room, "!saeule 3") for _ in range(5)]
        await anna.until(lambda: all(answered(anna, room, bot)[one] for one in asked), LONG_SECONDS)
        assert answered(anna, room, bot) == Counter(dict.fromkeys(asked, 1))
        assert bot.said.count("\n") <= 3


async def test_the_token_of_another_device_is_one_clear_line(server: Homeserver, tmp_path: Path) -> None:
    bot = Bot(server, tmp_path)
    async with talking(bot, tmp_path):
        await bot.stop()
        login = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": bot.user}}
        entered = server.ask("POST", "/_matrix/client/v3/login", login | {"password": PASSWORD})
        known = {"homeserver": server.address, "user": bot.user, "invites": [NAME]}
        bot.configure(known | {"access_token": entered["access_token"], "device_id": bot.session["device"]})
        await bot.start()
        await bot.says("Das Zugangstoken gehört zu")
        await bot.stop()
        assert bot.said.count('"level": "error"') == 1
        assert "Traceback" not in bot.said


async def test_keys_that_are_missing_are_told_before_anybody_is_confused(
    server: Homeserver, tmp_path: Path
) -> None:
    bot = Bot(server, tmp_path)
    async with talking(bot, tmp_path):
        await bot.stop()
        for file in (bot.data / "matrix" / "store").iterdir():
            file.unlink()
        await bot.start()
        await bot.says("ihre Schlüssel fehlen")
