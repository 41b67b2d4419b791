"""A file made for a message, just before it is sent."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Drawn:
    """A file as a platform sends it."""

    name: str
    mime: str
    content: bytes
