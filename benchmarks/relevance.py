"""How well agenda items are judged: the level of knowledge.relevance against labels set by hand.

    python -m benchmarks.relevance [--data DIR] [--split YEAR]

Reads DIR/oparl-karlsruhe (DIR also as SAEULENBOT_DATA, default ../shared/data beside the repository; the
data is not ours to keep here, and so is what this prints). `unsure` is left out, the
label `shelter` stands for shelter_money, shelter and equality. Prints a table per label, precision and
recall of any level against none, and every miss. With --split the years before and from YEAR on are
also measured apart.
"""

import argparse
import gzip
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge.relevance import Level, Verdict, judge

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"
DEFAULT_DATA = Path(os.environ.get("SAEULENBOT_DATA", BESIDE))
GOAL = 0.90


@dataclass(frozen=True)
class Judged:
    """One labelled item and what the program says about it."""

    year: int
    meeting: str
    title: str
    label: str
    verdict: Verdict

    @property
    def hit(self) -> bool:
        """Whether the program gives any level."""
        return self.verdict.level is not Level.NONE

    @property
    def wanted(self) -> bool:
        """Whether the label asks for any level."""
        return self.label != "none"


def judged_items(data: Path) -> list[Judged]:
    """All labelled items but the unsure ones, judged with the name of their meeting."""
    folder = data / "oparl-karlsruhe"
    with gzip.open(folder / "meetings.jsonl.gz", "rt", encoding="utf-8") as lines:
        names = {one["id"].rsplit("/", 1)[-1]: one.get("name") or "" for one in map(json.loads, lines)}
    labelled = map(json.loads, (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines())
    return [
        Judged(int(one["start"][:4]), names[one["meeting"]], one["name"], one["label"], verdict)
        for one in labelled
        if one["label"] != "unsure"
        for verdict in [judge(one["name"], names[one["meeting"]])]
    ]


def levels(items: Sequence[Judged]) -> list[str]:
    """The labels as rows, the levels as columns."""
    counts = Counter((one.label, one.verdict.level) for one in items)
    head = f"{'label':<10}" + "".join(f"{level:>15}" for level in Level)
    rows = [
        f"{label:<10}" + "".join(f"{counts[label, level]:>15}" for level in Level)
        for label in ("shelter", "budget", "none")
    ]
    return [head, *rows]


def score(items: Iterable[Judged]) -> str:
    """Precision and recall of any level against none, as one line."""
    outcomes = Counter((one.wanted, one.hit) for one in items)
    right, missed, wrong = outcomes[True, True], outcomes[True, False], outcomes[False, True]
    precision = right / max(1, right + wrong)
    recall = right / max(1, right + missed)
    reached = "reached" if min(precision, recall) >= GOAL else "NOT reached"
    counted = f"{right} right, {wrong} wrong, {missed} missed; {reached}"
    return f"precision {precision:.3f}  recall {recall:.3f}  ({counted})"


def misses(items: Iterable[Judged]) -> list[str]:
    """One line for every item where label and level disagree about mattering at all."""
    return [
        f"  {one.year} {one.label} -> {one.verdict.level} {list(one.verdict.matched)}"
        f" | {one.meeting} | {one.title}"
        for one in items
        if one.hit != one.wanted
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="How well agenda items are judged.")
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--split", type=int, help="measure the years before and from this one on apart")
    options = parser.parse_args()
    if not (options.data / "oparl-karlsruhe" / "labels.jsonl").is_file():
        sys.exit(f"There is no oparl-karlsruhe/labels.jsonl in {options.data}. Say where with --data DIR.")
    started = time.perf_counter()
    items = judged_items(options.data)
    seconds = time.perf_counter() - started
    parts = {"all": items}
    if options.split:
        parts |= {
            f"before {options.split}": [one for one in items if one.year < options.split],
            f"from {options.split}": [one for one in items if one.year >= options.split],
        }
    for name, part in parts.items():
        print(f"{name}: {len(part)} items", *levels(part), score(part), "", sep="\n")
    print("misses:", *misses(items), sep="\n")
    print(f"{len(items)} items judged in {seconds:.2f} s, reading included")


if __name__ == "__main__":
    main()
