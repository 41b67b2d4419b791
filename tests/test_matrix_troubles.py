"""What the Matrix transport makes of a homeserver in trouble, and of events that its library cannot read."""

import asyncio
import inspect
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from nio import (
    ErrorResponse,
    JoinedRoomsResponse,
    LocalProtocolError,
    RoomInfo,
    RoomMessageText,
    SyncError,
    SyncResponse,
    Timeline,
)

from bot.transports.matrix import offering, stream
from bot.transports.matrix.devices import QUERY, SOME, ask_about, ask_about_some
from bot.transports.matrix.offering import Offer, Offering
from bot.transports.matrix.problems import problem
from bot.transports.matrix.receiving import is_echo
from bot.transports.matrix.rooms import Rooms
from bot.transports.matrix.sending import Post
from bot.transports.matrix.session import Files, Position, Session
from bot.transports.matrix.stream import Stream, nothing_until
from bot.transports.matrix.typing import Typing
from errors import ChatGone, ConfigError, NotNow, Refused
from store.messages import ChatRef, Outgoing
from tests.stage.clock import HandClock
from tests.stage.crowd import gathered

NOW = datetime(2027, 1, 12, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "text", "kind"),
    [
        ("M_LIMIT_EXCEEDED", "slow down", NotNow),
        ("M_FORBIDDEN", "User @a:b not in room !c", ChatGone),
        ("M_FORBIDDEN", "You don't have permission to post that to the room", Refused),
        ("M_NOT_FOUND", "unknown", ChatGone),
        ("M_TOO_LARGE", "event too large", Refused),
        ("M_UNKNOWN", "Internal server error", NotNow),
        (None, "unknown error", NotNow),
    ],
)
def test_an_error_tells_what_becomes_of_the_message(code: str | None, text: str, kind: type) -> None:
    assert type(problem(ErrorResponse(text, code))) is kind


def test_the_homeservers_own_pause_is_kept() -> None:
    found = problem(ErrorResponse("x", "M_LIMIT_EXCEEDED", 2500))
    assert isinstance(found, NotNow)
    assert found.after == timedelta(seconds=2.5)


class Server:
    """A client whose homeserver answers as told; exceptions are raised while a batch is read."""

    user_id = "@bot:example.test"

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.next_batch = ""
        self.asked: list[tuple[str | None, bool]] = []
        self.typed: list[bool] = []

    async def sync(self, _: int, __: Any, since: str | None, full_state: bool) -> Any:
        self.asked.append((since, full_state))
        answer = self.answers.pop(0)
        if inspect.isawaitable(answer):
            answer = await answer
        if isinstance(answer, tuple):
            self.next_batch, error = answer
            raise error
        return answer

    async def room_typing(self, _: str, typing: bool, __: int) -> None:
        self.typed.append(typing)


class PausingClock(HandClock):
    """Notes the pauses, and takes none."""

    def __init__(self) -> None:
        super().__init__(NOW)
        self.pauses: list[float] = []

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


async def asked(server: Server, clock: PausingClock, folder: Path) -> SyncResponse:
    client: Any = server
    return await Stream(client, clock, Files(folder)).after("s1")


async def test_failures_are_waited_out_with_growing_pauses_up_to_five_minutes(tmp_path: Path) -> None:
    clock, fine = PausingClock(), nothing_until("s2")
    failures = [SyncError("down", "M_UNKNOWN")] * 11
    assert await asked(Server(*failures, fine), clock, tmp_path) is fine
    assert clock.pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


async def test_the_state_of_all_rooms_is_asked_for_until_it_came(tmp_path: Path) -> None:
    server: Any = Server(SyncError("down", "M_UNKNOWN"), nothing_until("s2"), nothing_until("s3"))
    one = Stream(server, PausingClock(), Files(tmp_path))
    await one.after("")
    await one.after("s2")
    assert server.asked == [(None, True), (None, True), ("s2", False)]


