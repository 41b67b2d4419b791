"""From the bytes of an iCalendar file to its events, each with only the lines that matter here.

Council systems break RFC 5545 in many ways (lines that were never folded, continuation lines without
the leading space, blank lines inside events, time zones without rules). Cutting the file into events
first, and keeping only a few properties, lets one broken event or property harm nothing else.
"""

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from scheduler.agendas.text import decode

KEPT = frozenset(
    {"UID", "DTSTART", "DTEND", "DURATION", "SUMMARY", "LOCATION", "URL", "STATUS", "SEQUENCE"}
    | {"RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"}
)
LONGEST_LINE = 20_000
MOST_LINES = 2_000

_NEW_LINE = re.compile(r"\r\n|\r|\n")
# Lines are folded by counting bytes: the fold may lie inside a letter, whose rest begins no letter itself.
_TORN_LETTER = re.compile(rb"(?:\r\n|\r|\n)[ \t](?=[\x80-\xbf])")
_PRINTABLE = re.compile(r";(?:ENCODING=)?QUOTED-PRINTABLE(?=;|$)", re.IGNORECASE)
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
    """The kept lines of one VEVENT; `number` and `line` count from 1; `whole` when its end was seen.

    `withdrawn` when its whole calendar calls meetings off (METHOD:CANCEL).
    """

    number: int
    line: int
    withdrawn: bool = False
    lines: list[Line] = field(default_factory=list)
    whole: bool = False

    def first(self, name: str) -> Line | None:
        """The first line with that name."""
        return next((line for line in self.lines if line.name == name), None)


def calendar_text(data: bytes) -> str:
    """The file as text with plain line ends, letters made whole again."""
    return _NEW_LINE.sub("\n", decode(_TORN_LETTER.sub(b"", data)).replace("\0", ""))


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
    withdrawn = False
    for number, line in _unfolded(text):
        word = line.value.strip().upper()
        if line.name == "BEGIN":
            withdrawn = withdrawn and word != "VCALENDAR"
            inside = _opened(events, inside, word, Event(len(events) + 1, number, withdrawn))
        elif line.name == "END":
            inside = _closed(events, inside, word)
        elif line.name == "METHOD" and "VEVENT" not in inside:
            withdrawn = word == "CANCEL"
        elif inside and inside[-1] == "VEVENT" and line.name in KEPT and len(events[-1].lines) < MOST_LINES:
            events[-1].lines.append(line)
    return events


def _opened(events: list[Event], inside: list[str], word: str, event: Event) -> list[str]:
    # Events never nest: a second BEGIN means that the end of the first one got lost.
    if word == "VEVENT":
        events.append(event)
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
    for number, line in enumerate(text.split("\n"), start=1):
        if _PROPERTY.match(line) and not line.startswith((" ", "\t")):
            yield from _property(first, parts)
            parts, first = [line], number
        elif line.strip():
            parts.append(line[1:] if line.startswith((" ", "\t")) else line)
    yield from _property(first, parts)


def _property(number: int, parts: list[str]) -> Iterator[tuple[int, Line]]:
    match = _PROPERTY.match("".join(parts)[:LONGEST_LINE])
    if match and _PRINTABLE.search(match[2]):
        # vCalendar 1.0: every line but the last ends with a "=" that is no letter.
        whole = "".join([*(part.removesuffix("=") for part in parts[:-1]), parts[-1]])[:LONGEST_LINE]
        value = decode(quopri.decodestring(whole[match.end() :].encode()))
        yield number, Line(match[1].upper(), match[2], value)
    elif match:
        yield number, Line(match[1].upper(), match[2], match.string[match.end() :])
