"""Coming into rooms and leaving them: invitations, being thrown out, and rooms that are replaced."""

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from nio import AsyncClient, JoinResponse, MatrixRoom, RoomMemberEvent

from bot.app import App
from bot.transports.matrix.account import ask, reached
from bot.transports.matrix.problems import problem
from errors import NotNow
from store import chats, people
from store.chats import Chat
from store.messages import ChatRef

log = logging.getLogger(__name__)

PLATFORM = "matrix"
ORGANISER = "organiser"
PRIVATE_MEMBERS = 2


def is_own_join(event: Any, user: str) -> bool:
    """Whether an event is the bot coming into the room; a new name or picture is not."""
    return (
        isinstance(event, RoomMemberEvent)
        and event.state_key == user
        and event.membership == "join"
        and event.prev_membership != "join"
    )


def is_private(room: MatrixRoom) -> bool:
    """A chat with one person: nobody else is in it or invited, and it has no name of its own."""
    return not room.is_named and room.member_count <= PRIVATE_MEMBERS


def is_empty(room: MatrixRoom) -> bool:
    """Whether the bot is alone, and nobody is invited; not before the homeserver has counted."""
    count = room.summary
    return count is not None and count.joined_member_count == 1 and not count.invited_member_count


class Rooms:
    """The rooms the bot is in, and those it is asked into."""

    def __init__(
        self, app: App, client: AsyncClient, invites: tuple[str, ...], say: Callable[[str], str]
    ) -> None:
        self._app = app
        self._client = client
        self._invites = invites
        self._say = say
        # What each room was when somebody came or went last.
        self._private: dict[str, bool] = {}

    async def invited(self, room: str, state: list[Any]) -> None:
        """Follow an invitation of somebody who may, or decline it politely. Raises NotNow."""
        inviter = next(
            (event.sender for event in state if getattr(event, "state_key", "") == self._client.user_id), ""
        )
        if self._replaced_by(room) or await self._may_invite(inviter):
            answer = await reached(self._client.join(room))
            if not isinstance(answer, JoinResponse):
                if isinstance(trouble := problem(answer), NotNow):
                    raise trouble
                log.warning("matrix: could not follow an invitation (%s)", answer.status_code)
        else:
            await self._decline(room)

    async def _decline(self, room: str) -> None:
        # A room may have any signs in its name, also those that would make this another request.
        path = f"/_matrix/client/v3/rooms/{quote(room, safe='')}/leave"
        await ask(self._client, "POST", path, {"reason": self._say("matrix.declined")})

    async def _may_invite(self, user: str) -> bool:
        person, server = f"{PLATFORM}:{user}", user.partition(":")[2]
        if person in self._app.config.organisers or {user, server} & set(self._invites):
            return True
        now = self._app.clock.now()
        roles = await self._app.database.read(lambda tx: people.roles_of(tx, person, now))
        return any(one.role == ORGANISER for one in roles)

    def _replaced_by(self, room: str) -> str:
        """The room that a room takes the place of, if it is known here."""
        return next((old for old, known in self._client.rooms.items() if known.replacement_room == room), "")

    async def joined(self, room: str, event: RoomMemberEvent) -> None:
        """The bot has come into a room."""
        known, ref = self._client.rooms[room], ChatRef(PLATFORM, room)
        old = ChatRef(PLATFORM, self._replaced_by(room))
        if (await self._kept(old)).id:
            await self._app.admission.moved(old, ref)
            await self._turned(known, await self._kept(ref))
            return
        by = event.source.get("unsigned", {}).get("prev_sender", "")
        person = f"{PLATFORM}:{by}" if by else ""
        if is_private(known):
            await self._app.admission.met(ref, person)
            return
        await self._app.admission.joined(ref, known.named_room_name() or "", known.member_count, person)

    async def counted(self, room: str) -> None:
        """Somebody came or went, or the room got a name: a private chat and a group become each other."""
        known, ref = self._client.rooms[room], ChatRef(PLATFORM, room)
        if is_empty(known):
            await self._app.admission.left(ref)
            if not known.is_named:
                await reached(self._client.room_leave(room))
        elif self._private.get(room) is not is_private(known):
            await self._turned(known, await self._kept(ref))
            self._private[room] = is_private(known)

    async def _turned(self, room: MatrixRoom, kept: Chat) -> None:
        """What is kept of a room follows what it is now."""
        if not kept.id or kept.private == is_private(room):
            return
        if kept.private:
            await self._app.admission.grown(kept, room.named_room_name() or "", room.member_count)
        else:
            await self._app.admission.shrunk(kept, await self._partner(room))

    async def _kept(self, ref: ChatRef) -> Chat:
        return await self._app.database.read(lambda tx: chats.find(tx, ref))

    async def _partner(self, room: MatrixRoom) -> str:
        """The only other person in a room; empty when nobody can tell."""
        await reached(self._client.joined_members(room.room_id))
        others = [f"{PLATFORM}:{user}" for user in room.users if user != self._client.user_id]
        return others[0] if len(others) == 1 else ""

    async def left(self, room: str) -> None:
        """The bot was thrown out, banned, or left."""
        if self._client.rooms.pop(room, None) is not None:
            await self._app.admission.left(ChatRef(PLATFORM, room))

    async def replaced(self, new: str) -> None:
        """A room was replaced: follow, if the door is open; an invitation may come later."""
        if new and new not in self._client.rooms:
            answer = await reached(self._client.join(new))
            if not isinstance(answer, JoinResponse):
                log.info("matrix: waiting for an invitation to the room that replaces another")
