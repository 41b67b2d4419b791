"""A real HTTP server on this machine that plays a council information system, with every fault there is."""

import asyncio
import gzip
import json
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web
from aiohttp.test_utils import TestServer

ZONE = ZoneInfo("Europe/Berlin")
Answering = Callable[[web.Request], Awaitable[web.StreamResponse] | web.StreamResponse]


@dataclass
class Council:
    """What the server answers, by path; `asked` is every request in order."""

    server: TestServer
    pages: dict[str, Answering] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def url(self, path: str) -> str:
        return str(self.server.make_url(path))

    def json(self, path: str, value: object) -> None:
        """Answer a path with JSON; "@" at the begin of an address stands for this server."""
        text = json.dumps(value).replace('"@/', f'"{self.url("/")}')
        self.pages[path] = lambda _: web.Response(text=text, content_type="application/json")

    def raw(self, path: str, body: bytes, status: int = 200, **headers: str) -> None:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = lambda _: web.Response(body=body, status=status, headers=sent)

    def listed(self, path: str, *pages: list[dict[str, Any]]) -> None:
        """A list of pages, each leading to the next."""
        for number, data in enumerate(pages, start=1):
            links = {} if number == len(pages) else {"next": f"@{path}?page={number + 1}"}
            self.json(path if number == 1 else f"{path}?page={number}", {"data": data, "links": links})

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path_qs)
        self.headers.append(dict(request.headers))
        answer = self.pages.get(request.path_qs) or self.pages.get(request.path)
        if answer is None:
            return web.Response(status=404, text="{}")
        found = answer(request)
        return await found if isinstance(found, Awaitable) else found


@asynccontextmanager
async def council() -> AsyncIterator[Council]:
    """A running server without any pages yet."""
    app = web.Application()
    server = TestServer(app)
    town = Council(server)
    app.router.add_get("/{path:.*}", town.handle)
    await server.start_server()
    try:
        yield town
    finally:
        await server.close()


def meeting(number: int, starts: datetime, name: str = "Finanzausschuss", **more: Any) -> dict[str, Any]:
    """An invented OParl 1.1 meeting."""
    return {
        "id": f"@/meeting/{number}",
        "type": "https://schema.oparl.org/1.1/Meeting",
        "name": name,
        "start": starts.astimezone(ZONE).isoformat(),
        "end": (starts + timedelta(hours=2)).astimezone(ZONE).isoformat(),
        **more,
    }


def item(name: str, number: str = "Ö 1", **more: Any) -> dict[str, Any]:
    """An invented agenda item."""
    return {
        "id": f"@/item/{name}",
        "type": "https://schema.oparl.org/1.1/AgendaItem",
        "number": number,
        "name": name,
        **more,
    }


async def trickle(request: web.Request) -> web.StreamResponse:
    """One byte now and then, for ever."""
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b" ")
        await asyncio.sleep(0.05)


@cache
def _bomb() -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(b" " * 1_000_000) for _ in range(50)) + packer.flush()


def bomb() -> Answering:
    """A few kilobytes that unpack to 50 MB; packed before anybody waits for them."""
    packed_up = _bomb()
    return lambda _: web.Response(body=packed_up, headers={"Content-Encoding": "gzip"})


def packed(value: object) -> web.Response:
    return web.Response(body=gzip.compress(json.dumps(value).encode()), headers={"Content-Encoding": "gzip"})
