"""The receiving half: reads batch after batch, and hands on what happened in them, in order.

A batch is acknowledged, by keeping the position behind it, only when everything in it was handled.
"""

import logging
from collections.abc import Sequence
from typing import Any

from nio import (
    AsyncClient,
    BadEvent,
    MegolmEvent,
    ReactionEvent,
    RedactionEvent,
    RoomAliasEvent,
    RoomCreateEvent,
    RoomInfo,
    RoomKeyEvent,
    RoomMemberEvent,
    RoomNameEvent,
    RoomUpgradeEvent,
    SyncResponse,
    UnknownBadEvent,
    UnknownToDeviceEvent,
)

from bot.transports.matrix.events import MESSAGE, WORDLESS, said
from bot.transports.matrix.hearing import Hearing
from bot.transports.matrix.rooms import Rooms, is_own_join, is_private
from bot.transports.matrix.session import Files, Position
from bot.transports.matrix.stream import Stream
from bot.transports.matrix.unreadable import Unreadable
from errors import SendError, StoreError
from scheduler.clock import Clock

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 300.0
WITHHELD = "m.room_key.withheld"
SAYING = WORDLESS | {MESSAGE}
# What makes a group of a private chat, or the other way round.
WHO_IS_HERE = (RoomMemberEvent, RoomNameEvent, RoomAliasEvent)


def is_echo(batch: SyncResponse, user: str) -> bool:
    """Whether nothing is in a batch but what this user posted."""
    rooms = batch.rooms
    news = [event for info in rooms.join.values() for event in info.timeline.events]
    others = batch.to_device_events or rooms.invite or rooms.leave or not news
    return not others and all(
        getattr(event, "sender", "") == user and not isinstance(event, RoomMemberEvent) for event in news
    )


class Receiving:
    """Reads one account's stream until cancelled."""

    def __init__(
        self,
        client: AsyncClient,
        clock: Clock,
        files: Files,
        stream: Stream,
        rooms: Rooms,
        hearing: Hearing,
        unreadable: Unreadable,
    ) -> None:
        self._client = client
        self._clock = clock
        self._files = files
        self._stream = stream
        self._rooms = rooms
        self._hearing = hearing
        self._unreadable = unreadable
        self._position = files.position()
        self._first = True

    async def begin(self) -> SyncResponse:
        """The first batch, with the state of all rooms: from here on messages can be sent."""
        batch = await self._stream.after(self._position.since)
        await self._stream.look_after_keys()
        return batch

    async def run(self, batch: SyncResponse) -> None:
        """Handle the first batch and all that follow. Raises ConfigError when logged out."""
        await self._unreadable.fetch(self._position.waiting)
        try:
            while True:
                await self._handle_surely(batch)
                self._first = False
                self._keep(batch)
                batch = await self._stream.after(self._position.since)
                await self._stream.look_after_keys()
        finally:
            self._unreadable.stop()

    def _keep(self, batch: SyncResponse) -> None:
        position = Position(batch.next_batch, self._unreadable.waiting)
        # What the bot itself posted comes back as news, batch after batch: not worth a write to the disk.
        if position != self._position and not is_echo(batch, self._client.user_id):
            self._files.keep_position(position)
        self._position = position

    async def _handle_surely(self, batch: SyncResponse) -> None:
        """Handle a batch again and again until nothing keeps it; what was handled before stays handled."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                await self._handle(batch)
                return
            except (StoreError, SendError) as error:
                log.warning("matrix: a batch could not be handled (%s), trying again", error.key)
            await self._clock.pause(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _handle(self, batch: SyncResponse) -> None:
        self._creations(batch)
        await self._keys(batch)
        for room, invitation in batch.rooms.invite.items():
            await self._rooms.invited(room, invitation.invite_state)
        for room, info in batch.rooms.join.items():
            await self._room(room, info)
        for room in batch.rooms.leave:
            await self._rooms.left(room)

    def _creations(self, batch: SyncResponse) -> None:
        for room, info in batch.rooms.join.items():
            for event in (*info.state, *info.timeline.events):
                if isinstance(event, RoomCreateEvent):
                    self._hearing.created(room, event)

    async def _keys(self, batch: SyncResponse) -> None:
        """New keys make messages readable that waited for them."""
        for event in batch.to_device_events:
            if isinstance(event, UnknownToDeviceEvent) and event.type == WITHHELD:
                await self._unreadable.withheld(event.source.get("content", {}))
        if self._first or any(isinstance(one, RoomKeyEvent) for one in batch.to_device_events):
            for key, room, event in self._unreadable.readable():
                await self._event(room, event)
                self._unreadable.done(key)

    async def _room(self, room: str, info: RoomInfo) -> None:
        if any(isinstance(event, WHO_IS_HERE) for event in (*info.state, *info.timeline.events)):
            await self._rooms.counted(room)
        for event in await self._news(room, info):
            if is_own_join(event, self._client.user_id):
                await self._rooms.joined(room, event)
            elif isinstance(event, RoomUpgradeEvent):
                await self._rooms.replaced(event.replacement_room)
            else:
                await self._event(room, event)

    async def _news(self, room: str, info: RoomInfo) -> Sequence[Any]:
        """What happened in a room since the last batch, and since the bot came into it."""
        events = list(info.timeline.events)
        if info.timeline.limited:
            # Who came or went in between may be missing: the members are asked for before the next post.
            self._client.rooms[room].members_synced = False
        since = self._position.since
        if info.timeline.limited and since and info.timeline.prev_batch and not self._joins(events):
            events = await self._stream.missed(room, info.timeline.prev_batch, since) + events
        joins = self._joins(events)
        if joins:
            return events[joins[-1] :]
        # The very first batch of an account tells of things that others have settled long ago.
        return events if since else []

    def _joins(self, events: Sequence[Any]) -> list[int]:
        return [at for at, event in enumerate(events) if is_own_join(event, self._client.user_id)]

    async def _event(self, room: str, event: Any) -> None:
        known = self._client.rooms.get(room)
        if known is None or isinstance(event, BadEvent | UnknownBadEvent):
            return
        if event.sender == self._client.user_id:
            return
        if isinstance(event, MegolmEvent):
            self._unreadable.keep(event, is_private(known))
        elif isinstance(event, ReactionEvent):
            await self._hearing.reaction(known, event)
        elif isinstance(event, RedactionEvent):
            await self._hearing.redaction(known, event)
        elif event.source.get("type") in SAYING:
            one = said(event.source.get("content", {}), event.source["type"])
            if one is not None:
                await self._hearing.message(known, event, one)
