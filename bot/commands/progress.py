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
from bot.report_outcome import decide, find_mentions
from bot.turn import GAP, Turn
from knowledge.place_list import Place
from knowledge.places import PlaceMatch
from knowledge.resolution import Measure, References, resolution
from store import reports
from store.messages import Attachment
from store.reports import Cell, Report, State

YEAR = re.compile(r"\b(20\d\d)\b")
# "/stand II", "/stand 2": a pillar.
PILLAR_ALONE = re.compile(r"^\s*(iv|i{1,3}|[1-4])\s*$", re.IGNORECASE)
LATEST = 10
LISTED_REPORTS = 30
# So many places are listed below the picture; all of them by "/stand text".
LISTED = 12
NOTHING = References((), (), ())
IN_WORDS = ("text", "alle", "alles", "all")


def standing(turn: Turn, rest: str) -> None:
    """/stand: everything; /stand Rostock, /stand 2.1, /stand abgelehnt, /stand Rostock 2026: details."""
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
    match, outcome = _place_in(turn, rest), _outcome_in(rest)
    if not (match.place or measures or year or outcome):
        _unknown(turn, match, rest, "stand")
    elif year is not None:
        _one_year(turn, int(year[1]), match.place, [one.code for one in measures], outcome)
    elif outcome is not None:
        _with_outcome(turn, outcome, match.place, [one.code for one in measures])
    elif match.place is not None:
        _one_place(turn, match.place, match.also, measures or resolution().measures)
    else:
        _all_places(turn, measures)


def _place_in(turn: Turn, rest: str) -> PlaceMatch:
    match = turn.services.places.find(rest)
    inside = turn.services.places.find_in(rest)
    return inside[0].match if inside and match.place is None else match


def _outcome_in(rest: str) -> str | None:
    """The outcome that is named: "/stand abgelehnt"."""
    return decide(find_mentions(rest))[0]


def _unknown(turn: Turn, match: PlaceMatch, rest: str, command: str) -> None:
    """Ask which of several places is meant; what is nothing we know waits for no answer."""
    if match.candidates:
        find_place(turn, rest, f"{command} {GAP}")
    else:
        turn.say("stand.unknown", said=rest[:60], command=command)


def _overview(turn: Turn, everything: bool = False) -> None:
    """The picture, and one line per place with a sign per measure; of many places those with news."""
    known = reports.states(turn.tx)
    if not known:
        turn.say("stand.nothing")
        return
    cells = {(one.place, one.measure): one for one in known}
    latest = sorted(known, key=lambda one: one.at, reverse=True)
    places = list(dict.fromkeys(one.place for one in latest))
    shown = sorted(places if everything else places[:LISTED])
    lines = bullets(f"**{escape(place)}**: {_row(place, cells)}" for place in shown)
    counts = Counter(outcome for one in known for outcome in one.outcomes)
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


def _row(place: str, cells: dict[tuple[str, str], State]) -> str:
    found = [(one, cells[place, one.code]) for one in resolution().measures if (place, one.code) in cells]
    return escape(" · ".join(f"{one.roman} {_signs(cell)}" for one, cell in found))


def _signs(cell: State) -> str:
    """The sign of a cell's outcome, or of both where two people contradict each other."""
    return "/".join(BY_KEY[outcome].sign for outcome in cell.outcomes)


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


def _with_outcome(turn: Turn, outcome: str, place: Place | None, measures: Sequence[str]) -> None:
    """What stands at an outcome, latest first."""
    cells = reports.standing(turn.tx, place=place.name if place else None)
    here = [one for cell in cells for one in cell.reports if not measures or one.measure in measures]
    found = sorted(
        (one for one in here if one.outcome == outcome), key=lambda one: one.reported_at, reverse=True
    )
    what = [turn.label(f"outcome.{outcome}"), *([place.name] if place else []), *map(measure_name, measures)]
    lines = _listed(turn, found) or turn.text("stand.no_report")
    turn.say("stand.with_outcome", sign=BY_KEY[outcome].sign, what=", ".join(what), n=len(found), lines=lines)


def _listed(turn: Turn, found: Sequence[Report]) -> Markup:
    lines = [labelled(turn, one) for one in found[:LISTED_REPORTS]]
    if len(found) > LISTED_REPORTS:
        lines.append(turn.text("stand.more_reports", n=len(found) - LISTED_REPORTS))
    return bullets(lines)


def _one_year(
    turn: Turn, year: int, place: Place | None, measures: Sequence[str], outcome: str | None
) -> None:
    zone = turn.zone
    start, end = datetime(year, 1, 1, tzinfo=zone), datetime(year + 1, 1, 1, tzinfo=zone)
    found = reports.between(turn.tx, start.astimezone(UTC), end.astimezone(UTC))
    here = [one for one in found if place is None or one.place == place.name]
    known = [
        one for one in here if (not measures or one.measure in measures) and outcome in (None, one.outcome)
    ]
    if not known:
        told = [turn.label(f"outcome.{outcome}")] if outcome else []
        what = [str(year), *([place.name] if place else []), *measures, *told]
        turn.say("stand.nothing_for", what=", ".join(what))
        return
    turn.say("stand.year", year=year, n=len(known), lines=_listed(turn, known))


def latest(turn: Turn, rest: str) -> None:
    """/berichte: the latest reports, of everywhere, of a place, a measure, or a year."""
    match = _place_in(turn, rest)
    place = match.place
    measures, year, outcome = resolution().references(rest).measures, YEAR.search(rest), _outcome_in(rest)
    if rest and not (place or measures or year or outcome):
        _unknown(turn, match, rest, "berichte")
        return
    if year:
        _one_year(turn, int(year[1]), place, measures, outcome)
        return
    if outcome:
        _with_outcome(turn, outcome, place, measures)
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
        or rest.casefold() in (one.name for one in OUTCOMES)
        or PILLAR_ALONE.match(rest)
        or resolution().references(rest) != NOTHING
        or turn.services.places.find(rest).place
    )
    return short and bool(known)


COMMANDS = (
    Command("stand", standing, ("progress", "fortschritt"), names_cell),
    Command("berichte", latest, ("reports",), names_cell),
)
