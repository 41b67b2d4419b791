"""What search reads and what it finds: light to load, so that a bot nobody has asked yet stays small."""

from dataclasses import dataclass
from typing import Final

# How many texts the first round hands on.
SHORTLIST: Final = 12


@dataclass(frozen=True)
class Text:
    """What search reads of an entry: `wordings` (the title among them) and the texts of the answer."""

    wordings: tuple[str, ...]
    body: str


@dataclass(frozen=True)
class Hit:
    """A found text: its position and its score (0..1; a bonus may lift it higher).

    `exact` when one of its wordings is the question.
    """

    position: int
    score: float
    exact: bool = False
