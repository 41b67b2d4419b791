"""What a Matrix account keeps on disk: who it is, how far it has read, and its keys. All of it 0600.

data_dir/matrix/session.json   user, device and access token
data_dir/matrix/position.json  how far the homeserver's events were handled, and what waits for a key
data_dir/matrix/identity.json  the seeds of the cross-signing identity
data_dir/matrix/store/         the device's own keys and sessions, kept by the library
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from errors import ConfigError, StoreFull


@dataclass(frozen=True)
class Session:
    """A device that is logged in."""

    homeserver: str
    user: str
    device: str
    token: str


@dataclass(frozen=True)
class Position:
    """How far events were handled; `waiting` are (room, event) whose key has not come yet."""

    since: str = ""
    waiting: tuple[tuple[str, str], ...] = ()


class Files:
    """The files of one account."""

    def __init__(self, data_dir: Path) -> None:
        self.folder = data_dir / "matrix"
        self.store = self.folder / "store"

    def prepare(self) -> None:
        """Make the folders, for the owner alone. Raises StoreFull."""
        try:
            self.store.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.folder.chmod(0o700)
            self.store.chmod(0o700)
        except OSError as error:
            raise self._unusable(error) from error

    @property
    def session_file(self) -> Path:
        """What to delete for the bot to log in as a new device, with its identity and position kept."""
        return self.folder / "session.json"

    def session(self) -> Session | None:
        """The kept session, if there is one. Raises ConfigError when it is torn."""
        kept = self._read("session.json")
        return Session(**kept) if kept else None

    def keep_session(self, session: Session) -> None:
        self._write("session.json", asdict(session))

    def position(self) -> Position:
        """How far events were handled; nowhere, when nothing was."""
        kept = self._read("position.json")
        if not kept:
            return Position()
        return Position(kept["since"], tuple((room, event) for room, event in kept["waiting"]))

    def keep_position(self, position: Position) -> None:
        self._write("position.json", asdict(position))

    def identity(self) -> Mapping[str, str]:
        """The seeds of the cross-signing identity by usage, and the device's own key; empty before."""
        return self._read("identity.json")

    def keep_identity(self, identity: Mapping[str, str]) -> None:
        self._write("identity.json", dict(identity))

    def has_store(self, session: Session) -> bool:
        """Whether the device's keys are there: without them it would be a stranger under its own name."""
        return (self.store / f"{session.user}_{session.device}.db").exists()

    def close_store(self) -> None:
        """Leave the library's files to the owner alone."""
        for file in self.store.iterdir():
            file.chmod(0o600)

    def _read(self, name: str) -> dict[str, Any]:
        path = self.folder / name
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise self._unusable(error) from error
        except ValueError as error:
            raise ConfigError("matrix.torn_file", file=str(path)) from error
        if not isinstance(kept, dict):
            raise ConfigError("matrix.torn_file", file=str(path))
        return kept

    def _write(self, name: str, content: Mapping[str, Any]) -> None:
        """Replace a file as a whole, so that a crash leaves the old or the new one."""
        path, fresh = self.folder / name, self.folder / f"{name}.new"
        try:
            with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:  # noqa: PTH123
                json.dump(content, file)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        except OSError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: OSError) -> StoreFull:
        return StoreFull("store.not_writable", folder=str(self.folder), reason=error.strerror or "")
