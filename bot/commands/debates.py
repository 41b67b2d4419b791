"""Council debates as people see them: /termine, and what a reminder says."""

import re
from collections.abc import Sequence

from bot.commands.command import Command
from bot.commands.naming import place_hint
from bot.markup import Markup, bullets, escape
from bot.rights import Role
from bot.turn import Speaker, Turn
from knowledge.place_list import Place
from knowledge.relevance import TOLD_LEVELS, Level
from scheduler.span_words import Span, read_span
from store import chats, debates
from store.chats import EVERYWHERE
from store.debates import Debate, Item
from store.messages import Choice

SHOWN = 10
ALL = re.compile(r"\b(alle|alles|all)\b", re.IGNORECASE)
YEAR = re.compile(r"20\d\d")
COUNCIL = re.compile(
    r"\b(?:kreist(?:a|ä)g|b(?:ü|ue)rgerschaft|stadtvertretung|gemeindevertretung|\w{0,30}ausschuss)",
    re.IGNORECASE,
)
NUMBER = re.compile(r"\s*(?:nr\.?|#)?\s*(\d{1,9})\s*", re.IGNORECASE)


def show_dates(turn: Turn, rest: str, command: bool = True) -> None:
    """/termine: what is coming, for a place, a time, for this chat's places, or everywhere.

    `command`: `rest` stands behind the command, so what is no place is a place that is not known.
    """
    number = NUMBER.fullmatch(rest)
    if number is not None and not (YEAR.fullmatch(rest) and debates.get(turn.tx, int(rest)) is None):
        show_one(turn, int(number[1]))
        return
    span = read_span(rest, turn.now, turn.zone) if rest else None
    rest = span.rest if span else rest
    asked = [found.match for found in turn.services.places.find_in(rest) if found.match.place]
    if command and rest and not asked and not ALL.search(rest) and _names_nothing(turn, rest):
        return
    named = asked[0].place if asked else None
    also = asked[0].also if asked else ()
    everything = bool(ALL.search(rest))
    places = [named.name] if named else None if everything else _own_places(turn)
    start, end = span.bounds(turn.zone) if span else (turn.now, None)
    known = debates.between(turn.tx, max(start, turn.now), end, places, limit=500)
    if council := COUNCIL.search(rest):
        kind = council[0].casefold()
        known = [one for one in known if kind in f"{one.council} {one.title}".casefold()] or known
    _list(turn, known, named, everything, place_hint(turn, also, "termine"), span)


def _names_nothing(turn: Turn, rest: str) -> bool:
    """Whether somebody asked for a place that is not known, in so many words."""
    if rest.endswith("?") or len(rest.split()) > 3:
        return False
    match = turn.services.places.find(rest)
    turn.say("place.unknown", said=rest[:60])
    return match.place is None


def _own_places(turn: Turn) -> list[str] | None:
    """The places this chat is subscribed to, with municipalities where wanted; None for everywhere."""
    mine = chats.subscriptions_of(turn.tx, turn.chat.id) if turn.chat.id else []
    if not mine or any(one.place == EVERYWHERE for one in mine):
        return None
    names = {one.place for one in mine}
    for one in mine:
        names |= {place.name for place in turn.services.places.within(one.place)} if one.towns else set()
    return sorted(names)


def _list(
    turn: Turn, known: list[Debate], place: Place | None, everything: bool, hint: str, span: Span | None
) -> None:
    shown = [one for one in known if one.announced or everything]
    others = len(known) - len(shown)
    if not shown:
        key = "dates.nothing_in" if span else "dates.nothing_for" if place else "dates.nothing"
        turn.say(
            key,
            place=place.name if place else "",
            what=", ".join([*([place.name] if place else []), *([_days(span)] if span else [])]),
            others=_others(turn, others, place),
            hint=hint,
        )
        return
    lines = bullets(line(turn, one) for one in shown[:SHOWN])
    more = turn.text("dates.more", n=len(shown) - SHOWN) if len(shown) > SHOWN else ""
    tail = "\n\n".join(part for part in (more, _others(turn, others, place), hint) if part)
    turn.say("dates.list", lines=lines, tail=Markup(tail))


