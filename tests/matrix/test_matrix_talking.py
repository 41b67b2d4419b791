"""How one talks with the bot on Matrix: taps, numbers, edits, mentions, threads, files, new devices."""

import asyncio
import io
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from nio import RoomGetEventResponse, ShareGroupSessionResponse, ToDeviceResponse
from nio.crypto.attachments import decrypt_attachment
from nio.event_builders import ToDeviceMessage

from bot.transports.matrix import stream
from bot.transports.matrix.html import KEYCAPS
from store import chats, outbox, people, reports
from store.database import Transaction
from store.messages import Attachment, ChatRef, Outgoing
from tests.homeserver.server import Homeserver
from tests.stage.matrix import MatrixStage, Person, on_matrix
from tests.stage.member import Heard, Member


def last(one: Person, bot: str) -> Heard:
    return one.member.messages(one.room, bot)[-1]


def replied_to(message: Heard) -> str:
    found: str = message.content["m.relates_to"]["m.in_reply_to"]["event_id"]
    return found


def is_reply(message: Heard) -> bool:
    return "m.in_reply_to" in message.content.get("m.relates_to", {})


async def test_a_choice_is_tapped_typed_or_numbered(server: Homeserver, tmp_path: Path) -> None:
    async with on_matrix(server, tmp_path) as stage:
        await stage.say("anna", "saeulen")
        anna, bot = stage.person("anna"), stage.bot
        offer = last(anna, bot)
        assert f"{KEYCAPS[1]} Säule II" in offer.text
        assert offer.content["msgtype"] == "m.notice"

        def tappable() -> bool:
            signs = [
                one.content["m.relates_to"]["key"] for one in anna.member.heard if one.kind == "m.reaction"
            ]
            return signs == list(KEYCAPS[:4])

        await anna.member.until(tappable)
        await stage.handled(await anna.member.tap(anna.room, offer.event, "2️⃣"))
        assert "II.1" in last(anna, bot).text
        await stage.handled(await anna.member.tap(anna.room, offer.event, "3⃣"))
        assert "III.1" in last(anna, bot).text
        asked = len(anna.member.messages(anna.room, bot))
        reply = {"m.relates_to": {"m.in_reply_to": {"event_id": offer.event}}}
        await stage.handled(await anna.member.say(anna.room, "> <@x:y> Säulen\n\n1", **reply))
        assert len(anna.member.messages(anna.room, bot)) == asked + 1


async def test_a_group_hears_the_bot_only_when_it_is_spoken_to(server: Homeserver, tmp_path: Path) -> None:
    async with on_matrix(server, tmp_path) as stage:
        await stage.introduce("anna", "organiser", "*")
        anna, bot = stage.person("anna").member, stage.bot
        room = await anna.room(bot, name="Ortsgruppe")
        await anna.joined_by(room, bot)

        async def answers_to(text: str, **content: Any) -> list[Heard]:
            before = len(anna.messages(room, bot))
            asked = await anna.say(room, text, **content)
            await stage.handled(await anna.say(room, "!saeulen"))
            found = anna.messages(room, bot)[before:-1]
            assert all(replied_to(one) == asked for one in found)
            return found

        await stage.handled(await anna.say(room, "!saeulen"))
        # A group with a name is one from the start, though only two are in it yet.
        assert "Ortsgruppe" in last(stage.person("anna"), bot).text
        assert len(await answers_to("Was kostet ein Frauenhaus?")) == 0
        assert len(await answers_to("!gibtesnicht")) == 0
        assert len(await answers_to("!saeule 2")) == 1
        name = bot[1:].partition(":")[0]
        assert "II.1" in (await answers_to(f"{name}: !saeule 2"))[0].text
        assert len(await answers_to(f"Sag mal {bot}, was ist die Istanbul-Konvention?")) == 1
        pill = {"m.mentions": {"user_ids": [bot]}}
        assert len(await answers_to("Was ist die Istanbul-Konvention?", **pill)) == 1
        ours = next(one.event for one in anna.messages(room, bot) if "Säule II" in one.text)
        reply = {"m.relates_to": {"m.in_reply_to": {"event_id": ours}}}
        assert len(await answers_to("2", **reply)) == 1
        theirs = await anna.say(room, "etwas anderes")
        reply = {"m.relates_to": {"m.in_reply_to": {"event_id": theirs}}}
        assert len(await answers_to("was meinst du?", **reply)) == 0
        assert len(await answers_to("!saeule 2", msgtype="m.notice")) == 0


