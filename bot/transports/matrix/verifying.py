"""Whether the homeserver shows people the keys that the bot has."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.transports.matrix.account import ask, plain_client
from bot.transports.matrix.crosssigning import Identity, Json, look_up
from bot.transports.matrix.session import Session

GROUP = 4


@dataclass(frozen=True)
class Verdict:
    """The bot's own keys as people compare them, whether the server has the same, and signed."""

    device_key: str
    identity: str
    same: bool
    signed: bool

    @property
    def fine(self) -> bool:
        return self.same and self.signed


async def looked_up(session: Session, seeds: Mapping[str, str]) -> Verdict:
    """Compare the bot's keys with the homeserver's. Raises NotNow."""
    client, own = plain_client(session), Identity(session.user, seeds)

    async def request(method: str, path: str, body: Json) -> tuple[int, Json]:
        return await ask(client, method, path, body)

    try:
        found = await look_up(request, session.user, session.device)
    finally:
        await client.close()
    shown = found.device.get("keys", {}).get(f"ed25519:{session.device}", "")
    same = shown == seeds["device"] and found.master == own.fingerprint
    return Verdict(grouped(seeds["device"]), grouped(own.fingerprint), same, own.vouches_for(found.device))


def grouped(key: str) -> str:
    """A key in groups of four signs, as clients show it."""
    return " ".join(key[at : at + GROUP] for at in range(0, len(key), GROUP))
