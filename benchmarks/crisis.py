"""How many crises are recognised in lists that nothing was learnt from: `python -m benchmarks.crisis`.

Each of the last lists of tests/crisis_messages.yaml is left out in turn, the weights are learnt from
everything else, and the list is asked. The rules in crisis_words.yaml are older than these lists. From the
lists of tests/crisis_unseen.yaml nothing is ever learnt.
"""

from collections.abc import Iterable
from dataclasses import replace

import yaml

from knowledge.crisis import Rules, judged, rules
from knowledge.crisis_scale import Scale
from tests.crisis_points import Message, batches, document, learn, lessons, unseen

LEFT_OUT = 5


def main() -> None:
    """Prints what is recognised of each list, and what is alarmed for nothing."""
    lists, total = batches(), [0, 0, 0, 0]
    for number, asked in enumerate(lists[-LEFT_OUT:], start=1):
        others = [message for batch in lists if batch is not asked for message in batch]
        scale = Scale.build(yaml.safe_load(document(*learn([*others, *lessons()]))))
        counts = _counted(asked, replace(rules(), scale=scale))
        total = [sum(pair) for pair in zip(total, counts, strict=True)]
        print(f"  list {number}: {_line(counts)}", flush=True)
    print(f"  all:    {_line(total)}")
    print(f"  unseen: {_line(_counted(unseen(), rules()))}")


def _counted(asked: Iterable[Message], by: Rules) -> list[int]:
    """Crises recognised, crises; false alarms, harmless messages."""
    counts = [0, 0, 0, 0]
    for text, danger in asked:
        counts[0 if danger else 2] += judged(text, by) is not None
        counts[1 if danger else 3] += 1
    return counts


def _line(counts: list[int]) -> str:
    hit, crises, alarms, harmless = counts
    seen, false = (
        f"{hit} of {crises} ({hit / crises:.3f})",
        f"{alarms} of {harmless} ({alarms / harmless:.3f})",
    )
    return f"{seen} recognised, {false} false"


if __name__ == "__main__":
    main()
