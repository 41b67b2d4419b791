"""Writes the pages of docs/ that list everything: commands, the command line, settings.

    python -m tests.reference_pages

They are made of what the program itself says, and a test compares, so that nothing is missing or stale.
"""

import re
from collections.abc import Iterator
from enum import EnumMeta
from pathlib import Path
from typing import Any

import typer

from bot import rights
from bot.cli import load
from bot.cli.common import app
from bot.commands import ALL
from bot.texts import Texts

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
TEXTS = Texts()
WHO = {
    "anyone": "alle",
    "member": "Mitglieder",
    "representative": "Vertreter*innen",
    "organiser": "Organisator*innen",
    "admin": "Admins der Gruppe",
    "-": "–",
}
ROLES = ("anyone", "member", "representative", "organiser")


def commands() -> str:
    """docs/befehle.md: every command, what it does, and who may say it where."""
    aliases = {one.name: one.aliases for one in ALL}
    lines = [
        "# Alle Befehle",
        "",
        "Auf Telegram und im Terminal mit `/`, auf Matrix mit `!`. Im privaten Chat genügt das Wort.",
        "Die Seite entsteht aus den Texten des Bots und der Tabelle der Rechte",
        "(`python -m tests.reference_pages`).",
    ]
    for role in ROLES:
        lines += ["", f"## Für {WHO[role]}", ""]
        lines += [
            "| Befehl | was er tut | privat | Gruppe | fremde Gruppe | auch |",
            "|---|---|---|---|---|---|",
        ]
        for name, cells in rights.table().items():
            if cells[rights.Place.PRIVATE] != role:
                continue
            usage, what = (_cell(TEXTS.get("de", f"{kind}.{name}")) for kind in ("usage", "help"))
            where = " | ".join(WHO[cells[column]] for column in rights.Place)
            also = ", ".join(f"`{alias}`" for alias in aliases.get(name, ())) or "–"
            lines.append(f"| `{usage}` | {what} | {where} | {also} |")
    return "\n".join(lines) + "\n"


def command_line() -> str:
    """docs/cli.md: every command of the command line with all its options."""
    load([])
    lines = ["# The command line", "", "Made of `saeulenbot --help` (`python -m tests.reference_pages`)."]
    for path, command in _leaves(typer.main.get_command(app), "saeulenbot"):
        lines += ["", f"## {path}", "", _one_line(command.help or ""), "", "| | |", "|---|---|"]
        lines += [f"| `{_name(one)}` | {_cell(getattr(one, 'help', '') or '')} |" for one in _shown(command)]
    return "\n".join(lines) + "\n"


def _leaves(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        yield path, command
        return
    for name in sorted(inner):
        yield from _leaves(inner[name], f"{path} {name}")


def _shown(command: Any) -> list[Any]:
    return [one for one in command.params if not getattr(one, "hidden", False)]


def _name(option: Any) -> str:
    """An argument or option as one types it, with what it takes."""
    if option.param_type_name == "argument":
        return str(option.metavar or option.name.upper())
    flag, kind = option.opts[0], option.type_descriptor.annotation
    if option.is_flag or kind is bool:
        return str(flag)
    values = [str(one.value) for one in kind] if isinstance(kind, EnumMeta) else [kind.__name__.upper()]
    return f"{flag} {'/'.join(values)}"


def settings() -> str:
    """docs/settings.md: the commented example, as a table."""
    example = (ROOT / "config.example.yaml").read_text(encoding="utf-8")
    lines = [
        "# Einstellungen",
        "",
        "Eine YAML-Datei; alles hat einen Standard. Die Tabelle entsteht aus",
        "[config.example.yaml](../config.example.yaml) (`python -m tests.reference_pages`). Geheimnisse",
        "kommen aus Dateien vor der Umgebung (`SAEULENBOT_TELEGRAM_TOKEN`, `SAEULENBOT_MATRIX_PASSWORD`,",
        "`SAEULENBOT_MATRIX_ACCESS_TOKEN`, `SAEULENBOT_HTTP_FEED_TOKEN`) vor dem YAML.",
        "",
        "| Einstellung | Beispiel oder Standard | |",
        "|---|---|---|",
    ]
    lines += [
        f"| `{name}` | {f'`{value}`' if value else ''} | {what} |" for name, value, what in _keys(example)
    ]
    return "\n".join(lines) + "\n"


def _keys(example: str) -> Iterator[tuple[str, str, str]]:
    """Each key with its path, the value shown, and the comment above it."""
    section, comment = "", ""
    for line in example.splitlines():
        said, key = re.match(r" *# (.*)", line), re.match(r"( *)#(?:- )?([a-z_]+):(.*)", line)
        if said:
            comment += f" {said[1]}"
        elif key:
            inside = bool(key[1])
            section = section if inside else key[2]
            yield (f"{section}.{key[2]}" if inside else key[2]), key[3].strip(), _cell(comment.strip())
            comment = ""
        else:
            comment = ""


def _cell(text: str) -> str:
    return _one_line(text).replace("|", "\\|")


def _one_line(text: str) -> str:
    return " ".join(text.split())


PAGES = {"befehle.md": commands, "cli.md": command_line, "settings.md": settings}

if __name__ == "__main__":
    for page, write in PAGES.items():
        (DOCS / page).write_text(write(), encoding="utf-8")
