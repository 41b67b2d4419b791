"""Text for the width of a screen: lines end between words."""

import re
import shutil
from typing import TextIO

_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
# What stands before the text of a list item, a choice or a quote; the lines after it begin below its text.
_LEAD = re.compile(r"(?: |[-•>] |\d{1,3}[.)]? +)*")
_WIDEST_LEAD = 12


def fitted(text: str, out: TextIO) -> str:
    """The text as wide as a person's screen; what is read by programs keeps its lines."""
    return wrapped(text, shutil.get_terminal_size().columns) if out.isatty() else text


def wrapped(text: str, width: int) -> str:
    """The text with no line wider than `width` columns, but for words that are; colours take no room."""
    return "\n".join(row for line in text.split("\n") for row in _rows(line, width))


def _rows(line: str, width: int) -> list[str]:
    if _columns(line) <= width:
        return [line]
    lead = _LEAD.match(_ESCAPE.sub("", line))
    indent = " " * min(lead.end() if lead else 0, _WIDEST_LEAD, width // 2)
    rows, row = [], ""
    for number, word in enumerate(line.split(" ")):
        if row.strip() and _columns(row) + 1 + _columns(word) > width:
            rows.append(row)
            row = indent + word
        else:
            row = f"{row} {word}" if number else word
    return [*rows, row]


def _columns(text: str) -> int:
    return len(_ESCAPE.sub("", text))
