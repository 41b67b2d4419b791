"""The words every room shares: what comes in, what goes out, and the choices that go with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True)
class ChatRef:
    """Where something is said: platform, chat id on it, and topic or thread if there is one."""

    platform: str
    chat: str
    thread: str = ""

    @property
    def room(self) -> "ChatRef":
        """The same chat without its thread: rights and admission hold for the whole of it."""
        return self if not self.thread else ChatRef(self.platform, self.chat)

    def __str__(self) -> str:
        return f"{self.platform}:{self.chat}" + (f"/{self.thread}" if self.thread else "")


# Where an answer goes in a sentence that lacks something.
GAP = "{}"


class Who(StrEnum):
    """Who may press a choice."""

    ASKED = "asked"
    ALL = "all"
    ADMINS = "admins"


@dataclass(frozen=True)
class Choice:
    """A button: its label, and the sentence that pressing it says for you.

    A sentence with a GAP asks for words: a reply to the message fills it, pressing it asks for them.
    """

    label: str
    sentence: str
    who: Who = Who.ASKED


@dataclass(frozen=True)
class Press:
    """A pressed choice as the wire carries it: the outbox row that offered it, and its number from 0."""

    row: int
    number: int


@dataclass(frozen=True)
class Attachment:
    """A recipe for a picture or file that delivery draws just before sending, with its alt text."""

    recipe: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    alt: str = ""


# The recipe of a file that lies on a platform: `platform`, its own `reference` there, `name` and `mime`.
# `size` in bytes where the platform tells; what else it needs is its own. It is carried to other platforms
# through memory, so its size is bounded.
FILE = "file"
LARGEST_FILE = 10 * 2**20


@dataclass(frozen=True)
class Incoming:
    """One message for the bot. `key` is the platform's own name of the event, `sender` a person id.

    A `forwarded` text is not its sender's own: it may be a question, but never a command or an answer.
    A `wordless` message is to be heard or seen, and `text` only what was written with it.
    """

    key: str
    chat: ChatRef
    sender: str
    text: str
    received_at: datetime
    private: bool = True
    admin: bool = False
    edited: bool = False
    forwarded: bool = False
    message_id: str = ""
    reply_to: str = ""
    press: Press | None = None
    file: Attachment | None = None
    wordless: bool = False


class Kind(StrEnum):
    """What an outgoing message is for; answers overtake everything, broadcasts wait for all."""

    ANSWER = "answer"
    REMINDER = "reminder"
    NOTICE = "notice"
    BROADCAST = "broadcast"
    # A broadcast's new words: edits the message it replaces, and is never posted by itself.
    AMEND = "amend"
    # No message at all: the one it replaces is deleted.
    RECALL = "recall"
    # No message at all: the bot leaves the chat, once everything queued there before has gone out.
    LEAVE = "leave"

    @property
    def priority(self) -> int:
        return PRIORITIES.get(self, 3)

    @property
    def repeatable(self) -> bool:
        """Whether it may be sent again when nobody knows if it arrived."""
        return self is not Kind.BROADCAST


PRIORITIES = {Kind.ANSWER: 0, Kind.LEAVE: 0, Kind.REMINDER: 1, Kind.NOTICE: 2}


@dataclass(frozen=True)
class Outgoing:
    """One message to send. `key` is unique for ever: the same key is never queued twice.

    `body` is the small Markdown (bold, italic, link, list, quote); `asked` is the person whose
    choices these are; `replaces` is the outbox row of a message that this one edits;
    `broadcast` is the number of the broadcast it belongs to.
    """

    key: str
    chat: ChatRef
    body: str
    kind: Kind = Kind.ANSWER
    choices: tuple[Choice, ...] = ()
    attachment: Attachment | None = None
    silent: bool = True
    reply_to: str = ""
    asked: str = ""
    replaces: int | None = None
    broadcast: int | None = None
    not_before: datetime | None = None


@dataclass(frozen=True)
class Queued:
    """An Outgoing as the outbox holds it."""

    row: int
    outgoing: Outgoing
    tries: int
    parts_done: int
    # The platform's ids of the message that this one edits, separated by spaces, where it replaces one.
    edits: str = ""
