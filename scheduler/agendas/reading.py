"""Which reader a source needs, and what it read."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from errors import SourceError
from scheduler.agendas.fetch import Answer, Fetcher
from scheduler.agendas.ical import read_ical
from scheduler.agendas.icallines import is_calendar
from scheduler.agendas.meetings import Harvest
from scheduler.agendas.oparl import OparlReader, Progress
from scheduler.agendas.rubin import is_rubin, read_rubin
from scheduler.agendas.text import decode, shown
from scheduler.agendas.yamlfile import read_yaml

LARGEST_BYTES = 8_000_000
# Repeating events are unrolled that far into the past and the future.
PAST, FUTURE = timedelta(days=400), timedelta(days=800)


@dataclass(frozen=True)
class Before:
    """What an earlier reading of the same address left: see `store.sources`."""

    since: datetime | None = None
    reread: tuple[str, ...] = ()
    etag: str = ""
    modified: str = ""


NOTHING_BEFORE = Before()


def read_file(path: Path, zone: ZoneInfo, now: datetime, place: str | None) -> Harvest:
    """Read an iCalendar or YAML file; naive times are of `zone`. Raises SourceError."""
    data = _bytes(path)
    begins = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").upper()
    if begins.startswith(b"BEGIN:") or path.suffix.lower() in (".ics", ".ical", ".ifb"):
        return read_ical(data, path.name, zone, now - PAST, now + FUTURE)
    return replace(read_yaml(data, path.name, zone, place=place), curated=True)


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise SourceError("agendas.unreadable", name=str(path), reason=error.strerror or "?") from error
    if not data.strip():
        raise SourceError("agendas.empty", name=path.name)
    return data


def is_address(source: str) -> bool:
    """Whether a source is meant as a web address."""
    return "://" in source or source.lower().startswith(("http:", "https:", "webcal:"))


def address_of(source: str) -> str:
    """The address to ask: webcal, as calendars are often shared, is https."""
    return "https" + source[len("webcal") :] if source.lower().startswith("webcal:") else source


def nobody_watches(_: int, __: int | None) -> None:
    """For whom progress does not matter."""


async def read_address(
    url: str,
    fetcher: Fetcher,
    zone: ZoneInfo,
    now: datetime,
    before: Before = NOTHING_BEFORE,
    progress: Progress = nobody_watches,
    kind: str | None = None,
) -> Harvest | None:
    """Read an OParl address, or a calendar on the web; None when nothing is new there.

    Raises SourceClosed and SourceError.
    """
    name = shown(url)
    oparl = OparlReader(fetcher, name, zone, now, before.since, progress)
    if kind == "oparl":
        return await oparl.read(url, before.reread)
    if kind is None and is_rubin(url):
        return await read_rubin(url, name, fetcher, zone, now, progress)
    answer = await fetcher.get(url, before.etag, before.modified)
    if answer.status == 304:
        return None
    if answer.status == 404:
        raise SourceError("agendas.nothing_there", name=name)
    if kind is None and _is_json(answer.body):
        return await oparl.read(url, before.reread)
    return _calendar(answer, name, zone, now, kind)


def _calendar(answer: Answer, name: str, zone: ZoneInfo, now: datetime, kind: str | None) -> Harvest:
    body = answer.body
    if not body.strip():
        raise SourceError("agendas.empty", name=name)
    if kind == "yaml" or (kind is None and urlsplit(answer.url).path.lower().endswith((".yaml", ".yml"))):
        harvest = replace(read_yaml(body, name, zone), curated=True)
        return replace(harvest, etag=answer.etag, modified=answer.modified)
    if kind is None and _is_page(body) and not is_calendar(decode(body[:20_000])):
        raise SourceError("agendas.web_page", name=name)
    harvest = read_ical(body, name, zone, now - PAST, now + FUTURE)
    # Of what broke off the server must not say next time that nothing is new.
    return replace(harvest, etag=answer.etag, modified=answer.modified) if harvest.complete else harvest


def _is_json(body: bytes) -> bool:
    return body[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def _is_page(body: bytes) -> bool:
    return body[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"


def of_one_town(reading: Harvest) -> Harvest:
    """For whom a place is known: a server of one municipality is that place's, whatever it calls itself."""
    if reading.curated or len({one.place for one in reading.meetings}) > 1:
        return reading
    return replace(reading, meetings=tuple(replace(one, place=None) for one in reading.meetings))
