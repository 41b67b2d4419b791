"""A command line that cannot be understood, told in one sentence of our own instead of the library's."""

import re
import sys

import typer

# The library's error for any mistake on the command line; it has no public name of its own.
Misused: type[Exception] = typer.BadParameter.__mro__[1]

QUOTED = re.compile(r"'([^']*)'|\(([^()]+)\)\.?$")
KEYS = {
    "NoSuchOption": "usage_error.no_option",
    "BadOptionUsage": "usage_error.needs_value",
    "MissingParameter": "usage_error.missing",
    "BadParameter": "usage_error.bad_value",
}


def told(error: Exception) -> tuple[str, dict[str, object]]:
    """The key and details of the sentence for a mistake: what was wrong, and which help to ask for."""
    context = getattr(error, "ctx", None)
    command = str(context.command_path) if context is not None else "saeulenbot"
    key = KEYS.get(type(error).__name__, "usage_error.unknown")
    return key, {"name": _name(error), "word": _word(error), "help": f"{command} --help"}


def _name(error: Exception) -> str:
    """The option or argument that is meant, as it is written."""
    name, param = getattr(error, "option_name", None), getattr(error, "param", None)
    if name is None and param is not None:
        written = str(param.opts[0])
        name = written if written.startswith("-") else written.upper()
    return str(name or "")


def _word(error: Exception) -> str:
    """The word of the command line that was not understood."""
    quoted = QUOTED.search(getattr(error, "message", ""))
    return ((quoted[1] or quoted[2]) if quoted else None) or _behind(_name(error))


def _behind(name: str) -> str:
    """What stands behind an option on the command line, where the library does not quote it."""
    words = " ".join(sys.argv[1:]).replace(f"{name}=", f"{name} ").split(" ")
    return words[words.index(name) + 1] if name in words[:-1] else ""
