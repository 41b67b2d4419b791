"""Weighs words for the crisis check: `python -m tests.crisis_points` writes its table anew.

A straight line between messages in danger and harmless ones (a support vector machine, by dual coordinate
ascent), over words, pairs of words and pieces of words: the invented messages, the corpus and the questions
beside this file. Run it after messages were added; the tests compare the table with what the messages give.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from textwrap import wrap
from typing import Any

import numpy as np
import yaml

from knowledge.crisis import footer
from knowledge.crisis_scale import features
from knowledge.library import CONTENT, load_library

HERE = Path(__file__).parent
TABLE = HERE.parent / "knowledge" / "crisis_points.yaml"
HEAD = """# What words, pairs and pieces of words weigh in the crisis check; see knowledge/crisis_scale.py.
# Written by `python -m tests.crisis_points` from the invented messages of the tests; not by hand. A message
# that weighs more than `limit` counts as a crisis; rules of crisis_words.yaml that fit add `firm` (rules) or
# `loose` (broad) to it.
"""
ABOUT_PEOPLE = "begleiten"
RARE, SLACK, ROUNDS, UNIT = 2, 1.0, 15, 100
LIMIT, FIRM, LOOSE = 0.08, 0.6, 0.3  # chosen by leaving out one list after the other: benchmarks/search.md
Message = tuple[str, bool]
Table = dict[str, dict[str, int]]


def _messages(batch: Any) -> list[Message]:
    return [
        (message, kind == "crises")
        for kind in ("crises", "false_friends")
        for group in batch[kind].values()
        for message in group
    ]


def batches() -> list[list[Message]]:
    """The lists of messages in the order they were written."""
    data: Any = yaml.safe_load((HERE / "crisis_messages.yaml").read_text("utf-8"))
    return [_messages(batch) for batch in (data, *data["held_out"])]


def unseen() -> list[Message]:
    """Messages that nothing may be learnt from."""
    return _messages(yaml.safe_load((HERE / "crisis_unseen.yaml").read_text("utf-8")))


def lessons() -> list[Message]:
    """The corpus written for learning alone, the questions people ask, and what the bot itself says.

    Wordings of the base that are about somebody in need are not harmless: those of the file ABOUT_PEOPLE.
    """
    asked: Any = yaml.safe_load((HERE / "questions.yaml").read_text("utf-8"))
    rows = [row["questions"] for row in asked["answered"]] + [*asked["unanswerable"].values()]
    corpus = [
        (line, path.name.startswith("danger"))
        for path in sorted((HERE / "crisis_corpus").glob("*.txt"))
        for line in path.read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    base = [
        load_library(file).entries for file in sorted(CONTENT.glob("*.yaml")) if file.stem != ABOUT_PEOPLE
    ]
    rows += [[*entry.questions, entry.title] for entries in base for entry in entries]
    rows.append([footer("de"), footer("de", True), footer("en")])
    return [*corpus, *((question, False) for row in rows for question in row)]


def learn(messages: Sequence[Message]) -> tuple[Table, int]:
    """Weights (hundredths) per word or pair and per piece, and what nothing at all weighs."""
    read = [features(text) for text, _ in messages]
    column: dict[tuple[int, str], int] = {}
    rarity: list[float] = [1.0]
    for kind in (0, 1):
        counts = Counter(name for parts in read for name in parts[kind])
        for name in sorted(name for name, often in counts.items() if often >= RARE):
            column[kind, name] = len(rarity)
            rarity.append(math.log(len(messages) / counts[name]) / 4)
    scales = np.array(rarity)
    rows = [_row(parts, column, scales) for parts in read]
    weights = _fitted(rows, [1 if danger else -1 for _, danger in messages], len(rarity)) * scales * UNIT
    table: Table = {"words": {}, "pieces": {}}
    for (kind, name), at in column.items():
        if points := round(weights[at]):
            table["pieces" if kind else "words"][name] = points
    return table, round(weights[0])


def _row(parts: tuple[set[str], set[str]], column: dict[tuple[int, str], int], scales: Any) -> Any:
    places, values = [0], [1.0]
    for kind, names in enumerate(parts):
        known = sorted(column[kind, name] for name in names if (kind, name) in column)
        places += known
        values += list(scales[known] / math.sqrt(len(names) + 1))
    return np.array(places), np.array(values)


def _fitted(rows: Sequence[Any], wanted: Sequence[int], width: int) -> Any:
    weights, pull = np.zeros(width), np.zeros(len(rows))
    order = np.random.default_rng(0)
    steep = [values @ values + 0.5 / SLACK for _, values in rows]
    for _ in range(ROUNDS):
        for at in order.permutation(len(rows)):
            places, values = rows[at]
            slope = wanted[at] * (weights[places] @ values) - 1 + pull[at] * 0.5 / SLACK
            change = max(pull[at] - slope / steep[at], 0.0) - pull[at]
            pull[at] += change
            weights[places] += change * wanted[at] * values
    return weights


def document(table: Table, bias: int) -> str:
    """The table as YAML, most telling first."""
    limit = round(LIMIT * UNIT) - bias
    settings = f"limit: {limit}\nfirm: {round(FIRM * UNIT)}\nloose: {round(LOOSE * UNIT)}\n"
    return HEAD + settings + "".join(f"{kind}:\n" + "".join(_lines(table[kind])) for kind in table)


def _lines(points: dict[str, int]) -> Iterator[str]:
    ranked = sorted(points.items(), key=lambda item: (-item[1], item[0]))
    for value, group in groupby(ranked, key=lambda item: item[1]):
        text = f'{value}: "' + " ".join(name for name, _ in group) + '"'
        yield "\n".join(wrap(text, 118, initial_indent="  ", subsequent_indent="    ",
                             break_long_words=False, break_on_hyphens=False)) + "\n"  # fmt: skip


def main() -> None:
    """Writes the table anew."""
    known = [message for batch in batches() for message in batch]
    TABLE.write_text(document(*learn([*known, *lessons()])), "utf-8")


if __name__ == "__main__":
    main()
