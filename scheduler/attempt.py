"""One try to hand a message to its platform, and what follows from what the platform says."""

import logging
from contextlib import suppress
from datetime import datetime, timedelta
from traceback import extract_tb
from typing import Protocol

from errors import ChatGone, ChatMoved, MaybeSent, NotNow, SendError, StoreError
from scheduler.clock import Clock
from scheduler.sender import Partly, Sender, hand_over
from store.messages import ChatRef, Queued
from store.settling import Result

log = logging.getLogger(__name__)

FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=10)
# After that many tries a message that the platform does not take is set aside; one that the program
# itself fails at, sooner.
MOST_TRIES = 12
MOST_FAULTS = 3
OUTAGE_WAIT = timedelta(seconds=15)


class Gone(Protocol):
    """Told when a chat turns out to be gone."""

    async def __call__(self, chat: ChatRef) -> None: ...


class Moved(Protocol):
    """Told when a chat turns out to have another id; everything kept moves there."""

    async def __call__(self, old: ChatRef, new: ChatRef) -> None: ...


class Attempts:
    """Tries, and remembers which chats the platform itself put off."""

    def __init__(self, clock: Clock, gone: Gone, moved: Moved) -> None:
        self._clock = clock
        self._gone = gone
        self._moved = moved
        # (platform, chat) -> until when nothing of theirs is tried.
        self._put_off: dict[tuple[str, str], datetime] = {}

    def put_off(self, platform: str, now: datetime) -> list[str]:
        """The chats that a platform does not want to hear of yet."""
        self._put_off = {place: until for place, until in self._put_off.items() if until > now}
        return [chat for name, chat in self._put_off if name == platform]

    async def send(self, sender: Sender, message: Queued) -> Result:
        """Hand a message over, once; whatever happens is a result."""
        try:
            sent = await hand_over(sender, message)
            if isinstance(sent, Partly):
                return Result(message.row, "part", sent_id=sent.sent_id, parts_done=message.parts_done + 1)
            return Result(message.row, "sent", sent_id=sent, body=message.outgoing.body)
        except NotNow as error:
            return self._not_now(sender.platform, message, error)
        except MaybeSent as error:
            return self._perhaps(message, error)
        except ChatMoved as error:
            chat = message.outgoing.chat
            await self._moved(chat, ChatRef(chat.platform, error.to))
            return self._again(message, error, timedelta(0))
        except ChatGone as error:
            with suppress(StoreError):
                await self._gone(message.outgoing.chat)
            return Result(message.row, "failed", error=error.key)
        except SendError as error:
            return Result(message.row, "failed", error=error.key)
        except Exception as error:  # noqa: BLE001 - must not stop the chat, nor be tried without a pause
            # Where and what, not the words of the error: they may hold an address with a token.
            log.error(
                "sending failed: %s in %s", type(error).__name__, extract_tb(error.__traceback__)[-1].name
            )
            return self._later(message, NotNow("send.failed"), MOST_FAULTS)

    def _not_now(self, platform: str, message: Queued, error: NotNow) -> Result:
        result = self._later(message, error)
        if result.again_at is not None and (error.outage or error.after is not None):
            self._put_off[platform, message.outgoing.chat.chat] = result.again_at
        return result

    def _perhaps(self, message: Queued, error: MaybeSent) -> Result:
        log.warning("message %d may have been posted although no receipt came", message.row)
        # A broadcast is never posted twice unasked; an answer is better twice than never.
        if message.outgoing.kind.repeatable:
            return self._later(message, NotNow(error.key))
        return Result(message.row, "unknown", error=error.key)

    def _later(self, message: Queued, error: NotNow, most: int = MOST_TRIES) -> Result:
        if error.outage:
            return self._again(message, error, OUTAGE_WAIT, counted=False)
        if message.tries + 1 >= most:
            return Result(message.row, "failed", error=error.key)
        return self._again(message, error, error.after or min(FIRST_WAIT * 2**message.tries, LONGEST_WAIT))

    def _again(self, message: Queued, error: SendError, wait: timedelta, counted: bool = True) -> Result:
        return Result(
            message.row,
            "waiting",
            error=error.key,
            again_at=self._clock.now() + wait,
            parts_done=message.parts_done,
            counted=counted,
        )
