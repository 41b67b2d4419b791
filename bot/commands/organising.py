"""For organisers: /vorschau of coming reminders."""

from datetime import timedelta

from bot.commands.command import Command
from bot.commands.subscriptions import in_words
from bot.markup import bullets, escape
from bot.turn import Turn
from scheduler.span_words import read_span

SHOWN = 15
AHEAD = timedelta(days=30)


def preview(turn: Turn, rest: str) -> None:
    """/vorschau: which reminders go where in the coming 30 days; /vorschau Dezember, /vorschau 14 Tage."""
    zone = turn.zone
    span = read_span(f"{rest} Tage" if rest.isdecimal() else rest, turn.now, zone) if rest else None
    if rest and span is None:
        turn.say("preview.when", said=rest[:60])
        return
    start, end = span.bounds(zone) if span else (turn.now, turn.now + AHEAD)
    coming = turn.services.planner.preview(turn.tx, max(start, turn.now), end)
    days = {"first": f"{span.first:%d.%m.%Y}", "last": f"{span.last:%d.%m.%Y}"} if span else {}
    when = turn.text("preview.between", **days) if span else turn.text("preview.ahead", days=AHEAD.days)
    if not coming:
        turn.say("preview.nothing", when=when)
        return
    lines = bullets(
        f"{escape(turn.when(one.at))}: {escape(one.debate.place)}, {escape(one.debate.title)}"
        f" ({in_words(turn, one.offset)}) → {escape(one.chat)}"
        for one in coming[:SHOWN]
    )
    more = turn.text("dates.more", n=len(coming) - SHOWN) if len(coming) > SHOWN else ""
    turn.post(turn.count("preview.all", len(coming), when=when, lines=lines, more=more))


COMMANDS = (Command("vorschau", preview, ("preview",)),)
