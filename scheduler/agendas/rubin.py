"""Reading the calendar of more!rubin systems, which answer as JSON where OParl is not switched on.

The interface is the one their own pages use, `<base>/api.php` (councils.md, section 2): one request for the
calendar of some months, one for the agenda of each coming meeting.
"""

from datetime import datetime, timedelta
from urllib.parse import quote, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from errors import Problem, SourceClosed, SourceError
from scheduler.agendas.fetch import Fetcher
from scheduler.agendas.meetings import FoundMeeting, Harvest, UnusableError
from scheduler.agendas.oparl import Progress
from scheduler.agendas.oparljson import Object, many, read_page, text_of, truth
from scheduler.agendas.oparlobjects import Around, found_meeting

PAST, FUTURE = timedelta(days=31), timedelta(days=240)
MOST_MEETINGS, MOST_ITEMS = 500, 500
# `event_type_id` of a meeting, and `status` of an item that is discussed behind closed doors.
MEETING, CLOSED = ("", "1"), "2"


def is_rubin(url: str) -> bool:
    """Whether an address is that interface."""
    return urlsplit(url).path.lower().endswith("/api.php")


async def read_rubin(
    url: str, name: str, fetcher: Fetcher, zone: ZoneInfo, now: datetime, progress: Progress
) -> Harvest:
    """The meetings from a month ago to eight months ahead. Raises SourceClosed and SourceError."""
    base = urlunsplit(urlsplit(url)._replace(query="", fragment=""))
    span = f"from={now - PAST:%Y-%m}&to={now + FUTURE:%Y-%m}"
    calendar = await _object(
        f"{base}?json=true&id=calendar&action=get&{span}&view=list&body_id=", name, fetcher
    )
    events = calendar.get("meetings")
    if not isinstance(events, list):
        raise SourceError("agendas.oparl_no_meetings", name=name)
    wanted = [one for one in events[:MOST_MEETINGS] if isinstance(one, dict) and _is_public_meeting(one)]
    found: list[FoundMeeting] = []
    problems: list[Problem] = []
    for number, event in enumerate(wanted, start=1):
        where = f"{name} ({text_of(event.get('titel'), 60)})"
        try:
            event = {**event, **await _agenda(event, base, name, fetcher, zone, now)}
        except SourceClosed:
            raise
        except SourceError as error:
            # The meeting itself is known from the calendar.
            problems.append(Problem(name, where, error.key, {**error.details, "name": where}))
        try:
            found.append(_meeting(event, zone))
        except UnusableError as error:
            problems.append(Problem(name, where, error.key, {**error.details, "name": where}))
        progress(number, len(wanted))
    return Harvest(tuple(found), tuple(problems))


async def _object(url: str, name: str, fetcher: Fetcher) -> Object:
    answer = await fetcher.get(url)
    page = read_page(answer.body) if answer.status == 200 else None
    if page is None or not page.objects:
        raise SourceError("agendas.oparl_nothing", name=name)
    return {"meetings": list(page.objects)} if page.is_list else page.objects[0]


def _is_public_meeting(event: Object) -> bool:
    """Drafts and meetings of parliamentary groups are no council meetings."""
    refused = truth(event.get("is_draft")) or truth(event.get("fraktionssitzung"))
    return not refused and str(event.get("event_type_id") or "") in MEETING


async def _agenda(
    event: Object, base: str, name: str, fetcher: Fetcher, zone: ZoneInfo, now: datetime
) -> Object:
    """What the meeting's own page adds to the calendar; asked for only while it matters."""
    number = text_of(event.get("nummer") or event.get("id"), 60)
    over = text_of(event.get("datum"), 10) < f"{now.astimezone(zone):%Y-%m-%d}"
    if not number or over or isinstance(event.get("agenda_items"), list):
        return {}
    address = f"{base}?json=true&id=meetings&action=get&meeting_id={quote(number, safe='')}"
    return await _object(address, name, fetcher)


def _meeting(event: Object, zone: ZoneInfo) -> FoundMeeting:
    """The event in the words of OParl, so that both are read by the same rules."""
    committees = [one for one in many(event.get("committees")) if isinstance(one, dict)]
    council = text_of(committees[0].get("Bezeichnung")) if committees else ""
    room = event.get("room") if isinstance(event.get("room"), dict) else {}
    place = [text_of(room.get(part), 100) for part in ("Bezeichnung", "Strasse", "Ort")] if room else []
    meeting: Object = {
        "id": f"rubin-{text_of(event.get('nummer') or event.get('id'), 60)}",
        "name": event.get("titel"),
        "start": _moment(event.get("datum"), event.get("beginn")),
        "end": _moment(event.get("datum"), event.get("ende")) if event.get("ende") else None,
        "web": event.get("full_url"),
        "meetingState": event.get("status"),
    }
    agenda = [
        {"number": one.get("topnummer"), "name": one.get("title"), "public": _openness(one)}
        for one in many(event.get("agenda_items"))[:MOST_ITEMS]
        if isinstance(one, dict)
    ]
    around = Around(agenda, council, ", ".join(part for part in place if part))
    return found_meeting(meeting, around, zone)


def _openness(item: Object) -> bool | None:
    status = str(item.get("status") or "")
    return status != CLOSED if status else None


def _moment(day: object, clock: object) -> str:
    """Date and time as one; without a time it is midnight, which means unknown."""
    return f"{text_of(day, 10)}T{text_of(clock, 8) or '00:00:00'}" if day else ""
