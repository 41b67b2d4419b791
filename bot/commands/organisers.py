"""Telling the organisers of a place something, in private."""

from collections.abc import Callable
from dataclasses import replace

from bot.turn import Turn
from store import chats, people
from store.chats import EVERYWHERE, Chat
from store.messages import ChatRef, Kind

# Platforms where a person's id is the name of the private chat with them.
REACHED_BY_ID = ("telegram", "terminal")


def tell_organisers(turn: Turn, place: str | None, say: Callable[[Turn], str]) -> int:
    """Send a text to everyone who organises a place, but not to who is speaking; to how many.

    `say` writes it with the turn it is given, which speaks the language of the chat.
    """
    told = 0
    for person in sorted(organisers_of(turn, place) - {turn.person}):
        chat = _private_chat(turn, person)
        if chat is not None:
            turn.send(chat.ref, say(replace(turn, chat=chat)), kind=Kind.NOTICE)
            told += 1
    return told


def organisers_of(turn: Turn, place: str | None) -> set[str]:
    """The first organisers, and those with a role for the place or for all."""
    rows = people.with_role(turn.tx, "organiser", place or EVERYWHERE, turn.now)
    return {*turn.services.config.organisers, *(row.person for row in rows)}


def _private_chat(turn: Turn, person: str) -> Chat | None:
    known = [chat for chat in chats.of_person(turn.tx, person) if chat.active]
    if known:
        return known[0]
    platform, _, name = person.partition(":")
    return Chat(0, ChatRef(platform, name), True) if platform in REACHED_BY_ID else None
