"""Killed at any instant: nothing is lost, and no effect happens twice."""

import random
import re
import signal
import subprocess
import time
from collections import Counter
from itertools import islice, product
from pathlib import Path

import pytest

from bot.outcomes import OUTCOMES
from knowledge.resolution import resolution
from tests.stage.process import ROOT, command, environment, run

PLACES = ("Rostock", "Schwerin", "Wismar", "Greifswald", "Stralsund")
NUMBER = re.compile(r"Nummer (\d+)\b")
WORDS = ("chat", "--role", "representative", "--session", "kill", "--data")


def messages(count: int) -> list[str]:
    """Reports that are all different: the same again within ten minutes would be the same report."""
    measures = [one.code for one in resolution().measures]
    outcomes = [one.name for one in OUTCOMES]
    cells = islice(product(PLACES, measures, outcomes), count)
    return [f"/bericht {' '.join(cell)}: Nummer {number}" for number, cell in enumerate(cells)]


class Killed:
    """A chat that is fed the same lines again and again, and killed in between.

    `each`: after at most so many answers; `more` words belong to its command line.
    """

    def __init__(
        self, folder: Path, lines: list[str], chance: random.Random, *more: object, each: int = 6
    ) -> None:
        self.data, self.heard, self.chance = folder / "data", folder / "heard", chance
        self.words, self.each = (*WORDS, self.data, *more), each
        self.lines = folder / "lines"
        self.lines.write_text("\n".join(lines), encoding="utf-8")
        self.heard.touch()

    def answers(self) -> list[int]:
        return [int(found) for found in NUMBER.findall(self.heard.read_text("utf-8", "replace"))]

    def kill_once(self) -> None:
        """Start, wait for a few more answers, and kill a few milliseconds later."""
        enough = len(set(self.answers())) + self.chance.randint(1, self.each)
        with self.lines.open("rb") as said, self.heard.open("ab") as heard:
            process = subprocess.Popen(
                command(*self.words), stdin=said, stdout=heard, env=environment(), cwd=ROOT
            )
            while process.poll() is None and len(set(self.answers())) < enough:
                time.sleep(0.001)
            time.sleep(self.chance.uniform(0, 0.02))
            process.send_signal(signal.SIGKILL)
            process.wait()

    def finish(self) -> None:
        with self.lines.open("rb") as said, self.heard.open("ab") as heard:
            ended = subprocess.run(
                command(*self.words),
                check=False,
                stdin=said,
                stdout=heard,
                stderr=subprocess.PIPE,
                env=environment(),
                cwd=ROOT,
            )
        assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("kills", "count"),
    [pytest.param(3, 20, id="few"), pytest.param(50, 200, id="many", marks=pytest.mark.hard)],
)
def test_killed_again_and_again_every_message_counts_once_and_is_answered(
    tmp_path: Path, kills: int, count: int
) -> None:
    chat = Killed(tmp_path, messages(count), random.Random(2027))  # noqa: S311 - the same points in every run
    for _ in range(kills):
        chat.kill_once()
    in_between = len(set(chat.answers()))
    chat.finish()
    stored = run("reports", "list", "--json", "--data", chat.data).objects
    assert Counter(one["text"] for one in stored) == Counter(f"Nummer {number}" for number in range(count))
    assert {one["revision"] for one in stored} == {1}
    answered = Counter(chat.answers())
    assert set(answered) == set(range(count))
    # A crash repeats at most the one answer that was just being shown.
    assert sum(answered.values()) <= count + kills
    assert in_between >= kills
