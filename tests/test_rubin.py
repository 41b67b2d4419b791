"""The calendar of more!rubin systems: drafts and groups stay out, one bad agenda harms no other."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web

from errors import SourceClosed, SourceError
from scheduler.agendas.addresses import Origin
from scheduler.agendas.fetch import Fetcher
from scheduler.agendas.meetings import Harvest
from scheduler.agendas.reading import read_address
from tests.council_server import Council

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def event(number: int, **more: object) -> dict[str, object]:
    """An invented meeting as the calendar lists it."""
    known = {"id": number, "nummer": f"2026/{number}", "datum": "2026-12-15", "titel": "Hauptausschuss"}
    return {**known, "beginn": "18:00:00", "ende": "00:00:00", "event_type_id": 1, **more}


def serve(town: Council, events: object, agendas: dict[str, object]) -> None:
    async def answer(request: web.Request) -> web.Response:
        if request.query["id"] == "calendar":
            return web.json_response({"meetings": events})
        found = agendas.get(request.query["meeting_id"])
        return web.Response(status=found) if isinstance(found, int) else web.json_response(found or {})

    town.pages["/api.php"] = answer


async def read(town: Council) -> Harvest:
    url = town.url("/api.php?id=calendar")
    async with Fetcher(Origin.of(url, private=True), pause=_at_once) as fetcher:
        reading = await read_address(url, fetcher, BERLIN, NOW)
    assert reading is not None
    return reading


async def _at_once(_: float) -> None:
    """Nobody is kept waiting here."""


async def test_meetings_come_with_their_agenda(town: Council) -> None:
    agenda = {
        "agenda_items": [
            {"topnummer": "Ö 4", "title": "Haushaltssatzung 2027", "status": 1},
            {"topnummer": "N 1", "title": "Vertrauliches", "status": 2},
        ],
        "committees": [{"Bezeichnung": "Hauptausschuss"}],
    }
    room = {"Bezeichnung": "Rathaus", "Strasse": "Markt 1", "Ort": "Musterstadt"}
    serve(
        town,
        [event(1, room=room, full_url="https://example.org/1"), event(2, beginn=None)],
        {"2026/1": agenda},
    )
    first, second = (await read(town)).meetings
    assert (first.key, first.title, first.council) == ("rubin-2026/1", "Hauptausschuss", "Hauptausschuss")
    assert (first.starts, first.ends) == (datetime(2026, 12, 15, 17, tzinfo=UTC), None)
    assert [(one.number, one.public) for one in first.items] == [("Ö 4", True), ("N 1", False)]
    assert (first.location, first.url) == ("Rathaus, Markt 1, Musterstadt", "https://example.org/1")
    assert (second.time_known, second.items) == (False, ())
    assert "from=2026-10&to=2027-07" in town.asked[0]


async def test_drafts_groups_and_the_past_are_not_asked_for(town: Council) -> None:
    events = [
        event(1, is_draft="1"),
        event(2, fraktionssitzung="1"),
        event(3, event_type_id=7),
        event(4, datum="2026-11-01", fraktionssitzung="0", is_draft=False),
        "no object",
    ]
    serve(town, events, {})
    assert [one.key for one in (await read(town)).meetings] == ["rubin-2026/4"]
    assert len(town.asked) == 1


async def test_one_bad_agenda_is_named_and_harms_no_other(town: Council) -> None:
    serve(town, [event(1), event(2, datum="bald"), event(3)], {"2026/1": 404})
    reading = await read(town)
    assert [one.key for one in reading.meetings] == ["rubin-2026/1", "rubin-2026/3"]
    assert [one.key for one in reading.problems] == [
        "agendas.oparl_nothing",
        "agendas.oparl_bad_start",
    ]


async def test_what_is_no_calendar_or_shut_is_said(town: Council) -> None:
    serve(town, "none", {})
    with pytest.raises(SourceError):
        await read(town)
    serve(town, [event(1)], {"2026/1": 403})
    with pytest.raises(SourceClosed):
        await read(town)
