"""The lines of a calendar or an invitation: which name a date, which a place, which are headings."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise, takewhile

from bot.turn import Turn
from knowledge.place_list import Place
from scheduler.date_words import MASK, MONTHS, WEEKDAY_ABBREVIATIONS, WEEKDAYS, Unclear, one_of
from scheduler.dates import When, at_clock, read_when
from scheduler.day_words import MONTH_ALONE, find_days, whole_dates
from scheduler.time_words import find_times

LINK = re.compile(r"https?://\S{3,500}", re.IGNORECASE)
MARKED = re.compile(r"^(?:[-*•]\s*)?(?:top\b|ö\s?\d|n\s?\d|nö\s?\d)", re.IGNORECASE)
MOST_LINES = 60
# "Sitzungskalender 2027", "Termine des Kreistags 2027"; but a "Haushalt 2027" is debated the year before.
OF_YEAR = re.compile(r"(?=.*(?:sitzung|termin|kalender|jahr))(?!.*haushalt).*\b(20\d\d)\b", re.IGNORECASE)
OUTLINE = re.compile(r"^(\d{1,2})\.\d{1,2}\.?\s")
WHOLE_NUMBER = re.compile(rf"^(\d{{1,2}})[.)]\s+(?!(?:{one_of(MONTHS)})\b)\D", re.IGNORECASE)
NUMBER_OF_ITEM = re.compile(r"^(\d{1,2})[.)]\s")
# Below this stands who wrote, and when they can be reached.
SIGNED = re.compile(
    r"(?:mit )?(?:freundliche[nr]?|viele|liebe|beste|herzliche|solidarische) gr(?:ü|ue)(?:ß|ss)"
    r"|(?:mfg|lg|vg|best|regards)\W*$|i\. ?a\.\s|-- ?$",
    re.IGNORECASE,
)
LONGEST_HEADING = 200
# Between the days of a list: "3.2., 17.2. und Mi, 3.3."; "oder" and "-" leave open which is meant.
LISTED = re.compile(r"(?:[\s,;&+]|\bund\b|\bden\b|\bam\b|\band\b)*", re.IGNORECASE)
# Where it is from now on: "jetzt im Kreistagssaal", "Raum 1.101", "online".
ROOM = re.compile(
    r"\b(?:im|in der|in den|ins)\s+(?:\w+\s+){0,2}"
    r"\w*(?:saal|raum|haus|zimmer|halle|schule|zentrum|aula|forum|theater)\w*"
    r"(?:\s+\d[\w.]*)?|\b(?:raum|saal|zimmer)\s+\w[\w.]*|\b(?:online|per video\w*|hybrid)\b",
    re.IGNORECASE,
)
BOTH = re.compile(r"\s*(?:und|and|sowie|&|\+)\s*", re.IGNORECASE)
EACH = re.compile(r"\b(?:jeweils|je|each)\b|\s(?=[,;:])", re.IGNORECASE)
WEEKDAY = re.compile(rf"\b(?:{one_of(WEEKDAYS)}|{one_of(WEEKDAY_ABBREVIATIONS)})\b\.?", re.IGNORECASE)
WEEKDAY_FIRST = re.compile(rf"^{WEEKDAY.pattern}[\s|,]+", re.IGNORECASE)
WEEKDAY_BEHIND = re.compile(rf"{WEEKDAY.pattern}[\s,]*(?:den\s)?$", re.IGNORECASE)
DAY_OF_MONTH = re.compile(r"^(?P<weekday>\D{0,12}?)\b(?P<day>\d{1,2})\.(?!\s?\d{1,2}\.)", re.IGNORECASE)
# So many dates make an order that a year can be read from.
AN_ORDER = 3


@dataclass(frozen=True)
class Line:
    """One line: what it says as a date if it does, its place if it names one."""

    text: str
    when: When | None = None
    place: Place | None = None


def each_day(text: str) -> str:
    """A line that lists days, "am 3. und 17. Februar 18 Uhr …", as a line a day; else as it is."""
    text = whole_dates(text)
    days = [one for one in find_days(text, lenient=True)[0] if one.weekday is None]
    gaps = [text[one.end : other.start] for one, other in pairwise(days)]
    bare = [find_times(WEEKDAY.sub("", gap))[1].replace(MASK, "") for gap in gaps]
    if len(days) < 2 or not all(map(LISTED.fullmatch, bare)):
        return text
    around = EACH.sub("", f"{WEEKDAY_BEHIND.sub('', text[: days[0].start])} {text[days[-1].end :]}")
    own = [" ".join(time.words for time in find_times(gap)[0]) for gap in [*gaps, ""]]
    return "\n".join(f"{one.words} {time} {around}" for one, time in zip(days, own, strict=True))


def each_place(turn: Turn, text: str) -> str:
    """A line that names two places, "Rostock und Schwerin 9.12. 17 Uhr", as a line a place; else as it is."""
    named = [one for one in turn.services.places.find_in(text[:LONGEST_HEADING]) if one.match.place]
    pair = next((two for two in pairwise(named) if BOTH.fullmatch(text[two[0].end : two[1].start])), None)
    if pair is None or "\n" in text:
        return text
    around = f"{text[: pair[0].start]} {text[pair[1].end :]}"
    return "\n".join(f"{text[one.start : one.end]} {around}" for one in pair)


def dated_lines(turn: Turn, text: str, timed: bool) -> bool:
    """Whether a text names a day that is to come and a place; `timed`: and the time in the same line."""
    lines = read_lines(turn, each_day(text))
    days = [one for one in lines if one.when and one.when.day_known and (one.when.time_known or not timed)]
    return bool(days) and any(one.place for one in lines)


def _under_months(texts: Sequence[str]) -> list[str]:
    """ "Do 14. 17 Uhr" below a heading "Januar" is the 14 January."""
    lines, month = [], ""
    for one in texts:
        if MONTH_ALONE.fullmatch(one):
            month = one.strip(" :")
            continue
        lines.append(DAY_OF_MONTH.sub(rf"\g<weekday>\g<day>. {month}", one) if month else one)
    return lines


def read_lines(turn: Turn, text: str) -> list[Line]:
    """The lines of a text, each with its date and place; those behind the 60th are only kept as text."""
    texts = [one.strip() for one in text.splitlines() if one.strip()]
    texts = _under_months(list(takewhile(lambda one: not SIGNED.match(one), texts)))
    rest = [Line(one) for one in texts[MOST_LINES:]]
    texts = texts[:MOST_LINES]
    headings = (OF_YEAR.match(one[:LONGEST_HEADING]) for one in texts)
    year = next((int(found[1]) for found in headings if found), None)
    parents = {found[1] for found in map(WHOLE_NUMBER.match, texts) if found}
    lines: list[Line] = []
    for one in texts:
        if MARKED.match(one) or _is_item(one, parents):
            lines.append(Line(one, place=_place(turn, one)[0]))
        else:
            _join(turn, lines, _read(turn, one, year), year)
    return [*_in_order(turn, _timed(turn, _once(turn, lines))), *rest]


def _is_item(text: str, numbers: set[str]) -> bool:
    """Whether what looks like a date is an item of the agenda: "3.1. Anträge", "9. 3. Änderung …"."""
    outline, number = OUTLINE.match(text), NUMBER_OF_ITEM.match(text)
    return bool((outline and outline[1] in numbers) or (number and str(int(number[1]) - 1) in numbers))


def _once(turn: Turn, lines: Sequence[Line]) -> list[Line]:
    """Every meeting once: a day named again with its time, and weekdays without a date, are no others."""
    kept = [one for one in lines if one.when and one.when.day_known and not _only_weekday(one)]
    return [_settled(turn, one, kept) for one in lines]


def _only_weekday(one: Line) -> bool:
    return all(day.weekday is not None for day in find_days(one.text, lenient=True)[0])


def _settled(turn: Turn, one: Line, dated: Sequence[Line]) -> Line:
    if one.when is None or not one.when.day_known or not dated:
        return one
    if one not in dated:
        return replace(one, when=None)
    same = [other for other in dated if other.when and _day(turn, other.when) == _day(turn, one.when)]
    if one.when.time_known:
        named = next((other.place for other in same if other.when and not other.when.time_known), None)
        return replace(one, place=named or one.place)
    return replace(one, when=None) if any(other.when and other.when.time_known for other in same) else one


def _day(turn: Turn, when: When) -> date:
    return when.start.astimezone(turn.zone).date()


def _place(turn: Turn, text: str) -> tuple[Place | None, str]:
    """The place a line names, and the words around it."""
    bare = LINK.sub(" ", text)
    named = [one for one in turn.services.places.find_in(bare) if one.match.place]
    if not named:
        return None, bare
    return named[0].match.place, f"{bare[: named[0].start]} {bare[named[0].end :]}"


def _read(turn: Turn, text: str, year: int | None) -> Line:
    place, rest = _place(turn, text)
    when = read_when(rest, turn.now, turn.zone, year=year)
    return Line(text, None if isinstance(when, Unclear) else when, place)


def _join(turn: Turn, lines: list[Line], one: Line, year: int | None) -> None:
    """Add a line; a time alone belongs to the one date above it, or to all of them (see `_timed`)."""
    above = lines[-1] if lines else None
    alone = one.when is not None and not one.when.day_known and not EACH.search(one.text)
    if alone and above and above.when and not above.when.time_known:
        lines[-1] = replace(_read(turn, f"{above.text} {one.text}", year), place=above.place or one.place)
    else:
        lines.append(one)


def _timed(turn: Turn, lines: Sequence[Line]) -> list[Line]:
    """ "Beginn jeweils 17 Uhr", above the dates or below, is the time of every date that has none."""
    common = next((one.when for one in lines if one.when and not one.when.day_known), None)
    wanted = any(one.when and one.when.day_known and not one.when.time_known for one in lines)
    if common is None or not wanted:
        return [replace(one, when=None) if one.when and not one.when.day_known else one for one in lines]
    bare = [replace(one, when=None) if one.when and not one.when.day_known else one for one in lines]
    kept = [one for one, before in zip(bare, lines, strict=True) if one.when == before.when or one.place]
    return [
        replace(one, when=at_clock(one.when, common, turn.zone))
        if one.when and not one.when.time_known
        else one
        for one in kept
    ]


def _in_order(turn: Turn, lines: Sequence[Line]) -> list[Line]:
    """Dates without a year that stand in order: in a list from January on, December is not this year's."""
    dated = [one for one in lines if one.when]
    if len(dated) < AN_ORDER:
        return list(lines)
    ordered: list[Line] = []
    last: When | None = None
    for one in lines:
        if one.place and one.when is None:
            last = None
        if one.when and last and not one.when.year_known and one.when.start < last.start:
            one = _later(turn, one, last)
        last = one.when or last
        ordered.append(one)
    return ordered


def _later(turn: Turn, one: Line, last: When) -> Line:
    again = _read(turn, one.text, last.start.astimezone(turn.zone).year)
    return again if again.when and again.when.start >= last.start else one
