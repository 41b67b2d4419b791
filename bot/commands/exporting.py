"""Reports as files for organisers: /export, /export xlsx, /export 2026."""

import re

from bot.commands.command import Command
from bot.drawn import EXPORT, YEARLY
from bot.exports import Format
from bot.markup import Markup
from bot.turn import Turn
from store import reports
from store.messages import Attachment, Choice

FORMATS = {
    **{kind.value: kind for kind in Format},
    **dict.fromkeys(("excel", "xls", "tabelle"), Format.XLSX),
    "markdown": Format.MARKDOWN,
}
YEAR = re.compile(r"\b(20\d\d)\b")


def export(turn: Turn, rest: str) -> None:
    """/export csv, json, xlsx, md: all reports; /export 2026 [md]: the report of a year."""
    words = rest.casefold().split()
    year = YEAR.search(rest)
    kind = next((FORMATS[word] for word in words if word in FORMATS), None)
    if year is not None:
        _send_year(turn, int(year[1]), "md" if kind is Format.MARKDOWN else "html")
    elif kind is not None:
        _send_all(turn, kind)
    else:
        turn.say("export.which", *_choices(turn), n=reports.total(turn.tx))


def _choices(turn: Turn) -> list[Choice]:
    named = {"csv": "CSV", "xlsx": "Excel (XLSX)", "json": "JSON", "md": "Markdown"}
    files = [Choice(label, f"/export {word}") for word, label in named.items()]
    year = turn.now.astimezone(turn.zone).year
    return [*files, turn.choice("export.year", f"/export {year}", year=year)]


def _send_all(turn: Turn, kind: Format) -> None:
    count = reports.total(turn.tx)
    if not count:
        turn.say("stand.nothing")
        return
    alt = turn.label("export.file", format=kind.value)
    body = turn.count("export.done", count)
    if kind is Format.CSV:
        body = Markup(f"{body} {turn.text('export.not_for_excel')}")
    turn.post(body, attachment=Attachment(EXPORT, {"format": kind.value}, alt))


def _send_year(turn: Turn, year: int, kind: str) -> None:
    arguments = {"year": str(year), "format": kind, "language": turn.language}
    alt = turn.label("yearly.title", year=year)
    turn.post(turn.text(f"export.yearly_{kind}", year=year), attachment=Attachment(YEARLY, arguments, alt))


def names_format(_: Turn, rest: str) -> bool:
    """Whether the words behind "export" are a format or a year."""
    return all(word in FORMATS or YEAR.fullmatch(word) for word in rest.casefold().split())


COMMANDS = (Command("export", export, (), names_format),)
