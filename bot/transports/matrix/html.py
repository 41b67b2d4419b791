"""A message as the HTML that Matrix clients show: a handful of tags, everything else escaped."""

import re
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from bot.markup import WEB, parse
from store.messages import Choice

if TYPE_CHECKING:
    from markdown_it.token import Token

TAGS = {
    "paragraph": "p",
    "bullet_list": "ul",
    "ordered_list": "ol",
    "list_item": "li",
    "blockquote": "blockquote",
    "strong": "strong",
    "em": "em",
}
FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff]")
KEYCAP = "\N{VARIATION SELECTOR-16}\N{COMBINING ENCLOSING KEYCAP}"
KEYCAPS = (*(f"{digit}{KEYCAP}" for digit in range(1, 10)), "\N{KEYCAP TEN}")


def html(body: str) -> str:
    """The small Markdown as HTML: well-formed, with nothing in it that was not markup of ours."""
    return "".join(_block(token) for token in parse(body))


def choice_lines(choices: Sequence[Choice]) -> list[str]:
    """Choices as lines, each with the sign to tap; beyond ten a number to write."""
    return [f"{sign(number)} {choice.label}" for number, choice in enumerate(choices)]


def sign(number: int) -> str:
    """The sign of the choice of that number, from 0."""
    return KEYCAPS[number] if number < len(KEYCAPS) else f"{number + 1}."


def number_of(key: str) -> int | None:
    """Which choice a reaction means, from 0; clients leave out or add variation selectors."""
    bare = key.replace("\N{VARIATION SELECTOR-16}", "")
    known = [one.replace("\N{VARIATION SELECTOR-16}", "") for one in KEYCAPS]
    return known.index(bare) if bare in known else None


def html_choices(choices: Sequence[Choice]) -> str:
    """The lines of choices as HTML."""
    return f"<p>{'<br/>'.join(escape(line) for line in choice_lines(choices))}</p>" if choices else ""


def _block(token: "Token") -> str:
    if token.type == "inline":
        return "".join(_piece(child) for child in token.children or [])
    if token.type.startswith("paragraph") and token.hidden:
        return ""
    return _tag(token)


def _piece(token: "Token") -> str:
    if token.type in ("text", "text_special"):
        return escape(_allowed(token.content))
    if token.type in ("softbreak", "hardbreak"):
        return "<br/>"
    if token.type == "link_open":
        return _link(str(token.attrs.get("href", "")))
    return "</a>" if token.type == "link_close" else _tag(token)


def _link(address: str) -> str:
    """Only addresses on the web are links; any other is a link to nowhere."""
    return f'<a href="{escape(_allowed(address))}">' if WEB.match(address) else "<a>"


def _tag(token: "Token") -> str:
    name, _, side = token.type.rpartition("_")
    tag = TAGS.get(name)
    if tag is None:
        return ""
    start = int(token.attrs.get("start", 1)) if tag == "ol" and side == "open" else 1
    first = f' start="{start}"' if start != 1 else ""
    return f"<{tag}{first}>" if side == "open" else f"</{tag}>"


def _allowed(text: str) -> str:
    """Without control characters, which no HTML may hold, escaped or not."""
    return FORBIDDEN.sub("", text)
