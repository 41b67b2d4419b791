"""Asking a council's server over HTTP: slowly, politely, and without trusting anything it answers."""

import asyncio
import random
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from errors import SourceClosed, SourceError
from scheduler.agendas.addresses import GuardedResolver, Origin, is_public, literal

AGENT = "Saeulenbot/0.1"
REDIRECTS = (301, 302, 303, 307, 308)
CLOSED = (401, 403, 429)
CHUNK = 64 * 1024

Pause = Callable[[float], Awaitable[None]]


@dataclass(frozen=True)
class Limits:
    """What one server may cost us; times in seconds."""

    connect: float = 10.0
    total: float = 30.0
    most_bytes: int = 8_000_000
    most_requests: int = 600
    most_redirects: int = 5
    tries: int = 3
    backoff: float = 2.0
    # Between two requests to a public server.
    pace: float = 1.0


@dataclass(frozen=True)
class Answer:
    """What a server said: 200, 304 (nothing new) or 404; `url` is where it said it."""

    url: str
    status: int
    body: bytes = b""
    etag: str = ""
    modified: str = ""


@dataclass
class Fetcher:
    """Reads from one origin only. Use as `async with`; `pause` and `chance` are handed in.

    `contact` goes into the User-Agent, so that a council's administrator knows whom to write to.
    """

    origin: Origin
    pause: Pause = asyncio.sleep
    chance: random.Random = field(default_factory=random.SystemRandom)
    contact: str = ""
    limits: Limits = Limits()
    resolver: AbstractResolver | None = None
    asked: int = 0

    async def __aenter__(self) -> Self:
        guard = GuardedResolver(self.origin.private, self.resolver)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=guard, limit=2),
            timeout=aiohttp.ClientTimeout(total=self.limits.total, connect=self.limits.connect),
            headers={"User-Agent": f"{AGENT} ({self.contact or 'no contact given'})"},
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def get(self, url: str, etag: str = "", modified: str = "") -> Answer:
        """Read one address, again after 5xx and broken connections.

        Raises SourceClosed for 401, 403 and 429, SourceError for everything else that is no answer.
        """
        headers = {"Accept": "application/json, text/calendar, */*;q=0.5", "Accept-Encoding": "gzip, deflate"}
        headers |= {"If-None-Match": etag} if etag else {}
        headers |= {"If-Modified-Since": modified} if modified else {}
        for left in reversed(range(self.limits.tries)):
            try:
                return await self._followed(self.origin.absolute(url, url), headers)
            except _AgainError as reason:
                if not left:
                    raise SourceError(reason.key, name=self.origin.host, reason=reason.reason) from reason
                tried = self.limits.tries - left
                await self.pause(self.limits.backoff * 2 ** (tried - 1) * (0.5 + self.chance.random()))
        raise AssertionError

    async def _followed(self, url: str, headers: dict[str, str]) -> Answer:
        for _ in range(self.limits.most_redirects + 1):
            answer = await self._once(url, headers)
            if isinstance(answer, Answer):
                return answer
            # A server that now speaks https is followed there, and stays there.
            self.origin = self.origin.upgraded(answer) or self.origin
            url = self.origin.absolute(answer, url)
        raise SourceError("agendas.too_many_redirects", name=self.origin.host)

    async def _once(self, url: str, headers: dict[str, str]) -> Answer | str:
        """One request: its answer, or the address it redirects to."""
        await self._keep_pace()
        try:
            async with self._session.get(
                URL(url, encoded=True), headers=headers, allow_redirects=False
            ) as response:
                if response.status in REDIRECTS:
                    return str(URL(url, encoded=True).join(URL(response.headers.get("Location", ""))))
                return await self._answer(url, response)
        except aiohttp.InvalidURL as error:
            raise SourceError("agendas.bad_address", name=url[:200]) from error
        except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientSSLError) as error:
            raise SourceError("agendas.bad_certificate", name=self.origin.host) from error
        except TimeoutError as error:
            raise _AgainError("agendas.too_slow", f"{self.limits.total:g} s") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _AgainError("agendas.no_connection", type(error).__name__) from error

    async def _keep_pace(self) -> None:
        if self.asked >= self.limits.most_requests:
            raise SourceError("agendas.too_many_requests", name=self.origin.host, limit=self.asked)
        if not self.origin.private and literal(self.origin.host) and not is_public(self.origin.host):
            raise SourceError("agendas.private_address", name=self.origin.host)
        # A server of one's own need not be spared.
        if self.asked and not self.origin.private:
            await self.pause(self.limits.pace)
        self.asked += 1

    async def _answer(self, url: str, response: aiohttp.ClientResponse) -> Answer:
        status = response.status
        if status in CLOSED:
            after = _seconds(response.headers.get("Retry-After", ""))
            raise SourceClosed("agendas.closed", after, name=self.origin.host, status=status)
        if status >= 500:
            raise _AgainError("agendas.server_error", str(status))
        if status not in (200, 304, 404):
            raise SourceError("agendas.refused", name=self.origin.host, status=status)
        body = b"" if status == 304 else await self._body(response)
        headers = response.headers
        return Answer(
            url, status, body, headers.get("ETag", "")[:200], headers.get("Last-Modified", "")[:100]
        )

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        """The whole body, unpacked by ourselves: no more than the limit is ever in memory."""
        unpack = _unpacker(response.headers.get("Content-Encoding", ""), self.origin.host)
        most, body = self.limits.most_bytes, bytearray()
        async for chunk in response.content.iter_chunked(CHUNK):
            body += chunk if unpack is None else unpack.decompress(chunk, most + 1 - len(body))
            if len(body) > most:
                raise SourceError("agendas.too_big", name=self.origin.host, limit=most // 1_000_000)
        if unpack is not None and not unpack.eof:
            raise _AgainError("agendas.no_connection", "cut off")
        return bytes(body)


class _AgainError(Exception):
    """A request that may be tried again; `key` names the sentence for when that does not help."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(key)
        self.key = key
        self.reason = reason


class _Inflate:
    """Unpacks gzip, zlib and (what some servers call deflate) bare streams, a bounded piece at a time."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(wbits=47)
        self._first = True

    @property
    def eof(self) -> bool:
        return self._stream.eof

    def decompress(self, chunk: bytes, most: int) -> bytes:
        try:
            return self._stream.decompress(chunk, most)
        except zlib.error as error:
            if not self._first:
                raise _AgainError("agendas.no_connection", "not gzip") from error
            self._stream = zlib.decompressobj(wbits=-15)
            return self._bare(chunk, most)
        finally:
            self._first = False

    def _bare(self, chunk: bytes, most: int) -> bytes:
        try:
            return self._stream.decompress(chunk, most)
        except zlib.error as error:
            raise _AgainError("agendas.no_connection", "not deflate") from error


def _unpacker(encoding: str, host: str) -> _Inflate | None:
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return None
    if name in ("gzip", "x-gzip", "deflate"):
        return _Inflate()
    raise SourceError("agendas.bad_encoding", name=host, encoding=name[:40])


def _seconds(value: str) -> timedelta | None:
    """Retry-After in seconds; at most a week. The form with a date counts as not given."""
    text = value.strip()
    return timedelta(seconds=min(int(text), 604_800)) if text.isascii() and text.isdigit() else None
