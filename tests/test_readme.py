"""The conversation in the README is played, and what it points to exists."""

import re
from pathlib import Path

from tests.stage.play import play
from tests.stage.script import read_lines

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
LINK = re.compile(r"\]\(([^)#]+)\)")


async def test_the_conversation_in_the_readme(tmp_path: Path) -> None:
    (dialogue,) = re.findall(r"```dialogue\n(.*?)```", README, re.DOTALL)
    await play(read_lines(dialogue), tmp_path, "README.md")


def test_links_lead_somewhere() -> None:
    for document in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
        for target in LINK.findall(document.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_every_command_in_the_readme_exists() -> None:
    from bot.cli import MODULES

    table = README.split("## On the command line")[1].split("## How")[0]
    named = {name.split()[0] for name in re.findall(r"`([a-z]+[^`]*)`", table) if name.split()[0] in MODULES}
    assert named == set(MODULES)
