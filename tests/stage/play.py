"""Plays a dialogue on a stage and compares what the bot says."""

from collections.abc import Iterable
from pathlib import Path

from tests.stage.script import Step, fits
from tests.stage.terminal import Stage, on_stage

Heard = list[tuple[str, str]]


async def play(steps: Iterable[Step], data_dir: Path, name: str) -> None:
    """Play a dialogue; AssertionError shows the line where the bot said something else."""
    speaker = ""
    async with on_stage(data_dir) as stage:
        for step in steps:
            speaker = step.name or speaker
            await perform(stage, step)
            compare(step, speaker, stage.heard(), name)


async def perform(stage: Stage, step: Step) -> None:
    """Let one thing happen."""
    if step.kind == "clock":
        await stage.jump(step.moment)
    elif step.kind == "role":
        role, _, place = step.text.partition(" ")
        await stage.introduce(step.name, role, place)
    else:
        await stage.say(step.name, step.text)


def compare(step: Step, speaker: str, heard: Heard, file: str) -> None:
    """Every message that was written down must be there, and no other."""
    left = list(heard)
    for expected in step.expected:
        name = expected.name or speaker
        found = next((one for one in left if one[0] == name and fits(expected.lines, one[1])), None)
        assert found is not None, _missing(file, expected.at, name, expected.lines, left)
        left.remove(found)
    assert not left, f"{file}:{step.at}: the bot also said:\n{_shown(left)}"


def _missing(file: str, at: int, name: str, lines: list[str], heard: Heard) -> str:
    return (
        f"{file}:{at}: expected to {name}:\n" + "\n".join(lines) + f"\n\nbut the bot said:\n{_shown(heard)}"
    )


def _shown(heard: Heard) -> str:
    return "\n\n".join(f"an {to}> {text}" for to, text in heard) or "(nothing)"
