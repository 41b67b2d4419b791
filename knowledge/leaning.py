"""What half a question may mean: how an entry fits its words, and how near it is to the one shown before."""

from dataclasses import dataclass
from typing import Final

from knowledge.entries import Entry

# Half a question is answered by an entry that its words fit at least this well by themselves, and that lies
# near what was shown: on the same measure, in the same pillar, or because its words are near enough.
FOLLOWED: Final = 0.14
FOLLOWED_BESIDE: Final = 0.36
FOLLOWED_IN_PILLAR: Final = 0.45
FOLLOWED_NEAR: Final = 0.88
_BESIDE: Final = 0.15
_NEARNESS: Final = 0.5


@dataclass(frozen=True)
class Leaning:
    """An entry that half a question may mean: how it fits its words, and how near it is to the last."""

    entry: Entry
    fit: float
    near: float
    beside: bool
    in_pillar: bool

    @property
    def leans(self) -> bool:
        """Whether it has anything to do with the entry before."""
        return self.beside or self.in_pillar or self.near > 0

    @property
    def sum(self) -> float:
        """What the candidates are ordered by."""
        return self.fit + _NEARNESS * self.near + (_BESIDE if self.beside else 0.0)

    @property
    def is_meant(self) -> bool:
        """Whether fit and nearness are enough for an answer."""
        if self.fit < FOLLOWED:
            return False
        if self.beside:
            return self.sum >= FOLLOWED_BESIDE
        return self.fit + self.near >= FOLLOWED_NEAR or (self.in_pillar and self.fit >= FOLLOWED_IN_PILLAR)
