"""How entries stand to each other, and to the measures and pillars that a question names."""

from typing import Final

from knowledge.entries import Entry
from knowledge.resolution import References

# Naming a measure is as clear as words can be; which of its entries is meant, the other words say.
_NAMED_BONUS: Final = 0.6
_OTHER_BONUS: Final = -0.25


def nearness(entry: Entry, named: References) -> float:
    """A measure's own entries before its pillar's; a pillar's overview before its measures."""
    if set(entry.measures) & set(named.measures):
        return _NAMED_BONUS
    pillars = {int(code[0]) for code in named.measures} | set(named.pillars)
    if entry.pillar in pillars:
        return _NAMED_BONUS * (0.3 if named.measures or entry.measures else 1.0)
    return _OTHER_BONUS


def related(one: Entry, other: Entry) -> bool:
    """Whether they are on one measure, or the first leads to the other."""
    return bool(set(one.measures) & set(other.measures)) or f"(#{other.id})" in one.answer


def is_beside(one: Entry, other: Entry) -> bool:
    """Whether they are on one measure, or either leads to the other."""
    return related(one, other) or f"(#{one.id})" in other.answer


def in_pillar(one: Entry, other: Entry) -> bool:
    """Whether both belong to one pillar."""
    return one.pillar is not None and one.pillar == other.pillar
