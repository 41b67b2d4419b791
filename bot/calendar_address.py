"""A chat's calendar under an address of its own, which calendar programs ask again and again.

The web server answers `GET /kalender/<token>.ics` with what `Calendars.calendar_of` gives:

    content = await app.calendars.calendar_of(token, now)     # bytes as text/calendar, or None: 404

The token is made from the store's key and is not kept; the store knows its hash. Who has the address has
the calendar, so it is never logged, and one that leaked is replaced: the earlier one is 404 from then on.
"""

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from bot.calendar_file import calendar_of, subscribed
from bot.hashes import keyed_hash
from bot.turn import Services
from store import calendars, chats
from store.database import Database, Transaction

PATH = "/kalender/"
TOKEN_BYTES = 24
TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")


def current(tx: Transaction, key: bytes, chat: int, thread: str) -> str | None:
    """The token of a chat's calendar; None when it has none."""
    number = calendars.serial(tx, chat, thread)
    return _token(key, chat, thread, number) if number else None


def renewed(tx: Transaction, key: bytes, chat: int, thread: str) -> str:
    """A new token for a chat's calendar; an earlier one leads nowhere from now on."""
    number = calendars.next_serial(tx, chat, thread)
    token = _token(key, chat, thread, number)
    calendars.keep(tx, chat, thread, number, _hash(token))
    return token


def address(public_url: str, token: str) -> str:
    """The whole address, as people give it to their calendar."""
    return f"{public_url.rstrip('/')}{PATH}{token}.ics"


def _token(key: bytes, chat: int, thread: str, number: int) -> str:
    whose = keyed_hash(key, "calendar:", f"{chat}:{number}:{thread}")
    return base64.urlsafe_b64encode(whose[:TOKEN_BYTES]).decode()


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


@dataclass(frozen=True)
class Calendars:
    """Draws the calendar behind a token."""

    database: Database
    services: Services

    async def calendar_of(self, token: str, now: datetime) -> bytes | None:
        """The iCalendar file behind a token; None where there is none (any more). Raises StoreError."""
        if not TOKEN.fullmatch(token):
            return None
        return await self.database.read(lambda tx: self._drawn(tx, _hash(token), now))

    def _drawn(self, tx: Transaction, token_hash: bytes, now: datetime) -> bytes | None:
        found = calendars.found(tx, token_hash)
        chat = chats.get(tx, found[0]) if found else None
        # What was taken from a group, or left it, takes its calendar along.
        if found is None or chat is None or not chat.active or not (chat.private or chat.admitted):
            return None
        known = subscribed(tx, *found, self.services.places, now)
        return calendar_of(known, self.services.zone, now)
