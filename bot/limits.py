"""How much one person, and one chat, may ask: so that nobody can keep the bot from the others.

Kept in memory only, under hashes whose key is made at the start, changed with retention, and written
nowhere. Who asks too much is told once, in a friendly sentence, and then not answered for a while.
"""

import hashlib
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

log = logging.getLogger(__name__)

KEY_BYTES = 32
SECOND = timedelta(seconds=1)
MOST_REMEMBERED = 50_000


class Verdict(Enum):
    """What to do with a message: answer it, say once that it is too much, or say nothing."""

    ANSWER = "answer"
    SAY_SO = "say so"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Allowance:
    """So many messages at once, and one more each time `refill` has gone by."""

    most: int
    refill: timedelta


# Far above what people do with buttons, far below what a program does.
PERSON = Allowance(60, 2 * SECOND)
CHAT = Allowance(180, SECOND)


@dataclass
class _Left:
    """What is left of an allowance at a moment."""

    count: float
    at: datetime
    told: bool = False

    def fill(self, allowance: Allowance, now: datetime) -> None:
        self.count = min(allowance.most, self.count + (now - self.at) / allowance.refill)
        self.at = now
        # Only after a real pause is it worth saying again.
        self.told = self.told and self.count < allowance.most / 2


class Limits:
    """Counts messages by person and by chat. `kept`: after how long the key of the hashes changes."""

    def __init__(self, now: Callable[[], datetime], kept: timedelta) -> None:
        self._now = now
        self._kept = kept
        self._left: dict[bytes, _Left] = {}
        self._change_key(now())

    def _change_key(self, now: datetime) -> None:
        self._key, self._key_until = secrets.token_bytes(KEY_BYTES), now + self._kept
        self._left.clear()

    def take(self, person: str, chat: str) -> Verdict:
        """Count a message of a person in a chat."""
        now = self._now()
        if now >= self._key_until:
            self._change_key(now)
        whose = self._of("person", person, PERSON, now), self._of("chat", chat, CHAT, now)
        empty = next((one for one in whose if one.count < 1), None)
        if empty is None:
            for one in whose:
                one.count -= 1
            return Verdict.ANSWER
        told, empty.told = empty.told, True
        if not told:
            log.info("somebody asks too much", extra={"who": self.name(person)})
        return Verdict.NOTHING if told else Verdict.SAY_SO

    def name(self, person: str) -> str:
        """What a person is called in logs until the key changes."""
        return self._hash("person", person).hex()[:8]

    def _of(self, kind: str, name: str, allowance: Allowance, now: datetime) -> _Left:
        key = self._hash(kind, name)
        # The latest stand at the end, so that the oldest are forgotten first.
        left = self._left.pop(key, None) or _Left(allowance.most, now)
        left.fill(allowance, now)
        self._left[key] = left
        while len(self._left) > MOST_REMEMBERED:
            del self._left[next(iter(self._left))]
        return left

    def _hash(self, kind: str, name: str) -> bytes:
        said = f"{kind}:{name}".encode("utf-8", "replace")
        return hashlib.blake2b(said, key=self._key, digest_size=16).digest()
