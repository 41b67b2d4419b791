"""Several debates at once: a year's calendar, an invitation with its agenda, or what a source proposes."""

import re
from dataclasses import replace
from datetime import timedelta

from bot.commands.debates import line, telling
from bot.commands.entering_lines import LINK, WEEKDAY_FIRST, Line, read_lines
from bot.markup import bullets, escape
from bot.turn import Turn
from knowledge.place_list import Place
from knowledge.relevance import Level, judge
from scheduler.agendas.discreet import safe_location, without_addresses
from scheduler.agendas.text import tidy, web_address
from scheduler.importing import BY_HAND, level_of, twin
from scheduler.reminders import unheard
from store import debates
from store.debates import Debate, Item
from store.messages import Choice

PROPOSALS = re.compile(r"vorschl(?:ä|ae)ge\W*|proposals\W*", re.IGNORECASE)
DECISIONS = re.compile(r"(ja|weg)((?:\s+\d{1,9}){2,60})", re.IGNORECASE)
# "TOP 7", "Ö 3.1", "N 2", "4." in front of an agenda item.
NUMBERED = re.compile(
    r"^(?:[-*•]\s*)?(?:top\s*)?((?:ö|oe|n|nö)?\s?\d{1,2}(?:\.\d{1,2}){0,2})[.):]?\s+[-–—:]?\s*(?=\D|\d{1,2}\.\s)(.+)$",
    re.IGNORECASE,
)
CLOSED = re.compile(r"^(?:top\s*)?n(?:ö)?\s?\d|nicht\s?-?öffentlich", re.IGNORECASE)
JOINTS = re.compile(
    r"^(?:[\s,;:.|–•*-]|(?:am|um|in|im|der|die|das|zum|zur|uhr|titel|thema"
    r"|betreff|tag|(?:sitzungs)?termin|datum|wann|beginn|(?:uhr)?zeit)\b)+",
    re.IGNORECASE,
)
LOCATION = re.compile(r"^(?:sitzungs|tagungs)?(?:ort|raum)\s*:\s*(\S.{2,200})$", re.IGNORECASE)
ROOM_ONLY = re.compile(
    r"(?:im|in der|in den) (?P<room>(?:\w+ ){0,2}"
    r"\w*(?:saal|raum|haus|zimmer|halle|aula)\w*(?: de[rs] .{2,60})?)",
    re.IGNORECASE,
)
SHOWN = 20
SHORTEST_TITLE = 3
FALLBACK_TITLE = "Sitzung"


def several(text: str) -> bool:
    """Whether a text is more than one line of something."""
    return sum(bool(one.strip()) for one in text.splitlines()) > 1


def draft_many(turn: Turn, text: str) -> None:
    """Show what was understood of every line; all of it is confirmed at once."""
    lines = read_lines(turn, text)
    dated = [one for one in lines if one.when is not None]
    place = next((one.place for one in lines if one.place is not None), None) or _own_place(turn)
    if not dated:
        turn.say("termin.no_dates")
        return
    if place is None:
        turn.say("termin.no_place")
        return
    if len(dated) == 1:
        found, missed = [_invitation(turn, lines, dated[0], place)], []
    else:
        found = [as_draft(turn, one, one.place or _place_above(lines, one) or place) for one in dated]
        missed = _not_understood(lines, dated[0])
    foreign = next((one.place for one in found if not turn.standing.covers(one.place)), None)
    if foreign is not None:
        turn.say("termin.not_your_place", place=foreign)
        return
    _show(turn, [debates.add(turn.tx, one, turn.now) for one in found], missed)


def _own_place(turn: Turn) -> Place | None:
    return turn.services.places.get(turn.chat.place) if turn.chat.place else None


def _place_above(lines: list[Line], one: Line) -> Place | None:
    """The last place that stood alone on a line above: headings of a list for several places."""
    above = [other.place for other in lines[: lines.index(one)] if other.place and other.when is None]
    return above[-1] if above else None


def _not_understood(lines: list[Line], first: Line) -> list[str]:
    """Lines below the first date that name none; what stands above is a heading."""
    return [one.text for one in lines[lines.index(first) + 1 :] if one.when is None and one.place is None]


def as_draft(turn: Turn, one: Line, place: Place, title: str = "", items: tuple[Item, ...] = ()) -> Debate:
    """The debate of a dated line, as it waits to be confirmed."""
    assert one.when is not None  # noqa: S101 - only dated lines come here
    # "… um 17 Uhr im Bürgerschaftssaal des Rathauses" says where, and not what about.
    room = None if title else ROOM_ONLY.fullmatch(one.when.rest.strip(" ,;:.–-|"))
    rest = "" if room else one.when.rest
    said = title or tidy(WEEKDAY_FIRST.sub("", JOINTS.sub("", rest))).strip(" ,;:.–-|")
    name = said if len(said) >= SHORTEST_TITLE else place.council or FALLBACK_TITLE
    links = LINK.findall(one.text)
    return Debate(
        place=place.name,
        council=place.council,
        title=without_addresses(name),
        starts=one.when.start,
        time_known=one.when.time_known,
        ends=one.when.end,
        url=web_address(links[0]) or "" if links else "",
        items=items,
        level=level_of(name, [item.title for item in items], turn.services.config.associations),
        state="draft",
        source=BY_HAND,
        created_by=turn.person,
        location=safe_location(tidy(room["room"]), name) if room else "",
    )


