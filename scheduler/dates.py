"""The small German date grammar: "15.12. 18 Uhr", "nächsten Dienstag halb sieben", "in zwei Wochen".

Our own because general parsers guess: they read "15.12. 18 Uhr" as the year 2118. This one says what it
does not understand (`Unclear`), and what it understood is always shown back before it counts.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduler.calendar import instant, instants
from scheduler.date_words import (
    MASK,
    MONTHS,
    NUMBER,
    WEEKDAYS,
    Unclear,
    compiled,
    masked,
    number,
    one_of,
    respelt,
)
from scheduler.dated_words import DayFound
from scheduler.day_words import find_days
from scheduler.time_words import Clock, TimeFound, find_part, find_times

# A date stands in the first lines; the rest of a long text is title and never searched.
READ_AT_MOST = 1000
YEARS_AHEAD = 3

_SOON = compiled(rf"\bin\s(?P<n>{NUMBER})\s?(?P<unit>stunden?|std|h|hours?|minuten?|min|minutes?)\b\.?")
_HALF_HOUR = compiled(r"\bin\s(?:einer\shalben\sstunde|half\san\shour)\b")
_LONG_MONTHS = {word: month for word, month in MONTHS.items() if len(word) > 4}
# A series is entered date by date: the first of "jeden zweiten Montag" alone would be half of it.
_REPEATING = compiled(
    rf"\b(?:jede[nrsm]?|every|alle\s(?:{NUMBER}))\s(?:(?:{NUMBER}|zweite|dritte|vierte|letzte|erste|second|other)[nrsm]?\s)?"
    rf"(?:{one_of(WEEKDAYS)}|tage?|wochen?|monate?|weeks?|months?)\b"
)
# A day that is not understood: the time beside it is then none of today.
_UNREAD_DAY = compiled(rf"\bam\s[a-zäöüß]{{3,20}}(?:tag|abend)\b|\b(?:{one_of(_LONG_MONTHS)})\b")
_NEXT_YEAR = compiled(r"\b(?:im\s)?n(?:ä|ae)chste[ns]\sjahr(?:es)?\b|\bnext\syear\b")
# "18°° Uhr", "18 : 00", "15 . 12 . 2026": the same in plain signs.
_LEAD = compiled(r"(?:\b(?:am|den|dem|zum|vom|von|um|ab|gegen|on|at|from)\s{1,3}){1,2}$")
_ABOUT_TIMES = ("dates.no_such_time", "dates.two_times", "dates.twice", "dates.skipped")


@dataclass(frozen=True)
class When:
    """A moment (UTC) read from a text, and the rest of that text.

    Without a time of day (`time_known` is False) `start` is the midnight that begins the local day.
    `day_known`, `year_known`: whether the text named them.
    """

    start: datetime
    time_known: bool
    rest: str
    end: datetime | None = None
    day_known: bool = True
    year_known: bool = True


@dataclass(frozen=True)
class _Moment:
    """Now at the reader's place."""

    now: datetime
    zone: ZoneInfo
    year: int | None = None
    day: date | None = None

    @property
    def wall(self) -> datetime:
        return self.now.astimezone(self.zone).replace(tzinfo=None, fold=0)

    @property
    def today(self) -> date:
        return self.wall.date()

    @property
    def earliest(self) -> date:
        """The first day that a date without a year may mean."""
        return max(date(self.year, 1, 1), self.today) if self.year else self.today

    def passed(self, clock: Clock | None) -> bool:
        """Whether the time of day is over today; without a time it is not."""
        return clock is not None and _wall(self.today, clock) <= self.wall