async def test_a_session_that_is_unknown_stops_at_once(tmp_path: Path) -> None:
    clock = PausingClock()
    with pytest.raises(ConfigError) as raised:
        await asked(Server(SyncError("no", "M_UNKNOWN_TOKEN")), clock, tmp_path)
    assert raised.value.key == "matrix.token_revoked"
    assert clock.pauses == []


async def test_a_batch_that_cannot_be_read_is_left_out_after_three_tries(tmp_path: Path) -> None:
    server = Server(*[("s9", KeyError("x"))] * 3)
    found = await asked(server, PausingClock(), tmp_path)
    assert found.next_batch == "s9"
    assert not found.rooms.join


async def test_a_hanging_homeserver_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "FIRST_SECONDS", 0.01)
    clock, fine = PausingClock(), nothing_until("s2")
    assert await asked(Server(asyncio.Event().wait(), fine), clock, tmp_path) is fine
    assert clock.pauses == [1]


async def test_typing_is_shown_only_when_it_takes_long() -> None:
    server: Any = Server()
    clock = HandClock(NOW)
    clock.patient = True
    async with Typing(server, clock).shown("!a:b"):
        await asyncio.sleep(0)
    assert server.typed == []
    clock.patient = False
    async with Typing(server, clock).shown("!a:b"):
        for _ in range(5):
            await asyncio.sleep(0)
    assert server.typed == [True, False]


