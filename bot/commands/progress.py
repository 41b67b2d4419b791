"""How far the resolution has come: /stand and /berichte."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from bot.commands.command import Command
from bot.commands.naming import find_place, place_hint
from bot.drawn import PROGRESS
from bot.markup import Markup, bullets, escape
from bot.outcomes import BY_KEY, OUTCOMES, measure_name
from bot.turn import GAP, Turn
from knowledge.place_list import Place
from knowledge.places import PlaceMatch
from knowledge.resolution import Measure, References, resolution
from store import reports
from store.messages import Attachment
from store.reports import Cell, Report

YEAR = re.compile(r"\b(20\d\d)\b")
# "/stand II", "/stand 2": a pillar.
PILLAR_ALONE = re.compile(r"^\s*(iv|i{1,3}|[1-4])\s*$", re.IGNORECASE)
LATEST = 10
IN_YEAR = 30
# So many places are listed below the picture; all of them by "/stand text".
LISTED = 12
NOTHING = References((), (), ())
IN_WORDS = ("text", "alle", "alles", "all")


def standing(turn: Turn, rest: str) -> None:
    """/stand: everything; /stand Rostock, /stand 2.1, /stand Säule 2, /stand Rostock 2026: details."""
    if not rest or rest.casefold() in IN_WORDS:
        _overview(turn, everything=bool(rest))
        return
    said, year = resolution().references(PILLAR_ALONE.sub(r"Säule \1", rest)), YEAR.search(rest)
    pillars = (one for one in resolution().pillars if one.number in said.pillars)
    measures = [
        *filter(None, map(resolution().measure, said.measures)),
        *(one for pillar in pillars for one in pillar.measures),
    ]
    if said.unknown and not measures:
        turn.say("hint.measure_unknown", written=said.unknown[0])
        return
    match = _place_in(turn, rest)
    if match.place is None and not measures and year is None:
        _unknown_place(turn, match, rest, "stand")
    elif year is not None:
        _one_year(turn, int(year[1]), match.place, [one.code for one in measures])
    elif match.place is not None:
        _one_place(turn, match.place, match.also, measures or resolution().measures)
    else:
        _all_places(turn, measures)


def _place_in(turn: Turn, rest: str) -> PlaceMatch:
    match = turn.services.places.find(rest)
    inside = turn.services.places.find_in(rest)
    return inside[0].match if inside and match.place is None else match


def _unknown_place(turn: Turn, match: PlaceMatch, rest: str, command: str) -> None:
    """Ask which of several places is meant; what is no place at all waits for no answer."""
    if match.candidates:
        find_place(turn, rest, f"{command} {GAP}")
    else:
        turn.say("place.unknown", said=rest[:60])


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
    lines = bullets(f"**{escape(place)}**: {_row(place, cells)}" for place in shown)
    counts = Counter(one.outcome for cell in known for one in cell.reports)
    used = [one for one in OUTCOMES if counts[one.key]]
    body = turn.text(
        "stand.all",
        lines=lines,
        more=turn.text("stand.more", n=len(places) - len(shown)) if len(shown) < len(places) else "",
        legend=", ".join(f"{one.sign} {turn.label(f'outcome.{one.key}')}" for one in used),
        reported=len(known),
        places=len(places),
        cells=len(places) * len(resolution().measures),
    )
    told = ", ".join(f"{counts[one.key]} {turn.label(f'outcome.{one.key}')}" for one in used)
    turn.post(body, attachment=None if everything else _picture(turn, told, len(places)))


def _picture(turn: Turn, counts: str, places: int) -> Attachment:
    """The recipe of the picture, with what it shows in words."""
    day = turn.now.astimezone(turn.zone).date().isoformat()
    alt = turn.label("picture.alt", places=places, counts=counts)
    return Attachment(PROGRESS, {"language": turn.language, "day": day}, alt)


def _row(place: str, cells: dict[tuple[str, str], Cell]) -> str:
    found = [(one, cells[place, one.code]) for one in resolution().measures if (place, one.code) in cells]
    return escape(" · ".join(f"{one.roman} {signs(cell)}" for one, cell in found))


def signs(cell: Cell) -> str:
    """The sign of a cell's outcome, or of both where two people contradict each other."""
    return "/".join(BY_KEY[one.outcome].sign for one in cell.reports)


def _one_place(turn: Turn, place: Place, also: Sequence[Place], measures: Sequence[Measure]) -> None:
    known = {cell.report.measure: cell for cell in reports.standing(turn.tx, place=place.name)}
    lines = bullets(_measure_line(turn, one, known.get(one.code)) for one in measures)
    turn.say(
        "stand.place",
        place=place.name,
        n=sum(one.code in known for one in measures),
        measures=len(measures),
        lines=lines,
        hint=place_hint(turn, also, "stand"),
    )


