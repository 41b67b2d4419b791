"""OParl servers as they really are: everything readable is read, and everything left aside is named."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from errors import SourceClosed, SourceError
from scheduler.agendas.addresses import Origin
from scheduler.agendas.fetch import Fetcher, Limits
from scheduler.agendas.meetings import Harvest, UnusableError
from scheduler.agendas.oparl import OparlReader
from scheduler.agendas.oparljson import read_page, text_of
from scheduler.agendas.oparlobjects import Around, found_meeting, items_of
from scheduler.agendas.reading import NOTHING_BEFORE, Before, read_address
from tests.council_server import Council, item, meeting

ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2027, 1, 11, 9, 0, tzinfo=UTC)
SOON = datetime(2027, 2, 2, 17, 0, tzinfo=UTC)
QUICK = Limits(connect=1, total=1, backoff=0)


async def no_pause(_: float) -> None:
    pass


async def harvest(
    town: Council, path: str = "/meetings", since: datetime | None = None, reread: tuple[str, ...] = ()
) -> Harvest:
    async with Fetcher(Origin.of(town.url("/")), no_pause, Random(1), limits=QUICK) as http:  # noqa: S311
        reader = OparlReader(http, "test", ZONE, NOW, since)
        return await reader.read(town.url(path), reread)


async def reading(town: Council, path: str, before: Before = NOTHING_BEFORE) -> Harvest | None:
    async with Fetcher(Origin.of(town.url("/")), no_pause, Random(1), limits=QUICK) as http:  # noqa: S311
        return await read_address(town.url(path), http, ZONE, NOW, before)


def complaints(found: Harvest) -> list[str]:
    return [problem.key for problem in found.problems]


def titles(found: Harvest) -> list[str]:
    return [one.title for one in found.meetings]


# --- ways in ----------------------------------------------------------------------------------------


def parliament(town: Council, version: str = "1.1") -> None:
    schema = f"https://schema.oparl.org/{version}"
    town.json(
        "/system",
        {"id": "@/system", "type": f"{schema}/System", "body": "@/bodies", "oparlVersion": f"{schema}/"},
    )
    body = {"id": "@/body/1", "type": f"{schema}/Body", "name": "Stadt Musterow", "meeting": "@/meetings"}
    town.json("/body/1", body)
    town.listed("/bodies", [body])
    first = meeting(1, SOON, agendaItem=[item("Haushaltssatzung 2027")])
    town.listed("/meetings", [first, meeting(2, SOON)], [meeting(3, SOON, "Bürgerschaft")])


@pytest.mark.parametrize("path", ["/system", "/body/1", "/bodies", "/meetings"])
@pytest.mark.parametrize("version", ["1.0", "1.1"])
async def test_system_body_and_list_lead_to_the_same_meetings(town: Council, path: str, version: str) -> None:
    parliament(town, version)
    found = await harvest(town, path)
    assert titles(found) == ["Finanzausschuss", "Finanzausschuss", "Bürgerschaft"]
    assert found.complete
    assert not found.problems
    first = found.meetings[0]
    assert (first.starts, first.time_known, first.key) == (SOON, True, town.url("/meeting/1"))
    assert [(one.number, one.title, one.public) for one in first.items] == [
        ("Ö 1", "Haushaltssatzung 2027", True)
    ]
    assert {one.place for one in found.meetings} == ({None} if path == "/meetings" else {"Stadt Musterow"})


async def test_a_system_may_hold_its_bodies_itself_and_a_body_may_be_one_object(town: Council) -> None:
    town.json(
        "/system", {"type": "x/System", "body": {"type": "x/Body", "shortName": "Musterow", "meeting": "@/m"}}
    )
    town.json("/m", [meeting(1, SOON)])
    found = await harvest(town, "/system")
    assert [(one.title, one.place) for one in found.meetings] == [("Finanzausschuss", "Musterow")]


async def test_the_body_of_a_list_is_asked_for_its_name_once(town: Council) -> None:
    town.json("/body/1", {"id": "@/body/1", "type": "x/Body", "name": "Musterow", "meeting": "@/m"})
    town.json("/m", [meeting(n, SOON, body="@/body/1") for n in (1, 2)])
    found = await harvest(town, "/m")
    assert [one.place for one in found.meetings] == ["Musterow", "Musterow"]
    assert town.asked.count("/body/1") == 1


async def test_a_single_meeting_is_a_source_too(town: Council) -> None:
    town.json("/meeting/1", meeting(1, SOON))
    assert titles(await harvest(town, "/meeting/1")) == ["Finanzausschuss"]


async def test_something_else_is_refused_in_words(town: Council) -> None:
    town.json("/paper", {"id": "@/paper", "type": "https://schema.oparl.org/1.1/Paper"})
    town.raw("/page", b"<html>Zu viele Zugriffe</html>")
    for path, key in (("/paper", "agendas.oparl_no_meetings"), ("/page", "agendas.oparl_nothing")):
        with pytest.raises(SourceError) as caught:
            await harvest(town, path)
        assert caught.value.key == key


# --- lists ------------------------------------------------------------------------------------------


async def test_linked_items_councils_and_rooms_are_read_for_coming_meetings_only(town: Council) -> None:
    links = {"agendaItem": ["@/item/1", "@/item/2"], "organization": ["@/org/1"], "location": "@/room"}
    town.json("/meetings", [meeting(1, SOON, **links), meeting(2, NOW - timedelta(days=90), **links)])
    town.json("/item/1", item("Haushaltssatzung", "Ö 7"))
    town.json("/item/2", item("Personalsache", "N 1", public=False))
    town.json("/org/1", {"id": "@/org/1", "name": "Finanzausschuss"})
    town.json("/room", {"id": "@/room", "description": "Rathaus, Saal 1"})
    coming, past = (await harvest(town)).meetings
    assert [(one.title, one.public) for one in coming.items] == [
        ("Haushaltssatzung", True),
        ("Personalsache", False),
    ]
    assert (coming.council, coming.location) == ("Finanzausschuss", "Rathaus, Saal 1")
    assert past.items == ()
    assert len(town.asked) == 5


async def test_items_may_be_a_list_of_their_own(town: Council) -> None:
    town.json("/meetings", [meeting(1, SOON, agendaItem="@/items")])
    town.json("/items", {"data": [item("Doppelhaushalt")], "links": {}})
    assert [one.title for one in (await harvest(town)).meetings[0].items] == ["Doppelhaushalt"]


async def test_lists_that_go_round_in_circles_end(town: Council) -> None:
    town.json("/meetings", {"data": [meeting(1, SOON)], "links": {"next": "@/meetings"}})
    town.pages["/same"] = lambda _: web.json_response(
        {
            "data": [{"id": "x", "start": "2027-02-02T18:00:00+01:00", "name": "A"}],
            "links": {"next": town.url(f"/same?page={len(town.asked)}")},
        }
    )
    for path in ("/meetings", "/same"):
        found = await harvest(town, path)
        assert len(found.meetings) == 1
        assert complaints(found) == ["agendas.oparl_loop"]
        assert not found.complete
    assert len(town.asked) <= 4


async def test_a_list_that_never_ends_is_cut_off(town: Council) -> None:
    def page(request: web.Request) -> web.Response:
        number = int(request.query.get("page", 1))
        one = {"id": f"m{number}", "start": "2027-02-02T18:00:00+01:00", "name": "A"}
        return web.json_response({"data": [one], "links": {"next": town.url(f"/endless?page={number + 1}")}})

    town.pages["/endless"] = page
    found = await harvest(town, "/endless")
    assert len(found.meetings) == 200
    assert complaints(found) == ["agendas.oparl_too_many_pages"]


async def test_a_broken_page_does_not_stop_the_others(town: Council) -> None:
    town.listed("/meetings", [meeting(1, SOON)], [meeting(2, SOON)], [meeting(3, SOON, "C")])
    town.raw("/meetings?page=2", b"", status=500)
    found = await harvest(town)
    assert [one.key[-1] for one in found.meetings] == ["1", "3"]
    assert complaints(found) == ["agendas.server_error"]
    assert not found.complete


async def test_of_a_page_that_breaks_off_the_whole_objects_are_kept(town: Council) -> None:
    whole = b'{"data": [{"id": "a", "name": "A", "start": "2027-02-02T18:00:00+01:00"}, {"id": "b", "na'
    town.raw("/meetings", whole)
    found = await harvest(town)
    assert titles(found) == ["A"]
    assert "agendas.oparl_torn" in complaints(found)
    assert not found.complete


async def test_pages_on_other_servers_are_not_fetched(town: Council) -> None:
    town.json("/meetings", {"data": [meeting(1, SOON)], "links": {"next": "http://10.0.0.1/meetings?page=2"}})
    found = await harvest(town)
    assert titles(found) == ["Finanzausschuss"]
    assert complaints(found) == ["agendas.foreign_host"]


async def test_being_shut_out_keeps_what_was_read(town: Council) -> None:
    town.listed("/meetings", [meeting(1, SOON)], [meeting(2, SOON)])
    town.raw("/meetings?page=2", b"", status=429, Retry_After="60")
    found = await harvest(town)
    assert len(found.meetings) == 1
    assert isinstance(found.closed, SourceClosed)
    town.raw("/shut", b"", status=403)
    with pytest.raises(SourceClosed):
        await harvest(town, "/shut")


# --- what changed -----------------------------------------------------------------------------------


async def test_only_changes_are_asked_for_in_whole_seconds(town: Council) -> None:
    town.json("/meetings?modified_since=2027-01-10T09:00:00Z", {"data": [meeting(4, SOON)], "links": {}})
    town.json("/meetings", [meeting(1, SOON)])
    found = await harvest(town, since=NOW - timedelta(days=1, microseconds=-7))
    assert [one.key[-1] for one in found.meetings] == ["4"]
    assert [one for one in town.asked if "modified_since" in one] == [
        "/meetings?modified_since=2027-01-10T09:00:00Z"
    ]


async def test_nothing_new_may_be_a_404(town: Council) -> None:
    town.json("/meetings", [meeting(1, SOON)])

    def only_changes(request: web.Request) -> web.Response:
        if "modified_since" in request.query:
            return web.json_response({"error": "nicht gefunden", "code": 802}, status=404)
        return web.json_response([])

    town.pages["/meetings"] = only_changes
    found = await harvest(town, since=NOW)
    assert (found.meetings, found.problems, found.complete) == ((), (), True)


@pytest.mark.parametrize("status", [400, 500])
async def test_who_refuses_the_filter_is_asked_for_everything(town: Council, status: int) -> None:
    def refusing(request: web.Request) -> web.Response:
        if "modified_since" in request.query:
            return web.Response(status=status)
        return web.json_response([{"id": "a", "name": "A", "start": "2027-02-02T18:00:00+01:00"}])

    town.pages["/meetings"] = refusing
    found = await harvest(town, since=NOW)
    assert titles(found) == ["A"]
    assert found.complete


async def test_coming_meetings_are_read_again_one_by_one(town: Council) -> None:
    town.json("/meetings", [meeting(1, SOON)])
    town.json("/meeting/2", meeting(2, SOON, agendaItem=[item("Nachtragshaushalt")]))
    known = (town.url("/meeting/1"), town.url("/meeting/2"), town.url("/meeting/3"), "no address")
    found = await harvest(town, reread=known)
    assert [one.key[-1] for one in found.meetings] == ["1", "2"]
    assert found.meetings[1].items[0].title == "Nachtragshaushalt"
    assert found.complete


async def test_deleted_meetings_are_gone_even_without_a_type(town: Council) -> None:
    gone = {"id": "@/meeting/9", "deleted": True, "modified": "2027-01-01T00:00:00+01:00"}
    town.json("/meetings", [gone, meeting(1, SOON)])
    found = await harvest(town)
    assert found.gone == (town.url("/meeting/9"),)
    assert titles(found) == ["Finanzausschuss"]
    assert not found.problems


# --- single meetings --------------------------------------------------------------------------------


def found(value: dict[str, Any], *items: dict[str, Any]) -> Any:
    return found_meeting(value, Around(items), ZONE)


def test_ends_that_cannot_be_true_are_unknown() -> None:
    base = {"id": "a", "name": "A", "start": "2027-02-02T18:00:00+01:00"}
    for end in (
        "2027-02-03T00:00:00+01:00",
        "2027-02-02T17:00:00+01:00",
        "2027-02-02T18:00:00+01:00",
        "",
        None,
        7,
    ):
        assert found({**base, "end": end}).ends is None
    assert found({**base, "end": "2027-02-02T20:00:00+01:00"}).ends == datetime(2027, 2, 2, 19, tzinfo=UTC)


def test_midnight_is_no_time_and_naive_times_are_local() -> None:
    assert not found({"id": "a", "name": "A", "start": "2027-02-02T00:00:00+01:00"}).time_known
    naive = found({"id": "a", "name": "A", "start": "2027-07-02 18:00:00"})
    assert naive.starts == datetime(2027, 7, 2, 16, tzinfo=UTC)
    assert found({"id": "a", "name": "A", "start": "2027-07-02T18:00:00.123+0200"}).starts.hour == 16


@pytest.mark.parametrize(
    ("more", "cancelled"),
    [
        ({"cancelled": True}, True),
        ({"cancelled": "true"}, True),
        ({"cancelled": "false"}, False),
        ({"meetingState": "abgesagt"}, True),
        ({"meetingState": "eingeladen"}, False),
        ({"name": "ENTFÄLLT - Hauptausschuss"}, True),
    ],
)
def test_every_way_to_call_a_meeting_off(more: dict[str, Any], cancelled: bool) -> None:
    one = found({"id": "a", "name": "Hauptausschuss", "start": "2027-02-02T18:00:00+01:00", **more})
    assert (one.cancelled, one.title) == (cancelled, "Hauptausschuss")


@pytest.mark.parametrize(
    "start", [None, "", "bald", 17, "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-12:00", []]
)
def test_a_meeting_without_a_usable_start_is_left_aside_with_the_reason(start: object) -> None:
    with pytest.raises(UnusableError) as caught:
        found({"id": "a", "name": "A", "start": start})
    assert caught.value.key.startswith("agendas.oparl_")


def test_words_for_nothing_are_nothing() -> None:
    assert [text_of(value) for value in ("N/A", " ", "null", None, True, {}, "-")] == [""] * 7
    assert text_of("FÃ¶rderung") == "Förderung"
    assert text_of("Haushalts-\nsicherungskonzept") == "Haushaltssicherungskonzept"


def test_items_below_a_closed_heading_are_not_public() -> None:
    raw = [
        {"number": "A", "name": "Öffentliche Sitzung"},
        {"number": "1.", "name": "Haushaltssatzung"},
        {"number": "B", "name": "Nichtöffentliche Sitzung"},
        {"number": "2.", "name": "Grundstücksverkauf"},
        {"number": "3.", "name": "Bekanntgabe", "public": True},
    ]
    assert [(one.title, one.public) for one in items_of(raw)] == [
        ("Haushaltssatzung", None),
        ("Grundstücksverkauf", False),
        ("Bekanntgabe", True),
    ]


@pytest.mark.parametrize("number", ["N 1", "N1", "NÖ 3", "TOP N 2", "nö 2.1"])
def test_numbers_of_the_closed_part(number: str) -> None:
    assert items_of([{"number": number, "name": "Personalsache"}])[0].public is False
    assert items_of([{"number": "Ö 1", "name": "Haushalt"}])[0].public is True


def test_a_meeting_that_calls_itself_closed_shows_nothing_unmarked() -> None:
    start = {"id": "a", "start": "2027-02-02T18:00:00+01:00"}
    closed = found({**start, "name": "Finanzausschuss (nichtöffentlich)"}, {"name": "Vergabe"})
    both = found({**start, "name": "Finanzausschuss (öffentlich/nicht öffentlich)"}, {"name": "Haushalt"})
    assert [one.public for one in (*closed.items, *both.items)] == [False, None]


def test_items_follow_their_order_where_all_have_one() -> None:
    raw = [{"name": "B", "order": 2}, {"name": "A", "order": 1}]
    assert [one.title for one in items_of(raw)] == ["A", "B"]
    assert [one.title for one in items_of([*raw, {"name": "C"}])] == ["B", "A", "C"]


def test_raw_control_characters_are_read_and_the_rest_is_refused() -> None:
    page = read_page(b'\xef\xbb\xbf{"id": "a", "name": "Haus\x04halt\n2027 \x01"}')
    assert page is not None
    assert text_of(page.objects[0]["name"]) == "Haushalt 2027"
    assert read_page(b"<html>") is None
    assert read_page(b'"just a text"') is None
    assert read_page(b"[" * 100_000) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["id", "type", "name", "start", "end", "location", "agendaItem", "public", "number", "order"]
            )
            | st.text(max_size=5),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["id", "type", "name", "start", "end", "web", "cancelled"]), JSON))
def test_any_object_is_a_meeting_or_left_aside(value: dict[str, Any]) -> None:
    try:
        one = found_meeting(value, Around([]), ZONE)
    except UnusableError:
        return
    assert one.title
    assert one.key


@given(
    st.lists(
        st.dictionaries(st.sampled_from(["name", "number", "public", "order", "deleted"]), JSON), max_size=6
    )
)
def test_any_items_are_read(value: list[dict[str, Any]]) -> None:
    assert len(items_of(value)) <= len(value)


@given(st.binary(max_size=300) | JSON.map(lambda value: repr(value).encode("utf-8", "replace")))
def test_any_bytes_are_a_page_or_none(body: bytes) -> None:
    read_page(body)


# --- which reader -----------------------------------------------------------------------------------

CALENDAR = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Hauptausschuss\r\n"
    b"DTSTART:20270202T170000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


async def test_calendars_and_oparl_are_told_apart_by_what_they_say(town: Council) -> None:
    parliament(town)
    town.raw("/calendar", CALENDAR, ETag='"7"')
    calendar, oparl = await reading(town, "/calendar"), await reading(town, "/system")
    assert calendar is not None
    assert oparl is not None
    assert [one.title for one in calendar.meetings] == ["Hauptausschuss"]
    assert calendar.etag == '"7"'
    assert len(list(oparl.meetings)) == 3


@pytest.mark.parametrize(
    ("path", "key"),
    [("/gone", "agendas.nothing_there"), ("/page", "agendas.web_page"), ("/empty", "agendas.empty")],
)
async def test_what_is_no_source_is_refused_in_words(town: Council, path: str, key: str) -> None:
    town.raw("/page", b"<!DOCTYPE html><html><body>Kalender</body></html>")
    town.raw("/empty", b" ")
    with pytest.raises(SourceError) as caught:
        await reading(town, path)
    assert caught.value.key == key


async def test_nothing_new_is_told_apart_from_nothing(town: Council) -> None:
    town.raw("/calendar", b"", status=304)
    assert await reading(town, "/calendar", Before(etag='"7"')) is None
