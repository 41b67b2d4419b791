"""The real program as people start it, to be stopped and killed."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import yaml

from tests.homeserver.server import NAME, PASSWORD, Homeserver

ROOT = Path(__file__).parent.parent.parent
STOP_SECONDS = 60


class Bot:
    """`saeulenbot run` with one Matrix account; its log is kept over all starts."""

    def __init__(self, server: Homeserver, folder: Path, user: str = "", **matrix: Any) -> None:
        self.server = server
        self.folder = folder
        self.user = user or server.fresh("saeulenbot")
        self.data = folder / "data"
        self.log = folder / "log"
        self.configuration = folder / "config.yaml"
        self._process: asyncio.subprocess.Process | None = None
        known = {"homeserver": server.address, "user": self.user, "password": PASSWORD, "invites": [NAME]}
        self.configure(known | matrix)

    def configure(self, matrix: dict[str, Any]) -> None:
        settings = {"data_dir": str(self.data), "http": {"bind": None}, "matrix": matrix}
        self.configuration.touch(0o600)
        self.configuration.write_text(yaml.safe_dump(settings))

    async def command(self, *words: str) -> tuple[int, str]:
        """Run another command of the program; its exit status and what it says."""
        process = await asyncio.create_subprocess_exec(
            *self._words(*words), cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        said, _ = await process.communicate()
        return process.returncode or 0, said.decode()

    def _words(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "bot", *words, "--config", str(self.configuration)]

    async def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._words("run"), cwd=ROOT, stdout=log, stderr=log, env=os.environ | {"TZ": "UTC"}
            )

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it; its exit status."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(how)
        async with asyncio.timeout(STOP_SECONDS):
            return await self._process.wait()

    async def kill(self) -> None:
        await self.stop(signal.SIGKILL)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def said(self) -> str:
        """Everything in its log."""
        return self.log.read_text()

    async def says(self, words: str, seconds: float = STOP_SECONDS) -> None:
        """Wait until its log has these words."""
        async with asyncio.timeout(seconds):
            while words not in self.said:  # noqa: ASYNC110 - a file tells nobody
                await asyncio.sleep(0.05)

    @property
    def session(self) -> dict[str, str]:
        found: dict[str, str] = json.loads((self.data / "matrix" / "session.json").read_text())
        return found
