"""Whom the bot writes to on its own in private: organisers and representatives, where they can be reached."""

from datetime import datetime

from bot.config_model import Config
from store import chats, people
from store.database import Transaction
from store.messages import ChatRef


def private_chat_of(person: str) -> ChatRef | None:
    """The private chat with a person, where the platform makes it known by the person's id."""
    platform, _, name = person.partition(":")
    return ChatRef(platform, name) if platform in ("telegram", "terminal") else None


def private_chats(tx: Transaction, person: str) -> list[ChatRef]:
    """The private chats with a person; where the platform tells, also one that nothing is kept about."""
    known = chats.of_person(tx, person)
    if known:
        return [one.ref for one in known if one.active]
    direct = private_chat_of(person)
    return [direct] if direct is not None else []


def organisers(tx: Transaction, config: Config, now: datetime, place: str | None = None) -> list[str]:
    """Everybody who is an organiser now, of a place or at all: those of the configuration come first."""
    rows = people.with_role(tx, "organiser", place, now) if place else people.all_roles(tx, now)
    named = [row.person for row in rows if row.role == "organiser"]
    return list(dict.fromkeys([*config.organisers, *named]))
