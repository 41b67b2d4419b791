"""The terminal as a platform: one private, admitted chat."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path
from typing import TextIO

from bot.app import App
from bot.door import Door
from bot.markup import coloured, plain
from bot.recipes import Recipes
from bot.transports.wrapping import fitted
from errors import NotNow, Refused, StoreError, StoreFull
from store.messages import Attachment, ChatRef, Choice, Incoming, Outgoing, Queued

PLATFORM = "terminal"
STORE_TRIES = 5
STORE_RETRY_SECONDS = 0.2


class Printer:
    """The sending half: prints to the screen. Attachments show their alt text, and where their file lies."""

    platform = PLATFORM
    # Writes an attachment down and tells where; set once there is a program that can draw.
    keep: Callable[[str, Attachment], Awaitable[str]] | None = None

    def __init__(self, out: TextIO, colours: bool = False) -> None:
        # Why nothing can be shown any more: the reader left (`| head`), or the disk is full.
        self.failure: OSError | None = None
        self._out = out
        self._render = coloured if colours else plain

    async def send(self, message: Queued) -> str:
        """Print a message; one that cannot be printed waits for the next start."""
        attachment = message.outgoing.attachment
        drawn = await self.keep(str(message.row), attachment) if attachment and self.keep else ""
        try:
            self.show(message.outgoing, drawn)
        except OSError as error:
            self.failure = error
            raise NotNow("cli.no_output", reason=error.strerror or "?") from error
        return str(message.row)

    async def speak(self, message: Outgoing) -> None:
        self.show(message)

    async def leave(self, chat: ChatRef) -> None:
        """A terminal is a chat of two; nobody can leave it."""

    async def delete(self, chat: ChatRef, sent_id: str) -> None:  # noqa: ARG002
        """What was printed stays printed. Raises Refused."""
        raise Refused("cli.printed")

    def show(self, message: Outgoing, file: str = "") -> None:
        """Print a message with its choices as a numbered list."""
        parts = [self._render(message.body)]
        if message.attachment is not None:
            parts.append(f"[{message.attachment.alt}] {file}".rstrip())
        if message.choices:
            parts.append("\n".join(numbered(message.choices)))
        # In one piece: a reader that leaves has read all of it or nothing.
        self._out.write("\n\n".join([*(fitted(part, self._out) for part in parts), ""]))
        self._out.flush()


def write_private(file: Path, content: bytes) -> None:
    """Write a file that only its owner can read, from its first byte on. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        os.fchmod(descriptor, 0o600)
        out.write(content)


class Files:
    """Where the terminal puts what cannot be printed: one folder, for its owner alone."""

    def __init__(self, folder: Path, recipes: Recipes) -> None:
        self._folder = folder
        self._recipes = recipes

    async def keep(self, name: str, attachment: Attachment) -> str:
        """Draw an attachment into a file of its own; where it lies. Raises StoreError."""
        drawn = await self._recipes.draw(attachment)
        if drawn is None:
            return ""
        file = self._folder / f"{name}-{drawn.name}"
        try:
            await asyncio.to_thread(write_private, file, drawn.content)
        except OSError as error:
            raise StoreFull("store.not_writable", folder=str(self._folder), reason=error.strerror) from error
        return str(file)


def numbered(choices: Iterable[Choice]) -> list[str]:
    """Choices as they can be picked by number."""
    return [f"  {number}  {choice.label}" for number, choice in enumerate(choices, start=1)]


class Terminal:
    """The reading half: every line is a message, keyed by session and line number."""

    def __init__(self, app: App, door: Door, name: str, session: str, printer: Printer | None = None) -> None:
        self._app = app
        self._door = door
        self._chat = ChatRef(PLATFORM, name)
        self._sender = f"{PLATFORM}:{name}"
        self._session = session
        self._printer = printer
        self._line = 0

    async def say(self, text: str) -> None:
        """Hand one line in, and return when it is answered and the answer shown.

        Raises OSError when it cannot be shown: then there is nobody to talk to.
        """
        self._line += 1
        incoming = Incoming(
            key=f"{PLATFORM}:{self._session}:{self._line}",
            chat=self._chat,
            sender=self._sender,
            text=text,
            received_at=self._app.clock.now(),
        )
        await self._come_in(incoming)
        await self._app.delivery.drained()
        if self._printer is not None and self._printer.failure is not None:
            raise self._printer.failure

    async def _come_in(self, incoming: Incoming) -> None:
        """A line cannot be asked for again as on a platform: a failing store is tried again here."""
        for left in reversed(range(STORE_TRIES)):
            try:
                await self._door.come_in(incoming)
                return
            except StoreError:
                if not left:
                    raise
                await self._app.clock.pause(STORE_RETRY_SECONDS)

    @property
    def commands(self) -> list[str]:
        """All commands, as they are completed while typing."""
        return [f"/{command.name}" for command in self._app.dialogue.router.commands.all]

    async def read(self, lines: AsyncIterator[str]) -> None:
        """Answer line after line until they end."""
        async for line in lines:
            await self.say(line)
