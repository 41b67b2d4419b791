"""Whose devices may read what is posted: they are asked for, and given a room's key, a few at a time.

The library does all of it at once, with a commit and a look into a list of all devices for each: in a room of
hundreds everybody else would wait for seconds, in a room of thousands for minutes.
"""

import asyncio
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from uuid import uuid4

from nio import AsyncClient, KeysClaimResponse, KeysQueryResponse

from bot.transports.matrix.account import ask
from bot.transports.matrix.crosssigning import QUERY, Json
from errors import NotNow

SOME = 50
MOST_KEYS = 3
CLAIM = "/_matrix/client/v3/keys/claim"
GIVE = "/_matrix/client/v3/sendToDevice/m.room.encrypted/{}"
ALGORITHM = "signed_curve25519"


async def ask_about(client: AsyncClient, users: Iterable[str]) -> None:
    """Ask for the devices of these users. Raises NotNow."""
    for some in _some(users):
        _, answer = await ask(client, "POST", QUERY, {"device_keys": {user: [] for user in some}})
        found = KeysQueryResponse.from_dict(answer)
        if isinstance(found, KeysQueryResponse):
            await client.receive_response(found)


async def ask_about_some(client: AsyncClient) -> None:
    """Ask for a few of the devices that have changed; whoever posts asks for those that shall read it."""
    await ask_about(client, islice(client.olm.users_for_key_query, SOME))


def changed_among(client: AsyncClient, users: Iterable[str]) -> set[str]:
    """Who of these users has other devices than are known here."""
    return set(client.olm.users_for_key_query.intersection(users))


async def share_key(client: AsyncClient, room: str) -> None:
    """Give everybody in a room the key to what will be posted. Raises NotNow."""
    for _ in range(MOST_KEYS):
        if not client.olm.should_share_group_session(room):
            return
        given = [await _share_with(client, room, users) for users in _some(client.rooms[room].users)]
        # When devices change meanwhile there is a new key, which those who came first have not got.
        if all(one is given[-1] for one in given):
            return


async def _share_with(client: AsyncClient, room: str, users: list[str]) -> Any:
    """Give the key to some; the session it is of."""
    await _meet(client, users)
    with client.store.at_once():
        parts = list(client.olm.share_group_session_parallel(room, users, ignore_unverified_devices=True))
    # Another may have taken its place by the time all have got it.
    session = client.olm.outbound_group_sessions[room]
    await asyncio.gather(*(_give(client, session, *part) for part in parts))
    return session


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
        with client.store.at_once():
            client.olm.handle_response(claimed)


def _some(users: Iterable[str]) -> Iterator[list[str]]:
    left = iter(tuple(users))
    while found := list(islice(left, SOME)):
        yield found
