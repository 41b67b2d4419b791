"""From the bytes of an iCalendar file to its events, each with only the lines that matter here.

Council systems break RFC 5545 in many ways (lines that were never folded, continuation lines without
the leading space, blank lines inside events, time zones without rules). Cutting the file into events
first, and keeping only a few properties, lets one broken event or property harm nothing else.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

KEPT = frozenset(
    {"UID", "DTSTART", "DTEND", "DURATION", "SUMMARY", "LOCATION", "URL", "STATUS", "SEQUENCE"}
    | {"RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"}
)
LONGEST_LINE = 20_000
MOST_LINES = 2_000

_NEW_LINE = re.compile(r"\r\n|\r|\n")
_PROPERTY = re.compile(
    r"([A-Za-z][A-Za-z0-9-]{0,40})((?:;[^:\"]{0,500}(?:\"[^\"]{0,500}\"[^:\"]{0,500}){0,9})?):"
)


@dataclass(frozen=True)
class Line:
    """One unfolded property: its name in capitals, its parameters ("" or ";A=b"), its raw value."""

    name: str
    parameters: str
    value: str


@dataclass
class Event:
    """The kept lines of one VEVENT; `number` and `line` count from 1; `whole` when its end was seen."""

    number: int
    line: int
    lines: list[Line] = field(default_factory=list)
    whole: bool = False

    def first(self, name: str) -> Line | None:
        """The first line with that name."""
        return next((line for line in self.lines if line.name == name), None)


def is_calendar(text: str) -> bool:
    """Whether the text opens a calendar at all (after nothing but blank or stray lines)."""
    return re.search(r"^\s{0,20}BEGIN:VCALENDAR\s{0,20}$", text, re.IGNORECASE | re.MULTILINE) is not None


def is_torn(text: str) -> bool:
    """Whether the end of the calendar never came: a download that broke off."""
    return re.search(r"^\s{0,20}END:VCALENDAR\s{0,20}$", text, re.IGNORECASE | re.MULTILINE) is None


def events_of(text: str) -> list[Event]:
    """All events in the order of the file, also those that were torn off in the middle."""
    events: list[Event] = []
    inside: list[str] = []
    for number, line in _unfolded(text):
        word = line.value.strip().upper()
        if line.name == "BEGIN":
            inside = _opened(events, inside, word, number)
        elif line.name == "END":
            inside = _closed(events, inside, word)
        elif inside and inside[-1] == "VEVENT" and line.name in KEPT and len(events[-1].lines) < MOST_LINES:
            events[-1].lines.append(line)
    return events


def _opened(events: list[Event], inside: list[str], word: str, number: int) -> list[str]:
    # Events never nest: a second BEGIN means that the end of the first one got lost.
    if word == "VEVENT":
        events.append(Event(len(events) + 1, number))
        return ["VEVENT"]
    return [*inside[-9:], word]


def _closed(events: list[Event], inside: list[str], word: str) -> list[str]:
    if word not in inside:
        return inside
    if word == "VEVENT":
        events[-1].whole = True
    return inside[: len(inside) - 1 - inside[::-1].index(word)]


def _unfolded(text: str) -> Iterator[tuple[int, Line]]:
    """Properties with the number of their first physical line."""
    parts: list[str] = []
    first = 0
    for number, line in enumerate(_NEW_LINE.split(text), start=1):
        if _PROPERTY.match(line) and not line.startswith((" ", "\t")):
            yield from _property(first, parts)
            parts, first = [line], number
        elif line.strip():
            parts.append(line[1:] if line.startswith((" ", "\t")) else line)
    yield from _property(first, parts)


def _property(number: int, parts: list[str]) -> Iterator[tuple[int, Line]]:
    line = "".join(parts)[:LONGEST_LINE]
    match = _PROPERTY.match(line)
    if match:
        yield number, Line(match.group(1).upper(), match.group(2), line[match.end() :])
