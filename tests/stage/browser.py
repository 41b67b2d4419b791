"""Headless Chromium, spoken to over its DevTools protocol; it is Debian's, installed where it is missing."""

import asyncio
import itertools
import json
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

NAMES = ("chromium", "chromium-browser", "google-chrome")
# As root there is no sandbox to be had; the rest keeps it from calling home.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
)
INSTALL = ("apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium")


def chromium() -> str:
    """The program; installed with apt where there is none."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        subprocess.run(("apt-get", "update", "-q"), check=True, capture_output=True)
        subprocess.run(INSTALL, check=True, capture_output=True)
        found = shutil.which(NAMES[0])
    assert found is not None
    return found


class Page:
    """One tab. `asked` are the addresses it has fetched, `said` what it complained about."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self.asked: list[str] = []
        self.said: list[str] = []
        self._loaded = False

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """The result of a method of the protocol; what happens meanwhile is noted."""
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": params})
        while True:
            told = await self._next()
            if told.get("id") == number:
                assert "error" not in told, told
                result: dict[str, Any] = told["result"]
                return result

    async def _next(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(await asyncio.wait_for(self._socket.receive_str(), 60))
        params = told.get("params", {})
        if told.get("method") == "Network.requestWillBeSent":
            self.asked.append(params["request"]["url"])
        elif told.get("method") == "Log.entryAdded":
            self.said.append(params["entry"]["text"])
        elif told.get("method") == "Page.javascriptDialogOpening":
            self.said.append(params["message"])
        elif told.get("method") == "Page.loadEventFired":
            self._loaded = True
        return told

    async def show(self, address: str, width: int) -> None:
        """Open an address in a window so many CSS pixels wide."""
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        await self.call("Emulation.setDeviceMetricsOverride", **size)
        self._loaded = False
        await self.call("Page.navigate", url=address)
        while not self._loaded:
            await self._next()

    async def value(self, expression: str) -> Any:
        """What JavaScript says, whatever the page itself allows."""
        done = await self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return done["result"].get("value")


@asynccontextmanager
async def browsing(folder: Path) -> AsyncIterator[Page]:
    """A tab of a fresh Chromium, which ends with the block."""
    profile = folder / "profile"
    process = await asyncio.create_subprocess_exec(
        chromium(), *FLAGS, f"--user-data-dir={profile}", stderr=asyncio.subprocess.PIPE
    )
    try:
        base = await asyncio.wait_for(_address(process), 60)
        async with aiohttp.ClientSession() as session:
            async with session.put(f"{base}/json/new?about:blank") as answer:
                target = await answer.json()
            # A printed page or a picture is larger than the usual message.
            async with session.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                page = Page(socket)
                for domain in ("Page", "Network", "Log", "Runtime", "Accessibility"):
                    await page.call(f"{domain}.enable")
                yield page
    finally:
        process.kill()
        await process.wait()


async def _address(process: asyncio.subprocess.Process) -> str:
    """Where the browser listens: it says so itself."""
    assert process.stderr is not None
    async for line in process.stderr:
        _, _, address = line.decode("utf-8", "replace").partition("DevTools listening on ws://")
        if address:
            return f"http://{address.partition('/')[0]}"
    raise AssertionError("Chromium ended before it listened")