def _invitation(turn: Turn, lines: list[Line], dated: Line, place: Place) -> Debate:
    """One meeting with its agenda. Items of the closed part are never kept."""
    items, closed = [], False
    head = lines.index(dated)
    for one in lines[head + 1 :]:
        closed = closed or bool(CLOSED.search(one.text))
        numbered = NUMBERED.match(one.text)
        if numbered and not closed:
            items.append(_item(turn, dated, numbered[1], numbered[2]))
    title = ""
    said_where = (found[1] for one in lines[head + 1 :] if (found := LOCATION.match(one.text)))
    location = tidy(next(said_where, ""))
    if len(tidy(JOINTS.sub("", dated.when.rest if dated.when else ""))) < SHORTEST_TITLE and head:
        title = tidy(lines[head - 1].text)
    debate = as_draft(turn, dated, place, title, tuple(items))
    titles = " ".join([debate.title, *(one.title for one in items)])
    return replace(debate, location=safe_location(location or debate.location, titles))


def _item(turn: Turn, dated: Line, number: str, title: str) -> Item:
    names = turn.services.config.associations
    return Item(without_addresses(tidy(title)), tidy(number, 20), judge(title, dated.text, names).level)


def _show(turn: Turn, drafts: list[Debate], missed: list[str]) -> None:
    numbers = " ".join(str(one.id) for one in drafts)
    lines = [f"{line(turn, one)}{_agenda(turn, one)}" for one in drafts[:SHOWN]]
    if len(drafts) > SHOWN:
        lines.append(turn.text("dates.more", n=len(drafts) - SHOWN))
    left = "; ".join(one[:60] for one in missed[:5])
    turn.post(
        turn.count(
            "termin.list_understood",
            len(drafts),
            lines=bullets(lines),
            left=turn.text("termin.lines_left", n=len(missed), lines=left) if missed else "",
        ),
        Choice(turn.count("termin.yes_all", len(drafts)), f"/termin ja {numbers}"),
        turn.choice("termin.no", f"/termin weg {numbers}"),
    )


def _agenda(turn: Turn, debate: Debate) -> str:
    if not debate.items:
        return ""
    items = (telling(debate) or debate.items)[:3]
    shown = "; ".join(f"{one.number} {one.title}".strip() for one in items)
    return f" · {turn.count('termin.with_items', len(debate.items))}: {escape(shown)}"


def decide_many(turn: Turn, numbers: list[int], confirmed: bool) -> None:
    """Enter or drop several drafts or proposals; those already decided are left as they are."""
    found = [debates.get(turn.tx, number) for number in dict.fromkeys(numbers)]
    mine = [one for one in found if one is not None and turn.standing.covers(one.place)]
    open_ones = [one for one in mine if one.state in ("draft", "proposed")]
    for one in open_ones:
        if confirmed:
            accept(turn, one)
        else:
            drop(turn, one)
    if not open_ones:
        turn.say("termin.none_open")
    else:
        turn.post(turn.count("termin.entered_all" if confirmed else "termin.dropped_all", len(open_ones)))


def accept(turn: Turn, debate: Debate) -> Debate:
    """Let a draft or proposal count; what is known already, from a source say, is not known twice."""
    known = twin(turn.tx, debate, BY_HAND, turn.zone) if debate.state == "draft" else None
    if known is None or known.state not in ("planned", "proposed"):
        known, chosen = debate, replace(debate, state="planned", announced=True)
    else:
        debates.remove(turn.tx, debate.id)
        level = debate.level if known.level == Level.NONE else known.level
        items, url = known.items or debate.items, known.url or debate.url
        chosen = replace(known, state="planned", announced=True, level=level, items=items, url=url)
    planned = debates.change(turn.tx, chosen, turn.now, tell=False)
    turn.plan(planned, fresh=unheard(known))
    return planned


def drop(turn: Turn, debate: Debate) -> None:
    """Forget a draft. A refused proposal is remembered as wrong, so that it is not made again."""
    if debate.state == "draft":
        debates.remove(turn.tx, debate.id)
    else:
        debates.change(turn.tx, replace(debate, state="wrong"), turn.now, tell=False)


def show_proposals(turn: Turn) -> None:
    """/termin vorschläge: what sources brought and nobody has decided yet."""
    start = turn.now - timedelta(hours=3)
    waiting = debates.between(turn.tx, start, states=("proposed",), limit=SHOWN)
    if not waiting:
        turn.say("termin.no_proposals")
        return
    lines = bullets(f"{line(turn, one)}{_agenda(turn, one)}" for one in waiting)
    numbers = " ".join(str(one.id) for one in waiting)
    if len(waiting) == 1:
        numbers = f"{numbers} {numbers}"
    choices = [Choice(turn.count("termin.yes_all", len(waiting)), f"/termin ja {numbers}")]
    choices += [turn.choice("news.refuse_one", f"/termin weg {one.id}", number=one.id) for one in waiting[:5]]
    turn.post(turn.count("termin.proposals", len(waiting), lines=lines), *choices)
