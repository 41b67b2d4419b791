"""What messages carry: the names of the recipes (`bot.recipes` draws them), and a file as it was drawn."""

from dataclasses import dataclass

CALENDAR, QR, MY_DATA = "calendar", "qr", "mydata"
PROGRESS, EXPORT, YEARLY = "progress", "export", "yearly"


@dataclass(frozen=True)
class Drawn:
    """A file as a platform sends it."""

    name: str
    mime: str
    content: bytes
