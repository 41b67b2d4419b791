"""Local times as people write them into a file, checked against the clock changes of their zone."""

import re
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from scheduler.agendas.meetings import UnusableError
from scheduler.agendas.text import tidy

_CLOCK = r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d{1,6})?)?)?(?:\s?Uhr)?"
_OFFSET = r"(?:\s?(?:(?P<zulu>Z)|(?P<sign>[+-])(?P<ahead>\d{2}):?(?P<apart>\d{2})?))?"
_ISO = r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
_GERMAN = r"(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4})"
_MOMENTS = tuple(
    re.compile(rf"{date}(?:(?:[Tt]|,?\s(?:um\s)?){_CLOCK}{_OFFSET})?", re.IGNORECASE)
    for date in (_ISO, _GERMAN)
)
_TIME_ONLY = re.compile(_CLOCK, re.IGNORECASE)


def read_start(text: str, zone: ZoneInfo) -> datetime:
    """The moment in UTC; a mere date is its local midnight. Raises UnusableError for `starts`."""
    return _read(text, "starts", zone)


def read_end(text: str, starts: datetime, zone: ZoneInfo) -> datetime:
    """The end in UTC; a mere time of day is meant on the day of `starts` (aware).

    Raises UnusableError for `ends`, also when it is not after the start.
    """
    if _TIME_ONLY.fullmatch(text):
        text = f"{starts.astimezone(zone).date().isoformat()} {text}"
    ends = _read(text, "ends", zone)
    if ends <= starts:
        raise UnusableError("agendas.entry_end_first", "ends", value=tidy(text, 60))
    return ends


def _read(text: str, field: str, zone: ZoneInfo) -> datetime:
    match = next((found for form in _MOMENTS if (found := form.fullmatch(text))), None)
    if match is None:
        raise UnusableError("agendas.entry_bad_time", field, value=tidy(text, 60))
    try:
        return _moment(match, field, zone)
    except (ValueError, OverflowError) as error:
        if isinstance(error, UnusableError):
            raise
        raise UnusableError("agendas.entry_bad_time", field, value=tidy(text, 60)) from error


def _moment(match: re.Match[str], field: str, zone: ZoneInfo) -> datetime:
    parts = ("year", "month", "day", "hour", "minute", "second")
    year, month, day, hour, minute, second = (int(match[part] or 0) for part in parts)
    written = datetime(year, month, day, hour, minute, second, tzinfo=zone)
    if match["zulu"]:
        return written.replace(tzinfo=UTC)
    if match["sign"]:
        ahead = timedelta(hours=int(match["ahead"]), minutes=int(match["apart"] or 0))
        return written.replace(tzinfo=timezone(-ahead if match["sign"] == "-" else ahead)).astimezone(UTC)
    moment = written.astimezone(UTC)
    # Going to UTC and back changes only those local times that the clock skips in spring.
    if moment.astimezone(zone).replace(tzinfo=None) != written.replace(tzinfo=None):
        raise UnusableError("agendas.entry_skipped_hour", field, value=tidy(match.group(), 60))
    return moment
