"""The command line: `saeulenbot …`, the same as `python -m bot …`."""

import ctypes
import importlib
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import typer

from bot.cli.common import app, complain, say, sentence
from bot.cli.usage import Misused, told
from bot.texts import SYSTEM
from errors import SaeulenbotError

__all__ = ["main"]

# Each module adds its own commands to the app; only the one that is wanted is loaded.
MODULES = {
    "chat": "chat",
    "ask": "knowledge",
    "check": "knowledge",
    "debates": "debates",
    "reminders": "reminders",
    "reports": "reports",
    "run": "run",
    "matrix": "matrix",
    "status": "status",
    "erase": "store",
    "setup": "setup",
    "backup": "backup",
    "restore": "backup",
    "store": "store",
}


def main() -> None:
    """Run the command line; expected failures become one sentence and exit status 1."""
    stay_small()
    show_what_can_be_shown()
    try:
        load(sys.argv[1:])
        status = app(prog_name="saeulenbot", standalone_mode=False)
    except SaeulenbotError as error:
        complain(error)
        status = 1
    except Misused as error:
        explain(error)
        status = 1
    except BrokenPipeError:
        silence()
        status = 1
    except (KeyboardInterrupt, typer.Abort):
        status = 130
    except Exception as error:  # noqa: BLE001 - nobody is shown a traceback
        apologise(error)
        status = 1
    raise SystemExit(status)


def apologise(error: Exception) -> None:
    """Tell what nobody has foreseen: a file or an output that will not do is no fault of the program."""
    reason = SYSTEM.get(getattr(error, "strerror", None) or "")
    file = getattr(error, "filename", None)
    if reason is not None:
        say(
            sentence("cli.system_file" if file else "cli.system", file=file, reason=sentence(reason)),
            error=True,
        )
        silence()
        return
    say(sentence("cli.unexpected", what=type(error).__name__, where=where(error)), error=True)


def silence() -> None:
    """What is still to be written at the end goes nowhere: there it failed already."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def stay_small() -> None:
    """Let all threads share one heap, and leave unloaded what others would load wherever it is found.

    glibc would give each thread a heap of its own, 14 MB more for the idle chat; elsewhere nothing happens.
    M_ARENA_MAX is -8 in its malloc.h. httpx would load rich and pygments, 4 MB, and h2, 2 MB: no platform is
    spoken to in HTTP/2.
    """
    for name in ("httpx._main", "httpcore._async.http2", "httpcore._sync.http2", "linkify_it"):
        sys.modules[name] = None  # type: ignore[assignment]
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(-8, 1)


def show_what_can_be_shown() -> None:
    """Where the terminal lacks a letter there is a question mark, and the rest is read all the same.

    Who has closed the output wants to read nothing.
    """
    sys.stdout = sys.stdout or io.StringIO()
    sys.stderr = sys.stderr or io.StringIO()
    for out in (sys.stdout, sys.stderr):
        if isinstance(out, io.TextIOWrapper):
            out.reconfigure(errors="replace")


def explain(error: Exception) -> None:
    """Tell a mistake on the command line; without any words, what there is."""
    if type(error).__name__ == "NoArgsIsHelpError":
        say(str(error), error=True)
        return
    key, details = told(error)
    say(sentence(key, **details), error=True)


def load(words: Sequence[str]) -> None:
    """Import the module of the command that is named, or all of them to list what there is."""
    wanted = MODULES.get(words[0]) if words else None
    for module in dict.fromkeys(MODULES.values() if wanted is None else [wanted]):
        importlib.import_module(f"bot.cli.{module}")


def where(error: BaseException) -> str:
    """The place in the program where an unexpected error came from."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "?"
