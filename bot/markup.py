"""The small Markdown of all messages: bold, italic, link, list, quote; everything else is plain text.

One parser for every platform, so that what people wrote can never become markup on one of them: it
is escaped once, where it is put into a sentence.
"""

import re
from collections.abc import Iterable
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
    return _Text(colours=False).render(parse(body))


def coloured(body: str) -> str:
    """A message for a terminal, with bold and italics."""
    return _Text(colours=True).render(parse(body))


class _Text:
    """Writes tokens as lines of text."""

    def __init__(self, colours: bool) -> None:
        self._colours = colours
        self._lines: list[str] = []
        self._lists: list[int] = []
        self._quotes = 0
        self._bullet = ""

    def render(self, tokens: "list[Token]") -> str:
        for token in tokens:
            handler = getattr(self, f"_{token.type}", None)
            if handler is not None:
                handler(token)
        return "\n".join(self._lines).strip()

    def _ordered_list_open(self, token: "Token") -> None:
        self._lists.append(int(token.attrs.get("start", 1)))

    def _bullet_list_open(self, _: "Token") -> None:
        self._lists.append(0)

    def _bullet_list_close(self, _: "Token") -> None:
        self._lists.pop()
        self._gap()

    _ordered_list_close = _bullet_list_close

    def _list_item_open(self, _: "Token") -> None:
        number = self._lists[-1]
        self._bullet = f"{number}. " if number else "- "
        self._lists[-1] += 1 if number else 0

    def _blockquote_open(self, _: "Token") -> None:
        self._quotes += 1

    def _blockquote_close(self, _: "Token") -> None:
        self._quotes -= 1

    def _paragraph_close(self, token: "Token") -> None:
        if not token.hidden:
            self._gap()

    def _gap(self) -> None:
        if self._lines and self._lines[-1]:
            self._lines.append("")

    def _inline(self, token: "Token") -> None:
        indent = "> " * self._quotes + "  " * (len(self._lists) - 1)
        text = "".join(self._piece(child) for child in token.children or [])
        hanging = " " * len(self._bullet)
        for number, line in enumerate(text.split("\n")):
            self._lines.append(indent + (hanging if number else self._bullet) + line)
        self._bullet = ""

    def _piece(self, token: "Token") -> str:
        if token.type in ("softbreak", "hardbreak"):
            return "\n"
        if token.type == "link_close":
            return self._link_end
        if token.type == "link_open":
            address = str(token.attrs.get("href", ""))
            self._link_end = f" ({address})" if WEB.match(address) else ""
            return ""
        if token.type in ("text", "text_special"):
            return token.content
        return self._style(token.type)

    _link_end = ""

    def _style(self, kind: str) -> str:
        styles = {"strong_open": BOLD, "em_open": ITALIC, "strong_close": RESET, "em_close": RESET}
        return styles.get(kind, "") if self._colours else ""
