"""How far the resolution has come: /stand and /berichte."""

import re
from collections import Counter
from datetime import UTC, datetime

from bot.commands.command import Command
from bot.commands.naming import place_hint
from bot.markup import Markup, escape
from bot.outcomes import BY_KEY, OUTCOMES
from bot.recipe_names import PROGRESS
from bot.turn import Turn
from knowledge.resolution import Measure, resolution
from store import reports
from store.messages import Attachment
from store.reports import Cell, Report

YEAR = re.compile(r"\b(20\d\d)\b")
LATEST = 10
# So many places are listed below the picture; all of them by "/stand text".
LISTED = 12
IN_WORDS = ("text", "alle", "alles", "all")


def standing(turn: Turn, rest: str) -> None:
    """/stand: everything; /stand Rostock, /stand 2.1, /stand 2026: details."""
    measure = resolution().find_measure(rest) if rest else None
    year = YEAR.search(rest)
    if measure is not None:
        _one_measure(turn, measure)
    elif year is not None:
        _one_year(turn, int(year[1]))
    elif rest.casefold() in IN_WORDS:
        _overview(turn, everything=True)
    elif rest:
        _one_place(turn, rest)
    else:
        _overview(turn)


def _overview(turn: Turn, everything: bool = False) -> None:
    """The picture, and one line per place with a sign per measure; of many places those with news."""
    known = reports.standing(turn.tx)
    if not known:
        turn.say("stand.nothing")
        return
    cells = {(one.report.place, one.report.measure): one for one in known}
    latest = sorted(known, key=lambda cell: cell.report.reported_at, reverse=True)
    places = list(dict.fromkeys(cell.report.place for cell in latest))
    shown = sorted(places if everything else places[:LISTED])
    lines = [f"- **{escape(place)}**: {_row(place, cells)}" for place in shown]
    counts = Counter(one.outcome for cell in known for one in cell.reports)
    used = [one for one in OUTCOMES if counts[one.key]]
    body = turn.text(
        "stand.all",
        lines=Markup("\n".join(lines)),
        more=Markup(turn.text("stand.more", n=len(places) - len(shown)) if len(shown) < len(places) else ""),
        legend=", ".join(f"{one.sign} {turn.label(f'outcome.{one.key}')}" for one in used),
        reported=len(known),
        places=len(places),
        cells=len(places) * len(resolution().measures),
    )
    told = ", ".join(f"{counts[one.key]} {turn.label(f'outcome.{one.key}')}" for one in used)
    turn.post(body, attachment=None if everything else _picture(turn, told, len(places)))


def _picture(turn: Turn, counts: str, places: int) -> Attachment:
    """The recipe of the picture, with what it shows in words."""
    day = turn.now.astimezone(turn.services.zone).date().isoformat()
    alt = turn.label("picture.alt", places=places, counts=counts)
    return Attachment(PROGRESS, {"language": turn.language, "day": day}, alt)


def _row(place: str, cells: dict[tuple[str, str], Cell]) -> str:
    found = [(one, cells[place, one.code]) for one in resolution().measures if (place, one.code) in cells]
    return escape(" · ".join(f"{one.roman} {signs(cell)}" for one, cell in found))


def signs(cell: Cell) -> str:
    """The sign of a cell's outcome, or of both where two people contradict each other."""
    return "/".join(BY_KEY[one.outcome].sign for one in cell.reports)


def _one_place(turn: Turn, rest: str) -> None:
    match = turn.services.places.find(rest)
    inside = turn.services.places.find_in(rest)
    match = inside[0].match if match.place is None and inside else match
    if match.place is None:
        turn.say("place.unknown", said=rest[:60])
        return
    known = {cell.report.measure: cell for cell in reports.standing(turn.tx, place=match.place.name)}
    lines = [_measure_line(turn, one, known.get(one.code)) for one in resolution().measures]
    turn.say(
        "stand.place",
        place=match.place.name,
        n=len(known),
        measures=len(resolution().measures),
        lines=Markup("\n".join(lines)),
        hint=Markup(place_hint(turn, match.also, "stand")),
    )


