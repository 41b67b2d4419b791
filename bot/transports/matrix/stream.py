"""The stream of events from the homeserver: batch after batch, with nothing left out and nothing skipped.

Where to go on is kept by whoever handles the batches; the library's own token is saved too early.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from nio import (
    AsyncClient,
    DeviceList,
    DeviceOneTimeKeyCount,
    ErrorResponse,
    LocalProtocolError,
    MessageDirection,
    RoomMessagesResponse,
    SyncResponse,
)
from nio import Rooms as NioRooms

from bot.transports.matrix.account import OFFLINE, UNKNOWN_TOKEN, reached
from bot.transports.matrix.devices import ask_about_some
from bot.transports.matrix.problems import problem
from bot.transports.matrix.session import Files
from errors import ConfigError, NotNow
from scheduler.clock import Clock

log = logging.getLogger(__name__)

# As many events a room as the homeserver gives; what is more is fetched.
PAGE = 100
MOST_PAGES = 200
WAIT_MILLISECONDS = 30_000
# A request that takes longer than it may is given up, whatever it hangs on.
HANGING_SECONDS = 90
FIRST_SECONDS = 600
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 300.0
# What the library raises when others sent what it did not expect.
BROKEN = (KeyError, IndexError, TypeError, ValueError, AttributeError)
BROKEN_NAMES = {one.__name__ for one in BROKEN}
BROKEN_TRIES = 3
FILTER = {
    "room": {
        "timeline": {"limit": PAGE},
        "state": {"lazy_load_members": True},
        "ephemeral": {"types": []},
        "account_data": {"types": []},
    },
    "presence": {"types": []},
    "account_data": {"types": []},
}


class Stream:
    """Asks the homeserver for what is new."""

    def __init__(
        self, client: AsyncClient, clock: Clock, files: Files, heard: Callable[[], None] = lambda: None
    ) -> None:
        self._client = client
        self._heard = heard
        self._clock = clock
        self._files = files
        self._first = True

    async def after(self, since: str) -> SyncResponse:
        """The batch after a position. Waits out failures; raises ConfigError when logged out."""
        pause, broken = FIRST_PAUSE_SECONDS, 0
        while True:
            failure = await self._ask(since)
            if isinstance(failure, SyncResponse):
                self._heard()
                return failure
            broken += failure in BROKEN_NAMES
            if broken == BROKEN_TRIES and self._client.next_batch:
                log.error("matrix: events that cannot be read are left out (%s)", failure)
                return nothing_until(self._client.next_batch)
            if pause == FIRST_PAUSE_SECONDS:
                log.warning("matrix: no answer from the homeserver (%s), trying again", failure)
            await self._clock.pause(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _ask(self, since: str) -> SyncResponse | str:
        """A batch, or what kept it from coming."""
        # The library takes an answer it believes to know for handled; here it never is.
        self._client.next_batch = ""
        try:
            async with asyncio.timeout(FIRST_SECONDS if self._first else HANGING_SECONDS):
                answer = await self._client.sync(
                    0 if self._first else WAIT_MILLISECONDS, FILTER, since or None, self._first
                )
        except (*OFFLINE, *BROKEN) as error:
            return type(error).__name__
        if isinstance(answer, SyncResponse):
            self._first = False
            return answer
        if answer.status_code == UNKNOWN_TOKEN:
            file = str(self._files.session_file)
            raise ConfigError("matrix.token_revoked", user=self._client.user_id, file=file)
        return answer.status_code or "?"

    async def look_after_keys(self) -> None:
        """What the library's own loop does between batches; a failure waits for the next time."""
        client = self._client
        with suppress(LocalProtocolError, NotNow, *OFFLINE):
            if client.should_upload_keys:
                await client.keys_upload()
            await ask_about_some(client)
            if client.should_claim_keys:
                await client.keys_claim(client.get_users_for_key_claiming())
            await client.send_to_device_messages()

    async def missed(self, room: str, before: str, since: str) -> list[Any]:
        """The events of a room between two positions, oldest first. Raises NotNow."""
        found: list[Any] = []
        for _ in range(MOST_PAGES):
            answer = await self._page(room, before, since)
            found += answer.chunk
            if not answer.chunk or not answer.end or answer.end == before:
                break
            before = answer.end
        return found[::-1]

    async def _page(self, room: str, before: str, since: str) -> RoomMessagesResponse:
        back = MessageDirection.back
        answer = await reached(self._client.room_messages(room, before, since, back, PAGE))
        if isinstance(answer, ErrorResponse):
            trouble = problem(answer)
            if isinstance(trouble, NotNow):
                raise trouble
            # The bot may not look there any more: nothing can be fetched, now or later.
            return RoomMessagesResponse(room, [], before)
        return answer


def nothing_until(position: str) -> SyncResponse:
    """A batch in which nothing happened."""
    count = DeviceOneTimeKeyCount(None, None)
    return SyncResponse(position, NioRooms({}, {}, {}), count, DeviceList([], []), [], [])
