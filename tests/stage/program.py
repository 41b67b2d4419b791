"""The real program as a process of its own, with a configuration in a directory of its own."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


class Program:
    """`saeulenbot run`, to be started, stopped and killed again and again on the same data."""

    def __init__(self, folder: Path, configuration: str) -> None:
        self.data = folder / "data"
        self._config = folder / "config.yaml"
        self._config.write_text(configuration, encoding="utf-8")
        self._config.chmod(0o600)
        self._log = folder / "log"
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it; it is ready when it does something."""
        arguments = ["-m", "bot", "run", "--config", str(self._config), "--data", str(self.data)]
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, *arguments, cwd=ROOT, stdout=log, stderr=log, env={**os.environ}
            )

    async def kill(self) -> None:
        """End it in the middle of whatever it is doing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        await self._process.wait()

    async def stop(self) -> int:
        """Ask it to end; its exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self._process.wait(), 20)

    @property
    def pid(self) -> int:
        """The number of its process."""
        assert self._process is not None
        return self._process.pid

    def printed(self) -> str:
        """Everything it has printed so far."""
        return self._log.read_text(encoding="utf-8")

    async def close(self) -> None:
        if self._process is not None and self._process.returncode is None:
            await self.kill()


@contextlib.asynccontextmanager
async def program(folder: Path, configuration: str) -> AsyncIterator[Program]:
    """The program, not yet started; whatever happens, it has ended afterwards."""
    made = Program(folder, configuration)
    try:
        yield made
    finally:
        await made.close()
