"""From an event to what the bot is told: who says what where, and whether it is meant for the bot."""

import logging
from collections import OrderedDict
from dataclasses import replace
from typing import Any

from nio import AsyncClient, MatrixRoom, RoomGetEventResponse

from bot.app import App
from bot.door import Door
from bot.transports.matrix.account import reached
from bot.transports.matrix.events import Me, Said, command, creators, is_command, names_me, without_name
from bot.transports.matrix.html import number_of
from bot.transports.matrix.rooms import PLATFORM, is_private
from bot.transports.matrix.sending import Post
from bot.transports.matrix.typing import Typing
from errors import ChatGone, Refused
from store import outbox, reports
from store.messages import ChatRef, Incoming, Outgoing, Press

log = logging.getLogger(__name__)

ADMIN_LEVEL = 50
SENDERS_KNOWN = 2000


class Hearing:
    """Tells the door what people say, tap, edit and delete."""

    def __init__(
        self, app: App, client: AsyncClient, door: Door, post: Post, typing: Typing, name: str
    ) -> None:
        self._app = app
        self._client = client
        self._door = door
        self._post = post
        self._typing = typing
        self._name = name
        self._senders: OrderedDict[str, str] = OrderedDict()
        self._creators: dict[str, tuple[str, ...]] = {}

    def created(self, room: str, event: Any) -> None:
        """How a room came to be: whoever made it is one of its admins."""
        self._creators[room] = creators(event.source)

    async def message(self, room: MatrixRoom, event: Any, one: Said) -> None:
        """Somebody wrote something."""
        if one.replaces:
            await self._edited(room, event, one)
            return
        text = await self._meant(room, one)
        if text is not None:
            incoming = self._incoming(room, event, text, one.thread, one.reply_to)
            await self._hand_in(replace(incoming, file=one.file, wordless=one.wordless))

    async def reaction(self, room: MatrixRoom, event: Any) -> None:
        """Somebody tapped a sign: a press, if it stands under choices of ours."""
        number, offered = number_of(event.key), event.reacts_to
        if number is None:
            return
        row = self._post.row_of(offered)
        now, chat = self._app.clock.now(), ChatRef(PLATFORM, room.room_id)
        if row is None:
            found = await self._app.database.read(lambda tx: outbox.last_offer(tx, chat, now, offered))
            row = found.row if found else None
        if row is None:
            return
        incoming = self._incoming(room, event, "", "", "", Press(row, number))
        await self._hand_in(incoming)

    async def redaction(self, room: MatrixRoom, event: Any) -> None:
        """Somebody deleted a message: the reports made of it are withdrawn."""
        await self._amend(room, event, event.redacts, "")

    async def _edited(self, room: MatrixRoom, event: Any, one: Said) -> None:
        """Somebody corrected a message: nothing is answered anew, but reports made of it follow."""
        text = without_name(one.text, self._me(room))
        # Without words it would count as deleted, which a homeserver lets nobody do to another's message.
        if text.strip():
            await self._amend(room, event, one.replaces, text)

    async def _amend(self, room: MatrixRoom, event: Any, message: str, text: str) -> None:
        mark = f"{ChatRef(PLATFORM, room.room_id)}#{message}"
        if await self._app.database.read(lambda tx: reports.of_message(tx, mark)):
            incoming = self._incoming(room, event, text, "", "")
            await self._hand_in(replace(incoming, message_id=message, edited=True))

    async def _hand_in(self, incoming: Incoming) -> None:
        """Hand it in, and show a refusal in private. Raises StoreError, NotNow: it must come again."""
        try:
            async with self._typing.shown(incoming.chat.chat):
                handled = await self._door.come_in(incoming)
            if handled.refused and incoming.private:
                await self._post.speak(Outgoing(key="", chat=incoming.chat, body=handled.refused))
        except (Refused, ChatGone) as error:
            log.warning("matrix: an answer could not be given (%s)", error.key)

    def _incoming(
        self, room: MatrixRoom, event: Any, text: str, thread: str, reply_to: str, press: Press | None = None
    ) -> Incoming:
        return Incoming(
            key=f"{PLATFORM}:{event.event_id}",
            chat=ChatRef(PLATFORM, room.room_id, thread),
            sender=f"{PLATFORM}:{event.sender}",
            text=text,
            received_at=self._app.clock.now(),
            private=is_private(room),
            admin=self._is_admin(room, event.sender),
            message_id=event.event_id if press is None else "",
            reply_to=reply_to,
            press=press,
        )

    def _is_admin(self, room: MatrixRoom, user: str) -> bool:
        made = user in self._creators.get(room.room_id, ())
        return made or room.power_levels.get_user_level(user) >= ADMIN_LEVEL

    def _me(self, room: MatrixRoom) -> Me:
        user = self._client.user_id
        return Me(user, (self._name, room.user_name(user) or ""))

    async def _meant(self, room: MatrixRoom, one: Said) -> str | None:
        """What is said to the bot; None when it is not spoken to, and what was said stays unread."""
        me = self._me(room)
        if is_private(room):
            return without_name(one.text, me)
        if is_command(one):
            return command(one.text, me)
        if names_me(one, me):
            return without_name(one.text, me)
        return one.text if one.reply_to and await self._is_ours(room.room_id, one.reply_to) else None

    async def _is_ours(self, room: str, event: str) -> bool:
        """Whether the bot wrote an event. Raises NotNow when nobody can tell."""
        if self._post.is_ours(event):
            return True
        if event not in self._senders:
            answer = await reached(self._client.room_get_event(room, event))
            found = isinstance(answer, RoomGetEventResponse)
            self._senders[event] = str(getattr(answer.event, "sender", "")) if found else ""
            while len(self._senders) > SENDERS_KNOWN:
                self._senders.popitem(last=False)
        return self._senders[event] == str(self._client.user_id)
