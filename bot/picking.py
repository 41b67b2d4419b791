"""Which of the offered choices a message means, and whether its sender may press it."""

import re
from collections.abc import Sequence

from bot.broadcast_words import SEND
from bot.commands.command import folded
from bot.rights import Role
from bot.turn import Turn
from store.messages import Choice, Who
from store.outbox import Offer

NUMBER = re.compile(r"\s*#?(\d{1,2})[.)]?\s*")
# What people say for a choice that begins with "Ja", "Senden", "Nein" or "Verwerfen".
MORE = (
    r"(?:[\s,.!]+(?:bitte|danke|gerne?|genau|klar|sicher|passt|ok|so|das stimmt|speichern|eintragen"
    r"|jetzt|{}))*"
    r"[\s.!]*"
)
YES = r"ja|jo|jup|jep|jawohl|ok|okay|klar|gerne?|passt|stimmt|richtig|genau|sicher|yes|yep|sure|👍|✅"
NO = r"nein|nee|nö|noe|no|nope|lieber nicht|doch nicht|nicht senden|👎|❌"
YES_NO = (
    (
        frozenset({"ja", "yes", "senden", "send"}),
        re.compile(rf"(?:(?:jetzt|dann|bitte) )?(?:{YES}|{SEND}){MORE.format(SEND)}", re.I),
    ),
    (
        frozenset({"nein", "no", "verwerfen", "discard"}),
        re.compile(rf"(?:{NO}){MORE.format('doch|lieber|nicht')}", re.I),
    ),
)
# Only a plain yes deletes.
DELETING = re.compile(r"lösch|delete|erase", re.IGNORECASE)


def may_press(turn: Turn, offered: Offer, choice: Choice) -> bool:
    """Whether this person may press this choice."""
    if choice.who is Who.ALL:
        return True
    if choice.who is Who.ADMINS:
        return turn.standing.admin or turn.standing.role is Role.ORGANISER
    return offered.asked in ("", turn.person)


def picked(text: str, choices: Sequence[Choice]) -> Choice | None:
    """The choice whose number (from 1) or label was typed; a label's first word is enough if unique."""
    number = NUMBER.fullmatch(text)
    if number is not None:
        at = int(number[1]) - 1
        return choices[at] if 0 <= at < len(choices) else None
    said = folded(text)
    exact = [choice for choice in choices if folded(choice.label) == said]
    found = exact or [choice for choice in choices if _says(text.strip(), said, choice.label)]
    return found[0] if len(found) == 1 else None


def _says(text: str, said: str, label: str) -> bool:
    """Whether words mean a label: its first word, or any yes or no unless something would be deleted."""
    first = folded(first_word(label))
    meant = any(first in names and pattern.fullmatch(text) for names, pattern in YES_NO)
    return first == said or (meant and not DELETING.search(label))


def first_word(label: str) -> str:
    return label.split(",")[0].split(" ")[0]
