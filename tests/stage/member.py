"""A member on Matrix: another client, as people have one."""

import asyncio
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nio import (
    AsyncClient,
    AsyncClientConfig,
    JoinResponse,
    LoginResponse,
    RoomCreateResponse,
    RoomSendResponse,
    SyncResponse,
)

from tests.homeserver.server import PASSWORD, Homeserver

ENCRYPTED = {
    "type": "m.room.encryption",
    "state_key": "",
    "content": {"algorithm": "m.megolm.v1.aes-sha2"},
}
FILTER = {"room": {"timeline": {"limit": 100}, "ephemeral": {"types": []}}, "presence": {"types": []}}
TAGS = {"p", "ul", "ol", "li", "blockquote", "strong", "em", "a", "br"}
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Heard:
    """One event as the member sees it, decrypted."""

    room: str
    event: str
    sender: str
    kind: str
    content: dict[str, Any]

    @property
    def text(self) -> str:
        return str(self.content.get("body", ""))


def well_formed(html: str) -> None:
    """Strictly: what clients get is a tree of the allowed tags, however forgiving they are."""
    for element in ET.fromstring(f"<x>{html}</x>").iter():  # noqa: S314 - our own bot
        assert element.tag in TAGS | {"x"}, element.tag


class Member:
    """One device of one member."""

    def __init__(self, client: AsyncClient) -> None:
        self.client = client
        self.heard: list[Heard] = []

    @property
    def user(self) -> str:
        return str(self.client.user_id)

    @classmethod
    async def enter(cls, server: Homeserver, user: str, folder: Path, **limits: Any) -> "Member":
        """Log in on a new device."""
        folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240
        config = AsyncClientConfig(max_limit_exceeded=5, max_timeouts=5, **limits)
        client = AsyncClient(server.address, user, "", str(folder), config)
        answer = await client.login(PASSWORD, "test")
        assert isinstance(answer, LoginResponse), answer
        member = cls(client)
        await member.sync()
        return member

    async def leave(self) -> None:
        await self.client.close()

    async def room(self, *invited: str, direct: bool = False, encrypted: bool = False, name: str = "") -> str:
        """Open a room and invite others into it."""
        answer = await self.client.room_create(
            name=name or None,
            is_direct=direct,
            invite=list(invited),
            initial_state=[ENCRYPTED] if encrypted else [],
        )
        assert isinstance(answer, RoomCreateResponse), answer
        await self.until(lambda: answer.room_id in self.client.rooms)
        return str(answer.room_id)

    async def join(self, room: str) -> None:
        assert isinstance(await self.client.join(room), JoinResponse)

    async def say(self, room: str, text: str, **content: Any) -> str:
        """Write a text; its event."""
        return await self.post(room, "m.room.message", {"msgtype": "m.text", "body": text, **content})

    async def post(self, room: str, kind: str, content: dict[str, Any]) -> str:
        known = self.client.rooms.get(room)
        if known is not None and known.encrypted:
            await self.client.joined_members(room)
            self.client.olm.users_for_key_query.update(known.users)
            await self.client.keys_query()
        answer = await self.client.room_send(room, kind, content, ignore_unverified_devices=True)
        assert isinstance(answer, RoomSendResponse), answer
        return str(answer.event_id)

    async def tap(self, room: str, event: str, key: str) -> str:
        relation = {"rel_type": "m.annotation", "event_id": event, "key": key}
        return await self.post(room, "m.reaction", {"m.relates_to": relation})

    async def sync(self, wait: int = 0) -> None:
        """Take in what is new."""
        answer = await self.client.sync(wait, FILTER, full_state=not self.client.next_batch)
        assert isinstance(answer, SyncResponse), answer
        if self.client.should_upload_keys:
            await self.client.keys_upload()
        if self.client.should_query_keys:
            await self.client.keys_query()
        for room, info in answer.rooms.join.items():
            for event in info.timeline.events:
                self._take(room, event)

    def _take(self, room: str, event: Any) -> None:
        source = event.source
        content = source.get("content", {})
        if "formatted_body" in content:
            well_formed(content["formatted_body"])
        self.heard.append(Heard(room, source["event_id"], event.sender, source["type"], content))

    def messages(self, room: str, sender: str) -> list[Heard]:
        """The messages of somebody in a room so far."""
        return [
            one
            for one in self.heard
            if one.kind == "m.room.message" and one.room == room and one.sender == sender
        ]

    async def until(self, condition: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
        """Listen until something is so."""
        async with asyncio.timeout(seconds):
            while not condition():
                await self.sync(500)

    async def listen(self, seconds: float) -> None:
        """Listen for so long, whatever comes."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            await self.sync(int(left * 1000))

    async def joined_by(self, room: str, user: str) -> None:
        """Listen until somebody is in a room."""

        def there() -> bool:
            known = self.client.rooms.get(room)
            return known is not None and user in known.users and not known.users[user].invited

        await self.until(there)
