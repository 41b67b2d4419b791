"""Which day a text names: dates with and without a year, weekdays, "morgen", "in zwei Wochen".

`find_days` only finds; what a finding means (`DayFound.day`) depends on today and on whether the time
named with it is already over today. No zones here: everything is a calendar day at the reader's place.
"""

import re
from datetime import date, timedelta
from functools import partial

from scheduler.date_words import (
    MASK,
    MONTHS,
    NUMBER,
    PART,
    RELATIVE,
    WEEKDAY_ABBREVIATIONS,
    WEEKDAYS,
    Unclear,
    compiled,
    masked,
    number,
    one_of,
    part_hour,
)
from scheduler.dated_words import BARE_DATES, DATES, SHORT_DATES, DayFound, DayReader, Patterns

MONTH_ALONE = compiled(rf"(?:monat\s)?(?:{one_of(MONTHS)})(?:\s20[0-9]{{2}})?\s?:?")
# "3. und 17. Februar", "3., 17. und 24.2.": the month is said once.
_SHARED_MONTH = compiled(
    rf"(?P<days>(?<![\w.])(?:[0-9]{{1,2}}\.\s?(?:,|und|&|\+)\s?){{1,12}})"
    rf"(?P<last>[0-9]{{1,2}}\.)(?P<month>\s?(?:(?:{one_of(MONTHS)})\b|[0-9]{{1,2}}\.)(?:\s?20[0-9]{{2}})?)"
)
_DAY_ALONE = compiled(r"[0-9]{1,2}\.")


def whole_dates(text: str) -> str:
    """The text with the month behind every day of "3. und 17. Februar"."""
    return _SHARED_MONTH.sub(
        lambda match: _DAY_ALONE.sub(rf"\g<0>{match['month']}", match["days"] + match["last"]), text
    )


def find_days(text: str, lenient: bool = False) -> tuple[list[DayFound], str]:
    """All passages that name a day, in the order they stand, and the text with them masked.

    `lenient`: also "3.1." with nothing around it that tells a date from a measure's number.
    """
    found: list[DayFound] = []
    dates = (*SHORT_DATES, *BARE_DATES) if lenient else SHORT_DATES
    for pattern, read in (*_NTH_WEEKDAYS, *DATES, *_WEEKDAYS_AND_MORE, *dates, *_DISTANCES):
        for match in pattern.finditer(text):
            day = read(match, text)
            if day is not None:
                found.append(day)
                text = masked(text, _lead(day, text), day.end)
    return sorted(found, key=lambda day: day.start), text


def _lead(day: DayFound, text: str) -> int:
    """Where "am 15.12." begins: else the "3 am" of "TOP 3 am 15.12." would be an English time."""
    leads = text[day.start].isdigit() or day.weekday is not None
    return day.start - 3 if leads and text[max(0, day.start - 4) : day.start].lower() == " am " else day.start


def _shift(match: re.Match[str]) -> int:
    """The days of "in zwei Wochen" at the end of a match; months count as 30 days only for a limit."""
    if match["n"] is None:
        return 0
    return number(match["n"]) * (7 if match["unit"].lower().startswith("w") else 1)


def _days_from_today(days: int, today: date, _: bool) -> date | Unclear:
    return today + timedelta(days=days)


def _read_relative(match: re.Match[str], _: str) -> DayFound:
    word = match["word"].lower()
    part = "evening" if word == "tonight" else match["part"]
    # What is none of these is "übermorgen", however it is spelt.
    day = partial(_days_from_today, RELATIVE.get(word, 2) + _shift(match))
    return DayFound(match.start(), match.end(), match[0], day, part=part_hour(part))


def _read_distance(match: re.Match[str], _: str) -> DayFound:
    if match["unit"].lower().startswith("m"):
        return DayFound(match.start(), match.end(), match[0], partial(_months_from_today, number(match["n"])))
    return DayFound(match.start(), match.end(), match[0], partial(_days_from_today, _shift(match)))


