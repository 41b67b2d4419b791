"""The lines of a calendar or an invitation: which name a date, which a place, which are headings."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.turn import Turn
from knowledge.place_list import Place
from scheduler.date_words import Unclear
from scheduler.dates import When, read_when

LINK = re.compile(r"https?://\S{3,500}", re.IGNORECASE)
MARKED = re.compile(r"^(?:[-*•]\s*)?(?:top\b|ö\s?\d|n\s?\d|nö\s?\d)", re.IGNORECASE)
MOST_LINES = 60
# "Sitzungskalender 2027", "Termine des Kreistags 2027"; but a "Haushalt 2027" is debated the year before.
OF_YEAR = re.compile(r"(?=.*(?:sitzung|termin|kalender|jahr))(?!.*haushalt).*\b(20\d\d)\b", re.IGNORECASE)
OUTLINE = re.compile(r"^(\d{1,2})\.\d{1,2}\.?\s")
WHOLE_NUMBER = re.compile(r"^(\d{1,2})[.)]\s+\D")
LONGEST_HEADING = 200
# So many dates make an order that a year can be read from.
AN_ORDER = 3


@dataclass(frozen=True)
class Line:
    """One line: what it says as a date if it does, its place if it names one."""

    text: str
    when: When | None = None
    place: Place | None = None


def read_lines(turn: Turn, text: str) -> list[Line]:
    """The lines of a text, each with its date and place; those behind the 60th are only kept as text."""
    texts = [one.strip() for one in text.splitlines() if one.strip()]
    rest = [Line(one) for one in texts[MOST_LINES:]]
    texts = texts[:MOST_LINES]
    headings = (OF_YEAR.match(one[:LONGEST_HEADING]) for one in texts)
    year = next((int(found[1]) for found in headings if found), None)
    parents = {found[1] for found in map(WHOLE_NUMBER.match, texts) if found}
    lines: list[Line] = []
    for one in texts:
        outline = OUTLINE.match(one)
        if MARKED.match(one) or (outline and outline[1] in parents):
            lines.append(Line(one, place=_place(turn, one)[0]))
        else:
            _join(turn, lines, _read(turn, one, year), year)
    return [*_in_order(turn, lines), *rest]


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
    """Add a line; a time alone belongs to the date above it, and without one it is no meeting."""
    if one.when is None or one.when.day_known:
        lines.append(one)
        return
    above = lines[-1] if lines else None
    if above and above.when and not above.when.time_known:
        lines[-1] = replace(_read(turn, f"{above.text} {one.text}", year), place=above.place or one.place)
    else:
        lines.append(replace(one, when=None))


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
