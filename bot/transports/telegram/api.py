"""The Bot API as this program uses it: the library's Bot, quiet, and reading updates as they come."""

import asyncio
import logging
import os
import sys
from dataclasses import dataclass
from ssl import SSLContext
from typing import Any

from httpx import create_ssl_context
from telegram import Bot
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

# The library would warn about its own use of the older form.
os.environ.setdefault("PTB_TIMEDELTA", "true")
# httpcore would look for it along the whole path, in vain, at each of its locks: only asyncio runs here.
sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]
# These print addresses with the token in them, or what people wrote.
for name in ("telegram", "httpx", "httpcore"):
    logging.getLogger(name).setLevel(logging.CRITICAL + 1)

TELEGRAM = "https://api.telegram.org"
POLL_SECONDS = 30
ANSWER_SECONDS = 15.0
CONNECT_SECONDS = 10.0
CONNECTIONS = 64
KINDS = ("message", "edited_message", "callback_query", "my_chat_member")


@dataclass(frozen=True)
class Account:
    """Who the bot is on Telegram; `name` without the "@"."""

    id: int
    name: str


class Api(Bot):
    """A Bot that hands out updates unread, so that one it cannot read does not stop the others."""

    async def raw_updates(self, offset: int, seconds: int) -> list[Any]:
        """Updates from `offset` on, which confirms all before it. Waits up to `seconds` for the first."""
        data = {"offset": offset, "timeout": seconds, "allowed_updates": KINDS, "limit": 100}
        found: Any = await self._post("getUpdates", data, read_timeout=seconds + ANSWER_SECONDS)
        return found if isinstance(found, list) else []

    def __repr__(self) -> str:
        """Without the token, which the library would print."""
        return "Api()"


Requests = tuple[HTTPXRequest, HTTPXRequest]


def make_requests() -> Requests:
    """Connections for long polling, and for everything else."""
    trusted = create_ssl_context()  # one for both: each holds all the world's root certificates
    return _request(2, trusted), _request(CONNECTIONS, trusted)


def make_api(token: str, address: str | None, requests: Requests) -> Api:
    """The API at Telegram, or at a server of one's own."""
    base = (address or TELEGRAM).rstrip("/")
    return Api(
        token,
        base_url=f"{base}/bot",
        base_file_url=f"{base}/file/bot",
        request=requests[1],
        get_updates_request=requests[0],
    )


def _request(connections: int, trusted: SSLContext) -> HTTPXRequest:
    return HTTPXRequest(
        connections,
        read_timeout=ANSWER_SECONDS,
        write_timeout=ANSWER_SECONDS,
        connect_timeout=CONNECT_SECONDS,
        pool_timeout=ANSWER_SECONDS,
        httpx_kwargs={"verify": trusted},
    )


async def account_of(token: str, address: str | None = None) -> Account:
    """Whose token it is, asked once and for all. Raises what the library raises."""
    requests = make_requests()
    try:
        return await Introduction(make_api(token, address, requests)).account()
    finally:
        for request in requests:
            await request.shutdown()


class Introduction:
    """Asks Telegram once who the bot is; everybody who needs to know waits for the same answer."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._known: Account | None = None
        self._asking = asyncio.Lock()

    async def account(self) -> Account:
        """The bot's own account. Raises what the library raises."""
        async with self._asking:
            if self._known is None:
                self._known = await self._ask()
        return self._known

    async def _ask(self) -> Account:
        try:
            me = await self._api.get_me()
            return Account(int(me.id), me.username or "")
        except (KeyError, TypeError, ValueError, AttributeError):
            raise TelegramError("getMe was answered with something else") from None

    def forget(self) -> None:
        """Ask anew the next time: the token may have changed hands."""
        self._known = None
