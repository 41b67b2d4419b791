"""Asking for a date that was said but is none: what else was said need not be said again."""

from datetime import datetime, time

from bot.turn import GAP, Turn
from scheduler.date_words import Unclear
from store.messages import Choice


def ask_again(turn: Turn, unclear: Unclear, head: str, tail: str = "") -> None:
    """Ask for the date between `head` and the words around it, with the readings there are as choices.

    Who answers with a date alone keeps the time that was understood, and the other way round.
    """
    kept = " ".join(part for part in (unclear.understood, unclear.rest, tail) if part)
    rest = " ".join(part for part in (unclear.rest, tail) if part)
    choices = [_choice(turn, one, head, rest) for one in unclear.options]
    turn.ask(f"{head} {GAP} {kept}".strip(), unclear.key, *choices, **unclear.details)


def _choice(turn: Turn, moment: datetime, head: str, rest: str) -> Choice:
    """A reading as the whole sentence. Its offset tells which hour of a night with two is meant."""
    local = moment.astimezone(turn.zone)
    time_known = local.time() != time()
    said = local.isoformat() if time_known else f"{local:%d.%m.%Y}"
    return Choice(turn.when(moment, time_known), f"/{head} {said} {rest}".strip())
