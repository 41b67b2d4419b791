"""Lines of styled text as Telegram's HTML, which nothing people write can break."""

import re
from collections.abc import Callable, Iterable, Sequence
from html import escape
from itertools import groupby

from bot.markup import Line, Span

COMMAND = re.compile(r"(?<![\w/@.:])/([a-z]{2,32})(?![\w/@])")
Rewrite = Callable[[str], str]


def html(lines: Sequence[Line], rewrite: Rewrite = str) -> str:
    """The lines as HTML; `rewrite` may change plain text before it is escaped."""
    shown = []
    for quoted, group in groupby(lines, key=lambda line: line.quoted > 0):
        text = "\n".join(_line(line, rewrite) for line in group)
        shown.append(f"<blockquote>{text.strip()}</blockquote>" if quoted and text.strip() else text)
    return "\n".join(shown)


def _line(line: Line, rewrite: Rewrite) -> str:
    return "".join(_span(span, rewrite) for span in line.spans)


def _span(span: Span, rewrite: Rewrite) -> str:
    text = escape(span.text if span.link else rewrite(span.text), quote=False)
    if span.italic:
        text = f"<i>{text}</i>"
    if span.bold:
        text = f"<b>{text}</b>"
    return f'<a href="{escape(span.link)}">{text}</a>' if span.link else text


def addressing(account: str, commands: Iterable[str]) -> Rewrite:
    """Commands in groups carry the bot's name, so that a tap on them reaches this bot alone."""
    known = frozenset(commands)

    def carry(found: re.Match[str]) -> str:
        return f"{found[0]}@{account}" if found[1] in known else found[0]

    return lambda text: COMMAND.sub(carry, text)
