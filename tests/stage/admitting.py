"""People as the stages know them: admitted in private, with a role."""

from datetime import datetime

from store import chats, people
from store.database import Transaction
from store.messages import ChatRef


def admit(tx: Transaction, ref: ChatRef, person: str, role: str, place: str, now: datetime) -> None:
    """A private chat of somebody is known and admitted; "member" is who has no other role."""
    known = chats.keep(tx, ref, True, person, now)
    chats.change(tx, known.id, admitted=True, person=person)
    if role != "member":
        people.grant(tx, person, role, place, "test", now)
