"""Keyed hashes that stand for people, codes and messages where they themselves must not."""

import hmac


def keyed_hash(key: bytes, kind: str, what: str) -> bytes:
    """What the store keeps in the place of something; without its key that says nothing."""
    return hmac.digest(key, f"{kind}{what}".encode("utf-8", "replace"), "sha256")


def person_hash(key: bytes, person: str) -> bytes:
    """The hash under which a person is counted."""
    return keyed_hash(key, "person:", person)
