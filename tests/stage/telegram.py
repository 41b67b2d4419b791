"""The stage on Telegram: the same people in private chats, over real HTTP to an emulated Bot API."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from bot.app import App, running
from bot.config_model import Config
from bot.transports.telegram import Telegram
from store.messages import Attachment, ChatRef
from tests.emulator.server import TOKEN, Emulator, Sent, serving
from tests.stage.admitting import admit
from tests.stage.clock import HandClock
from tests.stage.terminal import BEGIN, admit_group

FIRST_PERSON = 1001


class TelegramStage:
    """People in their private chats with one bot. They are called by name, and have numbers."""

    def __init__(
        self,
        app: App,
        clock: HandClock,
        emulator: Emulator,
        receiving: "asyncio.Task[None]",
        transport: Telegram,
    ) -> None:
        self.app = app
        self.transport = transport
        self.clock = clock
        self.emulator = emulator
        self._receiving = receiving
        self._numbers: dict[str, int] = {}
        self._heard = 0

    async def say(self, name: str, text: str) -> None:
        if name not in self._numbers:
            await self.introduce(name, "member", "*")
        await self.settled(await self.emulator.says(self._numbers[name], self._numbered(text)))

    async def settled(self, update: int) -> None:
        """Return when an update was handled, and everything it led to was sent."""
        confirmed = asyncio.ensure_future(self.emulator.confirmed(update))
        await asyncio.wait({confirmed, self._receiving}, return_when=asyncio.FIRST_COMPLETED)
        if self._receiving.done():
            confirmed.cancel()
            self._receiving.result()
        await self.app.delivery.drained()

    async def introduce(self, name: str, role: str, place: str) -> None:
        """Give a person their role; `guest` is somebody nobody has admitted, `group` is no person."""
        if role == "group":
            number = self._numbers.setdefault(name, -1001 - len(self._numbers))
            ref = ChatRef("telegram", str(number))
            self.emulator.chat(number)
            await self.app.database.write(lambda tx: admit_group(tx, ref, place, self.clock.now()))
            return
        number = self._numbers.setdefault(name, FIRST_PERSON + len(self._numbers))
        self.emulator.chat(number)
        person, now = f"telegram:{number}", self.clock.now()
        if role == "guest":
            return

        ref = ChatRef("telegram", str(number))
        await self.app.database.write(lambda tx: admit(tx, ref, person, role, place, now))

    async def jump(self, to: datetime) -> None:
        await self.clock.jump(to)
        await self.app.delivery.drained()

    def heard(self) -> list[tuple[str, str]]:
        """What was said since the last time, as (to whom, text)."""
        said, self._heard = self.emulator.sent[self._heard :], len(self.emulator.sent)
        names = {number: name for name, number in self._numbers.items()}
        return [(names.get(one.chat, str(one.chat)), self._named(written(one))) for one in said]

    def _numbered(self, text: str) -> str:
        for name, number in self._numbers.items():
            text = text.replace(f"terminal:{name}", f"telegram:{number}")
        return text

    def _named(self, text: str) -> str:
        for name, number in self._numbers.items():
            text = text.replace(f"telegram:{number}", f"terminal:{name}")
        return text


def written(sent: Sent) -> str:
    """A message as dialogues write it down: bullets as dashes, choices as numbered lines."""
    lines = [line.replace("• ", "- ", 1) if "• " in line else line for line in sent.written.split("\n")]
    choices = [f"[{number}] {label}" for number, (label, _) in enumerate(sent.buttons, start=1)]
    return "\n".join([*lines, *choices])


def draw(attachment: Attachment) -> tuple[str, str, bytes]:
    """Stands in for the pictures and files of the program."""
    return f"{attachment.recipe}.txt", "text/plain", attachment.alt.encode()


@asynccontextmanager
async def on_telegram(data_dir: Path, config: Config | None = None) -> AsyncIterator[TelegramStage]:
    """The bot on a directory of its own, and an emulated Telegram."""
    settings = config or Config(data_dir=data_dir)
    clock, emulator = HandClock(BEGIN), Emulator()
    async with serving(emulator) as address:
        transport = Telegram(TOKEN, address, draw)
        async with running(settings, clock, [transport]) as app:
            receiving = asyncio.create_task(transport.run(app))
            try:
                yield TelegramStage(app, clock, emulator, receiving, transport)
            finally:
                receiving.cancel()
                await asyncio.gather(receiving, return_exceptions=True)
        await transport.close()
