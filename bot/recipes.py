"""Pictures and files that messages carry, drawn just before they are sent: a message holds the recipe."""

from dataclasses import dataclass

from bot.drawn import Drawn
from bot.report_files import DRAWERS
from bot.turn import Services
from store.database import Database
from store.messages import Attachment

__all__ = ["Drawn", "Recipes"]


@dataclass(frozen=True)
class Recipes:
    """Draws what attachments ask for."""

    database: Database
    services: Services

    async def draw(self, attachment: Attachment) -> Drawn | None:
        """The picture or file of an attachment; None for an unknown recipe. Raises StoreError."""
        drawer = DRAWERS.get(attachment.recipe)
        return None if drawer is None else await drawer(self.database, self.services, attachment.arguments)