def test_what_is_kept_reads_back_and_is_private(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.prepare()
    assert files.session() is None
    assert files.position() == Position()
    session, position = Session("http://h", "@b:h", "D", "t"), Position("s1", (("!r:h", "$e"),))
    files.keep_session(session)
    files.keep_position(position)
    files.keep_identity({"master": "x"})
    assert (files.session(), files.position(), files.identity()) == (session, position, {"master": "x"})
    assert {one.stat().st_mode & 0o777 for one in files.folder.iterdir() if one.is_file()} == {0o600}


def test_a_torn_file_is_named(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.prepare()
    files.session_file.write_text("{")
    with pytest.raises(ConfigError) as raised:
        files.session()
    assert raised.value.details["file"] == str(files.session_file)


class Directory:
    """A client whose homeserver answers some requests for devices; `asked` is about whom each was."""

    access_token = "secret"

    def __init__(self, changed: set[str]) -> None:
        self.olm: Any = self
        self.users_for_key_query = changed
        self.asked: list[set[str]] = []

    async def send(self, _: str, path: str, body: str, headers: dict[str, str]) -> Any:
        assert path == QUERY
        assert headers["Authorization"] == "Bearer secret"
        if len(self.asked) == MOST_ASKED:
            raise TimeoutError
        self.asked.append(set(json.loads(body)["device_keys"]))
        return SimpleNamespace(status=200)

    async def parse_body(self, _: Any) -> Any:
        return {"device_keys": {user: {} for user in self.asked[-1]}}

    async def receive_response(self, answer: Any) -> None:
        self.users_for_key_query -= set(answer.device_keys)


MOST_ASKED = 4


async def test_devices_are_asked_for_some_at_a_time_and_nobody_else_is_waited_for() -> None:
    readers, others = {f"@k{number}:a" for number in range(2 * SOME)}, {"@away:b"}
    client: Any = Directory(set(others))
    await ask_about(client, readers)
    assert client.users_for_key_query == others
    assert set.union(*client.asked) == readers
    assert [len(some) for some in client.asked] == [SOME, SOME]


async def test_whose_devices_changed_is_asked_about_a_few_a_time() -> None:
    client: Any = Directory({f"@k{number}:a" for number in range(SOME + 3)})
    for left in (3, 0, 0):
        await ask_about_some(client)
        assert len(client.users_for_key_query) == left
    assert len(client.asked) == 2


async def test_whom_the_homeserver_was_not_asked_about_is_asked_about_later() -> None:
    users = {f"@k{number}:a" for number in range((MOST_ASKED + 2) * SOME)}
    client: Any = Directory(set(users))
    with pytest.raises(NotNow):
        await ask_about(client, users)
    assert len(client.users_for_key_query) == 2 * SOME


def batch_of(*senders: str) -> SyncResponse:
    batch = nothing_until("s2")
    for number, sender in enumerate(senders):
        source = {"event_id": f"${number}", "sender": sender, "origin_server_ts": 1}
        event = RoomMessageText(source, "x", None, None)
        batch.rooms.join[f"!{number}:a"] = RoomInfo(Timeline([event], False, "p"), [], [], [])
    return batch


@pytest.mark.parametrize(
    ("senders", "found"), [(["@me:a"], True), (["@me:a", "@you:a"], False), (["@you:a"], False), ([], False)]
)
def test_a_batch_of_the_bots_own_posts_is_an_echo(senders: list[str], found: bool) -> None:
    assert is_echo(batch_of(*senders), "@me:a") is found


async def test_signs_are_posted_latest_offer_first_and_a_refusal_ends_only_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(offering, "MOST_WAITING", 3)
    posted: list[tuple[str, int]] = []
    last = asyncio.Event()

    async def sign(offer: Offer, number: int) -> None:
        posted.append((offer.event, number))
        if offer.event == "$2":
            raise Refused("matrix.refused")
        if offer.event == "$1":
            last.set()

    one = Offering(sign)
    for number in range(4):
        one.add(Offer("!a:b", f"${number}", "key", 2 if number > 1 else 1))
    running = asyncio.create_task(one.run(HandClock(NOW)))
    async with asyncio.timeout(10):
        await last.wait()
    running.cancel()
    # The oldest, $0, was one too many.
    assert posted == [("$3", 0), ("$3", 1), ("$2", 0), ("$1", 0)]


class Plainly:
    """A client that only knows plain requests; `asked` is how each was asked."""

    user_id, access_token = "@me:a", "secret"

    def __init__(self) -> None:
        self.rooms: dict[str, Any] = {}
        self.asked: list[tuple[str, str]] = []
        self.some = asyncio.Event()

    async def send(self, method: str, path: str, *_: Any) -> Any:
        self.asked.append((method, path))
        self.some.set()
        return SimpleNamespace(status=200)

    async def parse_body(self, _: Any) -> Any:
        return {"event_id": "$1"}


async def test_a_sign_is_put_without_giving_anybody_a_key() -> None:
    client: Any = Plainly()
    client.rooms["!a:b"] = SimpleNamespace(encrypted=True)
    clock = HandClock(NOW)
    post = Post(client, None, Typing(client, clock))
    post.offering.add(Offer("!a:b", "$e", "key", 1))
    running = asyncio.create_task(post.offering.run(clock))
    async with asyncio.timeout(10):
        await client.some.wait()
    running.cancel()
    assert client.asked == [("PUT", "/_matrix/client/v3/rooms/%21a%3Ab/send/m.reaction/key.r0")]


class Unheard(Plainly):
    """A client that no batch has told of any room, on a server that has it in `joined`."""

    def __init__(self, *joined: str) -> None:
        super().__init__()
        self._joined = list(joined)

    async def room_send(self, *_: Any) -> Any:
        raise LocalProtocolError("no such room")

    async def joined_rooms(self) -> JoinedRoomsResponse:
        return JoinedRoomsResponse(self._joined)


@pytest.mark.parametrize(("joined", "kind"), [(["!a:b"], NotNow), ([], ChatGone)])
async def test_a_room_that_no_batch_has_told_of_yet_is_not_given_up(
    joined: list[str], kind: type[Exception]
) -> None:
    client: Any = Unheard(*joined)
    message = Outgoing("k", ChatRef("matrix", "!a:b"), "Moin")
    with pytest.raises(kind):
        await Post(client, None, Typing(client, HandClock(NOW))).speak(message)


async def test_the_name_of_a_room_makes_no_other_request_of_a_refusal(tmp_path: Path) -> None:
    client: Any = Plainly()
    async with gathered(tmp_path) as crowd:
        await Rooms(crowd.app, client, (), str).invited("!a/../../logout?:evil.test", [])
    assert client.asked == [("POST", "/_matrix/client/v3/rooms/%21a%2F..%2F..%2Flogout%3F%3Aevil.test/leave")]
