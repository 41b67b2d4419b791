"""What the program writes about itself: events and numbers, no text, no ids, no tokens.

Set up once, at the start. Only our own rooms choose their words; of a foreign library no more is told
than its name, and the libraries that print addresses with tokens in them are silent. Of an error its
kind and place are told, never its message, which may quote what people wrote.
"""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

OURS = ("bot", "errors", "knowledge", "scheduler", "store")
SILENT = (
    "aiohttp",
    "aiosqlite",
    "apscheduler",
    "asyncpg",
    "httpcore",
    "httpx",
    "nio",
    "peewee",
    "sqlalchemy",
    "telegram",
    "urllib3",
)
WITHHELD = "(words of a library withheld)"
MOST_FRAMES = 8
Error = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None] | None


def configure(out: TextIO, level: int = logging.INFO) -> None:
    """Log to `out`: lines to read on a terminal, one JSON object a line elsewhere."""
    _install(out, _Lines() if out.isatty() else _Objects(), level)


def configure_lightly(out: TextIO, level: int = logging.WARNING) -> None:
    """Log to `out` in plain lines, with nothing to load."""
    _install(out, _Lines(), level)


def _install(out: TextIO, formatter: logging.Formatter, level: int) -> None:
    handler = logging.StreamHandler(out)
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(level)
    for name in SILENT:
        quiet = logging.getLogger(name)
        quiet.handlers, quiet.propagate = [logging.NullHandler()], False


class _Lines(logging.Formatter):
    """One line a record, made of nothing but what may be told."""

    def format(self, record: logging.LogRecord) -> str:
        told = describe(record, record.getMessage(), record.exc_info)
        first = f"{told.pop('level')} {told.pop('logger')}: {told.pop('event')}"
        return " ".join([first, *(f"{name}={value}" for name, value in told.items())])


class _Objects(logging.Formatter):
    """One JSON object a record."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        told = describe(record, record.getMessage(), record.exc_info)
        return json.dumps({"timestamp": at, **told}, ensure_ascii=False, default=str)


def describe(record: logging.LogRecord, words: str, error: Error) -> dict[str, Any]:
    """What may be told of a log record, of its words and of the error it is about."""
    ours = record.name.partition(".")[0] in OURS
    told: dict[str, Any] = {
        "level": record.levelname.lower(),
        "logger": record.name,
        "event": words if ours else WITHHELD,
    }
    if ours and hasattr(record, "who"):
        told["who"] = record.who
    if ours:
        # Numbers and names of parts of the program that belong to an event, each under a name of its own.
        told.update(getattr(record, "facts", {}))
    if error and error[0] is not None:
        told["error"] = error[0].__name__
        told["where"] = " < ".join(_frames(error[2]))
    return told


def _frames(trace: TracebackType | None) -> list[str]:
    """Where an error came from, innermost first: files and lines, no values."""
    return list(_places(trace))[::-1][:MOST_FRAMES]


def _places(trace: TracebackType | None) -> Iterator[str]:
    while trace is not None:
        yield f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
