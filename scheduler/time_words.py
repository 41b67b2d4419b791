"""Which time of day a text names: "18 Uhr", "18.30 Uhr", "halb sieben", "mittags", "6 pm".

Spoken times have no half of the day ("halb sieben"): before eight they mean the evening, since no council
meets before breakfast; "früh" and "morgens" say otherwise. Times with "Uhr" or a colon are taken as written.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from scheduler.date_words import (
    DAY_PARTS,
    MASK,
    NUMBER,
    NUMBERS,
    PART,
    compiled,
    masked,
    number,
    one_of,
    part_hour,
)

MORNING_ENDS = 8
NOON = 12
NIGHT, NIGHT_ENDS = DAY_PARTS["nacht"], 6
# Hours that a bare number behind a date may mean: "15.12. 18".
BARE_HOURS = range(7, 23)


@dataclass(frozen=True)
class Clock:
    """A time of day as written: hour 24 is midnight at the end of the day; `spoken` leaves am or pm open.

    `utc_offset` in minutes when the text carries one (ISO 8601).
    """

    hour: int
    minute: int = 0
    spoken: bool = False
    utc_offset: int | None = None

    @property
    def exists(self) -> bool:
        return (self.hour < 24 and self.minute < 60) or (self.hour, self.minute) == (24, 0)

    def at_part(self, part: int | None) -> "Clock":
        """The time in the part of the day it was said with (its hour, see DAY_PARTS).

        The small hours of a night belong to the day after it: hour 26 is two o'clock of the next day.
        """
        if part == NIGHT and self.hour < NIGHT_ENDS:
            return replace(self, hour=self.hour + 24, spoken=False)
        evening = part is not None and part >= NOON and 1 <= self.hour < NOON
        open_evening = part is None and self.spoken and 0 < self.hour * 60 + self.minute < MORNING_ENDS * 60
        hour = self.hour + 12 if evening or open_evening else self.hour
        return replace(self, hour=hour, spoken=False)


@dataclass(frozen=True)
class TimeFound:
    """A passage that names a time of day, perhaps until when."""

    start: int
    end: int
    words: str
    clock: Clock
    until: Clock | None = None


@dataclass(frozen=True)
class PartFound:
    """A passage such as "abends": the hour it stands for where nothing more exact is said."""

    start: int
    end: int
    hour: int


def find_times(text: str) -> tuple[list[TimeFound], str]:
    """All passages that name a time of day, and the text with them masked."""
    found: list[TimeFound] = []
    for pattern, read in _PATTERNS:
        for match in pattern.finditer(text):
            clock = read(match)
            if clock is None:
                continue
            found.append(TimeFound(match.start(), match.end(), match[0].strip(), clock, _until(match)))
            text = masked(text, match.start(), match.end())
    return sorted(found, key=lambda time: time.start), text


def find_part(text: str) -> PartFound | None:
    """ "abends" beside a date or time, or at either end of the text."""
    match = _PART_ALONE.search(text)
    hour = part_hour(match["part"] or match["after"]) if match else None
    if match is None or hour is None:
        return None
    group = "part" if match["part"] else "after"
    return PartFound(match.start(group), match.end(group), hour)


def _group(match: re.Match[str], name: str) -> str | None:
    value: str | None = match.groupdict().get(name)
    return value


def _until(match: re.Match[str]) -> Clock | None:
    hour = _group(match, "h2")
    return Clock(int(hour), int(_group(match, "m2") or 0)) if hour else None


def _read_written(match: re.Match[str]) -> Clock:
    hour, minute = match["h"], _group(match, "m")
    value = number(hour)
    if hour.isdigit() and len(hour) > 2:
        value, minute = value // 100, hour[-2:]
    return Clock(value, number(minute or "0"), utc_offset=_offset(_group(match, "tz")))


def _read_dotted(match: re.Match[str]) -> Clock | None:
    """ "18.30" is a time beside "Uhr", after "um", or right after a date; else it may be any number."""
    before = match.string[max(0, match.start() - 4) : match.start()]
    after_date = MASK in before and not before.strip(f" ,{MASK}")
    named = "uhr" in match[0].lower() or match["uhr"] is not None
    return _read_written(match) if named or after_date or _UM_PRECEDES.search(before) else None


def _offset(words: str | None) -> int | None:
    if not words:
        return None
    if words in "zZ":
        return 0
    minutes = int(words[1:3]) * 60 + int(words[-2:])
    return -minutes if words[0] == "-" else minutes


def _read_half_day(match: re.Match[str]) -> Clock:
    hour = int(match["h"])
    # 13 pm is no time; keeping it out of range makes the reader ask.
    if not 1 <= hour <= NOON:
        return Clock(99)
    afternoon = match["half"].lower().startswith("p")
    return Clock(hour % 12 + (12 if afternoon else 0), int(match["m"] or 0))


def _read_spoken(match: re.Match[str]) -> Clock:
    """ "viertel sieben" is a quarter past six in the east of Germany, "dreiviertel sieben" a quarter to."""
    hour, words = number(match["h"]), " ".join(match["quarter"].lower().split())
    before = {"halb": 30, "dreiviertel": 15, "viertel": 45, "viertel vor": 15, "quarter to": 15}.get(words, 0)
    after = {"viertel nach": 15, "quarter past": 15, "half past": 30}.get(words, 0)
    minutes = (hour * 60 - before + after) % (24 * 60)
    return Clock(minutes // 60, minutes % 60, spoken=hour <= NOON)


def _read_bare(match: re.Match[str]) -> Clock:
    hour = number(match["h"])
    return Clock(hour, spoken=hour <= NOON)


def _read_minutes(match: re.Match[str]) -> Clock:
    """ "fünf vor halb sieben", "zehn nach sechs"."""
    hour, minutes = number(match["h"] or match["h3"]), number(match["n"])
    behind = minutes if match["side"].lower() == "nach" else -minutes
    minutes = (hour * 60 + behind - (30 if match["half"] else 0)) % (24 * 60)
    return Clock(minutes // 60, minutes % 60, spoken=hour <= NOON)


def _read_behind_date(match: re.Match[str]) -> Clock | None:
    """ "15.12. 18", "Di 18", "15.12.26, 1830"."""
    digits = match["h"]
    if len(digits) <= 2:
        return Clock(int(digits), spoken=True) if int(digits) in BARE_HOURS else None
    hour, minute = int(digits[:2]), int(digits[2:])
    a_year = 2020 <= int(digits) < 2040
    at_night = hour not in BARE_HOURS and bool(match.string[match.end() :].strip())
    return None if a_year or at_night or hour > 23 or minute > 59 or minute % 5 else Clock(hour, minute)


_COLON = r"(?P<h>[0-9]{1,2}):(?P<m>[0-9]{2})"
_DOT = r"(?P<h>[0-9]{1,2})\.(?P<m>[0-9]{2})"
_NOT_WITHIN = r"(?<![\w:])(?<![0-9][.,])"
_ENDS = r"(?![\w:])(?![.,][0-9])"
_UNTIL = r"(?:\s?(?:-|–|bis|to)\s?(?P<h2>[0-9]{1,2})(?:[:.](?P<m2>[0-9]{2}))?(?![0-9:.]?[0-9]))"
_UHR = r"\s?(?:uhr|h)\b"
_UM_PRECEDES = compiled(r"\b(?:um|ab)\s$")
_MINUTES = r"(?:fünf|zehn|fünfzehn|zwanzig|dreißig|dreissig|vierzig|fünfundvierzig|fünfzig)(?![a-zäöüß])"
# "17 Uhr 15 Haushalt", but not "17 Uhr 15 Plätze".
_WORD_FOLLOWS = r"|(?<=[134][05])\s(?!pl|euro|prozent|jahr|stell|punkt|mio|million)[a-zäöü]"
_QUARTER = r"dreiviertel|viertel\s(?:vor|nach)|viertel|halb|half\spast|quarter\s(?:to|past)"
_AFTER_BARE = rf"(?=\s?(?:$|[,;!?){MASK}]|\.(?:\s|$)|(?:{PART}|im|in|bei|am|mit|o'clock)\b))"

_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Clock | None]], ...] = (
    (
        compiled(
            rf"\b(?P<n>fünf|zehn|zwanzig|5|10|20)\s(?:minuten\s)?(?P<side>vor|nach)\s"
            rf"(?:(?P<half>halb)\s(?P<h>{NUMBER})|(?P<h3>{NUMBER})(?={_UHR}))(?:{_UHR})?"
        ),
        _read_minutes,
    ),
    (
        compiled(rf"(?<={MASK}){_COLON}(?::[0-9]{{2}})?(?P<tz>Z|[+-][0-9]{{2}}:?[0-9]{{2}})(?!\w)"),
        _read_written,
    ),
    (
        compiled(
            rf"{_NOT_WITHIN}(?P<h>[0-9]{{1,2}})(?:[:.](?P<m>[0-9]{{2}}))?\s?(?P<half>[ap]\.?m\b\.?)"
            r"(?!\s(?!on\b|at\b|in\b|tomorrow|today|next)\w)"
        ),
        _read_half_day,
    ),
    (
        compiled(rf"{_NOT_WITHIN}{_COLON}(?::[0-9]{{2}})?(?:{_UHR})?{_UNTIL}?(?:{_UHR})?{_ENDS}"),
        _read_written,
    ),
    (compiled(rf"{_NOT_WITHIN}{_DOT}(?:{_UHR})?{_UNTIL}?(?P<uhr>{_UHR})?{_ENDS}"), _read_dotted),
    (compiled(rf"{_NOT_WITHIN}(?P<h>[0-9]{{1,2}}){_UNTIL}\s?uhr\b"), _read_written),
    (
        compiled(
            r"\bzwischen\s(?P<h>[0-9]{1,2})(?:[:.](?P<m>[0-9]{2}))?\s(?:uhr\s)?und\s"
            r"(?P<h2>[0-9]{1,2})(?:[:.](?P<m2>[0-9]{2}))?\suhr\b"
        ),
        _read_written,
    ),
    (compiled(rf"{_NOT_WITHIN}(?P<h>[0-9]{{1,2}})\s(?P<m>00|30|45)\s?uhr\b"), _read_written),
    (
        compiled(
            rf"{_NOT_WITHIN}(?P<h>[0-9]{{1,4}}|\b(?:{one_of(NUMBERS)}))\s?uhr\b"
            rf"(?:{_UNTIL}(?:{_UHR})?|\s?(?P<m>[0-5][0-9]|{_MINUTES})(?=\s?(?:$|[,;!?){MASK}]|im\b|in\b){_WORD_FOLLOWS}))?"
        ),
        _read_written,
    ),
    (
        compiled(rf"{_NOT_WITHIN}(?P<h>[0-9]{{1,2}})\s?h(?P<m>[0-5][0-9])?\b{_UNTIL}?(?:{_UHR})?"),
        _read_written,
    ),
    (compiled(rf"\b(?P<quarter>{_QUARTER})\s(?P<h>{NUMBER})(?![0-9.:,]?[0-9])(?:{_UHR})?"), _read_spoken),
    (
        compiled(
            rf"(?:(?<=\bum\s)|(?<=\bab\s)|(?<=\bat\s)|(?<=\bgegen\s))(?P<h>[0-9]{{1,2}}|{NUMBER}){_AFTER_BARE}"
        ),
        _read_bare,
    ),
    (
        compiled(
            rf"(?<={MASK})[\s,]{{1,3}}(?P<h>[0-9]{{1,2}}(?=\s?(?:$|[,;]))|[0-9]{{4}}(?=\s?(?:$|[,;])|\s(?!euro|eur|€)))"
        ),
        _read_behind_date,
    ),
    (
        compiled(
            rf"(?<={MASK})[\s,]{{1,3}}(?:um|ab|gegen)\s(?P<h>[0-9]{{1,2}})(?!\s?(?:[0-9:.%€]|prozent|euro|pl(?:ä|ae)tz|stellen))"
        ),
        _read_bare,
    ),
    (compiled(r"\b(?:mitternacht|midnight)\b"), lambda _: Clock(24)),
    (
        compiled(r"\b(?:mittags|noon|(?<=am\s)mittag|(?<=zu\s)mittag)\b(?!\s?(?:um\s)?[0-9])"),
        lambda _: Clock(NOON),
    ),
)
_PART_ALONE = compiled(
    rf"(?:^|{MASK})[\s,]{{0,3}}(?P<part>{PART})\b|\b(?P<after>{PART})(?=[\s,]{{0,3}}(?:um\s)?(?:$|{MASK}))"
)
