"""Asking a server: patient with the slow, deaf to the greedy, and never led astray."""

import random

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import given
from hypothesis import strategies as st

from errors import SourceClosed, SourceError
from scheduler.agendas.addresses import Origin, is_public
from scheduler.agendas.fetch import Fetcher, Limits
from tests.council_server import Council, bomb, packed, trickle

QUICK = Limits(connect=1, total=0.5, most_bytes=1_000_000, backoff=0.01)


class Pauses:
    """Remembers how long somebody would have waited."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def fetcher(town: Council, pauses: Pauses | None = None, limits: Limits = QUICK) -> Fetcher:
    origin = Origin.of(town.url("/"))
    return Fetcher(origin, pauses or Pauses(), random.Random(1), "bot@example.org", limits)  # noqa: S311


async def refused(town: Council, path: str) -> SourceError:
    async with fetcher(town) as http:
        with pytest.raises(SourceError) as caught:
            await http.get(town.url(path))
    return caught.value


async def test_a_page_is_read_packed_or_not_and_says_who_asks(town: Council) -> None:
    town.raw("/plain", b"[1]", ETag='"a"', Last_Modified="yesterday")
    town.pages["/packed"] = lambda _: packed([2])
    async with fetcher(town) as http:
        plain, unpacked = await http.get(town.url("/plain")), await http.get(town.url("/packed"))
    assert (plain.body, plain.etag, plain.modified) == (b"[1]", '"a"', "yesterday")
    assert unpacked.body == b"[2]"
    assert "bot@example.org" in town.headers[0]["User-Agent"]
    assert "Cookie" not in town.headers[1]


async def test_what_is_known_is_not_sent_again(town: Council) -> None:
    def answer(request: web.Request) -> web.Response:
        known = request.headers.get("If-None-Match") == '"a"'
        return web.Response(status=304) if known else web.Response(text="new", headers={"ETag": '"a"'})

    town.pages["/calendar"] = answer
    async with fetcher(town) as http:
        first = await http.get(town.url("/calendar"))
        again = await http.get(town.url("/calendar"), etag=first.etag)
    assert (first.status, again.status, again.body) == (200, 304, b"")


async def test_errors_of_the_server_are_tried_again_with_growing_pauses(town: Council) -> None:
    answers = [500, 503, 200]
    town.pages["/x"] = lambda _: web.Response(status=answers.pop(0), text="ok")
    pauses = Pauses()
    async with fetcher(town, pauses) as http:
        assert (await http.get(town.url("/x"))).body == b"ok"
    assert len(pauses.seconds) == 2
    assert 0 < pauses.seconds[0] < pauses.seconds[1]


async def test_after_three_tries_it_is_told(town: Council) -> None:
    town.raw("/x", b"", status=500)
    error = await refused(town, "/x")
    assert (error.key, error.details["reason"], len(town.asked)) == ("agendas.server_error", "500", 3)


@pytest.mark.parametrize("status", [401, 403, 429])
async def test_who_asks_to_be_left_alone_is_asked_once(town: Council, status: int) -> None:
    town.raw("/x", b"", status=status, Retry_After="3600")
    error = await refused(town, "/x")
    assert isinstance(error, SourceClosed)
    assert error.after is not None
    assert error.after.total_seconds() == 3600
    assert len(town.asked) == 1


async def test_a_slow_trickle_ends_in_time(town: Council) -> None:
    town.pages["/slow"] = trickle
    assert (await refused(town, "/slow")).key == "agendas.too_slow"


async def test_too_much_is_not_read_packed_or_not(town: Council) -> None:
    town.pages["/bomb"] = bomb()
    town.raw("/large", b" " * 1_000_001)
    town.raw("/just", b" " * 1_000_000)
    assert (await refused(town, "/bomb")).key == "agendas.too_big"
    assert (await refused(town, "/large")).key == "agendas.too_big"
    async with fetcher(town) as http:
        assert len((await http.get(town.url("/just"))).body) == 1_000_000


@pytest.mark.parametrize("body", [b"no gzip at all", b"\x1f\x8b\x08\x00torn"])
async def test_broken_packing_is_told(town: Council, body: bytes) -> None:
    town.raw("/x", body, Content_Encoding="gzip")
    assert (await refused(town, "/x")).key == "agendas.no_connection"


async def test_an_answer_that_breaks_off_is_told(town: Council) -> None:
    async def torn(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"[1,")
        assert request.transport is not None
        request.transport.close()
        return response

    town.pages["/torn"] = torn
    assert (await refused(town, "/torn")).key == "agendas.no_connection"


@pytest.mark.parametrize(
    "target",
    [
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/",
        "http://localhost/",
        "https://example.org/",
        "//example.org/x",
        "file:///etc/passwd",
        "http://127.0.0.1:1/",
        "http://user@127.0.0.1/",
    ],
)
async def test_nobody_leads_us_to_another_server(town: Council, target: str) -> None:
    town.raw("/x", b"", status=302, Location=target)
    error = await refused(town, "/x")
    assert error.key in ("agendas.foreign_host", "agendas.bad_address")
    assert len(town.asked) == 1


async def test_redirects_on_the_same_server_are_followed_but_not_for_ever(town: Council) -> None:
    town.raw("/a", b"", status=301, Location="/b?x=1")
    town.raw("/b", b"here")
    town.raw("/round", b"", status=307, Location="/round")
    async with fetcher(town) as http:
        assert (await http.get(town.url("/a"))).body == b"here"
    assert (await refused(town, "/round")).key == "agendas.too_many_redirects"


class Names(AbstractResolver):
    """Answers every name with one address."""

    def __init__(self, address: str) -> None:
        self.address = address

    async def resolve(self, host: str, port: int = 0, _: int = 0) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=self.address, port=port, family=2, proto=0, flags=0),
        ]

    async def close(self) -> None:
        pass


@pytest.mark.parametrize("allowed", [False, True])
async def test_a_name_in_a_private_network_must_be_allowed(town: Council, allowed: bool) -> None:
    town.raw("/x", b"inside")
    url = f"http://ris.example:{town.server.port}/x"
    http = Fetcher(Origin.of(url, private=allowed), Pauses(), limits=QUICK, resolver=Names("127.0.0.1"))
    async with http:
        if allowed:
            assert (await http.get(url)).body == b"inside"
        else:
            with pytest.raises(SourceError) as caught:
                await http.get(url)
            assert caught.value.key == "agendas.private_address"
    assert town.asked == (["/x"] if allowed else [])


async def test_public_servers_are_asked_slowly(town: Council) -> None:
    town.raw("/x", b"ok")
    pauses = Pauses()
    async with fetcher(town, pauses) as http:
        http.origin = Origin(http.origin.scheme, http.origin.host, http.origin.port, private=False)
        with pytest.raises(SourceError):
            await http.get(town.url("/x"))
        http.origin = Origin.of(town.url("/"))
        await http.get(town.url("/x"))
        await http.get(town.url("/x"))
    assert pauses.seconds == []
    assert Limits().pace == 1.0


async def test_http_links_on_a_https_server_are_upgraded() -> None:
    origin = Origin.of("https://ris.example.org/oparl")
    assert origin.absolute("http://ris.example.org/x?page=2#a", "https://ris.example.org/") == (
        "https://ris.example.org/x?page=2"
    )
    assert origin.absolute("?page=3", "https://ris.example.org/x") == "https://ris.example.org/x?page=3"


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "192.168.1.1", "169.254.1.1", "0.0.0.0", "100.64.0.1"),  # noqa: S104
        *("::1", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"),
        *("224.0.0.1", "ris.example"),
    ],
)
def test_what_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2a00:1450:4001::1", "::ffff:93.184.216.34"])
def test_what_is_public(address: str) -> None:
    assert is_public(address)


@given(st.text(max_size=200))
def test_any_link_stays_on_the_server_or_is_refused(link: str) -> None:
    origin = Origin.of("https://ris.example.org/oparl")
    try:
        found = origin.absolute(link, "https://ris.example.org/oparl/body")
    except SourceError:
        return
    assert found.startswith("https://ris.example.org")
    assert Origin.of(found).host == "ris.example.org"
