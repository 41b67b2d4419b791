"""A made-up platform: people in private chats and groups, with every way a message can come in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from bot.app import App, running
from bot.config_model import Config
from bot.dialogue import Handled
from bot.door import Door
from bot.markup import plain
from store import chats
from store.database import Transaction
from store.messages import ChatRef, Incoming, Outgoing, Press, Queued
from store.people import EVERYWHERE
from tests.stage.admitting import admit
from tests.stage.clock import HandClock
from tests.stage.terminal import BEGIN

PLATFORM = "telegram"
GROUP = ChatRef(PLATFORM, "-100")


@dataclass
class Post:
    """A message of the bot as it arrived; `row` 0 for one that came past the outbox."""

    chat: ChatRef
    text: str
    outgoing: Outgoing
    row: int = 0

    @property
    def labels(self) -> list[str]:
        return [choice.label for choice in self.outgoing.choices]

    def press(self, label: str) -> Press:
        """The press of the choice with a label."""
        return Press(self.row, self.labels.index(label))


@dataclass
class Account:
    """The sending half: remembers what was posted and which chats were left."""

    platform: str = PLATFORM
    posts: list[Post] = field(default_factory=list)
    left: list[ChatRef] = field(default_factory=list)
    deleted: list[tuple[ChatRef, str]] = field(default_factory=list)

    async def send(self, message: Queued) -> str:
        one = message.outgoing
        self.posts.append(Post(one.chat, plain(one.body), one, message.row))
        return str(message.row)

    async def speak(self, message: Outgoing) -> None:
        self.posts.append(Post(message.chat, plain(message.body), message))

    async def leave(self, chat: ChatRef) -> None:
        self.left.append(chat)

    async def delete(self, chat: ChatRef, sent_id: str) -> None:
        self.deleted.append((chat, sent_id))


def person(name: str) -> str:
    return f"{PLATFORM}:{name}"


def private(name: str) -> ChatRef:
    return ChatRef(PLATFORM, name)


class Crowd:
    """One bot, and whoever talks to it. Names are numbers, as on the platform."""

    def __init__(self, app: App, clock: HandClock, account: Account, door: Door) -> None:
        self.app, self.clock, self.account, self.door = app, clock, account, door
        self.handled = Handled()
        self._keys = count(1)

    def message(self, name: str, text: str, chat: ChatRef | None = None, **how: object) -> Incoming:
        """What somebody says, in private or in a group, as a transport hands it in."""
        number = next(self._keys)
        said = {
            "key": f"{PLATFORM}:{number}",
            "chat": chat or private(name),
            "sender": person(name),
            "text": text,
            "received_at": self.clock.now(),
            "private": chat is None,
            "message_id": f"m{number}",
        }
        return Incoming(**{**said, **how})

    async def say(self, name: str, text: str, chat: ChatRef | None = None, **how: object) -> list[Post]:
        """Somebody says something; what the bot posts because of it."""
        return await self.bring(self.message(name, text, chat, **how))

    async def press(self, name: str, press: Press, chat: ChatRef | None = None, **how: object) -> list[Post]:
        """Somebody presses a choice."""
        return await self.say(name, "", chat, press=press, **how)

    async def bring(self, incoming: Incoming) -> list[Post]:
        """A message comes in; what the bot posts because of it."""
        self.handled = await self.door.come_in(incoming)
        return await self.posts()

    async def posts(self) -> list[Post]:
        """What was posted since the last time."""
        await self.app.delivery.drained()
        said, self.account.posts = self.account.posts, []
        return said

    async def give(self, name: str, role: str, place: str = EVERYWHERE) -> None:
        """Give somebody a role; everybody with one has a private chat that is admitted."""
        now = self.clock.now()

        await self.app.database.write(lambda tx: admit(tx, private(name), person(name), role, place, now))

    async def group(self, admitted: bool = True, ref: ChatRef = GROUP) -> int:
        """A group the bot is in; its number."""

        def keep(tx: Transaction) -> int:
            known = chats.keep(tx, ref, False, "", self.clock.now())
            chats.change(tx, known.id, admitted=admitted)
            return known.id

        return await self.app.database.write(keep)


@asynccontextmanager
async def gathered(data_dir: Path, config: Config | None = None, *others: Account) -> AsyncIterator[Crowd]:
    """The bot with one account on the made-up platform, and perhaps others elsewhere."""
    clock, account = HandClock(BEGIN), Account()
    async with running(config or Config(data_dir=data_dir), clock, [account, *others]) as app:
        with app.door_for(PLATFORM, account.speak) as door:
            yield Crowd(app, clock, account, door)
