"""`saeulenbot debates import|list|explain`."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from bot.app import planner_for
from bot.cli import common
from bot.cli.common import (
    configured,
    counted,
    language,
    read_store,
    say,
    say_json,
    sentence,
    texts,
    write_store,
)
from bot.cli.fetching import fetched, placed
from bot.cli.knowledge import lines
from bot.cli.options import ConfigOption, DataOption, JsonOption
from bot.config_model import Config
from errors import Problem, UsageError
from knowledge.places import load_places
from knowledge.relevance import judge
from scheduler import importing
from scheduler.agendas.reading import is_address
from scheduler.clock import SystemClock
from scheduler.importing import Imported, Source
from scheduler.shown_dates import show_when
from store import debates
from store.debates import Debate

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Council debates: import, list, explain.")
common.app.add_typer(app, name="debates")


@app.command("import")
def import_(
    source: Annotated[
        str, typer.Argument(help="An OParl or iCalendar address, or an iCalendar or YAML file.")
    ],
    place: Annotated[
        str | None, typer.Option(help="The place of all meetings that name none.", show_default=False)
    ] = None,
    as_json: JsonOption = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and judge, but store nothing.")] = False,
    private: Annotated[
        bool, typer.Option("--private", help="The server lies in a private network.", show_default=False)
    ] = False,
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Bring in meetings; the same twice changes nothing."""
    settings, clock = configured(config, data), SystemClock()
    places = load_places(settings.places)
    name, reading = fetched(source, settings, clock, place, private)
    for problem in reading.problems:
        say(_complaint(problem), error=True)
    meetings = placed(places, reading.meetings, place)
    kind = Source(name, reading.curated, settings.associations)
    if dry_run:
        read = [importing.as_debate(one, where, kind) for one, where in meetings]
        _show(read, settings, as_json, none="import.none_read")
    else:
        planner = planner_for(settings, texts, places, clock)
        now, gone = clock.now(), reading.gone
        done = write_store(settings, lambda tx: importing.bring_in(tx, meetings, kind, planner, now, gone))
        _tell(done, as_json)
    if (reading.curated and reading.problems) or not reading.complete:
        raise typer.Exit(1)


def _complaint(problem: Problem) -> str:
    """What could not be read, and which of a server's objects it was where it is one."""
    said = sentence(problem.key, **problem.details)
    return f"{said} [{problem.place}]" if is_address(problem.place) else said


def _tell(done: Imported, as_json: bool) -> None:
    if as_json:
        say_json(done.counts())
    else:
        read = done.new + done.changed + done.same
        say(sentence("import.done", read=read, **done.counts()))
        say(counted("import.announced", done.announced))
        if read > done.announced:
            say(sentence("import.others"))


@app.command("list")
def list_(as_json: JsonOption = False, config: ConfigOption = None, data: DataOption = None) -> None:
    """All known debates, by date."""
    settings = configured(config, data)
    beginning, states = datetime(2000, 1, 1, tzinfo=UTC), ("proposed", "planned", "cancelled", "wrong")
    known = read_store(settings, lambda tx: debates.between(tx, beginning, states=states))
    _show(known, settings, as_json)


def _show(known: list[Debate], settings: Config, as_json: bool, none: str = "debates.none") -> None:
    for one in known:
        if as_json:
            say_json(as_object(one, settings.zone))
        else:
            when = show_when(one.starts, one.time_known, settings.zone, language())
            say(f"{when}  {one.place}: {one.title}  [{one.level}, {one.state}]")
    if not known and not as_json:
        say(sentence(none))


def as_object(debate: Debate, zone: ZoneInfo) -> dict[str, Any]:
    """A debate as the JSON interface promises it."""
    return {
        "place": debate.place,
        "title": debate.title,
        "starts": debate.starts.astimezone(zone).isoformat(),
        "ends": debate.ends.astimezone(zone).isoformat() if debate.ends else None,
        "level": debate.level,
        "state": debate.state,
        "source": debate.source,
        "items": [
            {"number": one.number or None, "title": one.title, "level": one.level} for one in debate.items
        ],
        "council": debate.council or None,
        "location": debate.location or None,
        "url": debate.url or None,
        "time_known": debate.time_known,
        "announced": debate.announced,
        "id": debate.id,
    }


@app.command()
def explain(
    title: Annotated[str | None, typer.Argument(help="An agenda item. Without it: JSON lines.")] = None,
    meeting: Annotated[str, typer.Option(help="The name of its meeting.", show_default=False)] = "",
    as_json: JsonOption = False,
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Which level an agenda item has, and the words that led to it."""
    names = configured(config, data).associations
    if title is not None:
        _explain(title, meeting, names, as_json)
        return
    for number, line in enumerate(lines(), start=1):
        if line.strip():
            asked = _asked(line, number)
            _explain(asked["item"], asked.get("meeting") or "", names, as_json=True)


def _asked(line: str, number: int) -> dict[str, str]:
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict) or not isinstance(asked.get("item"), str):
        raise UsageError("cli.explain_line", number=number)
    return {name: value for name, value in asked.items() if isinstance(value, str)}


def _explain(title: str, meeting: str, names: Sequence[str], as_json: bool) -> None:
    verdict = judge(title, meeting, names)
    if as_json:
        say_json({"level": verdict.level.value, "matched": list(verdict.matched)})
    else:
        words = ", ".join(verdict.matched) or "–"
        say(f"{verdict.level.value}: {words}")