def read_when(
    text: str, now: datetime, zone: ZoneInfo, day: date | None = None, year: int | None = None
) -> When | Unclear:
    """Read the one date and time that a text names; never raises for any text.

    A date without a year is its next occurrence; a time without a day the next one; "Dienstag" is today
    if that is still ahead; "nächsten Dienstag" the first one after today. At most three years ahead.
    `day` is meant when the text names none; `year` is the first that a date without one may mean.
    """
    head, tail = _prepared(text)
    if repeating := _REPEATING.search(head):
        left = _tidy(head, masked(head, *repeating.span())) + tail
        return Unclear("dates.repeating", {"said": repeating[0]}, rest=left)
    following = _NEXT_YEAR.search(head)
    moment = _Moment(now, zone, year, day)
    if following is not None:
        moment = replace(moment, year=moment.today.year + 1)
    soon = _HALF_HOUR.search(head) or _SOON.search(head)
    if soon is not None:
        return _elapsing(soon, head, tail, moment)
    searched = masked(head, *following.span()) if following else head
    days, rest = find_days(searched)
    if not days:
        days, rest = find_days(searched, lenient=True)
    times, rest = find_times(rest)
    part = find_part(rest) if days or times else find_part(head)
    if part is not None:
        rest = masked(rest, part.start, part.end)
    hour = part.hour if part else next((day.part for day in days if day.part is not None), None)
    clocks = _distinct_clocks(times, hour)
    if not days and (not clocks or _UNREAD_DAY.search(rest)):
        return Unclear("dates.none")
    left = _tidy(head, rest) + tail
    wrong = next((found for found in times if not found.clock.exists), None)
    if wrong is not None:
        read: When | Unclear = Unclear("dates.no_such_time", {"time": wrong.words})
    else:
        read = _resolve(days, clocks, times, left, moment)
    if isinstance(read, Unclear):
        return _with_rest(read, left, days, times)
    dated = [found for found in days if found.weekday is None] or days
    year_known = not any(found.without_year for found in dated)
    return replace(read, day_known=bool(days), year_known=year_known)


def at_clock(when: When, other: When, zone: ZoneInfo) -> When:
    """A day that was named without a time, at the time of day of another."""
    begin = other.start.astimezone(zone)
    start = instant(datetime.combine(when.start.astimezone(zone).date(), begin.time()), zone)
    end = start + (other.end - other.start) if other.end else None
    return replace(when, start=start, end=end, time_known=True)


def _resolve(
    days: Sequence[DayFound], clocks: Sequence[Clock], times: Sequence[TimeFound], rest: str, moment: _Moment
) -> When | Unclear:
    choices = _choose_days(days, clocks[0] if clocks else None, moment)
    if isinstance(choices, Unclear):
        return choices
    if len(clocks) > 1 or len(choices) > 1:
        return _several(choices, clocks, moment)
    return _settle(choices[0], clocks[0] if clocks else None, times, rest, moment)


def _with_rest(unclear: Unclear, rest: str, days: Sequence[DayFound], times: Sequence[TimeFound]) -> Unclear:
    """What was said besides what is wrong: whoever is asked for the one need not say the other again."""
    right: Sequence[DayFound | TimeFound] = days if unclear.key in _ABOUT_TIMES else times
    return replace(unclear, rest=rest, understood=" ".join(one.words for one in right))


def _prepared(text: str) -> tuple[str, str]:
    """What is read, with plain single spaces and no control characters, and what is only kept."""
    head = unicodedata.normalize("NFC", text[:READ_AT_MOST])
    plain = "".join(" " if unicodedata.category(char) == "Cc" else char for char in head)
    plain = re.sub(r"\s+", " ", plain)
    return respelt(plain), text[READ_AT_MOST:]


def _wall(day: date, clock: Clock) -> datetime:
    return datetime.combine(day, time()) + timedelta(hours=clock.hour, minutes=clock.minute)


def _elapsing(match: re.Match[str], head: str, tail: str, moment: _Moment) -> When | Unclear:
    """ "in 2 Stunden": hours and minutes elapse, whatever the clocks do."""
    if "n" not in match.groupdict():
        span = timedelta(minutes=30)
    elif match["unit"].lower().startswith("m"):
        span = timedelta(minutes=number(match["n"]))
    else:
        span = timedelta(hours=number(match["n"]))
    start = (moment.now + span).astimezone(UTC).replace(second=0, microsecond=0)
    if start <= moment.now:
        return Unclear("dates.past", {"date": match[0]})
    return When(start, True, _tidy(head, masked(head, match.start(), match.end())) + tail)


def _distinct_clocks(times: Sequence[TimeFound], part: int | None) -> tuple[Clock, ...]:
    clocks = dict.fromkeys(found.clock.at_part(part) for found in times)
    return tuple(clocks) if clocks or part is None else (Clock(part),)