async def test_a_thread_is_answered_in_the_thread(server: Homeserver, tmp_path: Path) -> None:
    async with on_matrix(server, tmp_path) as stage:
        await stage.introduce("anna", "member", "*")
        anna, bot = stage.person("anna"), stage.bot
        root = await anna.member.say(anna.room, "saeulen")
        await stage.handled(root)
        relation = {"rel_type": "m.thread", "event_id": root, "is_falling_back": True}
        fallback = relation | {"m.in_reply_to": {"event_id": root}}
        asked = await anna.member.say(anna.room, "saeule 2", **{"m.relates_to": fallback})
        await stage.handled(asked)
        answer = last(anna, bot).content["m.relates_to"]
        assert answer == {
            "rel_type": "m.thread",
            "event_id": root,
            "is_falling_back": False,
            "m.in_reply_to": {"event_id": asked},
        }


async def test_an_edited_report_is_amended_and_a_deleted_one_withdrawn(
    server: Homeserver, tmp_path: Path
) -> None:
    async with on_matrix(server, tmp_path) as stage:
        await stage.introduce("ben", "representative", "Rostock")
        ben, bot = stage.person("ben"), stage.bot
        person = f"matrix:{ben.member.user}"
        said = await ben.member.say(ben.room, "!bericht 2.1 beschlossen: drei Plätze")
        await stage.handled(said)
        fresh = {"msgtype": "m.text", "body": "!bericht 2.1 abgelehnt: keine Plätze"}
        relation = {"rel_type": "m.replace", "event_id": said}
        edit = {"m.new_content": fresh, "m.relates_to": relation}
        before = len(ben.member.messages(ben.room, bot))
        event = await ben.member.say(ben.room, "* !bericht 2.1 abgelehnt: keine Plätze", **edit)
        await stage.app.seen.until(event)
        await stage.jump(stage.clock.now())
        found = await stage.app.database.read(lambda tx: reports.of_person(tx, person))
        assert [(one.outcome, one.revision) for one in found] == [("abgelehnt", 2)]
        assert len(ben.member.messages(ben.room, bot)) == before + 1
        answer = await ben.member.client.room_redact(ben.room, said)
        await stage.app.seen.until(answer.event_id)
        found = await stage.app.database.read(lambda tx: reports.of_person(tx, person))
        assert [one.withdrawn for one in found] == [True]


async def test_an_edited_question_is_not_answered_again(server: Homeserver, tmp_path: Path) -> None:
    async with on_matrix(server, tmp_path) as stage:
        await stage.introduce("anna", "member", "*")
        anna, bot = stage.person("anna"), stage.bot
        said = await anna.member.say(anna.room, "saeule 2")
        relation = {"rel_type": "m.replace", "event_id": said}
        fresh = {"msgtype": "m.text", "body": "saeule 3"}
        edit = {"m.new_content": fresh, "m.relates_to": relation}
        await anna.member.say(anna.room, "* saeule 3", **edit)
        await stage.handled(await anna.member.say(anna.room, "saeule 4"))
        titles = [one.text.splitlines()[0] for one in anna.member.messages(anna.room, bot)]
        assert len(titles) == 2
        assert "II:" in titles[0] or "Säule II" in titles[0]
        assert "IV" in titles[1]


async def test_a_member_on_a_new_device_asks_at_once_and_can_read(server: Homeserver, tmp_path: Path) -> None:
    async with on_matrix(server, tmp_path, encrypted=True) as stage:
        await stage.say("anna", "saeulen")
        anna, bot = stage.person("anna"), stage.bot
        phone = await Member.enter(server, anna.member.user, tmp_path / "phone")
        await stage.handled(await phone.say(anna.room, "saeule 2"))
        await phone.sync()
        answer = phone.messages(anna.room, bot)[-1]
        assert "II.1" in answer.text
        await phone.leave()


