"""Subscribing a chat to the debates of a place: /abo and /abos."""

import re

from bot.commands.command import Command
from bot.commands.naming import find_place, place_hint
from bot.markup import Markup, escape
from bot.turn import Turn
from knowledge.place_list import Place
from scheduler.calendar import Offset
from scheduler.date_words import Unclear
from scheduler.dates import read_offsets
from store import chats, debates
from store.chats import EVERYWHERE, Subscription
from store.messages import Choice

EVERY_PLACE = re.compile(r"^(alle|alles|all|everything|überall|ganz mv)\b", re.IGNORECASE)
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
    elif EVERY_PLACE.match(rest):
        _subscribe(turn, EVERYWHERE, False, EVERY_PLACE.sub("", rest))
    else:
        _subscribe_place(turn, rest)


def _subscribe_place(turn: Turn, rest: str) -> None:
    towns = WITH_TOWNS.search(rest)
    found = find_place(turn, WITH_TOWNS.sub(" ", rest), "abo {}")
    if found is not None:
        hint = place_hint(turn, found.also, "abo")
        _subscribe(turn, found.place.name, towns is not None, found.rest, hint, found.place)


def _subscribe(
    turn: Turn, name: str, towns: bool, rest: str, hint: str = "", place: Place | None = None
) -> None:
    offsets = _offsets(turn, rest)
    if isinstance(offsets, Unclear):
        turn.say(offsets.key, **offsets.details)
        return
    chat, thread = turn.known_chat(), turn.incoming.chat.thread
    codes = ",".join(offset.code for offset in offsets)
    chats.subscribe(turn.tx, chat.id, thread, name, towns, codes, turn.now)
    turn.plan_chat(chat.id)
    subscription = Subscription(0, chat.id, turn.incoming.chat, name, towns, codes)
    turn.say(
        "abo.done",
        Choice(turn.label("abo.undo"), f"/abo aus {'alle' if name == EVERYWHERE else name}"),
        what=Markup(described(turn, subscription)),
        next=Markup(_next_debate(turn, name, towns, place)),
        hint=Markup(hint),
    )


def _offsets(turn: Turn, rest: str) -> tuple[Offset, ...] | Unclear:
    if not rest.strip(" ,.;:"):
        return tuple(Offset.parse(code) for code in turn.services.config.reminders.offsets)
    return read_offsets(rest)


def _next_debate(turn: Turn, name: str, towns: bool, place: Place | None) -> str:
    places = None if name == EVERYWHERE else [name]
    if places and towns and place is not None:
        places += [one.name for one in turn.services.places.within(place.name)]
    known = [one for one in debates.between(turn.tx, turn.now, None, places) if one.announced]
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
    choices = [_ending(turn, one) for one in mine[:8]]
    lines = Markup("\n".join(f"- {described(turn, one)}" for one in mine))
    turn.say("abo.list", *choices, lines=lines)


def _ending(turn: Turn, one: Subscription) -> Choice:
    name = "alle" if one.place == EVERYWHERE else one.place
    return Choice(turn.label("abo.end_one", place=name), f"/abo aus {name}")


def described(turn: Turn, one: Subscription) -> str:
    """A subscription in words: the place, with its municipalities or without, and how long before."""
    name = turn.label("abo.everywhere") if one.place == EVERYWHERE else one.place
    towns = turn.label("abo.with_towns") if one.towns else ""
    before = ", ".join(in_words(turn, Offset.parse(code)) for code in one.offsets.split(","))
    return f"**{escape(name)}**{escape(towns)} ({before})"


def in_words(turn: Turn, offset: Offset) -> str:
    """An offset as people say it: "7 Tage", "1 Stunde"."""
    return turn.count("offset.days" if offset.unit == "d" else "offset.hours", offset.amount)


def names_subscription(turn: Turn, rest: str) -> bool:
    """Whether the words behind "abo" name a place, or an end."""
    found = turn.services.places.find_in(rest)
    return not rest or bool(OFF.match(rest) or EVERY_PLACE.match(rest) or found)


COMMANDS = (
    Command("abo", subscribe, ("abonnieren", "subscribe"), names_subscription),
    Command("abos", show, ("subscriptions",)),
)
