"""Whom the bot writes to on its own in private: organisers and representatives, where they can be reached."""

from datetime import datetime

from bot.config_model import Config
from bot.dialogue import private_chat_of
from store import chats, people
from store.database import Transaction
from store.messages import ChatRef


def private_chats(tx: Transaction, person: str) -> list[ChatRef]:
    """The private chats with a person; where the platform tells, also one that nothing is kept about."""
    known = chats.of_person(tx, person)
    if known:
        return [one.ref for one in known if one.active]
    direct = private_chat_of(person)
    return [direct] if direct is not None else []


def organisers(tx: Transaction, config: Config, now: datetime) -> list[str]:
    """Everybody who is an organiser now: those of the configuration, then those with the role."""
    named = [row.person for row in people.all_roles(tx, now) if row.role == "organiser"]
    return list(dict.fromkeys([*config.organisers, *named]))
