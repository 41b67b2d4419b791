"""The Bot API for tests, over real HTTP: lo-bot-api-emulator with the gaps closed that matter to us.

Closed here: HTML is read strictly, groups, topics, all kinds of updates, administrators, menus, a token
that is checked, chats that are gone or have moved, Telegram's limits, and faults of server and network.
"""

import asyncio
import copy
import itertools
import json
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from lo_bot_api_emulator import ApiRefusal, LoBotApiEmulator
from lo_bot_api_emulator.updates import UpdateError, UpdateQueues

from tests.emulator.html import BrokenHtml, parse

TOKEN = "7:fixture-token-that-nobody-may-see"
BOT = {"id": 7, "is_bot": True, "first_name": "Säulenbot", "username": "saeulen_bot"}
POSTS = {"sendMessage", "sendPhoto", "sendDocument"}
EDITS = {"editMessageText", "editMessageCaption", "editMessageReplyMarkup"}
OWN_FIELDS = {"message_thread_id", "link_preview_options", "disable_notification", "parse_mode"}


@dataclass
class Sent:
    """One message as it stands in a chat now."""

    chat: int
    message_id: int
    text: str
    written: str
    html: str
    thread: int = 0
    silent: bool = False
    reply_to: int = 0
    file: str = ""
    buttons: list[tuple[str, str]] = field(default_factory=list)
    at: float = 0.0
    deleted: bool = False


@dataclass
class Fault:
    """Something that goes wrong `times` times with calls that fit.

    kind: a status such as 429 or 502, or `drop_before`, `drop_after`, `hang_before`, `hang_after`,
    `nonsense`.
    """

    kind: int | str
    method: str = "sendMessage"
    chat: int = 0
    times: int = 1
    retry_after: int = 1


class Updates(UpdateQueues):
    """Queues that take every kind of update, broken ones too, and tell what was confirmed."""

    def __init__(self, record: Callable[[Any], None]) -> None:
        super().__init__(record=record, max_updates=1_000_000)
        self.confirmed = 0
        self.progress = asyncio.Condition()

    async def enqueue(self, token: str, update: Any) -> int:
        state = self._state(token)
        async with state.condition:
            number = state.next_id
            state.next_id += 1
            state.updates.append({"update_id": number, **copy.deepcopy(update)})
            state.condition.notify_all()
        return number

    async def poll(self, token: str, fields: Any, *, disconnected: Any = None) -> Any:
        async with self.progress:
            self.confirmed = max(self.confirmed, int(fields.get("offset", 0)) - 1)
            self.progress.notify_all()
        return await super().poll(token, fields, disconnected=disconnected)

    def unconfirmed(self, token: str) -> int:
        return sum(item["update_id"] > self.confirmed for item in self._state(token).updates)


