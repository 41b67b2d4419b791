"""The small web server: how the bot is, for machines; calendars, and the reports, for who has the token.

    GET /healthz                 200 or 503, JSON: what is wrong, by key
    GET /metrics                 for Prometheus; no person and no chat in any label
    GET /kalender/<token>.ics    the calendar behind a secret address
    GET /reports                 JSON Lines, oldest first, with `Authorization: Bearer <feed_token>`

By default it listens on this machine only. Requests are never logged: their addresses hold tokens.
"""

import asyncio
import hmac
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from aiohttp import web
from multidict import CIMultiDict

from bot import condition, exports, measuring
from bot.app import App
from bot.condition import Condition, Weight
from errors import StoreError
from store import reports
from store.database import Transaction

LARGEST_BODY_BYTES = 1024
LONGEST_SECONDS = 10.0
STOP_SECONDS = 1.0
# However slowly somebody writes or reads, and however many they are.
LONGEST_CONNECTION = 60.0
MOST_CONNECTIONS = 100
# More than a federal state reports in ten years; an answer stays under 20 MB.
MOST_REPORTS = 50_000
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Server": "saeulenbot",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(app: App, found: socket.socket) -> AsyncIterator[None]:
    """Serve what comes to a listening socket until the block ends."""
    runner = web.AppRunner(
        application(app),
        access_log=None,
        handle_signals=False,
        shutdown_timeout=STOP_SECONDS,
        max_line_size=2048,
        max_field_size=2048,
    )
    await runner.setup()
    assert runner.server is not None  # noqa: S101 - it has just been set up
    server = await asyncio.get_running_loop().create_server(_brief(runner.server), sock=found)
    try:
        yield
    finally:
        server.close()
        await runner.cleanup()


def _brief(server: web.Server) -> Callable[[], asyncio.Protocol]:
    """Makes connections that end by themselves: who sends a letter a minute keeps no place for long."""

    def connect() -> asyncio.Protocol:
        connection = server()
        full = len(server.connections) >= MOST_CONNECTIONS
        asyncio.get_running_loop().call_later(0 if full else LONGEST_CONNECTION, end, connection)
        return connection

    def end(connection: web.RequestHandler) -> None:
        if connection.transport is not None:
            connection.transport.abort()

    return connect


def application(app: App) -> web.Application:
    """All addresses there are."""
    served = web.Application(middlewares=[_guarded], client_max_size=LARGEST_BODY_BYTES)
    pages = Pages(app)
    served.router.add_get("/healthz", pages.health)
    served.router.add_get("/metrics", pages.metrics)
    served.router.add_get("/kalender/{token}.ics", pages.calendar)
    served.router.add_get("/reports", pages.feed)
    return served


@web.middleware
async def _guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A limit of time, the same headers on everything, and no word about what went wrong inside."""
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            answer = await handler(request)
    except web.HTTPException as error:
        answer = _plain(error.status)
    except (TimeoutError, StoreError):
        answer = _plain(503)
    answer.headers.update(HEADERS)
    return answer


def _plain(status: int) -> web.Response:
    return web.Response(status=status, text=f"{status}\n")


class Pages:
    """What is served."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def _condition(self) -> tuple[Condition, datetime]:
        now = self._app.clock.now()
        return await self._app.database.read(lambda tx: condition.look(tx, now)), now

    async def health(self, _: web.Request) -> web.Response:
        """Whether the bot does its work: it is ready, hears its platforms, and sends in time."""
        try:
            one, now = await self._condition()
        except StoreError as error:
            return web.json_response({"healthy": False, "problems": [{"key": error.key}]}, status=503)
        pulse = self._app.services.pulse
        found = [*condition.troubles(pulse, now), *condition.findings(one, now, self._app.services.platforms)]
        healthy = all(each.weight is not Weight.BAD for each in found)
        told = {
            "healthy": healthy,
            "heard": {name: pulse.heard[name].isoformat(timespec="seconds") for name in sorted(pulse.heard)},
            "problems": [{"key": each.key, "weight": each.weight, **each.details} for each in found],
        }
        return web.json_response(told, status=200 if healthy else 503)

    async def metrics(self, _: web.Request) -> web.Response:
        """Numbers for Prometheus."""
        one, now = await self._condition()
        content = measuring.written(one, self._app.services.pulse, self._app.delivery.tally, now)
        return web.Response(body=content, headers=CIMultiDict({"Content-Type": measuring.CONTENT_TYPE}))

    async def calendar(self, request: web.Request) -> web.Response:
        """The calendar behind a secret address."""
        now = self._app.clock.now()
        content = await self._app.calendars.calendar_of(request.match_info["token"], now)
        if content is None:
            raise web.HTTPNotFound
        return web.Response(body=content, content_type="text/calendar", charset="utf-8")

    async def feed(self, request: web.Request) -> web.Response:
        """The reports as JSON Lines, the fields of `reports export`; who wrote them is not told."""
        token = self._app.config.http.feed_token
        said = request.headers.get("Authorization", "").encode()
        if token is None or not hmac.compare_digest(said, f"Bearer {token.get_secret_value()}".encode()):
            # Without a token there is no feed, and nobody can tell the one from the other.
            raise web.HTTPUnauthorized
        zone = self._app.services.zone

        def lines(tx: Transaction) -> str:
            found = (exports.as_object(one, zone) for one in reports.page(tx, limit=MOST_REPORTS))
            return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in found)

        text = await self._app.database.read(lines)
        return web.Response(text=text, content_type="application/jsonl")
