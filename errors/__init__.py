"""The one exception tree of the program, and the one shape of a complaint about a file.

    SaeulenbotError
    ├── ConfigError       the configuration cannot be used
    ├── KnowledgeError    the knowledge base cannot be used
    ├── SourceError       a calendar, agenda file or council server cannot be read
    │   └── SourceClosed      the server asks to be left alone: denied, or too many requests
    ├── StoreError        the database cannot be used
    │   ├── DatabaseNewer     written by a newer program
    │   ├── DatabaseDamaged   torn file, failed integrity check
    │   └── StoreFull         no space left, or not writable
    ├── BackupUnfit       a backup that cannot be brought back
    ├── DataLocked        another program holds the data directory
    ├── UsageError        a command line that cannot be carried out
    ├── PlatformError     a platform cannot be reached, or does not accept us
    └── SendError         a platform did not take a message
        ├── Refused           it never will: too long, broken, forbidden
        ├── ChatGone          the chat is gone, or the bot was thrown out
        ├── ChatMoved         the chat has another id now
        ├── NotNow            it may later: a limit, a dead server, a name that does not resolve
        └── MaybeSent         the answer was lost: it may have been posted

An error carries no sentence of its own: `key` names one in bot/locale, `details` fill its gaps, so
that people read it in their language. Details are shown to people and logs: never put message
text, tokens or person ids into them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True)
class Problem:
    """One complaint: where it is, and the key and details of the sentence that says what is wrong."""

    file: str
    place: str
    key: str
    details: dict[str, object] = field(default_factory=dict)


class SaeulenbotError(Exception):
    """An expected failure that is told to people as one sentence; `problems` lists its parts."""

    def __init__(self, key: str, problems: Sequence[Problem] = (), **details: object) -> None:
        super().__init__(key, details)
        self.key = key
        self.problems = tuple(problems)
        self.details = details

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value}" for name, value in self.details.items())
        return f"{self.key}({facts})"


class ConfigError(SaeulenbotError):
    """The configuration cannot be used."""


class KnowledgeError(SaeulenbotError):
    """The knowledge base cannot be used."""


class SourceError(SaeulenbotError):
    """A calendar, an agenda file or a council server cannot be read."""


class SourceClosed(SourceError):
    """The server asks to be left alone; `after` is its own word for how long, if it said one."""

    def __init__(self, key: str, after: timedelta | None = None, **details: object) -> None:
        super().__init__(key, (), **details)
        self.after = after


class StoreError(SaeulenbotError):
    """The database cannot be used."""


class DatabaseNewer(StoreError):
    """The database was written by a newer program."""


class DatabaseDamaged(StoreError):
    """The database file is torn or is no database."""


class StoreFull(StoreError):
    """There is no space left, or the place is not writable."""


class BackupUnfit(SaeulenbotError):
    """A backup that cannot be brought back: torn, newer, or locked with another key."""


class DataLocked(SaeulenbotError):
    """Another program holds the data directory."""


class UsageError(SaeulenbotError):
    """A command line that cannot be carried out."""


class PlatformError(SaeulenbotError):
    """A platform cannot be reached, or does not accept us."""


class SendError(SaeulenbotError):
    """A platform did not take a message."""


class Refused(SendError):
    """It never will: too long, broken, forbidden."""


class ChatGone(SendError):
    """The chat is gone, or the bot was thrown out of it."""


class ChatMoved(SendError):
    """The chat has another id now: `to` on the same platform."""

    def __init__(self, key: str, to: str) -> None:
        super().__init__(key)
        self.to = to


class NotNow(SendError):
    """It may later; `after` is the platform's own word for when, if it said one.

    `outage`: nobody gets through at the moment, so such a try does not count against the message.
    """

    def __init__(
        self, key: str, after: timedelta | None = None, outage: bool = False, **details: object
    ) -> None:
        super().__init__(key, (), **details)
        self.after = after
        self.outage = outage


class MaybeSent(SendError):
    """The answer was lost: the message may have been posted."""
