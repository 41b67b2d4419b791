"""Weighs words for the last question of the crisis check: `python -m tests.crisis_points` writes them anew.

Logistic regression over the words and marks of the invented messages beside this file. What is told apart by
a rule stays in the lesson: it teaches the words. Run it after messages were added; the result is one table of
`knowledge/crisis_words.yaml` that can be read, and the tests say what it is worth.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from textwrap import wrap
from typing import Any

import numpy as np
import yaml

from knowledge.crisis import weighed

HERE = Path(__file__).parent
WORDS = HERE.parent / "knowledge" / "crisis_words.yaml"
RARE, WEAK, RIDGE, ROUNDS = 3, 4, 0.1, 12
CERTAIN = 1.5  # log odds from which a message counts as a crisis


def messages() -> tuple[list[str], list[str]]:
    """All invented crises, and everything that is none, with the questions people ask."""
    data: Any = yaml.safe_load((HERE / "crisis_messages.yaml").read_text("utf-8"))
    batches = [data, *data["held_out"]]
    crises = [m for batch in batches for group in batch["crises"].values() for m in group]
    others = [m for batch in batches for group in batch["false_friends"].values() for m in group]
    asked: Any = yaml.safe_load((HERE / "questions.yaml").read_text("utf-8"))
    asked_for = [question for row in asked["answered"] for question in row["questions"]]
    unanswerable = [question for rows in asked["unanswerable"].values() for question in rows]
    return crises, [*others, *asked_for, *unanswerable]


def learn(crises: Sequence[str], others: Sequence[str]) -> tuple[dict[str, int], int]:
    """Points (tenths of the weights) per name, and the limit."""
    known = [frozenset(weighed(message)) for message in (*crises, *others)]
    counts = Counter(name for names in known for name in names)
    column = {name: at for at, name in enumerate(sorted(n for n, often in counts.items() if often >= RARE))}
    table = np.zeros((len(known), len(column) + 1))
    table[:, -1] = 1.0
    for row, names in enumerate(known):
        table[row, [column[name] for name in names if name in column]] = (len(names) + 1) ** -0.5
    weights = _fitted(table, np.repeat([1.0, 0.0], [len(crises), len(others)]))
    points = {name: round(10 * weights[at]) for name, at in column.items()}
    strong = {name: value for name, value in points.items() if abs(value) >= WEAK}
    return strong, round(10 * (CERTAIN - weights[-1]))


def _fitted(table: Any, wanted: Any) -> Any:
    weights = np.zeros(table.shape[1])
    ridge = np.full(len(weights), RIDGE)
    ridge[-1] = 1e-6
    for _ in range(ROUNDS):
        odds = 1 / (1 + np.exp(-table @ weights))
        slope = table.T @ (odds - wanted) + ridge * weights
        bend = (table * (odds * (1 - odds))[:, None]).T @ table + np.diag(ridge)
        weights = weights - np.linalg.solve(bend, slope)
    return weights


def block(points: dict[str, int], limit: int) -> str:
    """The table as YAML, most telling first."""
    ranked = sorted(points.items(), key=lambda item: (-item[1], item[0]))
    return f"limit: {limit}\npoints:\n" + "".join(_lines(groupby(ranked, key=lambda item: item[1])))


def _lines(groups: Iterable[tuple[int, Iterable[tuple[str, int]]]]) -> Iterable[str]:
    for value, names in groups:
        text = f'{value}: "' + " ".join(name for name, _ in names) + '"'
        yield "\n".join(wrap(text, 112, initial_indent="  ", subsequent_indent="    ")) + "\n"


def main() -> None:
    """Replaces the table in crisis_words.yaml."""
    text = WORDS.read_text("utf-8")
    before, rest = text.split("limit: ", 1)
    after = rest[rest.index("\n# What else") :]
    WORDS.write_text(before + block(*learn(*messages())) + after, "utf-8")


if __name__ == "__main__":
    main()