async def test_the_same_message_twice_is_posted_once(server: Homeserver, tmp_path: Path) -> None:
    async with on_matrix(server, tmp_path, encrypted=True) as stage:
        await stage.introduce("anna", "member", "*")
        anna, bot = stage.person("anna"), stage.bot
        message = Outgoing(key="once", chat=ChatRef("matrix", anna.room), body="einmal")
        for _ in range(2):
            now = stage.clock.now()
            await stage.app.database.write(lambda tx: outbox.add(tx, message, now))  # noqa: B023
            await stage.jump(now)
        assert [one.text for one in anna.member.messages(anna.room, bot)] == ["einmal"]


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000003000000020802000000"
    "12168d530000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)


@pytest.mark.parametrize("encrypted", [False, True])
async def test_a_picture_arrives_with_its_alt_text_and_size(
    encrypted: bool, server: Homeserver, tmp_path: Path
) -> None:
    async def draw(attachment: Attachment) -> tuple[str, str, bytes]:
        return f"{attachment.arguments['name']}.png", "image/png", PNG

    async with on_matrix(server, tmp_path, encrypted, draw) as stage:
        await stage.introduce("anna", "member", "*")
        anna, bot = stage.person("anna"), stage.bot
        picture = Attachment("map", {"name": "stand"}, "Karte: 3 von 9")
        message = Outgoing("p", ChatRef("matrix", anna.room), "Der Stand", attachment=picture)
        now = stage.clock.now()
        await stage.app.database.write(lambda tx: outbox.add(tx, message, now))
        await stage.jump(now)
        text, shown = anna.member.messages(anna.room, bot)
        assert text.text == "Der Stand"
        content = shown.content
        assert (content["msgtype"], content["body"], content["filename"]) == (
            "m.image",
            "Karte: 3 von 9",
            "stand.png",
        )
        assert content["info"] == {"mimetype": "image/png", "size": len(PNG), "w": 3, "h": 2}
        assert await downloaded(anna.member, content) == PNG


async def downloaded(member: Member, content: dict[str, Any]) -> bytes:
    if "url" in content:
        answer = await member.client.download(content["url"])
        return io.BytesIO(answer.body).read()
    file = content["file"]
    answer = await member.client.download(file["url"])
    clear: bytes = decrypt_attachment(answer.body, file["key"]["k"], file["hashes"]["sha256"], file["iv"])
    return clear


class HeldKeys:
    """A network that lets messages through, and keeps their keys back until told."""

    def __init__(self, member: Member) -> None:
        self._send = member.client._send
        self._held: list[tuple[Any, ...]] = []
        member.client._send = self._hold

    async def _hold(self, kind: type, *request: Any, **more: Any) -> Any:
        if kind is not ShareGroupSessionResponse:
            return await self._send(kind, *request, **more)
        self._held.append(request)
        return ShareGroupSessionResponse(*more["response_data"])

    async def let_go(self) -> None:
        for request in self._held:
            await self._send(ToDeviceResponse, *request, response_data=(None,))


async def test_a_message_without_its_key_is_answered_when_the_key_comes(
    server: Homeserver, tmp_path: Path
) -> None:
    async with on_matrix(server, tmp_path, encrypted=True) as stage:
        await stage.introduce("anna", "member", "*")
        anna, bot = stage.person("anna"), stage.bot
        keys = HeldKeys(anna.member)
        asked = await anna.member.say(anna.room, "saeule 2")
        await anna.member.until(lambda: any("Schlüssel" in one.text for one in heard(stage, anna)))
        assert len(heard(stage, anna)) == 1
        await keys.let_go()
        await stage.app.seen.until(asked)
        await anna.member.until(lambda: len(heard(stage, anna)) == 2)
        assert "II.1" in last(anna, bot).text
        assert replied_to(last(anna, bot)) == asked