def _measure_line(turn: Turn, measure: Measure, known: Cell | None) -> str:
    head = f"- **{measure.roman}** {escape(measure.short)}: "
    return head + (told_cell(turn, known) if known else turn.text("stand.no_report"))


def _one_measure(turn: Turn, measure: Measure) -> None:
    known = reports.standing(turn.tx, measure=measure.code)
    if not known:
        turn.say("stand.nothing_for", what=f"{measure.roman} {measure.short}")
        return
    lines = "\n".join(f"- **{escape(one.report.place)}**: {told_cell(turn, one)}" for one in known)
    turn.say("stand.measure", roman=measure.roman, short=measure.short, lines=Markup(lines))


def _one_year(turn: Turn, year: int) -> None:
    zone = turn.services.zone
    start, end = datetime(year, 1, 1, tzinfo=zone), datetime(year + 1, 1, 1, tzinfo=zone)
    known = reports.between(turn.tx, start.astimezone(UTC), end.astimezone(UTC))
    if not known:
        turn.say("stand.nothing_for", what=str(year))
        return
    lines = "\n".join(f"- {labelled(turn, one)}" for one in known)
    turn.say("stand.year", year=year, n=len(known), lines=Markup(lines))


def latest(turn: Turn, rest: str) -> None:
    """/berichte: the latest reports, of everywhere or of a place."""
    found = turn.services.places.find_in(rest)
    place = found[0].match.place if found else None
    known = reports.latest(turn.tx, [place.name] if place else None, LATEST)
    if not known:
        turn.say("stand.nothing")
        return
    turn.say("stand.latest", lines=Markup("\n".join(f"- {labelled(turn, one)}" for one in known)))


def labelled(turn: Turn, one: Report, bare: bool = False) -> str:
    """A report with its place and measure, as Markdown; `bare`: those alone."""
    measure = resolution().measure(one.measure)
    name = f"{measure.roman} {measure.short}" if measure else one.measure
    head = f"**{escape(one.place)}**, {escape(name)}"
    return head if bare else f"{head}: {told(turn, one)}"


def told_cell(turn: Turn, cell: Cell) -> str:
    """What a cell shows: its latest report, and one that contradicts it."""
    if cell.rival is None:
        return told(turn, cell.report)
    return turn.text("stand.both", one=Markup(told(turn, cell.report)), two=Markup(told(turn, cell.rival)))


def told(turn: Turn, one: Report) -> str:
    """What a report says: outcome, votes, text, link, day."""
    parts = [f"{BY_KEY[one.outcome].sign} {turn.label(f'outcome.{one.outcome}')}"]
    if one.yes is not None or one.no is not None:
        parts.append(_votes(turn, one))
    day = one.reported_at.astimezone(turn.services.zone).strftime("%d.%m.%Y")
    said = escape(" · ".join([*parts, day]))
    text = f" – „{escape(one.text)}“" if one.text else ""
    return said + text + (f" {escape(one.link)}" if one.link else "")


def _votes(turn: Turn, one: Report) -> str:
    key = "report.votes" if one.abstained is None else "report.votes_abstained"
    return turn.label(key, yes=one.yes or 0, no=one.no or 0, abstained=one.abstained or 0)


def names_cell(turn: Turn, rest: str) -> bool:
    """Whether the words behind "stand" are a place, a measure or a year."""
    if not rest:
        return True
    short = len(rest) < 40 and not rest.endswith("?")
    known = (
        rest.casefold() in IN_WORDS
        or YEAR.fullmatch(rest)
        or resolution().find_measure(rest)
        or turn.services.places.find(rest).place
    )
    return short and bool(known)


COMMANDS = (
    Command("stand", standing, ("progress", "fortschritt"), names_cell),
    Command("berichte", latest, ("reports",), names_cell),
)
