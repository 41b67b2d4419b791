"""Plays a dialogue on any stage, and compares what the bot says with what is written down."""

from datetime import datetime
from pathlib import Path
from typing import Protocol

from tests.stage.script import Step, fits, read

FILES = sorted((Path(__file__).parent.parent / "dialogues").glob("*.txt"))


class Stage(Protocol):
    """People in their private chats with one bot."""

    async def say(self, name: str, text: str) -> None:
        """Say something, and return when it is answered."""

    async def introduce(self, name: str, role: str, place: str) -> None:
        """Give a person their role; `guest` is somebody nobody has admitted."""

    async def jump(self, to: datetime) -> None:
        """Let the clock go forward, and return when everything due was sent."""

    def heard(self) -> list[tuple[str, str]]:
        """What was said since the last time, as (to whom, text)."""


async def play(path: Path, stage: Stage) -> None:
    """Play a whole file; AssertionError names the line where the bot says something else."""
    speaker = ""
    for step in read(path):
        speaker = step.name or speaker
        await _step(stage, step)
        _compare(step, speaker, stage.heard(), path.name)


async def _step(stage: Stage, step: Step) -> None:
    if step.kind == "clock":
        await stage.jump(step.moment)
    elif step.kind == "role":
        role, _, place = step.text.partition(" ")
        await stage.introduce(step.name, role, place)
    else:
        await stage.say(step.name, step.text)


def _compare(step: Step, speaker: str, heard: list[tuple[str, str]], file: str) -> None:
    left = list(heard)
    for expected in step.expected:
        name = expected.name or speaker
        found = next((one for one in left if one[0] == name and fits(expected.lines, one[1])), None)
        assert found is not None, _missing(file, expected.at, name, expected.lines, left)
        left.remove(found)
    assert not left, f"{file}:{step.at}: the bot also said:\n" + "\n\n".join(
        f"an {to}> {text}" for to, text in left
    )


def _missing(file: str, at: int, name: str, lines: list[str], heard: list[tuple[str, str]]) -> str:
    said = "\n\n".join(f"an {to}> {text}" for to, text in heard) or "(nothing)"
    return f"{file}:{at}: expected to {name}:\n" + "\n".join(lines) + f"\n\nbut the bot said:\n{said}"
