"""The small Markdown of all messages: bold, italic, link, list, quote; everything else is plain text.

One parser for every platform, so that what people wrote can never become markup on one of them: it
is escaped once, where it is put into a sentence.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

RULES = ("emphasis", "link", "list", "blockquote", "escape", "newline")
# Signs that could begin markup anywhere, and those that could at the start of a line.
ACTIVE = re.compile(r"([\\*_\[\]<>`])")
LINE_START = re.compile(r"^(\s*)([-+#]|\d{1,9}[.)])(?=\s|$)", re.MULTILINE)
# Signs nobody sees: some turn the rest of a sentence round, some hide what is written.
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
# Mitglieder*innen und Bürger*innen are no italics.
GENDER_STAR = re.compile(r"(?<=\w)\*(?=\w)")
WEB = re.compile(r"https?://", re.IGNORECASE)

BOLD, ITALIC, RESET = "\x1b[1m", "\x1b[3m", "\x1b[0m"


@dataclass(frozen=True)
class Span:
    """A piece of text in one style; `link` is a web address. One without text is the end of its link."""

    text: str
    bold: bool = False
    italic: bool = False
    link: str = ""


@dataclass(frozen=True)
class Line:
    """One line, in so many quotes; an empty one is the gap between two paragraphs."""

    spans: tuple[Span, ...] = ()
    quoted: int = 0

    @property
    def text(self) -> str:
        return "".join(span.text for span in self.spans)


class Markup(str):
    """Text of our own that may contain markup; any other string is escaped before it is shown."""

    __slots__ = ()


def escape(text: object) -> str:
    """Foreign text for use inside a message: it will be shown as it is."""
    if isinstance(text, Markup):
        return str(text)
    cleaned = ACTIVE.sub(r"\\\1", UNSEEN.sub("", str(text)))
    return LINE_START.sub(lambda found: f"{found[1]}{_inactive(found[2])}", cleaned)


def _inactive(start: str) -> str:
    return f"{start[:-1]}\\{start[-1]}"


def bullets(lines: Iterable[str]) -> Markup:
    """A list, of lines that may contain markup."""
    return Markup("\n".join(f"- {line}" for line in lines))


@lru_cache(maxsize=1)
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # 2 MB: only who shows a message pays for it

    return MarkdownIt("zero").enable(list(RULES))


def parse(body: str) -> "list[Token]":
    """The tokens of a message, for a platform's own renderer."""
    return _parser().parse(GENDER_STAR.sub(r"\\*", body))


def plain(body: str) -> str:
    """A message as text without any markup: links show their address."""
    return _text(body, colours=False)


def coloured(body: str) -> str:
    """A message for a terminal, with bold and italics."""
    return _text(body, colours=True)


def _text(body: str, colours: bool) -> str:
    lines = (
        "> " * line.quoted * bool(line.spans) + "".join(_shown(span, colours) for span in line.spans)
        for line in read(body, "- ")
    )
    return "\n".join(lines).strip()


def _shown(span: Span, colours: bool) -> str:
    if not span.text:
        return f" ({span.link})" if span.link else ""
    style = (BOLD * span.bold + ITALIC * span.italic) if colours else ""
    return f"{style}{span.text}{RESET}" if style else span.text


def read(body: str, bullet: str) -> list[Line]:
    """The lines of a message in the small Markdown; `bullet` begins what is in a list without numbers."""
    return _Reader(bullet).read(parse(body))


class _Reader:
    """Turns tokens into lines."""

    def __init__(self, bullet: str) -> None:
        self._sign = bullet
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
        self._bullet = self._sign if number < 0 else f"{number}. "
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
        gap = Line(quoted=self._quotes)
        if self._lines and self._lines[-1].spans:
            self._lines.append(gap)
        elif self._lines:
            self._lines[-1] = gap

    def _inline(self, token: "Token") -> None:
        start = "  " * (len(self._lists) - 1) + self._bullet
        for spans in _split_lines(_spans(token.children or [])):
            led = (Span(start), *spans) if start else spans
            self._lines.append(Line(led, self._quotes))
            start = " " * len(start)
        self._bullet = ""


def _spans(tokens: "Sequence[Token]") -> list[Span]:
    spans, style = [], Span("")
    for token in tokens:
        before, style = style, _restyled(style, token)
        if token.type == "link_close":
            spans.append(before)
        elif token.type in ("softbreak", "hardbreak"):
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
        for number, text in enumerate(span.text.split("\n")):
            if number:
                lines.append([])
            if text or not span.text:
                lines[-1].append(replace(span, text=text))
    return [tuple(line) for line in lines]