async def test_a_key_that_comes_while_the_bot_is_away_still_brings_the_answer(
    server: Homeserver, tmp_path: Path
) -> None:
    async with on_matrix(server, tmp_path, encrypted=True) as stage:
        await stage.introduce("anna", "member", "*")
        anna, bot = stage.person("anna"), stage.bot
        keys = HeldKeys(anna.member)
        asked = await anna.member.say(anna.room, "saeule 2")
        await anna.member.until(lambda: any("Schlüssel" in one.text for one in heard(stage, anna)))
        async with stage.away():
            await keys.let_go()
        await stage.app.seen.until(asked)
        await anna.member.until(lambda: len(heard(stage, anna)) == 2)
        assert replied_to(last(anna, bot)) == asked


async def test_a_withheld_key_is_told_with_what_to_do(server: Homeserver, tmp_path: Path) -> None:
    async with on_matrix(server, tmp_path, encrypted=True) as stage:
        await stage.introduce("anna", "member", "*")
        anna, bot = stage.person("anna"), stage.bot
        stage.clock.patient = True
        HeldKeys(anna.member)
        await anna.member.say(anna.room, "saeule 2")
        session = anna.member.client.olm.outbound_group_sessions[anna.room].id
        content = {"room_id": anna.room, "session_id": session, "code": "m.unverified"}
        device = next(iter(anna.member.client.device_store.active_user_devices(bot))).id
        message = ToDeviceMessage("m.room_key.withheld", bot, device, content)
        await anna.member.client.to_device(message)
        await anna.member.until(lambda: len(heard(stage, anna)) == 1)
        assert "gibt mir keinen Schlüssel" in heard(stage, anna)[0].text


