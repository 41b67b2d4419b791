"""Telling the organisers of a place something, in private."""

from collections.abc import Callable
from dataclasses import replace

from bot.reach import organisers, private_chats
from bot.turn import Turn
from store import chats
from store.messages import Kind


def tell_organisers(turn: Turn, place: str | None, say: Callable[[Turn], str]) -> int:
    """Send a text to everyone who organises a place, but not to who is speaking; to how many.

    `say` writes it with the turn it is given, which speaks the language of the chat.
    """
    told = 0
    for person in organisers(turn.tx, turn.services.config, turn.now, place):
        refs = private_chats(turn.tx, person) if person != turn.person else []
        for ref in refs[:1]:
            turn.send(ref, say(replace(turn, chat=chats.find(turn.tx, ref))), kind=Kind.NOTICE)
            told += 1
    return told
