"""One message being answered: everything a command sees, inside its one transaction."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from bot.config_model import Config
from bot.pulse import Pulse
from bot.rights import Standing
from bot.texts import Texts
from bot.voice import Speech, Voice
from bot.wisdom import Wisdom
from knowledge.answer import Answer, Answerer
from knowledge.language import spoken
from knowledge.places import Places
from scheduler.reminders import Planner
from store import chats, outbox
from store.chats import Chat
from store.database import Transaction
from store.debates import Debate
from store.messages import GAP, Attachment, ChatRef, Choice, Incoming, Kind, Outgoing

__all__ = ["GAP", "Services", "Speaker", "Turn"]

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

    def voice(self, language: str | None) -> Speech:
        """The voice for a chat that speaks a language, or has said none."""
        return Speech(self.texts, language or self.config.language, self.zone)


@dataclass
class Turn(Voice):
    """The message, who said it where, and the ways to answer. Nothing here may wait or look at a clock."""

    tx: Transaction
    services: Services
    incoming: Incoming
    now: datetime
    chat: Chat
    standing: Standing
    mark: str
    found: Callable[[str], Answer]
    # The sentence so far of the open form of who speaks here.
    form: str | None = None
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
    def texts(self) -> Texts:
        return self.services.texts

    @property
    def language(self) -> str:
        """What the chat chose; in private, before a choice, the language somebody writes."""
        return self.chat.language or self.written or self.services.config.language

    @cached_property
    def written(self) -> str | None:
        return spoken(self.incoming.text) if self.incoming.private else None

    @property
    def zone(self) -> ZoneInfo:
        return self.services.zone

    @property
    def person(self) -> str:
        return self.incoming.sender

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

    def close_form(self) -> None:
        """Forget what this person was asked for here."""
        chats.close_form(self.tx, self.person, self.incoming.chat)
        self.form = None

    def known_chat(self) -> Chat:
        """This chat, made known if nothing was kept about it yet."""
        if not self.chat.id:
            ref, private = self.incoming.chat.room, self.incoming.private
            self.chat = chats.keep(self.tx, ref, private, self.person, self.now)
        return self.chat


# Whoever speaks: in answer to a message, or of the bot's own accord.
Speaker = Turn | Speech