def _months_from_today(months: int, today: date, _: bool) -> date | Unclear:
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    first = date(min(year, 9998), month + 1, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return min(first + timedelta(days=today.day - 1), last)


def _next_weekday(weekday: int, strictly: bool, extra: int, today: date, passed: bool) -> date | Unclear:
    ahead = (weekday - today.weekday()) % 7
    if extra < 0:
        return today + timedelta(days=ahead - 7)
    if ahead == 0 and (strictly or passed):
        ahead = 7
    return today + timedelta(days=ahead + extra)


def _near(weekday: int, weeks: int, today: date, _: bool) -> date | Unclear:
    """ "in zwei Wochen am Mittwoch": the Wednesday nearest to this day in two weeks."""
    middle = today + timedelta(days=7 * weeks)
    return middle + timedelta(days=(weekday - middle.weekday() + 3) % 7 - 3)


def _read_calendar_week(match: re.Match[str], _: str) -> DayFound:
    week, name = match["week"] or match["week2"], match["name"] or match["name2"]
    day = partial(_in_calendar_week, WEEKDAYS[name.lower()], int(week))
    return DayFound(match.start(), match.end(), match[0], day)


def _in_calendar_week(weekday: int, week: int, today: date, _: bool) -> date | Unclear:
    """ "Dienstag KW 50": of this year, or of the next once that is over."""
    for year in (today.year, today.year + 1):
        try:
            day = date.fromisocalendar(year, week, weekday + 1)
        except ValueError:
            continue
        if day >= today:
            return day
    return Unclear("dates.no_such_day", {"date": f"KW {week}"})


def _weekday_of_week(weekday: int, weeks: int, today: date, _: bool) -> date | Unclear:
    return today - timedelta(days=today.weekday()) + timedelta(days=7 * weeks + weekday)


def _read_weekday(match: re.Match[str], _: str) -> DayFound:
    """ "nächsten Dienstag" is the first Tuesday after today, never the one of the week after.

    Both readings live in German; this is the one of the word (next = nearest), and the date is always
    shown before it counts. "nächste Woche Dienstag" is the Tuesday of the coming calendar week.
    """
    weekday = WEEKDAYS[match["name"].lower()]
    week = match["week"] or match["week2"]
    which = (match["which"] or "").lower()
    day: DayReader
    if week:
        day = partial(_weekday_of_week, weekday, _steps(week))
    else:
        steps = _steps(which)
        day = (
            partial(_near, weekday, number(match["n2"]))
            if match["n2"]
            else partial(_next_weekday, weekday, steps > 0, 7 * (steps - (steps > 0)) + _shift(match))
        )
    return DayFound(match.start(), match.end(), match[0], day, weekday, part_hour(match["part"]))


def _read_nth_weekday(match: re.Match[str], _: str) -> DayFound:
    """ "am letzten Mittwoch im Januar", "am zweiten Montag des Monats"."""
    month = MONTHS[match["month"].lower()] if match["month"] else None
    said = match["nth"].lower()
    nth = -1 if said[0] == "l" else int(said[0]) - 1 if said[0].isdigit() else _NTH.index(said[:4])
    year = int(match["year"]) if match["year"] else None
    day = partial(_nth_weekday, WEEKDAYS[match["name"].lower()], nth, month, year)
    return DayFound(match.start(), match.end(), match[0], day, without_year=bool(month and not year))


def _nth_weekday(
    weekday: int, nth: int, month: int | None, year: int | None, today: date, passed: bool
) -> date | Unclear:
    first = today.replace(day=1)
    for _ in range(36):
        days = [first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * week) for week in range(5)]
        days = [day for day in days if day.month == first.month]
        meant = month in (None, first.month) and year in (None, first.year) and nth < len(days)
        if meant and (days[nth] > today or (days[nth] == today and not passed)):
            return days[nth]
        first = (first + timedelta(days=31)).replace(day=1)
    return Unclear("dates.no_such_day", {"date": f"{nth + 1}."})