def _choose_days(
    days: Sequence[DayFound], clock: Clock | None, moment: _Moment
) -> tuple[date, ...] | Unclear:
    """The distinct days a text names; weekdays only check a date that stands beside them."""
    passed = moment.passed(clock)
    if not days:
        return (moment.day or moment.today + timedelta(days=1 if passed else 0),)
    dated = [found for found in days if found.weekday is None]
    chosen: dict[date, DayFound] = {}
    for found in dated or days:
        later = found.without_year and moment.earliest > moment.today
        day = found.day(moment.earliest if later else moment.today, passed and not later)
        if isinstance(day, Unclear):
            return day
        chosen.setdefault(day, found)
    contradiction = next((found for found in days if found.weekday is not None and dated), None)
    if contradiction and all(day.weekday() != contradiction.weekday for day in chosen):
        return _contradiction(contradiction, next(iter(chosen)), clock, moment)
    return tuple(chosen)


def _contradiction(weekday: DayFound, day: date, clock: Clock | None, moment: _Moment) -> Unclear:
    other = weekday.day(moment.today, moment.passed(clock))
    days = (day,) if isinstance(other, Unclear) else (day, other)
    details = {"weekday": weekday.words.strip(".,"), "date": _show(day)}
    return Unclear("dates.weekday", details, _options(days, (clock,), moment))


def _options(days: Sequence[date], clocks: Sequence[Clock | None], moment: _Moment) -> tuple[datetime, ...]:
    walls = (_wall(day, clock or Clock(0)) for day in days[:4] for clock in clocks[:4])
    return tuple(sorted({instant(wall, moment.zone) for wall in walls}))


def _several(days: Sequence[date], clocks: Sequence[Clock], moment: _Moment) -> Unclear:
    options = _options(days, clocks or (None,), moment)
    if len(days) > 1:
        return Unclear("dates.two_dates", {"first": _show(days[0]), "second": _show(days[1])}, options)
    first, second = (f"{clock.hour}:{clock.minute:02d}" for clock in clocks[:2])
    return Unclear("dates.two_times", {"first": first, "second": second}, options)


def _settle(
    day: date, clock: Clock | None, times: Sequence[TimeFound], rest: str, moment: _Moment
) -> When | Unclear:
    """One day, at most one time: a moment, unless it is past, too far, or not on the clock of the zone."""
    if day > _years_later(moment.today):
        return Unclear("dates.too_far", {"date": _show(day), "years": YEARS_AHEAD})
    if clock is None:
        past = day < moment.today
        start = instant(datetime.combine(day, time()), moment.zone)
        return Unclear("dates.past", {"date": _show(day)}) if past else When(start, False, rest)
    wall = _wall(day, clock)
    begin = _moment_of(wall, clock, moment.zone)
    if isinstance(begin, Unclear):
        return begin
    if begin <= moment.now:
        return Unclear("dates.past", {"date": f"{_show(day)}, {wall:%H:%M}"})
    return When(begin, True, rest, _end(day, wall, times, moment.zone))


def _moment_of(wall: datetime, clock: Clock, zone: ZoneInfo) -> datetime | Unclear:
    if clock.utc_offset is not None:
        return wall.replace(tzinfo=UTC) - timedelta(minutes=clock.utc_offset)
    moments = instants(wall, zone)
    if len(moments) == 1:
        return moments[0]
    details = {"date": _show(wall.date()), "time": f"{wall:%H:%M}"}
    if moments:
        return Unclear("dates.twice", details, moments)
    return Unclear("dates.skipped", details, (instant(wall, zone),))


def _end(day: date, start: datetime, times: Sequence[TimeFound], zone: ZoneInfo) -> datetime | None:
    until = times[0].until if times else None
    if until is None or not until.exists or _wall(day, until) <= start:
        return None
    return instant(_wall(day, until), zone)


def _years_later(today: date) -> date:
    # 29 February has no namesake in the years allowed.
    return today.replace(
        year=today.year + YEARS_AHEAD, day=min(today.day, 28) if today.month == 2 else today.day
    )


def _show(day: date) -> str:
    return f"{day:%d.%m.}{day.year}"


def _tidy(head: str, rest: str) -> str:
    """The text without its masked passages and the words that lead to them."""
    pieces, position = [], 0
    for gap in re.finditer(f"{MASK}+", rest):
        pieces.append(_LEAD.sub("", head[position : gap.start()]))
        position = gap.end()
    pieces.append(head[position:])
    stripped = (re.sub(r"\(\s?\)", "", piece).strip(" ,;:|–—-/") for piece in pieces)
    return " ".join(piece for piece in stripped if piece.strip(".() "))
