"""The knowledge in use: replaceable while the program runs; and what each chat was told a moment ago."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.config_model import Config
from knowledge.answer import Answerer
from knowledge.library import load_library
from store.messages import ChatRef

# How long "und wer bezahlt das?" still belongs to the answer before.
REMEMBERED = timedelta(minutes=10)
# How long nothing is noted for editors where somebody may have been in danger.
HUSHED = timedelta(hours=24)
VECTORS = "wissen-vektoren.npz"


class Recall:
    """In memory only: the last entry per chat, for ten minutes, and chats to keep quiet about."""

    def __init__(self) -> None:
        self._shown: dict[ChatRef, tuple[str, datetime]] = {}
        self._hushed: dict[ChatRef, datetime] = {}

    def remember(self, chat: ChatRef, entry: str, now: datetime) -> None:
        """Note the entry a chat was shown; whatever is older than ten minutes is forgotten."""
        self._shown = {one: kept for one, kept in self._shown.items() if now - kept[1] < REMEMBERED}
        self._shown[chat] = (entry, now)

    def last(self, chat: ChatRef, now: datetime) -> str | None:
        """The id of the entry this chat was shown in the last ten minutes."""
        entry, at = self._shown.get(chat, ("", now - REMEMBERED))
        return entry if now - at < REMEMBERED else None

    def hush(self, chat: ChatRef, now: datetime) -> None:
        """Somebody here may be in danger: forget what was shown, and note no questions for a day."""
        self._shown.pop(chat, None)
        self._hushed = {one: at for one, at in self._hushed.items() if now - at < HUSHED}
        self._hushed[chat.room] = now

    def hushed(self, chat: ChatRef, now: datetime) -> bool:
        """Whether nothing may be noted here."""
        at = self._hushed.get(chat.room)
        return at is not None and now - at < HUSHED


@dataclass
class Wisdom:
    """The one place that holds the answerer: `replace` it, and every later turn asks the new one."""

    answerer: Answerer
    recall: Recall = field(default_factory=Recall)

    def replace(self, answerer: Answerer) -> None:
        """Answer with other knowledge from now on."""
        self.answerer = answerer


def read_knowledge(config: Config) -> Answerer:
    """The configured knowledge, read anew. Raises KnowledgeError, and changes nothing, if it is broken."""
    library = load_library(config.knowledge)
    if not config.semantic:
        return Answerer(library)
    from knowledge.semantic import load_semantic

    return Answerer(library, load_semantic(library.entries, config.data_dir / VECTORS))