def _steps(word: str) -> int:
    """How far "dieser" (0), "nächster" (1), "übernächster" (2) and "letzter" (-1) reach."""
    lower = word.lower()
    if lower.startswith(("letzt", "last", "vergangen", "vorig")):
        return -1
    if lower.startswith(("ü", "ueb")):
        return 2
    return 1 if lower.startswith(("n", "kommend", "coming")) else 0


def _read_weekday_abbreviation(match: re.Match[str], _: str) -> DayFound | None:
    # A small "so" is a word of its own far more often than a Sunday.
    if match["name"] == "so":
        return None
    weekday = WEEKDAY_ABBREVIATIONS[match["name"].lower()]
    day = partial(_next_weekday, weekday, False, 0)
    return DayFound(match.start(), match.end(), match[0].strip(" ,"), day, weekday)


_WHICH = (
    r"(?:(?:ü|ue)bern(?:ä|ae)chste|n(?:ä|ae|a)chste|kommende|diese|letzte|vergangene|vorige)[nrsm]?"
    r"|next|coming|this|last"
)
_WEEK = rf"(?:{_WHICH})\s(?:woche|week)"
_NTH = ("erst", "zwei", "drit", "vier", "fünf")
_CALENDAR_WEEK = r"kw\s?(?P<{}>[0-9]{{1,2}})"
_DISTANCE = rf"in\s(?P<n>{NUMBER})\s(?P<unit>tag(?:en)?|wochen?|days?|weeks?)\b"

_NTH_WEEKDAYS: Patterns = (
    (
        compiled(
            rf"\b(?P<nth>[1-5]\.|(?:erste|zweite|dritte|vierte|fünfte|letzte)[nrsm]?)\s(?P<name>{one_of(WEEKDAYS)})\s"
            rf"(?:(?:im|in|des)\s)?(?:(?P<month>{one_of(MONTHS)})\b(?:\s(?P<year>20[0-9]{{2}})\b)?|(?:im|des)\smonats?)"
        ),
        _read_nth_weekday,
    ),
)
_WEEKDAYS_AND_MORE: Patterns = (
    (
        compiled(
            rf"\b(?:(?:in\s)?{_CALENDAR_WEEK.format('week')},?\s(?:am\s)?(?P<name>{one_of(WEEKDAYS)})"
            rf"|(?P<name2>{one_of(WEEKDAYS)}),?\s(?:(?:in\s)?der\s|in\s)?{_CALENDAR_WEEK.format('week2')})\b"
        ),
        _read_calendar_week,
    ),
    (
        compiled(
            rf"(?<!guten )(?<!am )(?<!jeden )\b(?P<word>(?:ü|ue|u)bermorgen|morgen|heute?|gestern"
            rf"|day after tomorrow|today|tomorrow|tonight|yesterday)\b"
            rf"(?:\s(?P<part>{PART})\b)?(?:\s{_DISTANCE})?"
        ),
        _read_relative,
    ),
    (
        compiled(
            rf"\b(?:(?P<week>{_WEEK})\s(?:am\s|on\s)?|in\s(?P<n2>{NUMBER})\swochen?,?\s(?:am\s)?)?"
            rf"(?:(?P<which>{_WHICH})\s)?(?P<name>{one_of(WEEKDAYS)})(?:s\b|\s?(?P<part>{PART}))?\b(?:\s(?P<week2>{_WEEK})\b)?(?:\s{_DISTANCE})?"
        ),
        _read_weekday,
    ),
    (
        compiled(
            rf"\b(?P<name>{one_of(WEEKDAY_ABBREVIATIONS)})\b\.?,?\s?(?=[0-9]|um\b|at\b|(?:den|dem|der)\s[0-9{MASK}]|{MASK}|(?:{one_of(MONTHS)})\b)"
        ),
        _read_weekday_abbreviation,
    ),
)
_DISTANCES: Patterns = (
    (
        compiled(rf"\bin\s(?P<n>{NUMBER})\s(?P<unit>tag(?:en)?|wochen?|monat(?:en)?|days?|weeks?|months?)\b"),
        _read_distance,
    ),
)
