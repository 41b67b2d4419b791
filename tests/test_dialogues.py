"""Every dialogue of tests/dialogues, played on the whole bot over the terminal transport."""

from pathlib import Path

import pytest

from tests.stage.script import Step, filled, fits, read
from tests.stage.terminal import Stage, on_stage

FILES = sorted((Path(__file__).parent / "dialogues").glob("*.txt"))


def test_there_are_dialogues() -> None:
    assert len(FILES) >= 15


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_dialogue(path: Path, tmp_path: Path) -> None:
    speaker, words = "", dict[str, str]()
    async with on_stage(tmp_path) as stage:
        for step in read(path):
            speaker = step.name or speaker
            await play(stage, step, words)
            _compare(step, speaker, stage.heard(), path.name, words)


async def play(stage: Stage, step: Step, words: dict[str, str]) -> None:
    if step.kind == "clock":
        await stage.jump(step.moment)
    elif step.kind == "role":
        role, _, place = step.text.partition(" ")
        await stage.introduce(step.name, role, place)
    else:
        await stage.say(step.name, filled(step.text, words))


def _compare(
    step: Step, speaker: str, heard: list[tuple[str, str]], file: str, words: dict[str, str]
) -> None:
    left = list(heard)
    for expected in step.expected:
        name = expected.name or speaker
        found = next((one for one in left if one[0] == name and fits(expected.lines, one[1], words)), None)
        assert found is not None, _missing(file, expected.at, name, expected.lines, left)
        left.remove(found)
    assert not left, f"{file}:{step.at}: the bot also said:\n" + "\n\n".join(
        f"an {to}> {text}" for to, text in left
    )


def _missing(file: str, at: int, name: str, lines: list[str], heard: list[tuple[str, str]]) -> str:
    said = "\n\n".join(f"an {to}> {text}" for to, text in heard) or "(nothing)"
    return f"{file}:{at}: expected to {name}:\n" + "\n".join(lines) + f"\n\nbut the bot said:\n{said}"
