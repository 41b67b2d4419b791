"""Subscribing a chat to the debates of a place: /abo and /abos."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.commands.command import Command
from bot.commands.naming import find_place, place_hint
from bot.markup import Markup, bullets, escape
from bot.turn import GAP, Turn
from knowledge.place_list import Place
from knowledge.relevance import Level
from scheduler.calendar import Offset
from scheduler.date_words import Unclear
from scheduler.offset_words import read_offsets
from store import chats, debates
from store.chats import EVERYWHERE, Subscription

EVERY_PLACE = re.compile(
    r"^(?:(?:für|in|for)\s+)?(?:alles?|all|everything|überall|das ganze land"
    r"|(?:ganz\s+)?(?:mv|m-v|mecklenburg[\s-]vorpommern|meck[\s-]?pomm))\b",
    re.IGNORECASE,
)
# "ohne Städte": the district's own council alone.
WITHOUT_TOWNS = re.compile(
    r"\b(?:aber\s+)?(ohne|without)\s+(?:(?:die|alle|deren|the)\s+)?(gemeinden|orte|städte|ämter|towns)\b|\bnur\s+(?:den\s+)?kreistag\b",
    re.IGNORECASE,
)
OFF_BEHIND = re.compile(r"\s(?:aus|ab|weg|off|beenden|kündigen|abbestellen|abmelden)\W*$", re.IGNORECASE)
# Which debates: "nur Frauenhaus", "zum Haushalt".
TOPIC = re.compile(
    r"\b(?:(?:nur|only|bitte|zu[mr]?|für)\s+){0,3}(?:(?P<shelter>frauenh(?:a|ä|ae)us\w*|schutzw\w*|gewaltschutz|shelters?)"
    r"|(?P<budget>haushalt\w*|etat|budgets?))\b",
    re.IGNORECASE,
)
TOPICS = {
    "shelter": ",".join((Level.SHELTER_MONEY, Level.SHELTER)),
    "budget": ",".join((Level.BUDGET, Level.SHELTER_MONEY)),
}
LIST = re.compile(r"[,;/&+]|\b(?:und|sowie|and)\b", re.IGNORECASE)
# HRO, LUP, VR.
SHORT_NAME = 3
MOST_PLACES = 20
JOINTS = re.compile(
    r"^(?:[\s,;+&/]|\b(?:und|sowie|and)\b)+|(?:[\s,;+&/]|\b(?:und|sowie|and)\b)+$", re.IGNORECASE
)
# Around what is wished, without a meaning of its own.
SMALL = re.compile(
    r"\b(?:mir|uns|mich|bitte|mal|doch|in|für|zu[mr]?|von|an|alles|was|termine?|sitzung(?:en)?|debatten?|for|me|us)\b",
    re.I,
)
OFF = re.compile(r"^(aus|ab|weg|stopp|off|beenden|kündigen|abbestellen)\b\s*", re.IGNORECASE)
WITH_TOWNS = re.compile(
    r"\b(mit|samt|und|inklusive|inkl\.?|plus|with)\s+(allen\s+|all\s+)?(gemeinden|orten|städten|ämtern|towns)\b",
    re.IGNORECASE,
)


def subscribe(turn: Turn, rest: str) -> None:
    """/abo Rostock, /abo LK Rostock mit Gemeinden, /abo Rostock 3 Tage, /abo alle, /abo aus Rostock."""
    off = OFF.match(rest)
    if not rest:
        show(turn, rest)
    elif off:
        unsubscribe(turn, rest[off.end() :])
    elif OFF_BEHIND.search(rest):
        unsubscribe(turn, OFF_BEHIND.sub("", rest))
    elif EVERY_PLACE.match(rest):
        wish, left = _wish(EVERY_PLACE.sub("", rest))
        _subscribe(turn, [replace(wish, name=EVERYWHERE, towns=False)], left)
    else:
        _subscribe_place(turn, rest)


@dataclass(frozen=True)
class Wish:
    """What a chat wants to hear of: a place, with its towns or without, of some levels or all ("")."""

    name: str
    towns: bool
    levels: str = ""
    place: Place | None = None


def _subscribe_place(turn: Turn, rest: str) -> None:
    wish, said = _wish(rest)
    several, left = _several_places(turn, said)
    if several:
        _subscribe(turn, [replace(wish, name=place.name, place=place) for place in several], left)
        return
    asked_too = " ".join(found[0] for one in (TOPIC, WITH_TOWNS) for found in one.finditer(rest))
    found = find_place(turn, said, f"abo {GAP} {asked_too}".strip())
    if found is not None:
        hint = place_hint(turn, found.also, "abo")
        _subscribe(turn, [replace(wish, name=found.place.name, place=found.place)], found.rest, hint)


def _wish(rest: str) -> tuple[Wish, str]:
    """What words ask for beside the place, and the text without them; both topics are all levels."""
    named = {found.lastgroup or "" for found in TOPIC.finditer(rest)}
    levels = TOPICS[named.pop()] if len(named) == 1 else ""
    wish = Wish("", WITH_TOWNS.search(rest) is not None, levels)
    for words in (WITHOUT_TOWNS, WITH_TOWNS, TOPIC):
        rest = words.sub(" ", rest)
    return wish, _joined(rest)


def _joined(text: str) -> str:
    """A text without the words that only join its parts, at either end."""
    return JOINTS.sub("", " ".join(text.split()))


def _several_places(turn: Turn, said: str) -> tuple[list[Place], str]:
    """Two places or more that a list names, and the words left; none if it is one place."""
    places = turn.services.places
    named: list[Place] = []
    left: list[str] = []
    for part in LIST.split(said):
        whole, inside = places.find(part), [one for one in places.find_in(part) if one.match.place]
        if whole.place and whole.exact:
            named.append(whole.place)
            continue
        for one in reversed(inside):
            part = f"{part[: one.start]} {part[one.end :]}"
        named += [one.match.place for one in inside if one.match.place]
        for word in part.split():
            short = places.find(word) if word.isalpha() and len(word) <= SHORT_NAME else None
            if short and short.place and short.exact:
                named.append(short.place)
            else:
                left.append(word)
    distinct = list(dict.fromkeys(named))[:MOST_PLACES]
    return (distinct, _joined(" ".join(left))) if len(distinct) > 1 else ([], "")


def _subscribe(turn: Turn, wishes: Sequence[Wish], rest: str, hint: str = "") -> None:
    """Write wishes down, and say so in one message; of a single one with the next debate."""
    offsets = _offsets(turn, SMALL.sub(" ", rest))
    if isinstance(offsets, Unclear):
        turn.say(offsets.key, **offsets.details)
        return
    kept = [_keep(turn, one, offsets) for one in wishes]
    turn.plan_chat(kept[0].chat)
    if len(kept) > 1:
        turn.say("abo.done_all", lines=bullets(described(turn, one) for one in kept))
        return
    turn.say(
        "abo.done",
        turn.choice("abo.undo", f"/abo aus {_said(kept[0])}"),
        what=described(turn, kept[0]),
        next=_next_debate(turn, kept[0], wishes[0].place),
        hint=hint,
    )


def _said(one: Subscription) -> str:
    """What a subscription is for, as people say it."""
    return "alle" if one.place == EVERYWHERE else one.place


def _keep(turn: Turn, wish: Wish, offsets: Sequence[Offset]) -> Subscription:
    chat, thread = turn.known_chat(), turn.incoming.chat.thread
    codes = ",".join(offset.code for offset in offsets)
    chats.subscribe(turn.tx, chat.id, thread, wish.name, wish.towns, codes, turn.now, wish.levels)
    return Subscription(0, chat.id, turn.incoming.chat, wish.name, wish.towns, codes, wish.levels)


def _offsets(turn: Turn, rest: str) -> tuple[Offset, ...] | Unclear:
    if not rest.strip(" ,.;:"):
        return tuple(Offset.parse(code) for code in turn.services.config.reminders.offsets)
    return read_offsets(rest)


def _next_debate(turn: Turn, wanted: Subscription, place: Place | None) -> str:
    places = None if wanted.place == EVERYWHERE else [wanted.place]
    if places and wanted.towns and place is not None:
        places += [one.name for one in turn.services.places.within(place.name)]
    coming = debates.between(turn.tx, turn.now, None, places)
    known = [one for one in coming if one.announced and wanted.wants(one.level)]
    if not known:
        return turn.text("abo.nothing_yet")
    first = known[0]
    when = turn.when(first.starts, first.time_known)
    return turn.text("abo.next", when=when, title=first.title, place=first.place)


def unsubscribe(turn: Turn, rest: str) -> None:
    """/abo aus Rostock; /abo aus ends all of them."""
    chat, thread = turn.chat, turn.incoming.chat.thread
    if not rest:
        gone = chats.unsubscribe(turn.tx, chat.id, thread)
    elif EVERY_PLACE.match(rest):
        gone = chats.unsubscribe(turn.tx, chat.id, thread, EVERYWHERE)
    else:
        found = find_place(turn, rest, "abo aus {}")
        if found is None:
            return
        gone = chats.unsubscribe(turn.tx, chat.id, thread, found.place.name)
    if gone:
        turn.plan_chat(chat.id)
    turn.say("abo.ended" if gone else "abo.none_such")


def show(turn: Turn, _: str) -> None:
    """/abos: what this chat is subscribed to, and how to change it."""
    mine = chats.subscriptions_of(turn.tx, turn.chat.id, turn.incoming.chat.thread) if turn.chat.id else []
    if not mine:
        turn.say("abo.none")
        return
    choices = [turn.choice("abo.end_one", f"/abo aus {_said(one)}", place=_said(one)) for one in mine[:8]]
    lines = bullets(described(turn, one) for one in mine)
    turn.say("abo.list", *choices, lines=lines)


def described(turn: Turn, one: Subscription) -> Markup:
    """A subscription in words: the place, with its municipalities or without, and how long before."""
    name = turn.label("abo.everywhere") if one.place == EVERYWHERE else one.place
    towns = turn.label("abo.with_towns") if one.towns else ""
    before = ", ".join(in_words(turn, Offset.parse(code)) for code in one.offsets.split(","))
    topic = next((key for key, levels in TOPICS.items() if levels == one.levels), None)
    only = turn.label(f"abo.only_{topic}") if topic else ""
    return Markup(f"**{escape(name)}**{escape(towns + only)} ({before})")


def in_words(turn: Turn, offset: Offset) -> str:
    """An offset as people say it: "7 Tage", "1 Stunde"."""
    return turn.count("offset.days" if offset.unit == "d" else "offset.hours", offset.amount)


def names_subscription(turn: Turn, rest: str) -> bool:
    """Whether the words behind "abo" name a place, or an end."""
    found = turn.services.places.find_in(rest)
    one_word = rest.isalpha()
    return not rest or one_word or bool(OFF.match(rest) or EVERY_PLACE.match(rest) or found)


COMMANDS = (
    Command("abo", subscribe, ("abonnieren", "abonniere", "subscribe"), names_subscription),
    Command("abos", show, ("subscriptions",)),
)
