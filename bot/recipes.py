"""Pictures and files that messages carry, drawn just before they are sent.

A message holds only the recipe: a picture would lie in the outbox, and a list of what is kept about
a person would be old by the time it is read.
"""

import io
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from bot import calendar_file
from bot.hashes import person_hash
from bot.turn import Services
from errors import Refused
from store import privacy
from store.database import Database
from store.messages import FILE, Attachment


@runtime_checkable
class Fetching(Protocol):
    """A platform on which files lie."""

    async def fetch(self, file: Attachment) -> bytes: ...


QR = "qr"
MY_DATA = "mydata"
# Pixels a module; the quiet zone of four modules is part of the standard (ISO/IEC 18004).
QR_SCALE, QR_BORDER = 8, 4


@dataclass(frozen=True)
class Drawn:
    """A file as a platform sends it."""

    name: str
    mime: str
    content: bytes


@dataclass(frozen=True)
class Recipes:
    """Draws what attachments ask for."""

    database: Database
    services: Services
    fetchers: Mapping[str, Callable[[Attachment], Awaitable[bytes]]] = field(default_factory=dict)

    async def posted(self, attachment: Attachment) -> tuple[str, str, bytes]:
        """Name, MIME type and content, for a platform that posts it. Raises SendError, StoreError."""
        drawn = await self.draw(attachment)
        if drawn is None:
            raise Refused("send.no_file")
        return drawn.name, drawn.mime, drawn.content

    async def draw(self, attachment: Attachment) -> Drawn | None:
        """The picture or file of an attachment; None for an unknown recipe. Raises SendError, StoreError."""
        if attachment.recipe == FILE:
            return await self._fetched(attachment)
        if attachment.recipe == MY_DATA:
            return await self._my_data(attachment.arguments["person"])
        if attachment.recipe == calendar_file.RECIPE:
            return await self._calendar(dict(attachment.arguments))
        drawer = DRAWERS.get(attachment.recipe)
        return None if drawer is None else drawer(attachment.arguments)

    async def _fetched(self, attachment: Attachment) -> Drawn | None:
        fetch = self.fetchers.get(attachment.arguments["platform"])
        if fetch is None:
            return None
        content = await fetch(attachment)
        return Drawn(attachment.arguments["name"], attachment.arguments["mime"], content)

    async def _calendar(self, arguments: dict[str, str]) -> Drawn:
        places, zone, now = self.services.places, self.services.zone, datetime.fromisoformat(arguments["at"])
        content = await self.database.read(lambda tx: calendar_file.drawn(tx, arguments, places, zone, now))
        return Drawn("haushaltsdebatten.ics", "text/calendar", content)

    async def _my_data(self, person: str) -> Drawn:
        key = person_hash(self.services.key, person)
        found = await self.database.read(lambda tx: privacy.listed(tx, person, key))
        text = json.dumps({"person": person, **found}, ensure_ascii=False, indent=2)
        return Drawn("meine-daten.json", "application/json", text.encode("utf-8", "replace"))


def qr(arguments: Mapping[str, str]) -> Drawn:
    """A QR code of a text, as a picture."""
    import segno

    picture = io.BytesIO()
    segno.make(arguments["text"], micro=False).save(picture, kind="png", scale=QR_SCALE, border=QR_BORDER)
    return Drawn("code.png", "image/png", picture.getvalue())


DRAWERS: dict[str, Callable[[Mapping[str, str]], Drawn]] = {QR: qr}
