"""`saeulenbot reminders preview`."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from bot.app import planner_for
from bot.cli import common
from bot.cli.common import configured, language, read_store, say, say_json, sentence, texts
from bot.cli.options import ConfigOption, DataOption, JsonOption
from errors import UsageError
from knowledge.places import load_places
from scheduler.calendar import day_span
from scheduler.clock import SystemClock
from scheduler.reminders import Preview
from scheduler.shown_dates import show_when

FIRST_YEAR, LAST_YEAR = 2000, 2999

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Reminders of debates.")
common.app.add_typer(app, name="reminders")


@app.callback()
def _reminders() -> None:
    """Reminders of debates."""


@app.command()
def preview(
    start: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")],
    end: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, included.")],
    as_json: JsonOption = False,
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """What would be sent to which chat when; sends nothing."""
    settings, clock = configured(config, data), SystemClock()
    planner = planner_for(settings, texts, load_places(settings.places), clock)
    if end < start:
        raise UsageError("preview.backwards")
    if start.year < FIRST_YEAR or end.year > LAST_YEAR:
        raise UsageError("preview.too_far")
    first, _ = day_span(start.date(), settings.zone)
    _, last = day_span(end.date(), settings.zone)
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
