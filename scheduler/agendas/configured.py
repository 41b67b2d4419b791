"""Sources as somebody configured them, and what organisers should hear of one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scheduler.agendas.text import shown
from scheduler.importing import Imported
from store.database import Transaction
from store.sources import SourceState


@dataclass(frozen=True)
class Configured:
    """One source as somebody configured it; `place` is the canonical name, one of `url` and `file` is set."""

    place: str
    url: str = ""
    file: Path | None = None
    kind: str | None = None
    automatic: bool = False
    private: bool = False

    @property
    def name(self) -> str:
        """How the source is called in the store and to people: never with what may be a token."""
        return shown(self.url) if self.url else str(self.file and self.file.name)


@dataclass(frozen=True)
class News:
    """What organisers should hear of one source after it was asked."""

    source: Configured
    done: Imported
    state: SourceState
    # Whether the source was silent or shut for too long, and that was not told yet.
    trouble: bool = False


# Puts news into words and queues them, inside the transaction that stores what was read.
Teller = Callable[[Transaction, News, datetime], None]
