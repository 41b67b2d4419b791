"""Pictures and files that messages carry, drawn just before they are sent.

A message holds only the recipe: a picture would lie in the outbox, and a list of what is kept about
a person would be old by the time it is read.
"""

import asyncio
import io
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from bot import calendar_file, report_files
from bot.drawn import CALENDAR, EXPORT, MY_DATA, PROGRESS, QR, YEARLY, Drawn
from bot.hashes import person_hash
from bot.turn import Services
from errors import NotNow, Refused, StoreError
from store import privacy
from store.database import Database
from store.messages import FILE, Attachment


@runtime_checkable
class Fetching(Protocol):
    """A platform on which files lie."""

    async def fetch(self, file: Attachment) -> bytes: ...


# Pixels a module; the quiet zone of four modules is part of the standard (ISO/IEC 18004).
QR_SCALE, QR_BORDER = 8, 4

Arguments = Mapping[str, str]


@dataclass(frozen=True)
class Recipes:
    """Draws what attachments ask for."""

    database: Database
    services: Services
    fetchers: Mapping[str, Callable[[Attachment], Awaitable[bytes]]] = field(default_factory=dict)

    async def draw(self, attachment: Attachment) -> Drawn | None:
        """The picture or file of an attachment; None for an unknown recipe. Raises SendError, StoreError."""
        if attachment.recipe == FILE:
            return await self._fetched(attachment)
        drawer = DRAWERS.get(attachment.recipe)
        return None if drawer is None else await drawer(self.database, self.services, attachment.arguments)

    async def _fetched(self, attachment: Attachment) -> Drawn:
        fetch = self.fetchers.get(attachment.arguments["platform"])
        if fetch is None:
            raise Refused("send.no_file")
        content = await fetch(attachment)
        return Drawn(attachment.arguments["name"], attachment.arguments["mime"], content)


async def qr(_: Database, __: Services, arguments: Arguments) -> Drawn:
    """A QR code of a `text`, as a picture."""
    return Drawn("code.png", "image/png", await asyncio.to_thread(code, arguments["text"]))


def code(text: str) -> bytes:
    import segno

    picture = io.BytesIO()
    segno.make(text, micro=False).save(picture, kind="png", scale=QR_SCALE, border=QR_BORDER)
    return picture.getvalue()


async def my_data(database: Database, services: Services, arguments: Arguments) -> Drawn:
    """Everything kept about a `person`."""
    person = arguments["person"]
    key = person_hash(services.key, person)
    found = await database.read(lambda tx: privacy.listed(tx, person, key))
    text = json.dumps({"person": person, **found}, ensure_ascii=False, indent=2)
    return Drawn("meine-daten.json", "application/json", text.encode("utf-8", "replace"))


async def calendar(database: Database, services: Services, arguments: Arguments) -> Drawn:
    """One `debate`, or those a `chat` is subscribed to, as a calendar file written `at` a time."""
    places, zone, now = services.places, services.zone, datetime.fromisoformat(arguments["at"])
    content = await database.read(lambda tx: calendar_file.drawn(tx, arguments, places, zone, now))
    return Drawn("haushaltsdebatten.ics", "text/calendar", content)


DRAWERS: dict[str, Callable[[Database, Services, Arguments], Awaitable[Drawn]]] = {
    QR: qr,
    MY_DATA: my_data,
    CALENDAR: calendar,
    PROGRESS: report_files.progress,
    EXPORT: report_files.export,
    YEARLY: report_files.yearly,
}


class Drawing:
    """What a transport draws with: it is made before there is a program with recipes."""

    def __init__(self) -> None:
        self.recipes: Recipes | None = None

    async def __call__(self, attachment: Attachment) -> tuple[str, str, bytes]:
        """File name, MIME type and content. Raises NotNow when it cannot be drawn now."""
        try:
            drawn = await self.recipes.draw(attachment) if self.recipes else None
        except StoreError as error:
            raise NotNow(error.key) from error
        if drawn is None:
            raise NotNow("send.failed")
        return drawn.name, drawn.mime, drawn.content
