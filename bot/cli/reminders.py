"""`saeulenbot reminders preview`."""

from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from bot.app import planner_for
from bot.cli import common
from bot.cli.common import configured, language, read_store, say, say_json, sentence, texts
from bot.cli.options import ConfigOption, DataOption, JsonOption
from errors import UsageError
from knowledge.places import load_places
from scheduler.calendar import day_span, local_day
from scheduler.clock import SystemClock
from scheduler.reminders import Preview
from scheduler.shown_dates import show_when

FIRST_YEAR, LAST_YEAR = 2000, 2999
# As /vorschau looks ahead.
AHEAD = timedelta(days=30)

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Reminders of debates.")
common.app.add_typer(app, name="reminders")


@app.callback()
def _reminders() -> None:
    """Reminders of debates."""


@app.command()
def preview(
    start: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day; else today.")
    ] = None,
    end: Annotated[
        datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, included; else 30 days on."),
    ] = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """What would be sent to which chat when; sends nothing."""
    settings, clock = configured(config, data), SystemClock()
    planner = planner_for(settings, texts, load_places(settings.places), clock)
    begin = start.date() if start else local_day(clock.now(), settings.zone)
    until = end.date() if end else begin + AHEAD
    if until < begin:
        raise UsageError("preview.backwards")
    if begin.year < FIRST_YEAR or until.year > LAST_YEAR:
        raise UsageError("preview.too_far")
    first, _ = day_span(begin, settings.zone)
    _, last = day_span(until, settings.zone)
    found = read_store(settings, lambda tx: planner.preview(tx, first, last))
    for one in found:
        _show_preview(one, settings.zone, as_json)
    if not found and not as_json:
        say(sentence("preview.none_between"))


def _show_preview(one: Preview, zone: ZoneInfo, as_json: bool) -> None:
    if not as_json:
        when = show_when(one.at, True, zone, language())
        say(f"{when}  {one.chat}  {one.debate.place}: {one.debate.title}  ({one.offset.code})")
        return
    say_json(
        {
            "at": one.at.astimezone(zone).isoformat(),
            "chat": str(one.chat),
            "debate": one.debate.title,
            "place": one.debate.place,
            "offset": one.offset.code,
            "starts": one.debate.starts.astimezone(zone).isoformat(),
        }
    )
