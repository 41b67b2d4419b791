"""What a command is: its names, what it does, and when words without a sign are meant for it."""

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.turn import Turn

Handler = Callable[[Turn, str], None]
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
LONGEST_NAME = 32


def bare(_: Turn, rest: str) -> bool:
    """Only the word by itself."""
    return not rest


def anything(_: Turn, __: str) -> bool:
    """Whatever stands behind it."""
    return True


@dataclass(frozen=True)
class Command:
    """One command. `fits` tells whether words behind its name, said without "/", are meant for it."""

    name: str
    handle: Handler
    aliases: tuple[str, ...] = ()
    fits: Callable[[Turn, str], bool] = bare


class Commands:
    """All commands by name and alias."""

    def __init__(self, commands: Iterable[Command]) -> None:
        self.all = tuple(commands)
        self._by_name = {name: command for command in self.all for name in (command.name, *command.aliases)}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._by_name)

    def get(self, word: str) -> Command | None:
        return self._by_name.get(folded(word))

    def split(self, text: str) -> tuple[str, str]:
        """The first word of a message, and the rest."""
        first, _, rest = " ".join(text.split(None, 1)).partition(" ")
        second, _, more = " ".join(rest.split(None, 1)).partition(" ")
        word = first.split("@", 1)[0]
        # "meine daten" is written apart as often as not.
        if self.get(word) is None and self.get(word + second):
            return word + second, more.strip()
        return word, rest.strip()


def folded(word: str) -> str:
    """A command's name as people type it: any case, with or without umlauts and end signs."""
    plain = unicodedata.normalize("NFC", word[: LONGEST_NAME * 2]).casefold().translate(UMLAUTS)
    return plain.strip(".!?,:;")