async def test_holes_of_a_timeline_are_filled(
    server: Homeserver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(stream.FILTER["room"], "timeline", {"limit": 3})
    monkeypatch.setattr(stream, "PAGE", 4)
    async with on_matrix(server, tmp_path) as stage:
        await stage.introduce("anna", "member", "*")
        anna, bot = stage.person("anna"), stage.bot
        async with stage.away():
            asked = [await anna.member.say(anna.room, "!xyzzy") for _ in range(12)]
        await stage.handled(asked[-1])
        assert [replied_to(one) for one in anna.member.messages(anna.room, bot)] == asked


def heard(stage: MatrixStage, one: Person) -> list[Heard]:
    return one.member.messages(one.room, stage.bot)


async def test_what_was_written_before_the_bot_came_is_not_read(server: Homeserver, tmp_path: Path) -> None:
    async with on_matrix(server, tmp_path) as stage:
        await stage.introduce("anna", "organiser", "*")
        anna, bot = stage.person("anna").member, stage.bot
        room = await anna.room(name="Ortsgruppe")
        await anna.say(room, "!saeulen")
        await anna.client.room_invite(room, bot)
        await anna.joined_by(room, bot)
        asked = await anna.say(room, "!saeule 2")
        await stage.handled(asked)
        assert [replied_to(one) for one in anna.messages(room, bot) if is_reply(one)] == [asked]
        assert isinstance(await anna.client.room_get_event(room, asked), RoomGetEventResponse)


async def test_a_room_that_is_replaced_is_followed(server: Homeserver, tmp_path: Path) -> None:
    async with on_matrix(server, tmp_path) as stage:
        await stage.introduce("gruppe", "group", "Rostock")
        anna, bot, old = stage.person("gruppe").member, stage.bot, stage.person("gruppe").room
        await stage.handled(await anna.say(old, "!abo Wismar"))
        before = await subscribed(stage, old)
        assert before is not None
        assert "Wismar" in before
        new = await anna.room(name="Ortsgruppe neu")
        await anna.client.room_put_state(old, "m.room.tombstone", {"body": "", "replacement_room": new})
        await anna.client.room_invite(new, bot)
        await anna.joined_by(new, bot)
        await stage.handled(await anna.say(new, "!saeulen"))
        assert await subscribed(stage, old) is None
        assert await subscribed(stage, new) == before
        await anna.client.room_kick(new, bot)
        async with asyncio.timeout(60):
            while await is_active(stage, new):
                await anna.sync(200)
        await anna.client.room_invite(new, bot)
        await anna.joined_by(new, bot)
        async with asyncio.timeout(60):
            while not await is_active(stage, new):
                await anna.sync(200)
        assert await subscribed(stage, new) == before


async def is_active(stage: MatrixStage, room: str) -> bool:
    return (await stage.app.database.read(lambda tx: chats.find(tx, ChatRef("matrix", room)))).active


async def subscribed(stage: MatrixStage, room: str) -> list[str] | None:
    """The places a room has subscribed to; None when nothing is kept about it."""

    def work(tx: Transaction) -> list[str] | None:
        chat = chats.find(tx, ChatRef("matrix", room))
        return [one.place for one in chats.subscriptions_of(tx, chat.id)] if chat.id else None

    return await stage.app.database.read(work)


async def test_only_those_who_may_can_invite_the_bot(server: Homeserver, tmp_path: Path) -> None:
    guest = server.fresh("gast")
    async with on_matrix(server, tmp_path, invites=guest) as stage:
        anna = await Member.enter(server, server.fresh("anna"), tmp_path / "anna")
        declined = await anna.room(stage.bot)
        await anna.until(lambda: any(one.content.get("reason") for one in anna.heard))
        person, now = f"matrix:{anna.user}", stage.clock.now()
        await stage.app.database.write(lambda tx: people.grant(tx, person, "organiser", "*", "", now))
        await anna.joined_by(await anna.room(stage.bot), stage.bot)
        await anna.leave()
        member = await Member.enter(server, guest, tmp_path / "gast")
        await member.joined_by(await member.room(stage.bot), stage.bot)
        await member.leave()
        assert declined not in {one.ref.chat for one in await stage.app.database.read(chats.every)}


async def test_a_bot_that_is_thrown_out_sends_nothing_more(server: Homeserver, tmp_path: Path) -> None:
    async with on_matrix(server, tmp_path) as stage:
        await stage.introduce("anna", "organiser", "*")
        anna, bot = stage.person("anna").member, stage.bot
        room = await anna.room(bot, name="Ortsgruppe")
        await anna.joined_by(room, bot)
        await stage.handled(await anna.say(room, "!abo Rostock"))
        await anna.client.room_kick(room, bot)
        await stage.say("anna", "saeulen")
        found = await stage.app.database.read(lambda tx: chats.find(tx, ChatRef("matrix", room)))
        assert found.active is False


async def test_a_direct_chat_that_grows_is_a_group_until_one_is_left(
    server: Homeserver, tmp_path: Path
) -> None:
    async with on_matrix(server, tmp_path) as stage:
        await stage.say("anna", "saeulen")
        one, bot = stage.person("anna"), stage.bot
        anna, room = one.member, one.room
        ben = await Member.enter(server, server.fresh("ben"), tmp_path / "ben")
        await anna.client.room_invite(room, ben.user)
        await ben.join(room)
        await anna.until(lambda: "Für welchen Ort ist diese Gruppe?" in last(one, bot).text)
        unheard = await anna.say(room, "saeule 2")
        asked = await anna.say(room, "!saeule 3")
        await stage.handled(asked)
        assert replied_to(last(one, bot)) == asked
        assert unheard not in {replied_to(said) for said in anna.messages(room, bot) if is_reply(said)}
        await ben.client.room_leave(room)
        await ben.leave()
        await stage.say("anna", "saeule 4")
        found = await stage.app.database.read(lambda tx: chats.find(tx, ChatRef("matrix", room)))
        assert (found.private, found.person) == (True, f"matrix:{anna.user}")
        await anna.client.room_leave(room)
        again = await anna.room(bot, direct=True)
        await anna.joined_by(again, bot)
        await stage.handled(await anna.say(again, "saeule 2"))
        assert [one.ref.chat for one in await stage.app.database.read(chats.every)] == [again]


@pytest.mark.parametrize("encrypted", [False, True])
async def test_what_cannot_be_read_is_told_in_private(
    encrypted: bool, server: Homeserver, tmp_path: Path
) -> None:
    async with on_matrix(server, tmp_path, encrypted) as stage:
        await stage.introduce("anna", "member", "*")
        anna, bot = stage.person("anna"), stage.bot
        key = {"kty": "oct", "alg": "A256CTR", "ext": True, "k": "x", "key_ops": ["encrypt", "decrypt"]}
        file = {"v": "v2", "url": "mxc://example.test/x", "key": key, "iv": "x", "hashes": {"sha256": "x"}}
        where = {"file": file} if encrypted else {"url": file["url"]}
        voice = {"msgtype": "m.audio", "body": "Sprachnachricht.ogg", **where}
        poll = {"org.matrix.msc3381.poll.start": {"question": {"body": "Ja?"}, "answers": []}}
        for kind, content in (("m.room.message", voice), ("org.matrix.msc3381.poll.start", poll)):
            await stage.handled(await anna.member.post(anna.room, kind, content))
            assert "Schreib es mir bitte als Text" in last(anna, bot).text


MALFORMED: list[tuple[str, dict[str, Any]]] = [
    ("m.room.message", {}),
    ("m.room.message", {"msgtype": None, "body": None}),
    ("m.room.message", {"msgtype": "m.text"}),
    ("m.room.message", {"msgtype": "m.text", "body": {"a": [1]}}),
    ("m.room.message", {"msgtype": "m.text", "body": "x", "formatted_body": 7, "format": 3}),
    ("m.room.message", {"msgtype": "m.text", "body": "x", "m.relates_to": "no"}),
    ("m.room.message", {"msgtype": "m.text", "body": "x", "m.relates_to": {"m.in_reply_to": []}}),
    ("m.room.message", {"msgtype": "m.text", "body": "x", "m.relates_to": {"rel_type": ["m.thread"]}}),
    ("m.room.message", {"msgtype": "m.text", "body": "x", "m.mentions": {"user_ids": {"a": 1}}}),
    ("m.room.message", {"msgtype": "m.text", "body": "* x", "m.relates_to": {"rel_type": "m.replace"}}),
    ("m.room.message", {"msgtype": "m.image", "url": "mxc://", "body": "x"}),
    ("m.room.message", {"msgtype": "m.text", "body": "\u0000\u202e\ud7ff" * 50}),
    ("m.room.message", {"msgtype": "m.text", "body": "x" * 50_000}),
    ("m.reaction", {}),
    ("m.reaction", {"m.relates_to": {"rel_type": "m.annotation", "event_id": "$none", "key": "1️⃣"}}),
    ("m.reaction", {"m.relates_to": {"rel_type": "m.annotation", "event_id": 5, "key": []}}),
    ("m.room.encrypted", {"algorithm": "m.megolm.v1.aes-sha2"}),
    ("m.room.encrypted", {"algorithm": "m.other", "ciphertext": "x"}),
    (
        "m.room.encrypted",
        {
            "algorithm": "m.megolm.v1.aes-sha2",
            "ciphertext": "x",
            "sender_key": "x",
            "session_id": "x",
            "device_id": "x",
        },
    ),
    ("org.example.unknown", {"body": "x"}),
    ("m.room.redaction", {"redacts": 7}),
]


async def test_malformed_events_disturb_nobody(server: Homeserver, tmp_path: Path) -> None:
    async with on_matrix(server, tmp_path) as stage:
        await stage.introduce("anna", "member", "*")
        anna, bot = stage.person("anna"), stage.bot
        token = str(anna.member.client.access_token)
        for number, (kind, content) in enumerate(MALFORMED):
            path = f"/_matrix/client/v3/rooms/{anna.room}/send/{kind}/{number}"
            await asyncio.to_thread(attempt, server, path, content, token)
        asked = await anna.member.say(anna.room, "saeulen")
        await stage.handled(asked)
        assert replied_to(last(anna, bot)) == asked


def attempt(server: Homeserver, path: str, content: dict[str, Any], token: str) -> None:
    """Some homeservers take it, some do not: what matters is what the bot makes of it."""
    with suppress(HTTPError):
        server.ask("PUT", path, content, token)
