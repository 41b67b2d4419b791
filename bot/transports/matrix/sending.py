"""The sending half: posts messages to rooms, exactly once, readable by everybody who is in them.

Every event carries a transaction id made of the message's key, so that the homeserver takes the second
try of something it has already as the first.
"""

import asyncio
import hashlib
import io
import json
import secrets
from collections import OrderedDict, defaultdict
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from nio import (
    AsyncClient,
    EncryptionError,
    JoinedRoomsResponse,
    LocalProtocolError,
    MemoryDownloadResponse,
    ProfileGetDisplayNameResponse,
    RoomLeaveResponse,
    RoomRedactResponse,
    RoomSendResponse,
    UploadResponse,
)
from nio.crypto import decrypt_attachment

from bot.transports.matrix.account import OFFLINE, ask, reached
from bot.transports.matrix.content import Content, contents, edited, file_content, related
from bot.transports.matrix.devices import ask_about, changed_among, share_key
from bot.transports.matrix.events import MESSAGE
from bot.transports.matrix.html import KEYCAPS
from bot.transports.matrix.offering import Offer, Offering
from bot.transports.matrix.problems import LIMITED, problem
from bot.transports.matrix.rooms import PLATFORM
from bot.transports.matrix.typing import Typing
from errors import ChatGone, NotNow, Refused
from store.messages import FILE, LARGEST_FILE, Attachment, Kind, Outgoing, Queued

# Draws an attachment: its file name, MIME type and bytes.
Draw = Callable[[Attachment], Awaitable[tuple[str, str, bytes]]]

REMEMBERED = 1000
MOST_CARRIED = 20
# In larger rooms, posts to everybody rely on the homeserver's own news about devices.
MOST_QUERIED = 100
# After a homeserver asked for a pause, that many posts go without signs to tap: they count as posts too.
CAREFUL_POSTS = 20


