"""What became of the faults that `make mutants` put into the code: how many were noticed, which were not."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "mutants"
GOAL = 85
# What mutmut keeps of a mutant: the exit status of the tests, 0 for one that nobody noticed.
NOT_RUN, UNNOTICED, UNTESTED = None, 0, 33


def table(full: bool = False) -> str:  # noqa: ARG001 - there is only one size
    """The share of noticed faults by module, and every one that survived."""
    lines = [
        "# Faults that the tests notice",
        "",
        "    make mutants",
        "",
        (
            f"[mutmut](https://mutmut.readthedocs.io) changes the code in one place at a time. "
            f"Goal: {GOAL} of 100 noticed."
        ),
        "",
        "| module | faults tried | noticed | survived | no test | share |",
        "|---|---|---|---|---|---|",
    ]
    survivors: list[str] = []
    for module, states in _modules():
        tried = {name: state for name, state in states.items() if state is not NOT_RUN}
        count = Counter(_kind(state) for state in tried.values())
        share = f"{100 * count['noticed'] / len(tried):.0f} %" if tried else "–"
        numbers = (len(tried), count["noticed"], count["survived"], count["no test"])
        lines.append(f"| {module} | " + " | ".join(map(str, numbers)) + f" | {share} |")
        survivors += sorted(name for name, state in tried.items() if _kind(state) != "noticed")
    lines += ["", "## Survivors", ""]
    lines += [f"- `{name}`: {_shown(name)}" for name in survivors] or ["None."]
    return "\n".join(lines) + "\n"


def _modules() -> Iterator[tuple[str, dict[str, int | None]]]:
    for file in sorted(FOLDER.rglob("*.meta")):
        module = str(file.relative_to(FOLDER)).removesuffix(".meta")
        yield module, json.loads(file.read_text(encoding="utf-8"))["exit_code_by_key"]


def _kind(state: int | None) -> str:
    return {UNNOTICED: "survived", UNTESTED: "no test"}.get(state or 0, "noticed")


def _shown(name: str) -> str:
    """The changed line as it was and as it became."""
    mutmut = Path(sys.executable).with_name("mutmut")
    shown = subprocess.run(
        [mutmut, "show", name], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout
    changed = [line for line in shown.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    was, became = ([line[1:].strip() for line in changed if line[0] == sign] for sign in "-+")
    return f"`{' '.join(was)[:100]}` became `{' '.join(became)[:100]}`".replace("``", "nothing")
