"""Whose devices may read what is posted: they are asked for, and given a room's key, a few at a time.

The library does all of it at once, with a commit and a look into a list of all devices for each: in a room of
hundreds everybody else would wait for seconds, in a room of thousands for minutes.
"""

import asyncio
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from uuid import uuid4

from nio import AsyncClient, KeysClaimResponse

from bot.transports.matrix.account import ask
from bot.transports.matrix.crosssigning import Json
from errors import NotNow

SOME = 50
CLAIM = "/_matrix/client/v3/keys/claim"
GIVE = "/_matrix/client/v3/sendToDevice/m.room.encrypted/{}"
ALGORITHM = "signed_curve25519"


async def ask_about(client: AsyncClient, users: Iterable[str] = ()) -> None:
    """Ask for the devices of these users, and of those whose devices have changed."""
    waiting: set[str] = client.olm.users_for_key_query
    left = waiting | set(users)
    waiting.clear()
    unanswered: set[str] = set()
    try:
        for some in _some(left):
            waiting.update(some)
            await client.keys_query()
            unanswered |= waiting.intersection(some)
            waiting.difference_update(some)
            left.difference_update(some)
    finally:
        waiting.update(left, unanswered)


async def share_key(client: AsyncClient, room: str) -> None:
    """Give everybody in a room the key to what will be posted. Raises NotNow."""
    olm = client.olm
    if not olm.should_share_group_session(room):
        return
    for users in _some(client.rooms[room].users):
        await _meet(client, users)
        with client.store.database.atomic():
            parts = list(olm.share_group_session_parallel(room, users, ignore_unverified_devices=True))
        # Another may have taken its place by the time all have got it.
        session = olm.outbound_group_sessions[room]
        await asyncio.gather(*(_give(client, session, *part) for part in parts))


async def _give(client: AsyncClient, session: Any, devices: set[tuple[str, str]], messages: Json) -> None:
    status, _ = await ask(client, "PUT", GIVE.format(uuid4()), messages)
    if status != 200:
        raise NotNow("matrix.unreachable", reason=str(status))
    session.users_shared_with.update(devices)


async def _meet(client: AsyncClient, users: list[str]) -> None:
    """Begin a conversation with each device of these users that the bot has not written to before."""
    missing = client.olm.get_missing_sessions(users)
    if not missing:
        return
    wanted = {user: dict.fromkeys(devices, ALGORITHM) for user, devices in missing.items()}
    _, answer = await ask(client, "POST", CLAIM, {"one_time_keys": wanted})
    claimed = KeysClaimResponse.from_dict(answer)
    if isinstance(claimed, KeysClaimResponse):
        with client.store.database.atomic():
            client.olm.handle_response(claimed)


def _some(users: Iterable[str]) -> Iterator[list[str]]:
    left = iter(tuple(users))
    while found := list(islice(left, SOME)):
        yield found