def _days(span: Span) -> str:
    first, last = f"{span.first:%d.%m.%Y}", f"{span.last:%d.%m.%Y}"
    return first if first == last else f"{first}–{last}"


def _others(turn: Turn, others: int, place: Place | None) -> str:
    if not others:
        return ""
    command = f"/termine {place.name} alle" if place else "/termine alle"
    return turn.count("dates.others", others, command=command)


def line(turn: Turn, debate: Debate) -> str:
    """A debate in one line: when, where, who, what, and its number."""
    council = f" ({debate.council})" if debate.council else ""
    when = turn.when(debate.starts, debate.time_known)
    title = escape(f"{debate.place}{council}: {debate.title}")
    return f"**{escape(when)}** · {title} · {turn.label('debate.number', number=debate.id)}"


def show_one(turn: Turn, number: int) -> None:
    """One debate with everything known; organisers can change it."""
    debate = debates.get(turn.tx, number)
    if debate is None or debate.state in ("draft", "proposed"):
        turn.say("dates.no_such", number=number)
        return
    choices = changes(turn, debate) if turn.standing.role is Role.ORGANISER else []
    turn.post(details(turn, debate), *choices)


def details(turn: Turn, debate: Debate) -> Markup:
    """Everything known of a debate, each line only where there is something to say."""
    parts = [
        f"**{escape(debate.title)}**",
        turn.text(f"debate.state_{debate.state}") if debate.state != "planned" else "",
        *when_and_where(turn, debate),
        *agenda(turn, debate, telling(debate) or debate.items),
    ]
    return Markup("\n".join(part for part in parts if part))


def when_and_where(voice: Speaker, debate: Debate) -> list[str]:
    where = ", ".join(part for part in (debate.council, debate.place, debate.location) if part)
    when = voice.when(debate.starts, debate.time_known)
    return [voice.text("debate.when", when=when), voice.text("debate.where", place=where)]


def telling(debate: Debate) -> Sequence[Item]:
    """The items that make a debate matter."""
    return [item for item in debate.items if item.level != Level.NONE]


def agenda(voice: Speaker, debate: Debate, items: Sequence[Item]) -> list[str]:
    """What is debated, why that matters, and where to read more; "" for what there is nothing of."""
    shown = Markup("; ".join(escape(f"{item.number} {item.title}".strip()) for item in items[:5]))
    # The host of a link is named, so that people see where it leads.
    host = debate.url.split("://", 1)[-1].split("/", 1)[0].rsplit("@", 1)[-1]
    return [
        voice.text("debate.items", items=shown) if shown else "",
        voice.text("debate.why") if debate.level in TOLD_LEVELS else "",
        voice.text("debate.link", url=Markup(debate.url), host=host) if debate.url else "",
    ]


def changes(turn: Turn, debate: Debate) -> list[Choice]:
    """What an organiser can do with a debate."""
    if debate.state != "planned":
        return []
    return [
        turn.choice("debate.change", f"/termin aendern {debate.id}"),
        turn.choice("debate.cancel", f"/termin absagen {debate.id}"),
        turn.choice("debate.wrong", f"/termin falsch {debate.id}"),
    ]


def names_dates(turn: Turn, rest: str) -> bool:
    """Whether the words behind "termine" are a place, "alle", or a number."""
    if len(rest) > 40 or rest.endswith("?"):
        return False
    found = turn.services.places.find_in(rest)
    named = NUMBER.fullmatch(rest) or ALL.fullmatch(rest) or found
    return not rest or bool(named or read_span(rest, turn.now, turn.zone))


COMMANDS = (Command("termine", show_dates, ("dates", "sitzungen"), names_dates),)
