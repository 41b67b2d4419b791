"""How the bot speaks: sentences in one language, with foreign text in them that can never become markup."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.markup import Markup, escape
from bot.texts import Texts
from scheduler.shown_dates import show_when
from store.messages import Choice, Who


class Speaks(Protocol):
    """What a voice needs to know: the catalogues, which of them, and where its hearers are."""

    @property
    def texts(self) -> Texts: ...

    @property
    def language(self) -> str: ...

    @property
    def zone(self) -> ZoneInfo: ...


class Voice:
    """Details are foreign text unless they are Markup."""

    def text(self: Speaks, key: str, /, **details: object) -> Markup:
        """A sentence."""
        return Markup(self.texts.get(self.language, key, **_escaped(details)))

    def count(self: Speaks, key: str, n: int, /, **details: object) -> Markup:
        """A sentence in the form that fits a number."""
        return Markup(self.texts.plural(self.language, key, n, **_escaped(details)))

    def label(self: Speaks, key: str, /, **details: object) -> str:
        """A sentence as plain text, as labels and names of files are."""
        return self.texts.get(self.language, key, **details)

    def choice(self: Speaks, key: str, sentence: str, who: Who = Who.ASKED, /, **details: object) -> Choice:
        """A choice by the key of its label, and the sentence it says."""
        return Choice(self.texts.get(self.language, key, **details), sentence, who)

    def when(self: Speaks, start: datetime, time_known: bool = True) -> str:
        """A moment as people of the place read it."""
        return show_when(start, time_known, self.zone, self.language)


@dataclass(frozen=True)
class Speech(Voice):
    """A voice in a language, for what the bot says of its own accord."""

    texts: Texts
    language: str
    zone: ZoneInfo


def _escaped(details: dict[str, object]) -> dict[str, object]:
    return {name: escape(value) for name, value in details.items()}
