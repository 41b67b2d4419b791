"""Telegram's HTML, read more strictly than Telegram does: anything not quite right is an error.

Source: https://core.telegram.org/bots/api#html-style
"""

import re
from dataclasses import dataclass, field
from html import unescape

TAGS = {"b", "i", "u", "s", "a", "code", "pre", "blockquote"}
TOKEN = re.compile(r"<(?P<end>/?)(?P<tag>[a-z]+)(?P<rest>[^<>]*)>|(?P<text>[^<>]+)")
ENTITY = re.compile(r"&(?:lt|gt|amp|quot|#\d{1,7});")
HREF = re.compile(r' href="(https?://[^"<>\s]+)"')


class BrokenHtml(ValueError):
    """Text that Telegram might refuse or show differently than meant."""


@dataclass
class Shown:
    """What people see: the text itself, and the text with addresses and quotes written out."""

    text: str = ""
    written: str = ""
    tags: list[str] = field(default_factory=list)


def parse(html: str) -> Shown:
    """Read HTML; BrokenHtml names what is wrong."""
    shown, opened, at = Shown(), list[tuple[str, str]](), 0
    for token in TOKEN.finditer(html):
        if token.start() != at:
            raise BrokenHtml(f"a stray sign at {at}")
        at = token.end()
        if token["text"] is not None:
            _text(shown, token["text"], opened)
        elif token["end"]:
            _close(shown, token["tag"], token["rest"], opened)
        else:
            _open(shown, token["tag"], token["rest"], opened)
    if at != len(html):
        raise BrokenHtml(f"a stray sign at {at}")
    if opened:
        raise BrokenHtml(f"never closed: {opened[-1][0]}")
    return shown


def _text(shown: Shown, raw: str, opened: list[tuple[str, str]]) -> None:
    if "&" in ENTITY.sub("", raw):
        raise BrokenHtml("a bare ampersand")
    text = unescape(raw)
    shown.text += text
    quoted = any(tag == "blockquote" for tag, _ in opened)
    shown.written += text.replace("\n", "\n> ") if quoted else text


def _open(shown: Shown, tag: str, rest: str, opened: list[tuple[str, str]]) -> None:
    if tag not in TAGS:
        raise BrokenHtml(f"unknown tag: {tag}")
    href = HREF.fullmatch(rest)
    if (tag == "a") != bool(href) or (rest and not href):
        raise BrokenHtml(f"wrong attributes: {tag}{rest}")
    if any(tag == other for other, _ in opened):
        raise BrokenHtml(f"nested in itself: {tag}")
    if tag == "blockquote":
        shown.written += "> "
    opened.append((tag, unescape(href[1]) if href else ""))
    shown.tags.append(tag)


def _close(shown: Shown, tag: str, rest: str, opened: list[tuple[str, str]]) -> None:
    if rest or not opened or opened[-1][0] != tag:
        raise BrokenHtml(f"closed out of order: {tag}")
    _, address = opened.pop()
    if address:
        shown.written += f" ({address})"
