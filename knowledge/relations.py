"""How entries stand to each other, and to the measures and pillars that a question names."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from knowledge.entries import Entry
from knowledge.found import Hit
from knowledge.resolution import References

# Naming a measure is as clear as words can be; which of its entries is meant, the other words say.
_NAMED_BONUS: Final = 0.6
_OTHER_BONUS: Final = -0.25
_DRAFT: Final = "Musterantrag"
_ASKS_DRAFT: Final = re.compile(r"antr(?:a|ä|ae)g|motion|muster|vorlage|entwurf|text|formul", re.IGNORECASE)
_UNASKED: Final = 0.05


def nearness(entry: Entry, named: References) -> float:
    """A measure's own entries before its pillar's; a pillar's overview before its measures."""
    if set(entry.measures) & set(named.measures):
        return _NAMED_BONUS
    pillars = {int(code[0]) for code in named.measures} | set(named.pillars)
    if entry.pillar in pillars:
        return _NAMED_BONUS * (0.3 if named.measures or entry.measures else 1.0)
    return _OTHER_BONUS


def unasked_draft_behind(hits: list[Hit], question: str, entries: Sequence[Entry]) -> list[Hit]:
    """The hits; a draft motion nobody asked for makes way for what is nearly as good on its subject."""
    first = entries[hits[0].position] if hits else None
    if first is None or not first.title.startswith(_DRAFT) or _ASKS_DRAFT.search(question):
        return hits
    near = ((hit, entries[hit.position]) for hit in hits[1:] if hits[0].score - hit.score <= _UNASKED)
    other = next((hit for hit, one in near if related(first, one) and not one.title.startswith(_DRAFT)), None)
    if other is None:
        return hits
    return [replace(other, score=hits[0].score), *(hit for hit in hits if hit is not other)]


def related(one: Entry, other: Entry) -> bool:
    """Whether they are on one measure, or the first leads to the other."""
    return bool(set(one.measures) & set(other.measures)) or f"(#{other.id})" in one.answer


def is_beside(one: Entry, other: Entry) -> bool:
    """Whether they are on one measure, or either leads to the other."""
    return related(one, other) or f"(#{one.id})" in other.answer


def in_pillar(one: Entry, other: Entry) -> bool:
    """Whether both belong to one pillar."""
    return one.pillar is not None and one.pillar == other.pillar
