"""A message as lines of styled text: between the small Markdown and what Telegram is sent.

Telegram counts in UTF-16 units and shows at most 4,096 of them; lines are what a text is cut between.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.markup import WEB, parse

if TYPE_CHECKING:
    from markdown_it.token import Token

BULLET = "• "
SPACES = re.compile(r"\s")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class Span:
    """A piece of text in one style; `link` is a web address."""

    text: str
    bold: bool = False
    italic: bool = False
    link: str = ""


@dataclass(frozen=True)
class Line:
    """One line; an empty one is the gap between two paragraphs."""

    spans: tuple[Span, ...] = ()
    quoted: bool = False

    @property
    def text(self) -> str:
        return "".join(span.text for span in self.spans)


GAP = Line()


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
    return tuple(trimmed(_Reader().read(parse(shown(body)))))


def trimmed(lines: Sequence[Line]) -> list[Line]:
    """Lines without the gaps before the first and behind the last."""
    filled = [number for number, line in enumerate(lines) if line.text.strip()]
    return list(lines[filled[0] : filled[-1] + 1]) if filled else []


class _Reader:
    """Turns tokens into lines."""

    def __init__(self) -> None:
        self._lines: list[Line] = []
        self._lists: list[int] = []
        self._quotes = 0
        self._bullet = ""

    def read(self, tokens: "Sequence[Token]") -> list[Line]:
        for token in tokens:
            handle: Callable[[Token], None] | None = getattr(self, f"_{token.type}", None)
            if handle is not None:
                handle(token)
        return self._lines

    def _ordered_list_open(self, token: "Token") -> None:
        self._lists.append(int(token.attrs.get("start", 1)))

    def _bullet_list_open(self, _: "Token") -> None:
        self._lists.append(-1)

    def _bullet_list_close(self, _: "Token") -> None:
        self._lists.pop()
        self._gap()

    _ordered_list_close = _bullet_list_close

    def _list_item_open(self, _: "Token") -> None:
        number = self._lists[-1]
        self._bullet = BULLET if number < 0 else f"{number}. "
        self._lists[-1] += 1 if number >= 0 else 0

    def _blockquote_open(self, _: "Token") -> None:
        self._quotes += 1

    def _blockquote_close(self, _: "Token") -> None:
        self._quotes -= 1
        self._gap()

    def _paragraph_close(self, token: "Token") -> None:
        if not token.hidden:
            self._gap()

    def _gap(self) -> None:
        gap = replace(GAP, quoted=self._quotes > 0)
        if self._lines and self._lines[-1].spans:
            self._lines.append(gap)
        elif self._lines:
            self._lines[-1] = gap

    def _inline(self, token: "Token") -> None:
        start = "  " * (len(self._lists) - 1) + self._bullet
        for spans in _split_lines(_spans(token.children or [])):
            led = (Span(start), *spans) if start else spans
            self._lines.append(Line(tuple(span for span in led if span.text), self._quotes > 0))
            start = " " * len(start)
        self._bullet = ""


def _spans(tokens: "Sequence[Token]") -> list[Span]:
    spans, style = [], Span("")
    for token in tokens:
        style = _restyled(style, token)
        if token.type in ("softbreak", "hardbreak"):
            spans.append(replace(style, text="\n"))
        elif token.content:
            spans.append(replace(style, text=token.content))
    return spans


def _restyled(style: Span, token: "Token") -> Span:
    if token.type.startswith("strong_"):
        return replace(style, bold=token.nesting > 0)
    if token.type.startswith("em_"):
        return replace(style, italic=token.nesting > 0)
    if token.type.startswith("link_"):
        address = str(token.attrs.get("href", ""))
        return replace(style, link=address if WEB.match(address) else "")
    return style


def _split_lines(spans: Sequence[Span]) -> list[tuple[Span, ...]]:
    lines: list[list[Span]] = [[]]
    for span in spans:
        first, *more = span.text.split("\n")
        lines[-1].append(replace(span, text=first))
        lines += [[replace(span, text=text)] for text in more]
    return [tuple(line) for line in lines]


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
    return tuple(  # type: ignore[return-value]
        Line(tuple(span for span in spans if span.text), line.quoted) for spans in (head, tail)
    )
