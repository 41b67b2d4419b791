"""The bot's cross-signing identity: three keys of its own, and the signature that vouches for its device.

Clients show a device that its owner has not signed as a warning, and newer ones neither send it keys nor
read it. The library has no way to do this, so it is done with plain requests, as the Matrix specification
describes (Client-Server API, "Cross-signing").
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from Crypto.PublicKey import ECC
from Crypto.Random import get_random_bytes
from Crypto.Signature import eddsa

Json = dict[str, Any]
# method, path and body of a request; its status and answer
Ask = Callable[[str, str, Json], Awaitable[tuple[int, Json]]]

USAGES = ("master", "self_signing", "user_signing")
SEED_BYTES = 32
QUERY = "/_matrix/client/v3/keys/query"
UPLOAD = "/_matrix/client/v3/keys/device_signing/upload"
SIGN = "/_matrix/client/v3/keys/signatures/upload"


def canonical(content: Mapping[str, Any]) -> bytes:
    """Canonical JSON of what is signed: without signatures and what servers add."""
    signed = {name: value for name, value in content.items() if name not in ("signatures", "unsigned")}
    return json.dumps(signed, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def unpadded(raw: bytes) -> str:
    return b64encode(raw).decode().rstrip("=")


@dataclass(frozen=True)
class Key:
    """An ed25519 key, from its seed (unpadded base64)."""

    seed: str

    @property
    def _key(self) -> Any:
        return ECC.construct(curve="Ed25519", seed=b64decode(self.seed + "=="))

    @property
    def public(self) -> str:
        return unpadded(self._key.public_key().export_key(format="raw"))

    def sign(self, content: Mapping[str, Any]) -> str:
        return unpadded(eddsa.new(self._key, "rfc8032").sign(canonical(content)))


def is_signed(content: Mapping[str, Any], user: str, public: str, key_id: str = "") -> bool:
    """Whether an object bears a valid signature of a user's key; `key_id` if it is not the key itself."""
    try:
        signature = content["signatures"][user][f"ed25519:{key_id or public}"]
        key = eddsa.import_public_key(b64decode(public + "=="))
        eddsa.new(key, "rfc8032").verify(canonical(content), b64decode(signature + "=="))
    except (KeyError, TypeError, ValueError, AttributeError):
        return False
    return True


def fresh_identity() -> dict[str, str]:
    """Three new seeds by usage."""
    return {usage: unpadded(get_random_bytes(SEED_BYTES)) for usage in USAGES}


@dataclass(frozen=True)
class Identity:
    """The three keys of a user."""

    user: str
    seeds: Mapping[str, str]

    def key(self, usage: str) -> Key:
        return Key(self.seeds[usage])

    @property
    def fingerprint(self) -> str:
        return self.key("master").public

    def published(self, device: str, sign_with_device: Callable[[Json], str]) -> Json:
        """The keys as they are uploaded: master signed by the device, the others by master."""
        made = {usage: self._object(usage) for usage in USAGES}
        master = self.key("master")
        made["master"]["signatures"] = {
            self.user: {f"ed25519:{device}": sign_with_device(dict(made["master"]))}
        }
        for usage in USAGES[1:]:
            signature = master.sign(made[usage])
            made[usage]["signatures"] = {self.user: {f"ed25519:{master.public}": signature}}
        return {f"{usage}_key": made[usage] for usage in USAGES}

    def _object(self, usage: str) -> Json:
        public = self.key(usage).public
        return {"user_id": self.user, "usage": [usage], "keys": {f"ed25519:{public}": public}}

    def signed_device(self, keys: Mapping[str, Any]) -> Json:
        """A device's keys with the signature that vouches for them."""
        signer = self.key("self_signing")
        bare = {name: value for name, value in keys.items() if name not in ("signatures", "unsigned")}
        bare["signatures"] = {self.user: {f"ed25519:{signer.public}": signer.sign(bare)}}
        return bare

    def vouches_for(self, keys: Mapping[str, Any]) -> bool:
        return is_signed(keys, self.user, self.key("self_signing").public)


@dataclass(frozen=True)
class Found:
    """What the server knows of a user: the public master key, and the keys of one device."""

    master: str
    device: Json


async def look_up(ask: Ask, user: str, device: str) -> Found:
    """Ask the server for a user's keys."""
    _, answer = await ask("POST", QUERY, {"device_keys": {user: []}})
    master = answer.get("master_keys", {}).get(user, {}).get("keys", {})
    devices = answer.get("device_keys", {}).get(user, {})
    return Found(next(iter(master.values()), ""), devices.get(device, {}))


async def publish(ask: Ask, identity: Identity, keys: Json, password: str | None) -> bool:
    """Put the identity's keys on the server; it may want the password. False when it took none."""
    status, answer = await ask("POST", UPLOAD, keys)
    if status == 401 and password is not None:
        auth = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": identity.user},
            "password": password,
            "session": answer.get("session", ""),
        }
        status, _ = await ask("POST", UPLOAD, {**keys, "auth": auth})
    return status == 200


async def sign_device(ask: Ask, identity: Identity, device: str, keys: Mapping[str, Any]) -> bool:
    """Put the signature of a device on the server."""
    signed = identity.signed_device(keys)
    status, answer = await ask("POST", SIGN, {identity.user: {device: signed}})
    return status == 200 and not answer.get("failures")
