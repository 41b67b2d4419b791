"""One message being answered: everything a command sees, inside its one transaction."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.config_model import Config
from bot.markup import Markup, escape
from bot.pulse import Pulse
from bot.rights import Standing
from bot.texts import Texts
from bot.wisdom import Wisdom
from knowledge.answer import Answer, Answerer
from knowledge.places import Places
from scheduler.dates import show_when
from scheduler.reminders import Planner
from store import chats, outbox
from store.chats import Chat
from store.database import Transaction
from store.debates import Debate
from store.messages import GAP, Attachment, ChatRef, Choice, Incoming, Kind, Outgoing

__all__ = ["GAP", "Services", "Turn"]

FORM_KEPT = timedelta(minutes=30)


@dataclass(frozen=True)
class Services:
    """What all turns share; it does not change while the program runs, but for three things.

    The knowledge is reloaded, a transport enters its own name into `accounts` (platform -> name
    without "@") once it knows it, so that links to the bot can be made, and `pulse` counts.
    """

    config: Config
    texts: Texts
    places: Places
    wisdom: Wisdom
    planner: Planner
    key: bytes
    # Those the bot has an account on.
    platforms: frozenset[str]
    accounts: dict[str, str] = field(default_factory=dict)
    pulse: Pulse = field(default_factory=Pulse)

    @property
    def answerer(self) -> Answerer:
        """The knowledge as it is now."""
        return self.wisdom.answerer

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.config.timezone)


@dataclass
class Turn:
    """The message, who said it where, and the ways to answer. Nothing here may wait or look at a clock."""

    tx: Transaction
    services: Services
    incoming: Incoming
    now: datetime
    chat: Chat
    standing: Standing
    mark: str
    found: Callable[[str], Answer]
    said: int = 0
    refused: str = ""
    replanned: bool = False
    # What is to be done when all this is durable; transactions may be run twice.
    after: list[Callable[[], None]] = field(default_factory=list)

    def plan(self, debate: Debate, fresh: bool = False) -> None:
        """Bring the reminders of a debate up to date."""
        self.services.planner.plan_debate(self.tx, debate, self.now, fresh)
        self.replanned = True

    def plan_chat(self, chat: int) -> None:
        """Bring the reminders of a chat up to date."""
        self.services.planner.plan_chat(self.tx, chat, self.now)
        self.replanned = True

    @property
    def language(self) -> str:
        return self.chat.language or self.services.config.language

    @property
    def person(self) -> str:
        return self.incoming.sender

    def text(self, key: str, /, **details: object) -> Markup:
        """A sentence in this chat's language; details are foreign text unless they are Markup."""
        shown = {name: escape(value) for name, value in details.items()}
        return Markup(self.services.texts.get(self.language, key, **shown))

    def count(self, key: str, n: int, /, **details: object) -> Markup:
        """A sentence in the form that fits a number."""
        shown = {name: escape(value) for name, value in details.items()}
        return Markup(self.services.texts.plural(self.language, key, n, **shown))

    def label(self, key: str, /, **details: object) -> str:
        """A sentence as plain text, for the label of a choice."""
        return self.services.texts.get(self.language, key, **details)

    def when(self, start: datetime, time_known: bool = True) -> str:
        """A moment as people of the place read it."""
        return show_when(start, time_known, self.services.zone, self.language)

    def say(self, key: str, /, *choices: Choice, **details: object) -> None:
        """Answer with a sentence."""
        self.post(self.text(key, **details), *choices)

    def post(self, body: str, *choices: Choice, attachment: Attachment | None = None) -> None:
        """Answer with a ready text, where the message was said, as a reply to it."""
        self.send(
            self.incoming.chat, body, *choices, reply_to=self.incoming.message_id, attachment=attachment
        )

    def send(
        self,
        chat: ChatRef,
        body: str,
        *choices: Choice,
        reply_to: str = "",
        kind: Kind = Kind.ANSWER,
        attachment: Attachment | None = None,
        asked: str | None = None,
    ) -> None:
        """Queue a message to any chat; its choices are for the person who spoke, unless said otherwise."""
        message = Outgoing(
            key=f"{self.mark}:{self.said}",
            chat=chat,
            body=body,
            kind=kind,
            choices=choices,
            reply_to=reply_to,
            attachment=attachment,
            asked=self.person if asked is None else asked,
        )
        outbox.add(self.tx, message, self.now)
        self.said += 1

    def ask(self, sentence: str, key: str, /, *choices: Choice, **details: object) -> None:
        """Ask for what is missing: what is said next fills the GAP of `sentence`, read as a whole."""
        chats.keep_form(self.tx, self.person, self.incoming.chat, sentence, self.now + FORM_KEPT)
        self.say(key, *choices, **details)

    def known_chat(self) -> Chat:
        """This chat, made known if nothing was kept about it yet."""
        if not self.chat.id:
            ref, private = self.incoming.chat.room, self.incoming.private
            self.chat = chats.keep(self.tx, ref, private, self.person, self.now)
        return self.chat