class Limiter:
    """Telegram's published limits, counted when a message arrives."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._all: deque[float] = deque()
        self._chats: dict[int, deque[float]] = {}

    def refuses(self, chat: int) -> int:
        """Seconds to wait, or 0 when the message is taken."""
        now = self._now()
        mine = self._chats.setdefault(chat, deque(maxlen=20))
        while self._all and self._all[0] <= now - 1:
            self._all.popleft()
        if len(self._all) >= 30 or (mine and mine[-1] > now - 1):
            return 1
        if chat < 0 and len(mine) == 20 and mine[0] > now - 60:
            return max(1, round(mine[0] + 60 - now))
        self._all.append(now)
        mine.append(now)
        return 0


class Emulator(LoBotApiEmulator):
    """One bot, its chats, and everything that was sent to them."""

    def __init__(self, strict_limits: bool = False, html_only: bool = True) -> None:
        super().__init__(max_assets=10_000, max_history=100_000)
        self.updates = Updates(self._record)
        self._update_queues = self.updates
        self.sent: list[Sent] = []
        self.toasts: list[tuple[str, str]] = []
        self.menus: dict[tuple[str, str], list[str]] = {}
        self.chats: dict[int, dict[str, Any]] = {}
        self.admins: dict[int, list[int]] = {}
        self.gone: set[int] = set()
        self.moved: dict[int, int] = {}
        self.closed_topics: set[int] = set()
        # Chats whose messages are older than Telegram lets a bot delete.
        self.too_old: set[int] = set()
        self.faults: list[Fault] = []
        self.refused: list[tuple[str, str]] = []
        self.token = TOKEN
        self.html_only = html_only
        self.unauthorised = 0
        self.limited = 0
        self.limiter = Limiter(time.monotonic) if strict_limits else None
        self._message_ids = itertools.count(1)
        self._hanging = asyncio.Event()
        self._done = asyncio.Condition()

    # --- what people do --------------------------------------------------------------------------

    def chat(self, number: int, kind: str = "", **more: Any) -> dict[str, Any]:
        """A chat; positive numbers are private."""
        made = {"id": number, "type": kind or ("private" if number > 0 else "supergroup"), **more}
        if number < 0:
            made.setdefault("title", f"Gruppe {-number}")
        return self.chats.setdefault(number, made)

    def message(self, chat: int, text: str | None, sender: int = 0, **more: Any) -> dict[str, Any]:
        """A message as Telegram tells it."""
        made: dict[str, Any] = {
            "message_id": next(self._message_ids),
            "date": int(time.time()),
            "chat": self.chat(chat),
            "from": {"id": sender or abs(chat), "is_bot": False, "first_name": "Mensch"},
        }
        if text is not None:
            made["text"] = text
        return {**made, **more}

    async def says(self, chat: int, text: str | None, sender: int = 0, **more: Any) -> int:
        """Somebody writes; the number of the update."""
        return await self.happens(message=self.message(chat, text, sender, **more))

    async def presses(self, sent: Sent, label: str, sender: int = 0) -> int:
        """Somebody presses a button of a message."""
        data = next(data for shown, data in sent.buttons if shown == label)
        keyboard = [[{"text": shown, "callback_data": one}] for shown, one in sent.buttons]
        message = {
            **self.message(sent.chat, sent.text),
            "message_id": sent.message_id,
            "from": BOT,
            "reply_markup": {"inline_keyboard": keyboard},
        }
        if sent.thread:
            message |= {"message_thread_id": sent.thread, "is_topic_message": True}
        query = {
            "id": f"q{next(self._message_ids)}",
            "from": {"id": sender or abs(sent.chat), "is_bot": False, "first_name": "Mensch"},
            "chat_instance": "1",
            "data": data,
            "message": message,
        }
        return await self.happens(callback_query=query)

    async def happens(self, **update: Any) -> int:
        """Anything happens; the number of the update."""
        return await self.updates.enqueue(self.token, update)

    async def confirmed(self, number: int) -> None:
        """Return when the bot has confirmed an update."""
        async with self.updates.progress:
            await self.updates.progress.wait_for(lambda: self.updates.confirmed >= number)

    # --- what the bot does -----------------------------------------------------------------------

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self.token:
            self.unauthorised += 1
            async with self._done:
                self._done.notify_all()
            body = {"ok": False, "error_code": 401, "description": "Unauthorized"}
            return web.json_response(body, status=401)
        try:
            fault = await self._fault(request)
        except ConnectionResetError:
            return web.Response(status=500)
        if fault is None:
            return await self._handled(request)
        if isinstance(fault.kind, int):
            return self._failure(fault)
        if fault.kind.endswith("after"):
            await self._handled(request)
        if fault.kind == "nonsense":
            await self._handled(request)
            return web.json_response({"ok": True, "result": {"message_id": "?", "chat": 5}})
        if fault.kind.startswith("hang"):
            await self._hanging.wait()
        async with self._done:
            self._done.notify_all()
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)

    async def until(self, true: Callable[[], bool]) -> None:
        """Return when the bot has done something that makes it true."""
        async with self._done:
            await self._done.wait_for(true)

    async def _handled(self, request: web.Request) -> web.StreamResponse:
        try:
            response = await super().handle(request)
        except ConnectionResetError:
            return web.Response(status=500)
        async with self._done:
            self._done.notify_all()
        if response.status == 400 and isinstance(response, web.Response) and response.text:
            self.refused.append((request.match_info["method"], json.loads(response.text)["description"]))
        return response

    def release(self) -> None:
        """Let everything that hangs go."""
        self._hanging.set()

    async def _fault(self, request: web.Request) -> Fault | None:
        method = request.match_info["method"]
        fits = [one for one in self.faults if one.times > 0 and one.method == method]
        if not fits:
            return None
        # Reading the form keeps it for the emulator itself, too.
        fields = {} if request.content_type.startswith("multipart/") else await request.post()
        for one in fits:
            # Others may have met it while the form was read.
            if one.times > 0 and (not one.chat or str(one.chat) == fields.get("chat_id")):
                one.times -= 1
                return one
        return None

    @staticmethod
    def _failure(fault: Fault) -> web.Response:
        if fault.kind == 502:
            return web.Response(status=502, text="<html>Bad Gateway</html>")
        body: dict[str, Any] = {"ok": False, "error_code": fault.kind, "description": f"fault {fault.kind}"}
        if fault.kind == 429:
            body["parameters"] = {"retry_after": fault.retry_after}
        return web.json_response(body, status=int(fault.kind))

    def validate(self, method: str, fields: dict[str, Any], uploads: dict[str, Any]) -> Any:
        own = getattr(self, f"_do_{method}", None)
        if own is not None:
            return own(fields)
        if method in POSTS | EDITS:
            return self._post(method, fields, uploads)
        result = super().validate(method, fields, uploads)
        return {**result, **BOT} if method == "getMe" else result

    def _post(self, method: str, fields: dict[str, Any], uploads: dict[str, Any]) -> Any:
        chat = self._reachable(fields)
        if method in POSTS and self.limiter is not None and (wait := self.limiter.refuses(chat)):
            self.limited += 1
            raise ApiRefusal(f"Too Many Requests: retry after {wait}", 429, {"retry_after": wait})
        thread = int(fields.get("message_thread_id") or 0)
        if thread in self.closed_topics:
            raise ApiRefusal("Bad Request: message thread not found")
        name = "caption" if method in ("sendPhoto", "sendDocument", "editMessageCaption") else "text"
        html = str(fields.get(name, ""))
        try:
            shown = parse(html)
        except BrokenHtml as error:
            raise ApiRefusal(f"Bad Request: can't parse entities: {error}") from None
        if html and self.html_only and fields.get("parse_mode") != "HTML":
            raise ApiRefusal("Bad Request: tests expect HTML")
        plain = {key: value for key, value in fields.items() if key not in OWN_FIELDS}
        result = super().validate(method, {**plain, **({name: shown.text} if html else {})}, uploads)
        result["chat"] = self.chat(chat)
        result["from"] = BOT
        if method in POSTS:
            result["message_id"] = next(self._message_ids)
            reply = json.loads(fields.get("reply_parameters") or "{}")
            known = fields.get("photo") or fields.get("document") or ""
            file = next((str(one["filename"]) for one in uploads.values()), str(known))
            sent = Sent(chat, result["message_id"], shown.text, shown.written, html, thread=thread)
            sent.silent = str(fields.get("disable_notification", "")).lower() == "true"
            sent.reply_to, sent.file, sent.at = reply.get("message_id", 0), file, time.monotonic()
            sent.buttons = _buttons(fields)
            self.sent.append(sent)
        else:
            self._edit(chat, method, fields, shown.text, shown.written, html)
        return result

    def _edit(
        self, chat: int, method: str, fields: dict[str, Any], text: str, written: str, html: str
    ) -> None:
        same = [one for one in self.sent if one.chat == chat and one.message_id == int(fields["message_id"])]
        if not same:
            raise ApiRefusal("Bad Request: message to edit not found")
        if same[0].buttons == _buttons(fields) and (
            method == "editMessageReplyMarkup" or same[0].html == html
        ):
            raise ApiRefusal("Bad Request: message is not modified: the same")
        same[0].buttons = _buttons(fields)
        if method != "editMessageReplyMarkup":
            same[0].text, same[0].written, same[0].html = text, written, html

    def _reachable(self, fields: dict[str, Any]) -> int:
        chat = int(fields.get("chat_id", 0))
        if chat in self.moved:
            moved = {"migrate_to_chat_id": self.moved[chat]}
            raise ApiRefusal("Bad Request: group chat was upgraded to a supergroup chat", 400, moved)
        if chat in self.gone:
            raise ApiRefusal("Forbidden: bot was blocked by the user", 403)
        if chat not in self.chats:
            raise ApiRefusal("Bad Request: chat not found")
        return chat

    def _do_answerCallbackQuery(self, fields: dict[str, Any]) -> bool:  # noqa: N802
        self.toasts.append((fields["callback_query_id"], fields.get("text", "")))
        return True

    def _do_getChatAdministrators(self, fields: dict[str, Any]) -> list[dict[str, Any]]:  # noqa: N802
        people = self.admins.get(self._reachable(fields), [])
        return [
            {
                "status": "creator",
                "is_anonymous": False,
                "user": {"id": one, "is_bot": False, "first_name": "Admin"},
            }
            for one in people
        ]

    def _do_getChatMemberCount(self, fields: dict[str, Any]) -> int:  # noqa: N802
        return int(self.chats[self._reachable(fields)].get("members", 3))

    def _do_leaveChat(self, fields: dict[str, Any]) -> bool:  # noqa: N802
        self.gone.add(self._reachable(fields))
        return True

    def _do_deleteMessage(self, fields: dict[str, Any]) -> bool:  # noqa: N802
        chat, number = self._reachable(fields), int(fields["message_id"])
        if chat in self.too_old:
            raise ApiRefusal("Bad Request: message can't be deleted for everyone")
        found = [one for one in self.sent if (one.chat, one.message_id, one.deleted) == (chat, number, False)]
        if not found:
            raise ApiRefusal("Bad Request: message to delete not found")
        found[0].deleted = True
        return True

    def _do_setMyCommands(self, fields: dict[str, Any]) -> bool:  # noqa: N802
        names = []
        for command in json.loads(fields["commands"]):
            valid = command["command"].isascii() and command["command"] == command["command"].lower()
            if not valid or not 1 <= len(command["command"]) <= 32 or not command["description"]:
                raise ApiRefusal("Bad Request: BOT_COMMAND_INVALID")
            names.append(command["command"])
        self.menus[_scope(fields)] = names
        return True

    def _do_deleteMyCommands(self, fields: dict[str, Any]) -> bool:  # noqa: N802
        self.menus.pop(_scope(fields), None)
        return True


def _scope(fields: dict[str, Any]) -> tuple[str, str]:
    scope = json.loads(fields.get("scope", '{"type": "default"}'))
    return f"{scope['type']}{scope.get('chat_id', '')}", fields.get("language_code", "")


def _buttons(fields: dict[str, Any]) -> list[tuple[str, str]]:
    markup = json.loads(fields.get("reply_markup") or "{}")
    return [(one["text"], one["callback_data"]) for row in markup.get("inline_keyboard", []) for one in row]


@asynccontextmanager
async def serving(emulator: Emulator, port: int = 0) -> AsyncIterator[str]:
    """The emulator on a free port of this machine; its address."""
    runner = web.AppRunner(emulator.app(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        emulator.release()
        await runner.cleanup()


__all__ = ["TOKEN", "Emulator", "Fault", "Sent", "UpdateError", "serving"]
