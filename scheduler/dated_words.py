"""Days named by their date: "15.12.", "15.12.26", "2026-12-15", "15. Dezember 2026", "Dec 15"."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from scheduler.date_words import MASK, MONTHS, NUMBERS, ORDINALS, Unclear, compiled, one_of

# Given today and whether the time named with the day is over today: the day, or why there is none.
DayReader = Callable[[date, bool], date | Unclear]

_CLOCK_FOLLOWS = compiled(
    rf"[\s,{MASK}]{{0,4}}(?:(?:um|ab|gegen|at)\s|[0-9]{{1,2}}(?:[:.][0-9]{{2}})?\s?(?:uhr|h\b|[ap]m\b)|[0-9]{{1,2}}[:.][0-9]{{2}}(?![.0-9])"
    r"|halb\s|viertel\s|mittags|abends|nachmittags|vormittags|morgens)"
)
_DAY_PRECEDES = compiled(rf"(?:\b(?:am|den|dem|zum|vom|bis|der)|{MASK}[.,]?)\s{{0,2}}$")
_FIRST_OF_RANGE = compiled(r"(?<![0-9.])(?P<first>[0-9]{1,2})(?:\.\s?(?:-|–|/|\+|&|und|oder|bis)|-|–)\s?$")
_LABEL_PRECEDES = compiled(
    r"(?:raum|zimmer|saal|top|nr\.?|nummer|§|punkt|ziffer|ma(?:ß|ss)nahme|säule|version|kapitel|abs\.?|€)\s{0,2}$"
)


@dataclass(frozen=True)
class DayFound:
    """A passage that names a day; `weekday` (0 = Monday) if only a weekday; `part` the hour of "abend"."""

    start: int
    end: int
    words: str
    day: DayReader
    weekday: int | None = None
    part: int | None = None
    without_year: bool = False


Reader = Callable[[re.Match[str], str], DayFound | None]
Patterns = tuple[tuple[re.Pattern[str], Reader], ...]


def show_day(day: int, month: int, year: int | None) -> str:
    return f"{day}.{month}." if year is None else f"{day}.{month}.{year}"


def _calendar_day(day: int, month: int, year: int | None, today: date, passed: bool) -> date | Unclear:
    name = show_day(day, month, year)
    if year is not None and not 2000 <= year <= 2100:
        return Unclear("dates.bad_year", {"date": name})
    # Eight years hold a 29 February also across 2100.
    for candidate in [year] if year is not None else range(today.year, today.year + 9):
        try:
            resolved = date(candidate, month, day)
        except ValueError:
            continue
        if year is not None or resolved > today or (resolved == today and not passed):
            return resolved
    return Unclear("dates.no_such_day", {"date": name})


def _dated(match: re.Match[str], day: int, month: int, year: int | None) -> DayFound:
    reader: DayReader = partial(_calendar_day, day, month, year)
    range_of_days = _FIRST_OF_RANGE.search(match.string, max(0, match.start() - 10), match.start())
    if range_of_days:
        reader = partial(_two_days, int(range_of_days["first"]), day, month, year)
    return DayFound(match.start(), match.end(), match[0].strip(), reader, without_year=year is None)


def _two_days(
    first: int, second: int, month: int, year: int | None, _today: date, _passed: bool
) -> date | Unclear:
    """ "14.-15.12.": a debate begins on one of them."""
    days = {"first": show_day(first, month, year), "second": show_day(second, month, year)}
    return Unclear("dates.two_dates", days)


def _read_full(match: re.Match[str], _: str) -> DayFound:
    year = int(match["y"]) + (2000 if len(match["y"]) == 2 else 0)
    return _dated(match, int(match["d"]), int(match["m"]), year)


def _read_short(match: re.Match[str], text: str) -> DayFound | None:
    """ "15.12." and "15.12": never a measure number such as 2.1, never a room."""
    day, month = int(match["d"]), int(match["m"])
    before = text[max(0, match.start() - 12) : match.start()]
    context = bool(_CLOCK_FOLLOWS.match(text, match.end()) or _DAY_PRECEDES.search(before))
    like_measure = day <= 4 and month <= 3
    if _labelled(match, text):
        return None
    if match["dot"]:
        return _dated(match, day, month, None) if context or not like_measure else None
    plausible = 1 <= day <= 31 and 1 <= month <= 12 and not like_measure
    return _dated(match, day, month, None) if context and plausible else None


def _labelled(match: re.Match[str], text: str) -> bool:
    return _LABEL_PRECEDES.search(text[max(0, match.start() - 12) : match.start()]) is not None


def _read_bare(match: re.Match[str], text: str) -> DayFound | None:
    """ "Schwerin 3.1. Haushalt"; alone it may as well be a measure."""
    alone = match[0] == text.strip()
    return None if alone or _labelled(match, text) else _dated(match, int(match["d"]), int(match["m"]), None)


def _read_month_name(match: re.Match[str], _: str) -> DayFound:
    groups = match.groupdict()
    short = groups.get("yy")
    year = int(match["y"]) if match["y"] else 2000 + int(short) if short else None
    return _dated(match, _day_number(match["d"]), MONTHS[match["mon"].lower()], year)


def _day_number(word: str) -> int:
    return (
        int(word) if word.isdigit() else ORDINALS[re.sub(r"e[nrsm]?$", "", word.lower().replace("ue", "ü"))]
    )


def _read_day_of_month(match: re.Match[str], _: str) -> DayFound:
    ahead = 1 if match["ahead"] or match["behind"] else None
    reader = partial(_day_of_month, _day_number(match["d"].rstrip(".")), ahead)
    return DayFound(match.start(), match.end(), match[0].strip(), reader)


def _day_of_month(day: int, ahead: int | None, today: date, passed: bool) -> date | Unclear:
    """ "am 5.": the next fifth of a month; `ahead` months on if that is said."""
    first = today.replace(day=1)
    for month in range(13):
        candidate = first + timedelta(days=day - 1)
        here = candidate.month == first.month and day >= 1
        due = candidate > today or (candidate == today and not passed)
        if here and (due if ahead is None else month == ahead):
            return candidate
        first = (first + timedelta(days=31)).replace(day=1)
    return Unclear("dates.no_such_day", {"date": f"{day}."})


_NO_YEAR_CLOCK = r"(?![0-9])(?!\s?(?:uhr|h\b)|[:.][0-9])"
_MONTH = rf"(?P<mon>{one_of(MONTHS)})\b"
_ORDINAL = rf"(?:{one_of(ORDINALS)})e[nrsm]?"
_ENDS = (
    rf"(?=\s?(?:$|[,;{MASK}]|um\b|ab\b|gegen\b|(?:{one_of(NUMBERS)})\suhr"
    r"|[0-9]{1,2}(?:[:.][0-9]{2}|\s?uhr|\s?h(?![a-zäöüß]))))"
)

DATES: Patterns = (
    (
        compiled(
            r"(?<![\w.])(?P<y>[0-9]{4})[/-](?P<m>[0-9]{1,2})[/-](?P<d>[0-9]{1,2})(?![0-9/-])(?:T(?=[0-9]))?"
        ),
        _read_full,
    ),
    (
        compiled(
            r"(?<!\w)(?<![0-9][./])(?P<d>[0-9]{1,2})(?:\.\s?|[/-])(?P<m>[0-9]{1,2})(?:\.\s?|[/-])(?P<y>[0-9]{4})(?!\w)(?!\s?uhr\b)"
        ),
        _read_full,
    ),
    (
        compiled(
            rf"(?<!\w)(?<![0-9][./])(?P<d>[0-9]{{1,2}})\.\s?(?P<m>[0-9]{{1,2}})\.['’]?(?P<y>[0-9]{{2}}){_NO_YEAR_CLOCK}(?!\w)"
        ),
        _read_full,
    ),
    (
        compiled(
            rf"(?<!\w)(?P<d>[0-9]{{1,2}}(?=\.|st|nd|rd|th|\s|[a-z])|{_ORDINAL})(?:\.|s?te[nrs]?|st|nd|rd|th)?\s?(?:of\s)?{_MONTH}\.?"
            rf"(?:,?\s?(?P<y>[0-9]{{4}})(?!\w)|\s['’]?(?P<yy>[0-9]{{2}}){_NO_YEAR_CLOCK}{_ENDS})?"
        ),
        _read_month_name,
    ),
    (
        compiled(
            rf"\b{_MONTH}\.?\s(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)?(?![0-9]|[:.][0-9]|\s?(?:uhr|h\b|[ap]m\b))"
            r"(?:,?\s(?P<y>[0-9]{4})(?!\w))?"
        ),
        _read_month_name,
    ),
)
BARE_DATES: Patterns = (
    (
        compiled(r"(?<!\w)(?<![0-9][./])(?P<d>[0-9]{1,2})\.(?P<m>[0-9]{1,2})\.(?![0-9])"),
        _read_bare,
    ),
)
# These look at what stands around them, so weekdays are found first.
SHORT_DATES: Patterns = (
    (
        compiled(
            r"(?<!\w)(?<![0-9][./])(?P<d>[0-9]{1,2})\.\s?(?P<m>[0-9]{1,2})(?P<dot>\.)(?![0-9]{3})(?![0-9]{1,2}\.)"
        ),
        _read_short,
    ),
    (
        compiled(
            r"(?<!\w)(?<![0-9][./])(?P<d>[0-9]{1,2})\.(?P<m>[0-9]{1,2})(?P<dot>)(?![0-9]|\.|\w|\s?(?:uhr|h\b|[ap]m\b))"
        ),
        _read_short,
    ),
    (
        compiled(
            rf"(?:(?P<ahead>(?:n(?:ä|ae)chsten|kommenden)\smonat)\s)?"
            rf"\b(?:am|den|dem|zum|der)\s(?P<d>[0-9]{{1,2}}\.|{_ORDINAL})(?!\s?[0-9]{{1,2}}\.)"
            rf"(?P<behind>\s(?:n(?:ä|ae)chsten|kommenden)\smonats)?{_ENDS}"
        ),
        _read_day_of_month,
    ),
)
