"""The groups the bot is in: /chats for organisers, /ort for a group's own administrators."""

import re
from collections.abc import Callable

from bot import rights
from bot.commands.command import Command
from bot.commands.naming import find_place
from bot.groups import place_choices, subscribe_choices
from bot.markup import bullets, escape
from bot.turn import GAP, Turn
from store import chats, circulation
from store.chats import Chat
from store.messages import Choice, Kind
from store.people import EVERYWHERE

WORDS = re.compile(
    r"(?:(zulassen|admit|verlassen|leave|zur(?:ü|ue)cknehmen|withdraw)\s+)?(?:nr\.?\s*|#)?(\d{1,9})",
    re.IGNORECASE,
)
SHOWN = 30
WITH_CHOICES = 4


def groups(turn: Turn, rest: str) -> None:
    """/chats: the groups the bot is in; /chats zulassen 17, verlassen 17, zurücknehmen 17."""
    said = WORDS.fullmatch(rest.strip())
    if said is None:
        _list(turn)
        return
    chat = chats.get(turn.tx, int(said[2]))
    if chat is None or chat.private or not chat.active:
        turn.say("chats.no_such", number=int(said[2]))
    elif not turn.standing.covers(chat.place or EVERYWHERE):
        turn.say("chats.not_yours", number=chat.id)
    else:
        ACTIONS[(said[1] or "").casefold()[:5]](turn, chat)


def _list(turn: Turn) -> None:
    known = chats.groups(turn.tx)
    if not known:
        turn.say("chats.none")
        return
    choices = [choice for one in known[:WITH_CHOICES] for choice in _choices(turn, one)]
    lines = bullets(_line(turn, one) for one in known[:SHOWN])
    more = turn.text("dates.more", n=len(known) - SHOWN) if len(known) > SHOWN else ""
    turn.say("chats.all", *choices, lines=lines, more=more)


def _show(turn: Turn, chat: Chat) -> None:
    turn.post(_line(turn, chat), *_choices(turn, chat))


def _line(turn: Turn, chat: Chat) -> str:
    """A group by number, platform and place: its name is nowhere kept."""
    place = chat.place or turn.label("chats.no_place")
    state = turn.label("chats.is_admitted" if chat.admitted else "chats.is_waiting")
    return f"**{chat.id}** {escape(chat.ref.platform)}, {escape(place)}: {escape(state)}"


def _choices(turn: Turn, chat: Chat) -> list[Choice]:
    first = ("withdraw", "zurücknehmen") if chat.admitted else ("admit", "zulassen")
    return [
        turn.choice(f"chats.{key}_one", f"/chats {word} {chat.id}", number=chat.id)
        for key, word in (first, ("leave", "verlassen"))
    ]


def _admit(turn: Turn, chat: Chat) -> None:
    """Admit a group, and tell it so, with what its administrators can do next."""
    if chat.admitted:
        turn.say("chats.already", *_choices(turn, chat), number=chat.id)
        return
    chats.change(turn.tx, chat.id, admitted=True)
    voice = turn.services.voice(chat.language)
    text = voice.text("admission.admitted" if chat.place else "admission.admitted_where")
    offers = subscribe_choices(voice, chat) or place_choices(turn.services, voice)
    turn.send(chat.ref, text, *offers, kind=Kind.NOTICE, asked="")
    turn.say("chats.admitted", number=chat.id)


def _withdraw(turn: Turn, chat: Chat) -> None:
    """A group is no longer admitted: it keeps answers and public dates, its subscriptions end."""
    chats.change(turn.tx, chat.id, admitted=False)
    _unsubscribe(turn, chat)
    turn.say("chats.withdrawn", number=chat.id)


def _leave(turn: Turn, chat: Chat) -> None:
    """Leave a group; what it had here ends."""
    chats.change(turn.tx, chat.id, admitted=False)
    chats.lose(turn.tx, chat.ref, turn.now)
    _unsubscribe(turn, chat)
    turn.send(chat.ref, "", kind=Kind.LEAVE, asked="")
    turn.say("chats.left", number=chat.id)


def _unsubscribe(turn: Turn, chat: Chat) -> None:
    circulation.drop_unadmitted(turn.tx, turn.now)
    for one in chats.subscriptions_of(turn.tx, chat.id):
        chats.unsubscribe(turn.tx, chat.id, one.ref.thread, one.place)
    turn.plan_chat(chat.id)


def place(turn: Turn, rest: str) -> None:
    """/ort Rostock: the place this chat is for; reports and reminders start from it."""
    if not rest:
        turn.ask(f"ort {GAP}", "place.which_here", *place_choices(turn.services, turn)[:-1])
        return
    named = find_place(turn, rest, f"ort {GAP}")
    if named is None:
        return
    chats.change(turn.tx, turn.known_chat().id, place=named.place.name)
    turn.chat = chats.find(turn.tx, turn.incoming.chat)
    if rights.allows("abo", turn.standing):
        turn.say("place.set", *subscribe_choices(turn, turn.chat), place=named.place.name)
    else:
        turn.say("place.set_waiting", place=named.place.name)


def names_place(turn: Turn, rest: str) -> bool:
    """Whether the words behind "ort" are a place."""
    return not rest or turn.services.places.find(rest).place is not None


ACTIONS: dict[str, Callable[[Turn, Chat], None]] = {
    "": _show,
    "zulas": _admit,
    "admit": _admit,
    "zurüc": _withdraw,
    "zurue": _withdraw,
    "withd": _withdraw,
    "verla": _leave,
    "leave": _leave,
}
COMMANDS = (
    Command("chats", groups, (), lambda _, rest: not rest or bool(WORDS.fullmatch(rest.strip()))),
    Command("ort", place, ("place",), names_place),
)
