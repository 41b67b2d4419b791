"""The documents: every command, setting and option stands there, and what they point to exists."""

import re
from pathlib import Path

import pytest
import typer

from bot import rights
from bot.cli import load
from bot.cli.common import app
from bot.config_problems import known_keys
from tests.reference_pages import DOCS, PAGES, ROOT, commands

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
GUIDES = {
    "mitglieder.md": ("für-alle", "für-mitglieder"),
    "vertretung.md": ("für-vertreterinnen",),
    "organisieren.md": ("für-organisatorinnen",),
}


@pytest.mark.parametrize("page", PAGES)
def test_what_is_made_of_the_program_is_up_to_date(page: str) -> None:
    written = (DOCS / page).read_text(encoding="utf-8")
    assert written == PAGES[page](), "run: python -m tests.reference_pages"


def test_every_command_is_listed_for_those_it_is_for() -> None:
    listed = commands()
    assert [name for name in rights.table() if not re.search(rf"\| `/{name}\b", listed)] == []
    assert sum(map(len, GUIDES.values())) == listed.count("\n## ")


@pytest.mark.parametrize("guide", GUIDES)
def test_every_guide_leads_to_all_commands_of_its_readers(guide: str) -> None:
    text = (DOCS / guide).read_text(encoding="utf-8")
    assert [name for name in GUIDES[guide] if f"(befehle.md#{name})" not in text] == []


def test_every_setting_is_listed() -> None:
    text = (DOCS / "settings.md").read_text(encoding="utf-8")
    assert [key for key in known_keys() if f"| `{key}` |" not in text] == []


def test_every_option_says_what_it_does() -> None:
    load([])
    silent = []

    def walk(command: typer.core.TyperGroup, path: str) -> None:
        for name, inner in getattr(command, "commands", {}).items():
            walk(inner, f"{path} {name}")
        if not hasattr(command, "commands"):
            silent.extend(f"{path} {one.name}" for one in command.params if not (one.hidden or one.help))

    walk(typer.main.get_command(app), "saeulenbot")  # type: ignore[arg-type]
    assert silent == []


def anchors(file: Path) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    heads = re.findall(r"(?m)^#+ (.*)$", file.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_links_and_anchors_lead_somewhere() -> None:
    for document in [*ROOT.glob("*.md"), *DOCS.glob("*.md"), *ROOT.glob("benchmarks/*.md")]:
        text = re.sub(r"```.*?```|`[^`\n]*`", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in LINK.findall(text):
            if "://" in target or target.startswith("mailto:"):
                continue
            path, _, anchor = target.partition("#")
            file = document.parent / path if path else document
            assert file.exists(), f"{document.name} links to {target}"
            assert not anchor or anchor in anchors(file), f"{document.name} links to {target}"
