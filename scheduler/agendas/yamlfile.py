"""Reading meetings that people wrote down themselves: a YAML list of `place, starts, title` and more."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from errors import Problem, SourceError
from scheduler.agendas.meetings import (
    FoundItem,
    FoundMeeting,
    Harvest,
    UnusableError,
    is_midnight,
    without_cancellation,
)
from scheduler.agendas.text import tidy, web_address
from scheduler.agendas.yamlnodes import Record, records_of
from scheduler.agendas.yamltimes import read_end, read_start

LARGEST_MEGABYTES = 8
MOST_ITEMS = 500
KEYS = frozenset({"place", "starts", "title", "ends", "council", "location", "url", "items"})
ITEM_KEYS = frozenset({"number", "title", "public"})
YES = frozenset({"true", "yes", "ja", "öffentlich", "on"})
NO = frozenset({"false", "no", "nein", "nichtöffentlich", "nicht öffentlich", "off"})


@dataclass(frozen=True)
class _Reading:
    name: str
    zone: ZoneInfo
    place: str | None


def read_yaml(data: bytes, name: str, zone: ZoneInfo, place: str | None = None) -> Harvest:
    """All meetings of a YAML file in the order of the file.

    `starts` and `ends` are local times of `zone` unless they carry an offset; `place` fills in for
    records without one. A record that cannot be used becomes a Problem naming entry, line and key; an
    unknown key is a Problem too, but its record is used. The key of a meeting is its url when no other
    record of the file has the same, else a hash of place, local date and title.

    Raises SourceError for broken YAML, anything but a list, aliases, deep nesting, or more than 8 MB.
    """
    if len(data) > LARGEST_MEGABYTES * 1_000_000:
        raise SourceError("agendas.too_big", name=name, limit=LARGEST_MEGABYTES)
    reading = _Reading(name, zone, place)
    problems: list[Problem] = []
    found: list[tuple[Record, FoundMeeting]] = []
    for record in records_of(data, name):
        problems.extend(_unknown_keys(record, name))
        try:
            found.append((record, _meeting(record, reading)))
        except UnusableError as reason:
            problems.append(_problem(record, name, reason))
    meetings = _told_apart(found, name, problems)
    return Harvest(tuple(meetings), tuple(problems))


def _problem(record: Record, name: str, reason: UnusableError) -> Problem:
    where = f"[{record.number}]" + (f".{reason.field}" if reason.field else "") + f":{record.line}"
    details = {"name": name, "entry": record.number, "line": record.line, "field": reason.field}
    return Problem(name, where, reason.key, {**details, **reason.details})


def _unknown_keys(record: Record, name: str) -> Iterator[Problem]:
    for key in record.values:
        if key not in KEYS:
            yield _problem(record, name, UnusableError("agendas.entry_unknown_key", tidy(key, 60)))


def _told_apart(
    found: list[tuple[Record, FoundMeeting]], name: str, problems: list[Problem]
) -> Iterator[FoundMeeting]:
    """The meetings with their final keys; a record that repeats an earlier one is a Problem."""
    addresses = Counter(meeting.url for _, meeting in found)
    seen: dict[str, int] = {}
    for record, meeting in found:
        own = meeting.url is not None and addresses[meeting.url] == 1
        keyed = replace(meeting, key=meeting.url) if own and meeting.url else meeting
        if keyed.key in seen:
            reason = UnusableError("agendas.entry_twice", "", first=seen[keyed.key])
            problems.append(_problem(record, name, reason))
            continue
        seen[keyed.key] = record.number
        yield keyed


def _meeting(record: Record, reading: _Reading) -> FoundMeeting:
    if not isinstance(record.node, dict):
        raise UnusableError("agendas.entry_no_mapping")
    place = _line(record, "place") or reading.place or _missing("place")
    written = _line(record, "title") or _missing("title")
    start = _line(record, "starts") or _missing("starts")
    title, cancelled = without_cancellation(written)
    starts = read_start(start, reading.zone)
    end = _line(record, "ends")
    return FoundMeeting(
        key=_key(place, starts.astimezone(reading.zone), title),
        place=place,
        title=title,
        council=_line(record, "council"),
        starts=starts,
        time_known=not is_midnight(starts, reading.zone),
        ends=read_end(end, starts, reading.zone) if end else None,
        location=_line(record, "location"),
        url=_address(record),
        cancelled=cancelled,
        items=tuple(_items(record)),
    )


def _key(place: str, local: datetime, title: str) -> str:
    facts = "\n".join([place.casefold(), local.date().isoformat(), title.casefold()])
    return hashlib.sha256(facts.encode()).hexdigest()[:24]


def _missing(field: str) -> str:
    raise UnusableError("agendas.entry_missing", field)


def _line(record: Record, field: str) -> str | None:
    value = record.values.get(field)
    if isinstance(value, list | dict):
        raise UnusableError("agendas.entry_no_text", field)
    return (tidy(value) or None) if value else None


def _address(record: Record) -> str | None:
    written = _line(record, "url")
    if written is None:
        return None
    address = web_address(str(record.values["url"]))
    if address is None:
        raise UnusableError("agendas.entry_bad_url", "url", value=tidy(written, 60))
    return address


def _items(record: Record) -> Iterator[FoundItem]:
    items = record.values.get("items")
    if items is None:
        return
    if not isinstance(items, list):
        raise UnusableError("agendas.entry_no_list", "items")
    for number, item in enumerate(items[:MOST_ITEMS], start=1):
        yield _item(item, f"items[{number}]")


def _item(item: object, field: str) -> FoundItem:
    values = item if isinstance(item, dict) else {"title": item}
    title = values.get("title")
    if not isinstance(title, str) or not tidy(title):
        raise UnusableError("agendas.entry_bad_item", field)
    unknown = [key for key in values if key not in ITEM_KEYS]
    if unknown:
        raise UnusableError("agendas.entry_unknown_item_key", field, value=tidy(unknown[0], 60))
    number = values.get("number")
    return FoundItem(
        number=(tidy(number, 40) or None) if isinstance(number, str) else None,
        title=tidy(title),
        public=_public(values.get("public"), field),
    )


def _public(value: object, field: str) -> bool | None:
    word = value.strip().casefold() if isinstance(value, str) else value
    if word is None:
        return None
    if word in YES or word in NO:
        return word in YES
    raise UnusableError("agendas.entry_bad_public", f"{field}.public")
