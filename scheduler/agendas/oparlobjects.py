"""From one OParl meeting, as servers really send them, to the meeting we keep."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from scheduler.agendas.meetings import (
    FoundItem,
    FoundMeeting,
    UnusableError,
    believable_end,
    is_midnight,
    without_cancellation,
)
from scheduler.agendas.oparljson import Object, many, text_of, truth
from scheduler.agendas.text import web_address

MOST_ITEMS = 500
LONGEST_KEY = 500
EARLIEST, LATEST = 1990, 2100
NO_NAME = "Sitzung"

_OPEN_PART = re.compile(
    r"^\W{0,5}(?:[ivx]{1,4}|[a-z0-9]{1,3})?[.)\s:]{0,5}(?:teil\W{1,3})?öffentlich\w{0,3}(?:r|n|s)?\b", re.I
)
_CLOSED = re.compile(r"\bnicht\s{0,3}[-–]?\s{0,3}öffentlich", re.IGNORECASE)
_BOTH = re.compile(r"(?<!nicht)(?<!nicht[- –])\böffentlich\w{0,3}\s{0,3}(?:/|und|u\.|,|\+|&)", re.IGNORECASE)
_HEADING = re.compile(r"\b(?:sitzung|teil|tagesordnung|beratung|abschnitt)\w{0,3}\b", re.IGNORECASE)
_CLOSED_NUMBER = re.compile(r"^(?:top\s{0,3})?(?:n(?:ö|oe)?|nichtöffentlich)\s{0,3}[\d.]", re.IGNORECASE)
_OPEN_NUMBER = re.compile(r"^(?:top\s{0,3})?(?:ö|oe)\s{0,3}[\d.]", re.IGNORECASE)
_CALLED_OFF = re.compile(r"abgesagt|entf(?:ä|ae)llt|ausgefallen|storniert|cancell?ed", re.IGNORECASE)
_COLON = re.compile(r"([+-]\d\d)(\d\d)$")


@dataclass(frozen=True)
class Around:
    """What must be read elsewhere before a meeting is whole: its items, its councils, its address."""

    items: Sequence[Object]
    council: str = ""
    location: str = ""
    place: str | None = None


def name_of(body: Object) -> str | None:
    """What a municipality is called."""
    return text_of(body.get("shortName")) or text_of(body.get("name")) or None


def key_of(meeting: Object) -> str:
    """The key of a meeting: its own id, else something that stays the same."""
    own = meeting.get("id") or meeting.get("@id")
    if isinstance(own, str) and own.strip():
        return own.strip()[:LONGEST_KEY]
    facts = f"{text_of(meeting.get('name'))}\n{text_of(meeting.get('start'))}"
    return "without-id-" + hashlib.sha256(facts.encode("utf-8", "replace")).hexdigest()[:24]


def starts_of(meeting: Object, zone: ZoneInfo) -> datetime:
    """When a meeting begins (UTC). Raises UnusableError."""
    raw = meeting.get("start")
    if raw in (None, ""):
        raise UnusableError("agendas.oparl_no_start")
    moment = moment_of(raw, zone)
    if moment is None or not EARLIEST <= moment.year < LATEST:
        raise UnusableError("agendas.oparl_bad_start", value=text_of(raw, 60) or type(raw).__name__)
    return moment


def moment_of(value: object, zone: ZoneInfo) -> datetime | None:
    """An ISO 8601 moment in UTC; one without offset is local time of `zone`; None if it is none."""
    if not isinstance(value, str):
        return None
    text = _COLON.sub(r"\1:\2", value.strip()[:40].replace(" ", "T", 1))
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def found_meeting(meeting: Object, around: Around, zone: ZoneInfo) -> FoundMeeting:
    """The meeting with everything around it. Raises UnusableError."""
    starts = starts_of(meeting, zone)
    time_known = not is_midnight(starts, zone)
    name = text_of(meeting.get("name")) or around.council or NO_NAME
    title, called_off = without_cancellation(name)
    ends = moment_of(meeting.get("end"), zone) if time_known else None
    web = meeting.get("web")
    closed = bool(_CLOSED.search(name)) and not _BOTH.search(name)
    return FoundMeeting(
        key=key_of(meeting),
        place=around.place,
        title=title,
        council=around.council or None,
        starts=starts,
        time_known=time_known,
        ends=believable_end(starts, ends, zone),
        location=around.location or None,
        url=web_address(web) if isinstance(web, str) else None,
        cancelled=called_off or is_cancelled(meeting),
        items=tuple(items_of(around.items, closed)),
    )


def is_cancelled(meeting: Object) -> bool:
    """Whether the flag or the state of a meeting calls it off."""
    state = text_of(meeting.get("meetingState") or meeting.get("status"))
    return truth(meeting.get("cancelled")) is True or bool(_CALLED_OFF.search(state))


def location_of(location: object) -> str:
    """An embedded location in one line: its description, or room and street; "" for a mere link."""
    if not isinstance(location, dict):
        return ""
    described = text_of(location.get("description"), 200)
    if described:
        return described
    parts = [text_of(location.get(name), 100) for name in ("room", "streetAddress", "locality")]
    return ", ".join(dict.fromkeys(part for part in parts if part))


def items_of(items: Iterable[Object], closed: bool = False) -> list[FoundItem]:
    """The items in their order, each with whether it is public: by its flag, number or section.

    A heading "Nichtöffentlicher Teil" closes everything below it that does not say otherwise.
    `closed`: nothing is public that is not marked so.
    """
    found: list[FoundItem] = []
    for item in _in_order(items):
        title = text_of(item.get("name") or item.get("title"))
        if not title or truth(item.get("deleted")) is True:
            continue
        part = _part(title)
        if part is not None:
            closed = part is False
            continue
        number = text_of(item.get("number"), 20) or None
        found.append(FoundItem(number, title, _public(item, number, title, closed)))
    return found[:MOST_ITEMS]


def _in_order(items: Iterable[Object]) -> list[Object]:
    listed = list(items)[: 4 * MOST_ITEMS]
    orders = [item.get("order") for item in listed]
    if any(isinstance(one, bool) or not isinstance(one, (int, float)) for one in orders):
        return listed
    return sorted(listed, key=lambda item: float(item["order"]))


def _part(title: str) -> bool | None:
    """Whether a title is the heading of the public (True) or the closed (False) part; None for an item."""
    if len(title) > 60:
        return None
    if _CLOSED.search(title):
        return False if _HEADING.search(title) or len(title.split()) <= 2 else None
    return True if _OPEN_PART.match(title) and (_HEADING.search(title) or len(title.split()) <= 2) else None


def _public(item: Object, number: str | None, title: str, closed: bool) -> bool | None:
    said = truth(item.get("public"))
    if (
        said is False
        or (number and _CLOSED_NUMBER.match(number))
        or title.casefold().startswith("nichtöffentlich")
    ):
        return False
    if said or (number and _OPEN_NUMBER.match(number)):
        return True
    return False if closed else None


def embedded(value: object) -> tuple[list[Object], list[str]]:
    """What stands there itself, and the addresses of what must be fetched."""
    parts = many(value)
    return [one for one in parts if isinstance(one, dict)], [one for one in parts if isinstance(one, str)]
