"""What delivery needs of a platform: its sending half, and what some of them can do beside."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from store.messages import ChatRef, Kind, Queued


@dataclass(frozen=True)
class Partly:
    """The next part of a message was posted, as `sent_id`, and more are to follow."""

    sent_id: str = ""


class Sender(Protocol):
    """A platform's sending half. `send` returns the platform's id; all raise a SendError.

    A message that needs several posts is sent part by part: `parts_done` says which is next, and
    Partly that it was not the last. A broadcast's ids are all returned, separated by spaces; one of kind
    `amend` is changed where it stands, or not at all. `delete` takes back what was posted under such ids;
    what is gone already is no error. `leave` takes the bot out of a group for good; a chat it is no longer
    in is no error.
    """

    @property
    def platform(self) -> str: ...

    async def send(self, message: Queued) -> str | Partly: ...

    async def leave(self, chat: ChatRef) -> None: ...

    async def delete(self, chat: ChatRef, sent_id: str) -> None: ...


@runtime_checkable
class Connecting(Protocol):
    """A sender that cannot send before it is connected: a message is decided on only then."""

    async def connected(self) -> None: ...


@runtime_checkable
class Doubting(Protocol):
    """A sender that remembers what it is sending until that is written down."""

    def settled(self, row: int) -> None: ...


async def hand_over(sender: Sender, message: Queued) -> str | Partly:
    """Let a platform do what a message is for; the platform's id of what was posted, if anything was."""
    chat, kind = message.outgoing.chat, message.outgoing.kind
    if kind is Kind.LEAVE:
        await sender.leave(chat)
        return ""
    if kind is Kind.RECALL:
        await sender.delete(chat, message.edits)
        return ""
    return await sender.send(message)
