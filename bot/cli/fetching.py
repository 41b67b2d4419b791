"""Reading a source for the command line: a file or an address, with progress where somebody watches."""

import asyncio
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.cli.common import place_named, say, sentence
from bot.config_model import Config
from errors import SourceError, UsageError
from knowledge.places import Places
from scheduler.agendas.addresses import Origin
from scheduler.agendas.fetch import Fetcher
from scheduler.agendas.meetings import FoundMeeting, Harvest
from scheduler.agendas.oparl import Progress
from scheduler.agendas.reading import (
    address_of,
    is_address,
    nobody_watches,
    of_one_town,
    read_address,
    read_file,
)
from scheduler.agendas.text import shown, tidy
from scheduler.clock import Clock


def fetched(
    source: str, settings: Config, clock: Clock, place: str | None, private: bool
) -> tuple[str, Harvest]:
    """A source's name and what it says. Raises SourceError."""
    if not is_address(source):
        path = Path(source)
        return path.name, read_file(path, settings.zone, clock.now(), place)
    url = address_of(source)
    origin = Origin.of(url, private)
    with _watched() as progress:
        reading = asyncio.run(_read(url, origin, settings, clock, progress))
    return shown(url), reading if place is None else of_one_town(reading)


async def _read(url: str, origin: Origin, settings: Config, clock: Clock, progress: Progress) -> Harvest:
    contact = settings.operator.contact or ""
    async with Fetcher(origin, clock.pause, contact=contact) as fetcher:
        reading = await read_address(url, fetcher, settings.zone, clock.now(), progress=progress)
    if reading is None:
        raise SourceError("agendas.empty", name=shown(url))
    return reading


@contextmanager
def _watched() -> Iterator[Progress]:
    """A progress bar on a terminal; silence elsewhere."""
    if not sys.stderr.isatty():
        yield nobody_watches
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn(sentence("import.reading")), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def placed(
    places: Places, meetings: Iterable[FoundMeeting], default: str | None
) -> list[tuple[FoundMeeting, str]]:
    """Each meeting with its canonical place; a name that nobody knows is kept as it is, and said so."""
    known: dict[str, str] = {}
    found = []
    for meeting in meetings:
        name = meeting.place or default
        if name is None:
            raise UsageError("cli.needs_place")
        if name not in known:
            known[name] = _canonical(places, name)
        found.append((meeting, known[name]))
    return found


def _canonical(places: Places, name: str) -> str:
    match = places.find(name)
    if match.place is not None or match.candidates:
        return place_named(places, name)
    say(sentence("cli.kept_place", place=name), error=True)
    return tidy(name)