class Post:
    """Posts through one logged-in client."""

    def __init__(self, client: AsyncClient, draw: Draw | None, typing: Typing) -> None:
        self._client = client
        self._draw = draw
        self._typing = typing
        self.offering = Offering(self._sign)
        self._rows: OrderedDict[str, int] = OrderedDict()
        self._careful = 0
        self._carrying = asyncio.Lock()
        # By room: what is posted at once waits while its key is shared.
        self._sharing: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._files: dict[tuple[str, bool], Content] = {}

    def row_of(self, event: str) -> int | None:
        """The outbox row of an event that was posted lately: it may not be written down yet."""
        return self._rows.get(event)

    def is_ours(self, event: str) -> bool:
        return event in self._rows

    async def send(self, message: Queued) -> str:
        """Post a message with all its parts; the event that bears its choices. Raises SendError."""
        outgoing, key = message.outgoing, transaction(message.outgoing.key)
        room, events = outgoing.chat.chat, []
        replaced = self._replaced(message)
        for number, content in enumerate(contents(outgoing)):
            if number < len(replaced):
                content = edited(content, replaced[number])
            elif outgoing.kind is Kind.AMEND:
                raise Refused("matrix.not_editable")
            events.append(await self._post(room, content, f"{key}.{number}", outgoing.asked))
        if outgoing.kind is Kind.AMEND:
            return message.edits
        self._remember(events[-1], message.row)
        event = events[-1]
        if outgoing.choices:
            self.offering.add(Offer(room, event, key, len(outgoing.choices)))
        if outgoing.attachment is not None and self._draw is not None:
            events.append(await self._post_file(outgoing, outgoing.attachment, self._draw, f"{key}.file"))
        return " ".join(events) if outgoing.kind is Kind.BROADCAST else event

    def _replaced(self, message: Queued) -> list[str]:
        """The events that a message replaces: all texts of a broadcast, the last one of anything else."""
        outgoing = message.outgoing
        if outgoing.replaces is None:
            return []
        if outgoing.kind is Kind.AMEND:
            known = message.edits.split()
            return known[:-1] if outgoing.attachment is not None else known
        lately = next((one for one, row in self._rows.items() if row == outgoing.replaces), "")
        return [lately or message.edits] if lately or message.edits else []

    async def delete(self, room: str, events: str) -> None:
        """Redact events. Raises SendError."""
        for event in events.split():
            answer = await reached(self._client.room_redact(room, event, tx_id=transaction(event)))
            if not isinstance(answer, RoomRedactResponse):
                raise problem(answer)

    async def fetch(self, attachment: Attachment) -> bytes:
        """The content of a file that somebody sent. Raises SendError."""
        where = json.loads(attachment.arguments["reference"])
        keys = where.get("file", {})
        answer = await reached(self._client.download(keys.get("url") or where.get("url")))
        if not isinstance(answer, MemoryDownloadResponse):
            raise problem(answer)
        if len(answer.body) > LARGEST_FILE:
            raise Refused("matrix.file_too_large")
        content = bytes(answer.body)
        if not keys:
            return content
        return bytes(decrypt_attachment(content, keys["key"]["k"], keys["hashes"]["sha256"], keys["iv"]))

    async def name_of(self, person: str) -> str:
        """The name that Matrix shows for a person; never kept."""
        platform, _, user = person.partition(":")
        if platform != "matrix":
            return ""
        try:
            answer = await self._client.get_displayname(user)
        except OFFLINE:
            return ""
        return answer.displayname or "" if isinstance(answer, ProfileGetDisplayNameResponse) else ""

    async def leave(self, room: str) -> None:
        """Leave a room. Raises SendError."""
        answer = await reached(self._client.room_leave(room))
        if not isinstance(answer, RoomLeaveResponse):
            error = problem(answer)
            if not isinstance(error, ChatGone):
                raise error

    async def speak(self, outgoing: Outgoing) -> None:
        """Post at once, past the outbox; nothing is remembered."""
        key = secrets.token_hex(16)
        for number, content in enumerate(contents(outgoing)):
            await self._post(outgoing.chat.chat, content, f"{key}.{number}", "")

    async def _sign(self, offer: Offer, number: int) -> None:
        """Put a sign to tap under an event, unless posts are scarce. Raises SendError."""
        if not self._careful:
            relation = {"rel_type": "m.annotation", "event_id": offer.event, "key": KEYCAPS[number]}
            content = {"m.relates_to": relation}
            await self._posted(offer.room, self._post_sign(offer.room, content, f"{offer.key}.r{number}"))

    def _remember(self, event: str, row: int) -> None:
        self._rows[event] = row
        while len(self._rows) > REMEMBERED:
            self._rows.popitem(last=False)

    async def _post_file(self, outgoing: Outgoing, attachment: Attachment, draw: Draw, key: str) -> str:
        room = outgoing.chat.chat
        if attachment.recipe == FILE:
            content = await self._carried(room, attachment, draw)
        else:
            async with self._typing.shown(room):
                content = await self._drawn(room, attachment, draw)
        return await self._post(room, content | related(outgoing, reply=False), key, outgoing.asked)

    async def _drawn(self, room: str, attachment: Attachment, draw: Draw) -> Content:
        name, mime, data = await draw(attachment)
        return file_content(name, mime, data, attachment.alt, await self._uploaded(room, name, mime, data))

    async def _carried(self, room: str, file: Attachment, draw: Draw) -> Content:
        """A file of somebody: where it lies if that is here, or else brought here once for all rooms."""
        told = file.arguments
        if told["platform"] == PLATFORM:
            return file_content(told["name"], told["mime"], b"", file.alt, json.loads(told["reference"]))
        mark = (told["reference"], self._is_encrypted(room))
        async with self._carrying:
            if mark not in self._files:
                while len(self._files) >= MOST_CARRIED:
                    self._files.pop(next(iter(self._files)))
                self._files[mark] = await self._drawn(room, file, draw)
        return dict(self._files[mark])

    async def _uploaded(self, room: str, name: str, mime: str, data: bytes) -> Content:
        encrypted = self._is_encrypted(room)
        named = "" if encrypted else name
        answer, keys = await reached(
            self._client.upload(lambda *_: io.BytesIO(data), mime, named, encrypted, filesize=len(data))
        )
        if not isinstance(answer, UploadResponse):
            raise problem(answer)
        return {"file": {**keys, "url": answer.content_uri}} if keys else {"url": answer.content_uri}

    async def _post(self, room: str, content: Content, key: str, asked: str) -> str:
        if self._is_encrypted(room):
            return await self._posted(room, self._post_readable(room, content, key, asked))
        return await self._posted(room, self._client.room_send(room, MESSAGE, content, key))

    async def _posted(self, room: str, request: Awaitable[Any]) -> str:
        try:
            answer = await reached(request)
        except (LocalProtocolError, EncryptionError) as error:
            if room not in self._client.rooms and not await self._joined(room):
                raise ChatGone("matrix.not_in_room") from error
            raise NotNow("matrix.unreachable", reason=type(error).__name__) from error
        if not isinstance(answer, RoomSendResponse):
            if answer.status_code == LIMITED:
                self._careful = CAREFUL_POSTS
            raise problem(answer)
        self._careful = max(0, self._careful - 1)
        return str(answer.event_id)

    async def _joined(self, room: str) -> bool:
        """Whether the server has us in a room that no batch has told of yet."""
        answer = await reached(self._client.joined_rooms())
        return not isinstance(answer, JoinedRoomsResponse) or room in answer.rooms

    async def _post_sign(self, room: str, content: Content, key: str) -> Any:
        """Signs are never encrypted; the library would give everybody a key before, all at once."""
        path = f"/_matrix/client/v3/rooms/{quote(room, safe='')}/send/m.reaction/{key}"
        _, answer = await ask(self._client, "PUT", path, content)
        return RoomSendResponse.from_dict(answer, room)

    async def _post_readable(self, room: str, content: Content, key: str, asked: str) -> Any:
        async with self._sharing[room]:
            await self._know_devices(room, asked)
            return await self._client.room_send(room, MESSAGE, content, key, ignore_unverified_devices=True)

    def _is_encrypted(self, room: str) -> bool:
        known = self._client.rooms.get(room)
        return known is not None and bool(known.encrypted)

    async def _know_devices(self, room: str, asked: str) -> None:
        """Ask for the devices of those who shall read this: one may have come a moment ago."""
        if not self._client.rooms[room].members_synced:
            await self._client.joined_members(room)
        users = self._client.rooms[room].users
        await ask_about(self._client, self._readers(room, asked) | changed_among(self._client, users))
        await share_key(self._client, room)

    def _readers(self, room: str, asked: str) -> set[str]:
        users = set(self._client.rooms[room].users)
        one = asked.removeprefix("matrix:")
        return {one} & users if one in users or len(users) > MOST_QUERIED else users


def transaction(key: str) -> str:
    """The transaction id of a message: its key never comes again, a row's number may."""
    return hashlib.blake2b(key.encode(), digest_size=16).hexdigest()
