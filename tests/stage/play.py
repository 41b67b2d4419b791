"""Plays a dialogue on a stage and compares what the bot says."""

from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from tests.stage.script import Step, filled, fits
from tests.stage.terminal import on_stage

Heard = list[tuple[str, str]]


class Stage(Protocol):
    """One platform that dialogues are played on."""

    async def say(self, name: str, text: str) -> None: ...

    async def introduce(self, name: str, role: str, place: str) -> None: ...

    async def jump(self, to: datetime) -> None: ...

    def heard(self) -> Heard: ...


FILES = sorted((Path(__file__).parent.parent / "dialogues").glob("*.txt"))
Opened = Callable[[Path], AbstractAsyncContextManager[Stage]]


async def play(steps: Iterable[Step], data_dir: Path, name: str, opened: Opened = on_stage) -> None:
    """Play a dialogue; AssertionError shows the line where the bot said something else."""
    speaker, words = "", dict[str, str]()
    async with opened(data_dir) as stage:
        for step in steps:
            speaker = step.name or speaker
            await perform(stage, step, words)
            compare(step, speaker, stage.heard(), name, words)


async def perform(stage: Stage, step: Step, words: dict[str, str]) -> None:
    """Let one thing happen; `words` are those the bot said before, such as a code."""
    if step.kind == "clock":
        await stage.jump(step.moment)
    elif step.kind == "role":
        role, _, place = step.text.partition(" ")
        await stage.introduce(step.name, role, place)
    else:
        await stage.say(step.name, filled(step.text, words))


def compare(step: Step, speaker: str, heard: Heard, file: str, words: dict[str, str]) -> None:
    """Every message that was written down must be there, and no other."""
    left = list(heard)
    for expected in step.expected:
        name = expected.name or speaker
        found = next((one for one in left if one[0] == name and fits(expected.lines, one[1], words)), None)
        assert found is not None, _missing(file, expected.at, name, expected.lines, left)
        left.remove(found)
    assert not left, f"{file}:{step.at}: the bot also said:\n{_shown(left)}"


def _missing(file: str, at: int, name: str, lines: list[str], heard: Heard) -> str:
    return (
        f"{file}:{at}: expected to {name}:\n" + "\n".join(lines) + f"\n\nbut the bot said:\n{_shown(heard)}"
    )


def _shown(heard: Heard) -> str:
    return "\n\n".join(f"an {to}> {text}" for to, text in heard) or "(nothing)"