def _measure_line(turn: Turn, measure: Measure, known: Cell | None) -> str:
    head = f"**{measure.roman}** {escape(measure.short)}: "
    return head + (told_cell(turn, known) if known else turn.text("stand.no_report"))


def _all_places(turn: Turn, measures: Sequence[Measure]) -> None:
    """How measures stand everywhere."""
    known = {one.code: reports.standing(turn.tx, measure=one.code) for one in measures}
    if not any(known.values()):
        what = ", ".join(f"{one.roman} {one.short}" for one in measures)
        turn.say("stand.nothing_for", what=what)
        return
    turn.post("\n\n".join(_one_measure(turn, one, known[one.code]) for one in measures))


def _one_measure(turn: Turn, measure: Measure, known: Sequence[Cell]) -> str:
    lines = bullets(f"**{escape(one.report.place)}**: {told_cell(turn, one)}" for one in known)
    shown = lines or turn.text("stand.no_report")
    return turn.text("stand.measure", roman=measure.roman, short=measure.short, lines=shown)


def _one_year(turn: Turn, year: int, place: Place | None, measures: Sequence[str]) -> None:
    zone = turn.zone
    start, end = datetime(year, 1, 1, tzinfo=zone), datetime(year + 1, 1, 1, tzinfo=zone)
    found = reports.between(turn.tx, start.astimezone(UTC), end.astimezone(UTC))
    here = [one for one in found if place is None or one.place == place.name]
    known = [one for one in here if not measures or one.measure in measures]
    if not known:
        what = [str(year), *([place.name] if place else []), *measures]
        turn.say("stand.nothing_for", what=", ".join(what))
        return
    lines = [labelled(turn, one) for one in known[:IN_YEAR]]
    if len(known) > IN_YEAR:
        lines.append(turn.text("stand.more_in_year", n=len(known) - IN_YEAR))
    turn.say("stand.year", year=year, n=len(known), lines=bullets(lines))


def latest(turn: Turn, rest: str) -> None:
    """/berichte: the latest reports, of everywhere, of a place, a measure, or a year."""
    match = _place_in(turn, rest)
    place = match.place
    measures, year = resolution().references(rest).measures, YEAR.search(rest)
    if rest and not (place or measures or year):
        _unknown_place(turn, match, rest, "berichte")
        return
    if year:
        _one_year(turn, int(year[1]), place, measures)
        return
    known = reports.latest(turn.tx, [place.name] if place else None, LATEST, measures)
    if not known and rest:
        turn.say("stand.nothing_for", what=", ".join([*([place.name] if place else []), *measures]))
        return
    if not known:
        turn.say("stand.nothing")
        return
    turn.say("stand.latest", lines=bullets(labelled(turn, one) for one in known))


def labelled(turn: Turn, one: Report, bare: bool = False) -> Markup:
    """A report with its place and measure, as Markdown; `bare`: those alone."""
    head = f"**{escape(one.place)}**, {escape(measure_name(one.measure))}"
    return Markup(head if bare else f"{head}: {told(turn, one)}")


def told_cell(turn: Turn, cell: Cell) -> Markup:
    """What a cell shows: its latest report, and one that contradicts it."""
    if cell.rival is None:
        return told(turn, cell.report)
    return turn.text("stand.both", one=told(turn, cell.report), two=told(turn, cell.rival))


def told(turn: Turn, one: Report) -> Markup:
    """What a report says: outcome, votes, text, link, day."""
    parts = [f"{BY_KEY[one.outcome].sign} {turn.label(f'outcome.{one.outcome}')}"]
    if one.yes is not None or one.no is not None:
        parts.append(_votes(turn, one))
    day = one.reported_at.astimezone(turn.zone).strftime("%d.%m.%Y")
    said = escape(" · ".join([*parts, day]))
    text = f" – „{escape(one.text)}“" if one.text else ""
    return Markup(said + text + (f" {escape(one.link)}" if one.link else ""))


def _votes(turn: Turn, one: Report) -> str:
    counts = {"yes": one.yes or 0, "no": one.no or 0}
    if one.abstained is None:
        return turn.label("report.votes", **counts)
    return turn.count("report.votes_abstained", one.abstained, **counts)


def names_cell(turn: Turn, rest: str) -> bool:
    """Whether the words behind "stand" are a place, a measure or a year."""
    if not rest:
        return True
    short = len(rest) < 40 and not rest.endswith("?")
    known = (
        rest.casefold() in IN_WORDS
        or YEAR.fullmatch(rest)
        or PILLAR_ALONE.match(rest)
        or resolution().references(rest) != NOTHING
        or turn.services.places.find(rest).place
    )
    return short and bool(known)


COMMANDS = (
    Command("stand", standing, ("progress", "fortschritt"), names_cell),
    Command("berichte", latest, ("reports",), names_cell),
)
