"""A made-up homeserver with one room of thousands, all with a device of their own, and one small room.

It knows as much of the protocol as the bot asks for; the keys are real ones.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from vodozemac import Account

from bot.transports.matrix.crosssigning import canonical

NAME = "example.test"
BOT, DEVICE = f"@saeulenbot:{NAME}", "BOTDEVICE"
LARGE, SMALL = f"!large:{NAME}", f"!small:{NAME}"
OLM, MEGOLM = "m.olm.v1.curve25519-aes-sha2", "m.megolm.v1.aes-sha2"
WAIT_SECONDS = 5.0
Json = dict[str, Any]
Answer = Callable[[web.Request, Json], Awaitable[Json]]


class Somebody:
    """A member, and the keys of their device."""

    def __init__(self, number: int) -> None:
        self.user, self.device = f"@member{number}:{NAME}", f"DEVICE{number}"
        self._account = Account()
        self._account.generate_one_time_keys(1)

    def _signed(self, content: Json) -> Json:
        signature = self._account.sign(canonical(content)).to_base64()
        return content | {"signatures": {self.user: {f"ed25519:{self.device}": signature}}}

    @property
    def keys(self) -> Json:
        known = {
            f"curve25519:{self.device}": self._account.curve25519_key.to_base64(),
            f"ed25519:{self.device}": self._account.ed25519_key.to_base64(),
        }
        who = {"user_id": self.user, "device_id": self.device, "algorithms": [OLM, MEGOLM]}
        return self._signed(who | {"keys": known})

    @property
    def one_time_key(self) -> Json:
        (key,) = self._account.one_time_keys.values()
        return {"signed_curve25519:AAAAAQ": self._signed({"key": key.to_base64()})}


class Multitude:
    """The homeserver. `given` is who got the key of the large room, `posted` the rooms written to.

    In `trouble` it is "dead", or "refuses" the password; `failed` counts what it did not answer for that.
    """

    def __init__(self, count: int) -> None:
        self.members = {one.user: one for one in map(Somebody, range(count))}
        self.given: set[str] = set()
        self.posted: list[str] = []
        self.trouble = ""
        self.failed = 0
        self.news = asyncio.Condition()
        self._numbers = itertools.count(1)
        self._batches: list[Json] = [self._rooms()]
        self._own: Json = {}

    def _event(self, kind: str, sender: str, content: Json, state_key: str | None = None) -> Json:
        event = {"type": kind, "sender": sender, "content": content, "origin_server_ts": 1}
        event["event_id"] = f"${next(self._numbers)}"
        return event if state_key is None else event | {"state_key": state_key}

    def _rooms(self) -> Json:
        owner = next(iter(self.members))
        state = [
            self._event("m.room.create", owner, {"room_version": "11", "creator": owner}, ""),
            self._event("m.room.name", owner, {"name": "Alle"}, ""),
            self._event("m.room.power_levels", owner, {"users": {owner: 100}}, ""),
            self._event("m.room.member", BOT, {"membership": "join"}, BOT),
        ]
        secret = self._event("m.room.encryption", owner, {"algorithm": MEGOLM}, "")
        return {
            LARGE: _room([*state, secret], [], len(self.members) + 1),
            SMALL: _room([*state], [], 2),
        }

    async def say(self, room: str, text: str) -> None:
        """Somebody writes in a room."""
        content = {"msgtype": "m.text", "body": text}
        event = self._event("m.room.message", next(iter(self.members)), content)
        async with self.news:
            self._batches.append({room: _room([], [event], None)})
            self.news.notify_all()

    async def until_posted(self, room: str, count: int) -> None:
        """Wait until the bot has posted so often in a room."""
        async with self.news:
            await self.news.wait_for(lambda: self.posted.count(room) >= count)

    async def until_given(self, count: int) -> None:
        """Wait until so many have the key of the large room."""
        async with self.news:
            await self.news.wait_for(lambda: len(self.given) >= count)

    @property
    def routes(self) -> dict[str, Answer]:
        """What is answered; everything else is, with nothing."""
        return {
            "login": self._login,
            "sync": self._sync,
            "keys/upload": self._keys_upload,
            "keys/query": self._keys_query,
            "keys/claim": self._keys_claim,
            "sendToDevice/{type}/{number}": self._give,
            "rooms/{room}/joined_members": self._joined,
            "rooms/{room}/send/{type}/{number}": self._post,
            "{path:.*}": self._nothing,
        }

    async def _nothing(self, *_: object) -> Json:
        return {}

    async def fail(self) -> None:
        async with self.news:
            self.failed += 1
            self.news.notify_all()

    async def until_failed(self, count: int) -> None:
        """Wait until so many requests came in vain."""
        async with self.news:
            await self.news.wait_for(lambda: self.failed >= count)

    async def _login(self, *_: object) -> Json:
        if self.trouble == "refuses":
            await self.fail()
            return {"errcode": "M_FORBIDDEN", "error": "Invalid username or password"}
        return {"user_id": BOT, "device_id": DEVICE, "access_token": "token"}

    async def _sync(self, request: web.Request, _: Json) -> Json:
        at = int(request.query.get("since", "0"))
        async with self.news:
            if at >= len(self._batches):
                try:
                    await asyncio.wait_for(self.news.wait_for(lambda: at < len(self._batches)), WAIT_SECONDS)
                except TimeoutError:
                    return {"next_batch": str(at), "rooms": {}}
        counts = {"signed_curve25519": 50}
        rooms = {"join": self._batches[at]}
        return {"next_batch": str(at + 1), "rooms": rooms, "device_one_time_keys_count": counts}

    async def _keys_upload(self, _: web.Request, body: Json) -> Json:
        self._own = body.get("device_keys") or self._own
        return {"one_time_key_counts": {"signed_curve25519": 50}}

    async def _keys_query(self, _: web.Request, body: Json) -> Json:
        asked = body["device_keys"]
        devices = {user: {one.device: one.keys} for user, one in self.members.items() if user in asked}
        if BOT in asked and self._own:
            devices[BOT] = {DEVICE: self._own}
        return {"device_keys": devices, "failures": {}}

    async def _keys_claim(self, _: web.Request, body: Json) -> Json:
        known = {user: self.members[user] for user in body["one_time_keys"]}
        return {
            "one_time_keys": {user: {one.device: one.one_time_key} for user, one in known.items()},
            "failures": {},
        }

    async def _give(self, _: web.Request, body: Json) -> Json:
        async with self.news:
            self.given |= set(body["messages"])
            self.news.notify_all()
        return {}

    async def _joined(self, request: web.Request, _: Json) -> Json:
        here = list(self.members) if request.match_info["room"] == LARGE else [next(iter(self.members))]
        return {"joined": {user: {"display_name": None, "avatar_url": None} for user in [BOT, *here]}}

    async def _post(self, request: web.Request, _: Json) -> Json:
        if request.match_info["type"] != "m.reaction":
            async with self.news:
                self.posted.append(request.match_info["room"])
                self.news.notify_all()
        return {"event_id": f"$sent{next(self._numbers)}"}


def _room(state: list[Json], events: list[Json], joined: int | None) -> Json:
    summary = {} if joined is None else {"m.joined_member_count": joined}
    timeline = {"events": events, "limited": False, "prev_batch": "p"}
    return {"state": {"events": state}, "timeline": timeline, "summary": summary}


def _answering(server: Multitude, answer: Answer) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        if server.trouble == "dead" and request.transport is not None:
            await server.fail()
            request.transport.abort()
        body = await request.json() if request.can_read_body else {}
        return web.json_response(await answer(request, body))

    return handle


@asynccontextmanager
async def multitude(count: int) -> AsyncIterator[tuple[Multitude, str]]:
    """The homeserver, running, and its address."""
    made = Multitude(count)
    program = web.Application(client_max_size=2**26)
    for path, answer in made.routes.items():
        program.router.add_route("*", f"/_matrix/client/{{version}}/{path}", _answering(made, answer))
    runner = web.AppRunner(program, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        yield made, f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()
