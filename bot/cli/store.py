"""`saeulenbot erase` and `saeulenbot store copy`."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, TaskID

from bot.app import KEY_BYTES, MARKS
from bot.cli.common import app, configured, say, sentence, write_store
from bot.cli.options import ConfigOption, DataOption
from bot.config_values import PERSON
from bot.hashes import person_hash
from errors import UsageError
from scheduler.clock import SystemClock
from store import chats, privacy
from store.copying import copy
from store.database import Database, Transaction, open_database, sqlite_path


@app.command()
def erase(
    person: Annotated[str, typer.Argument(help="A person id, such as telegram:123.")],
    reports: Annotated[
        bool, typer.Option("--reports", help="Their reports too; else they stay without them.")
    ] = False,
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Erase everything kept about a person, as when they ask for it by letter."""
    if PERSON.fullmatch(person) is None:
        raise UsageError("erase.no_person", person=person)
    settings = configured(config, data)
    now, fresh = SystemClock().now(), secrets.token_bytes(KEY_BYTES)

    def gone(tx: Transaction) -> int:
        key = chats.secret(tx, MARKS, fresh, now)
        return privacy.erase(tx, person, person_hash(key, person), keep_reports=not reports)

    rows = write_store(settings, gone)
    say(sentence("erase.done" if rows else "erase.nothing", person=person, rows=rows))


store_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The store: copy.")
app.add_typer(store_app, name="store")


@store_app.command("copy")
def copy_store(
    source: Annotated[str, typer.Argument(metavar="FROM", help="An SQLite file or a database URL.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="An SQLite file or a database URL.")],
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Move a store to another database, which must be empty; stop the bot first."""
    settings = configured(config, data)
    address = _address(source)
    file = sqlite_path(address, settings.data_dir) if address.startswith("sqlite") else None
    # Opening it would make it, and an empty store would be copied for a name that was mistyped.
    if file is not None and not file.is_file():
        raise UsageError("copy.no_source", file=str(file))
    counts = asyncio.run(_copy(source, target, settings.data_dir))
    for name, count in counts.items():
        if count:
            say(f"{name}: {count}")
    say(sentence("copy.done", rows=sum(counts.values())))


async def _copy(source: str, target: str, data_dir: Path) -> dict[str, int]:
    """Copy with a progress bar, where there is a terminal to show it."""
    bar = Progress(console=Console(stderr=True), transient=True)
    tasks: dict[str, TaskID] = {}

    def told(name: str, done: int, total: int) -> None:
        if name not in tasks:
            tasks[name] = bar.add_task(name, total=total)
        bar.update(tasks[name], completed=done)

    async with opened_at(_address(source), data_dir) as old, opened_at(_address(target), data_dir) as new:
        with bar:
            return await copy(old, new, told)


def _address(name: str) -> str:
    """A database URL; a file's name means SQLite."""
    return name if "://" in name else f"sqlite:///{Path(name).absolute()}"


@asynccontextmanager
async def opened_at(address: str, data_dir: Path) -> AsyncIterator[Database]:
    """The store at an address, closed at the end."""
    database = await open_database(address, data_dir)
    try:
        yield database
    finally:
        await database.close()
