"""What all commands of the command line share: options, sentences, and output."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from bot.texts import DEFAULT_LANGUAGE, Texts, render_error, render_problem
from errors import Problem, SaeulenbotError, StoreFull, UsageError

# The command line answers at once: what takes long to load is loaded by the command that needs it.
if TYPE_CHECKING:
    from bot.config_model import Config
    from knowledge.places import Places
    from store.database import Database, Work

T = TypeVar("T")


app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None
)
texts = Texts()


def _version(wanted: bool) -> None:
    if wanted:
        from importlib import metadata

        say(f"saeulenbot {metadata.version('saeulenbot')}")
        raise typer.Exit


@app.callback()
def _saeulenbot(
    _: Annotated[
        bool, typer.Option("--version", help="Which version this is.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Säulenbot: four pillars, nine measures."""


_spoken = [DEFAULT_LANGUAGE]


def configured(path: Path | None, data: Path | None, knowledge: Path | None = None) -> "Config":
    """The configuration with the command line's own wishes; from here on its language is spoken."""
    from bot.config import load_config

    config = load_config(path, data)
    _spoken[0] = config.language
    return config if knowledge is None else config.model_copy(update={"knowledge": knowledge})


def sentence(key: str, /, **details: object) -> str:
    """A sentence in the configured language."""
    return texts.get(_spoken[0], key, **details)


def counted(key: str, n: int, /, **details: object) -> str:
    """A sentence in the form that fits a number."""
    return texts.plural(_spoken[0], key, n, **details)


def language() -> str:
    return _spoken[0]


def say(text: str, error: bool = False) -> None:
    """Print a line."""
    print(text, file=sys.stderr if error else sys.stdout, flush=True)


def say_json(value: dict[str, Any]) -> None:
    """Print one JSON object as one line."""
    say(json.dumps(value, ensure_ascii=False, default=str))


def complain(error: SaeulenbotError) -> None:
    """Tell an expected failure: its sentence, and each of its parts on a line."""
    say(render_error(texts, _spoken[0], error), error=True)


def list_problems(problems: Iterable[Problem]) -> None:
    """Print problems, one a line."""
    for problem in problems:
        say(render_problem(texts, _spoken[0], problem))


def read_store(config: "Config", work: "Work[T]") -> T:
    """Read something from the store."""
    return with_store(config, lambda database: database.read(work))


def write_store(config: "Config", work: "Work[T]") -> T:
    """Do something to the store, in one transaction."""
    return with_store(config, lambda database: database.write(work))


def with_store(config: "Config", work: "Callable[[Database], Coroutine[Any, Any, T]]") -> T:
    """Run something on the opened store."""
    from bot.app import opened

    async def run() -> T:
        async with opened(config) as database:
            return await work(database)

    return asyncio.run(run())


def write_private(path: Path, content: bytes) -> None:
    """Write a file for its owner alone, whole or not at all; a device or pipe is written to as it is."""
    fresh = path.with_name(f"{path.name}.new")
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(content)
            return
        fresh.unlink(missing_ok=True)
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:  # noqa: PTH123
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(path)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise StoreFull("backup.cannot_write", file=str(path), reason=error.strerror or "?") from error


def place_named(places: "Places", name: str) -> str:
    """The canonical name of a place on the command line. Raises UsageError."""
    match = places.find(name)
    if match.place is not None:
        return match.place.name
    near = ", ".join(one.name for one in match.candidates)
    raise UsageError("cli.which_place" if near else "cli.unknown_place", place=name, near=near)
