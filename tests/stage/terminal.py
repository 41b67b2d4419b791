"""The stage a dialogue is played on: the whole bot in this process, with a clock that jumps."""

from collections.abc import AsyncIterator, Iterable
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot.app import App, running
from bot.config_model import Config
from bot.markup import plain
from bot.transports.terminal import PLATFORM, Terminal
from store import chats
from store.database import Transaction
from store.messages import ChatRef, Incoming, Outgoing, Queued
from tests.stage.admitting import admit
from tests.stage.clock import HandClock
from tests.stage.script import read

BEGIN = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


class Ears:
    """A terminal's sending half that remembers what was said to whom."""

    platform = PLATFORM

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        self._unheard: dict[str, int] = {}
        self.left: list[ChatRef] = []

    async def send(self, message: Queued) -> str:
        """An edited message is heard as it is at last; one that was heard already is not heard again."""
        if message.edits:
            said = self._unheard.get(message.edits)
            if said is not None:
                self.heard[said] = self._as_shown(message.outgoing)
            return message.edits
        self._unheard[str(message.row)] = len(self.heard)
        await self.speak(message.outgoing)
        return str(message.row)

    def take(self) -> list[tuple[str, str]]:
        said, self.heard, self._unheard = self.heard, [], {}
        return said

    async def speak(self, message: Outgoing) -> None:
        self.heard.append(self._as_shown(message))

    def _as_shown(self, message: Outgoing) -> tuple[str, str]:
        choices = [f"[{number}] {choice.label}" for number, choice in enumerate(message.choices, start=1)]
        return message.chat.chat, "\n".join([plain(message.body), *choices])

    async def leave(self, chat: ChatRef) -> None:
        self.left.append(chat)

    async def delete(self, chat: ChatRef, sent_id: str) -> None:
        self.heard.append((chat.chat, f"(gelöscht: {sent_id})"))


class Stage:
    """People in their private chats with one bot."""

    def __init__(
        self, app: App, clock: HandClock, ears: Ears, terminals: dict[str, Terminal], doors: ExitStack
    ) -> None:
        self.app = app
        self.clock = clock
        self._ears = ears
        self._terminals = terminals
        self._door = doors.enter_context(app.door_for(PLATFORM, ears.speak))

    async def say(self, name: str, text: str) -> None:
        if name not in self._terminals:
            await self.introduce(name, "member", "*")
        await self._terminals[name].say(text)

    async def come_in(self, incoming: Incoming) -> None:
        """Hand in a message as a transport would."""
        await self._door.come_in(incoming)
        await self.app.delivery.drained()

    async def introduce(self, name: str, role: str, place: str) -> None:
        """Give a person their role; `guest` is somebody nobody has admitted."""
        person, ref, now = f"{PLATFORM}:{name}", ChatRef(PLATFORM, name), self.clock.now()
        if role == "group":
            await self.app.database.write(lambda tx: admit_group(tx, ref, place, now))
            return
        self._terminals[name] = Terminal(self.app, self._door, name, session=name)
        if role == "guest":
            return

        await self.app.database.write(lambda tx: admit(tx, ref, person, role, place, now))

    async def jump(self, to: datetime) -> None:
        await self.clock.jump(to)
        await self.app.delivery.drained()

    async def play_all(self, files: Iterable[Path]) -> None:
        """Say everything that is said in dialogues, one after the other, whatever the answers are."""
        for step in (step for file in files for step in read(file)):
            if step.kind == "role":
                role, _, place = step.text.partition(" ")
                await self.introduce(step.name, role, place)
            elif step.kind == "said":
                await self.say(step.name, step.text)
            elif step.moment > self.clock.now():
                await self.jump(step.moment)

    def heard(self) -> list[tuple[str, str]]:
        """What was said since the last time, as (to whom, text)."""
        return self._ears.take()


def admit_group(tx: Transaction, ref: ChatRef, place: str, now: datetime) -> None:
    """A group that organisers have admitted, of a place if one is named."""
    known = chats.keep(tx, ref, False, "", now)
    chats.change(tx, known.id, admitted=True, place=None if place == "*" else place)


@asynccontextmanager
async def on_stage(data_dir: Path, config: Config | None = None) -> AsyncIterator[Stage]:
    """The bot, running on a directory of its own."""
    settings = config or Config(data_dir=data_dir)
    clock, ears = HandClock(BEGIN), Ears()
    with ExitStack() as doors:
        async with running(settings, clock, [ears]) as app:
            yield Stage(app, clock, ears, {}, doors)
