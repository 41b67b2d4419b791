"""Which reader a source needs, and what it read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from errors import SourceError
from scheduler.agendas.ical import read_ical
from scheduler.agendas.meetings import FoundMeeting, Harvest
from scheduler.agendas.yamlfile import read_yaml

LARGEST_BYTES = 8_000_000
# Repeating events are unrolled that far into the past and the future.
PAST, FUTURE = timedelta(days=400), timedelta(days=800)


@dataclass(frozen=True)
class Reading:
    """A harvest, and whether people who know wrote it: then every meeting of it matters."""

    harvest: Harvest
    curated: bool

    @property
    def meetings(self) -> Iterator[FoundMeeting]:
        return iter(self.harvest.meetings)


def read_file(path: Path, zone: ZoneInfo, now: datetime, place: str | None) -> Reading:
    """Read an iCalendar or YAML file; naive times are of `zone`. Raises SourceError."""
    data = _bytes(path)
    begins = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").upper()
    if begins.startswith(b"BEGIN:") or path.suffix.lower() in (".ics", ".ical", ".ifb"):
        return Reading(read_ical(data, path.name, zone, now - PAST, now + FUTURE), curated=False)
    return Reading(read_yaml(data, path.name, zone, place=place), curated=True)


def _bytes(path: Path) -> bytes:
    if "://" in str(path) or str(path).startswith(("http:/", "https:/")):
        raise SourceError("agendas.no_web_yet", name=str(path))
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise SourceError("agendas.unreadable", name=str(path), reason=error.strerror or "?") from error
    if not data.strip():
        raise SourceError("agendas.empty", name=path.name)
    return data
