"""A message as lines of styled text: between the small Markdown and what Telegram is sent.

Telegram counts in UTF-16 units and shows at most 4,096 of them; lines are what a text is cut between.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from bot import markup
from bot.markup import Line, Span

BULLET = "• "
SPACES = re.compile(r"\s")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def units(text: str) -> int:
    """The length as Telegram counts it, in UTF-16 units."""
    return len(text) + sum(sign > "\uffff" for sign in text)


def shown(text: str) -> str:
    """Text that can be sent: no lone surrogates, no control characters but line ends and tabs."""
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return CONTROL.sub("", whole)


@lru_cache(maxsize=64)
def read(body: str) -> Sequence[Line]:
    """The lines of a message in the small Markdown."""
    lines = markup.read(shown(body), BULLET)
    return tuple(trimmed([_filled(line, line.spans) for line in lines]))


def trimmed(lines: Sequence[Line]) -> list[Line]:
    """Lines without the gaps before the first and behind the last."""
    filled = [number for number, line in enumerate(lines) if line.text.strip()]
    return list(lines[filled[0] : filled[-1] + 1]) if filled else []


def parts(lines: Sequence[Line], first: int, later: int) -> list[list[Line]]:
    """Cut a message into parts of at most so many units, at paragraph ends wherever there are some."""
    found: list[list[Line]] = []
    rest = trimmed(lines)
    while rest:
        limit = later if found else first
        count = _fitting(rest, limit)
        if not count:
            head, tail = _cut(rest[0], limit)
            rest = [head, tail, *rest[1:]]
            count = 1
        if part := trimmed(rest[:count]):
            found.append(part)
        rest = trimmed(rest[count:])
    return found


def _fitting(lines: Sequence[Line], limit: int) -> int:
    """How many lines fit; not all of them: up to the last gap, if there is one."""
    size = -1
    for number, line in enumerate(lines):
        size += 1 + units(line.text)
        if size > limit:
            gaps = [at for at in range(1, number) if not lines[at].spans]
            return gaps[-1] if gaps else number
    return len(lines)


def _cut(line: Line, limit: int) -> tuple[Line, Line]:
    """Cut one line that is too long: at a space near the limit, or else just there."""
    text = line.text
    end = limit
    while units(text[:end]) > limit:
        end -= max(1, (units(text[:end]) - limit) // 2)
    spaces = [found.end() for found in SPACES.finditer(text, end // 2, end)]
    return _divided(line, spaces[-1] if spaces else end)


def _divided(line: Line, at: int) -> tuple[Line, Line]:
    head, tail = [], []
    for span in line.spans:
        head.append(replace(span, text=span.text[:at]))
        tail.append(replace(span, text=span.text[at:]))
        at = max(0, at - len(span.text))
    return _filled(line, head), _filled(line, tail)


def _filled(line: Line, spans: Iterable[Span]) -> Line:
    """A line of these spans, but for those without text."""
    return replace(line, spans=tuple(span for span in spans if span.text))
