"""The library's store of keys, without what it does again and again for nothing.

In a room of thousands, that would keep everybody else waiting for minutes.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from nio.crypto import DeviceStore
from nio.store import DefaultStore


def _knows(store: DeviceStore, device: Any) -> bool:
    return bool(store[device.user_id].get(device.id) == device)


# The library looks through all devices of everybody, for every one it adds.
DeviceStore.__contains__ = _knows


class Keys(DefaultStore):  # type: ignore[misc]
    """The keys of one account; a process has one."""

    _account: Any = None
    _holding = False
    _held: Any = None

    def __post_init__(self) -> None:
        super().__post_init__()
        # The library does so before every single statement, and undoes it afterwards.
        self.database.bind(self.models)
        self.database.bind_ctx = lambda *_: nullcontext()

    def _get_account(self) -> Any:
        """The row that all others belong to: it stays the same."""
        self._account = self._account or super()._get_account()
        return self._account

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """What is kept while the block runs is kept in one go, and the account itself only once."""
        with self.database.atomic():
            self._holding = True
            try:
                yield
            finally:
                self._holding = False
                if self._held is not None:
                    self.save_account(self._held)
                    self._held = None

    def save_account(self, account: Any) -> None:
        """Keep the account's own keys: the library does so for every device it gets to know."""
        if self._holding:
            self._held = account
        else:
            super().save_account(account)

    def is_device_ignored(self, _: Any) -> bool:
        """Whoever is in a room may read it, whether trusted or not.

        The library keeps a file of such devices, reads it for every device, and writes it for every new one.
        """
        return True

    def save_encrypted_rooms(self, rooms: set[str]) -> None:
        """Keep which rooms are encrypted; the library does so with every batch."""
        known = self.__dict__.setdefault("known_rooms", set())
        if fresh := rooms - known:
            super().save_encrypted_rooms(fresh)
            known.update(fresh)
