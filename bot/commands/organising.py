"""For organisers: /vorschau of coming reminders, /export of the reports."""

from datetime import timedelta

from bot.commands.command import Command
from bot.commands.subscriptions import in_words
from bot.markup import Markup, escape
from bot.turn import Turn

SHOWN = 15
AHEAD = timedelta(days=30)


def preview(turn: Turn, _: str) -> None:
    """/vorschau: which reminders go where in the coming 30 days."""
    coming = turn.services.planner.preview(turn.tx, turn.now, turn.now + AHEAD)
    if not coming:
        turn.say("preview.nothing", days=AHEAD.days)
        return
    lines = [
        f"- {escape(turn.when(one.at))}: {escape(one.debate.place)}, {escape(one.debate.title)}"
        f" ({in_words(turn, one.offset)}) → {escape(one.chat)}"
        for one in coming[:SHOWN]
    ]
    more = turn.text("dates.more", n=len(coming) - SHOWN) if len(coming) > SHOWN else ""
    details = {"days": AHEAD.days, "lines": Markup("\n".join(lines)), "more": Markup(more)}
    turn.post(turn.count("preview.all", len(coming), **details))


COMMANDS = (Command("vorschau", preview, ("preview",)),)
