"""Which stretch of time a text names: "Dezember", "nächste Woche", "1.12. bis 31.12.", "14 Tage", "2027"."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler.calendar import day_span, local_day
from scheduler.date_words import MONTHS, NUMBER, compiled, number, one_of
from scheduler.dates import When, read_when

READ_AT_MOST = 200

_WORDS = {word: month for word, month in MONTHS.items() if len(word) > 2}
_WHICH = (
    r"(?P<which>diese[nrsm]?|n(?:ä|ae)chste[nrsm]?|kommende[nrsm]?|this|next)\s"
    r"(?P<unit>woche|monat|jahr|week|month|year)s?\b"
)
_UNIT = compiled(rf"\b(?:in\s(?:de[rm]\s)?)?{_WHICH}")
_MONTH = compiled(
    rf"(?<!\d)(?<!\d\.)(?<!\d\.\s)\b(?:im\s)?(?P<month>{one_of(_WORDS)})\b(?!\s\d{{1,2}}\b)(?:\s(?P<year>20\d\d))?"
)
_DAYS = compiled(
    rf"\b(?:in\sden\s)?(?:n(?:ä|ae)chsten?\s)?(?P<n>{NUMBER})\s(?P<unit>tagen?|wochen?|monaten?|days?|weeks?)\b"
)
# A "Haushalt 2027" is debated before 2027: a year counts alone, or as "im Jahr 2027".
_YEAR = compiled(r"\bim\sjahr\s(?P<year>20\d\d)\b|^(?P<alone>20\d\d)$")
_FROM = compiled(r"(?:ab|from|seit)\s")
_UNTIL = compiled(r"(?:bis|until)\s(?:zum\s)?(?:ende\s)?")
_YEAR_LONG = timedelta(days=366)
_FROM_TO = compiled(r"(?P<from>\S.{0,40}?)\s?(?:\bbis\b|\s-\s|–)\s?(?:zum\s)?(?P<to>.{2,40})")


@dataclass(frozen=True)
class Span:
    """From `first` to `last`, both included, and the text without the words that say so."""

    first: date
    last: date
    rest: str

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Begin and end (exclusive), UTC."""
        return day_span(self.first, zone)[0], day_span(self.last, zone)[1]


def read_span(text: str, now: datetime, zone: ZoneInfo) -> Span | None:
    """The stretch of time that a text names, or None; never raises for any text."""
    head, today = " ".join(text[:READ_AT_MOST].split()), local_day(now, zone)
    both = _FROM_TO.fullmatch(head)
    first, last = (_day(both[name], now, zone) for name in ("from", "to")) if both else (None, None)
    if first and last and first <= last:
        return Span(first, last, "")
    if since := _FROM.match(head):
        from_then = read_span(head[since.end() :], now, zone)
        return replace(from_then, last=from_then.first + _YEAR_LONG) if from_then else None
    if until := _UNTIL.match(head):
        till = read_span(head[until.end() :], now, zone)
        return replace(till, first=today) if till and till.last >= today else None
    for pattern, read in ((_UNIT, _unit), (_MONTH, _month), (_DAYS, _days), (_YEAR, _year)):
        match = pattern.search(head)
        if match:
            begin, end = read(match, today)
            return Span(begin, end, f"{head[: match.start()]} {head[match.end() :]}".strip())
    when = read_when(head, now, zone)
    if not isinstance(when, When) or not when.day_known:
        return None
    day = local_day(when.start, zone)
    return Span(day, day, when.rest)


def _day(text: str, now: datetime, zone: ZoneInfo) -> date | None:
    when = read_when(f"am {text}", now, zone)
    return local_day(when.start, zone) if isinstance(when, When) and not when.rest else None


def _unit(match: re.Match[str], today: date) -> tuple[date, date]:
    ahead = 0 if match["which"].lower().startswith(("dies", "this")) else 1
    unit = match["unit"].lower()
    if unit in ("woche", "week"):
        monday = today - timedelta(days=today.weekday()) + timedelta(days=7 * ahead)
        return monday, monday + timedelta(days=6)
    if unit in ("jahr", "year"):
        return date(today.year + ahead, 1, 1), date(today.year + ahead, 12, 31)
    return _whole_month(today.year, today.month + ahead)


def _month(match: re.Match[str], today: date) -> tuple[date, date]:
    month = _WORDS[match["month"].lower()]
    year = int(match["year"]) if match["year"] else today.year + (month < today.month)
    return _whole_month(year, month)


def _whole_month(year: int, month: int) -> tuple[date, date]:
    first = date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _days(match: re.Match[str], today: date) -> tuple[date, date]:
    each = {"w": 7, "m": 30}.get(match["unit"][0].lower(), 1)
    return today, today + timedelta(days=min(number(match["n"]) * each, 3_660))


def _year(match: re.Match[str], _: date) -> tuple[date, date]:
    year = int(match["year"] or match["alone"])
    return date(year, 1, 1), date(year, 12, 31)
