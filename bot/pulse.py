"""How the running program is, in memory: which platforms are heard, what was answered and sent.

Numbers only: no person, no chat, no text. People in danger are not counted at all.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class Pulse:
    """Written by whoever notices something, read by those who watch. Instants are UTC."""

    since: datetime | None = None
    # When a platform was first tried, and when it last answered.
    begun: dict[str, datetime] = field(default_factory=dict)
    heard: dict[str, datetime] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)

    def begin(self, platform: str, now: datetime) -> None:
        """A transport is about to receive."""
        self.begun.setdefault(platform, now)

    def hear(self, platform: str, now: datetime) -> None:
        """A platform has answered, with news or without."""
        self.begin(platform, now)
        self.heard[platform] = now

    def silent_for(self, platform: str, now: datetime) -> float:
        """Seconds since a platform was last heard, or first tried."""
        return (now - self.heard.get(platform, self.begun[platform])).total_seconds()
