"""A room of thousands: everybody in it can read the answer, and nobody else has to wait for that."""

import asyncio
from contextlib import suppress
from pathlib import Path
from time import perf_counter

import aiohttp
import yaml

from tests.homeserver.server import PASSWORD, free_port
from tests.stage.multitude import BOT, LARGE, SMALL, multitude
from tests.stage.process import started

MEMBERS = 5000
# On one busy processor; in one go, the library would be silent for minutes.
LONGEST_SILENCE_SECONDS = 10.0
PATIENCE_SECONDS = 600


async def silence(address: str, worst: list[float]) -> None:
    """Ask the program's own web server again and again, and note how long it took at worst."""
    async with aiohttp.ClientSession() as client:
        while True:
            begun = perf_counter()
            with suppress(aiohttp.ClientError):
                async with client.get(address) as answer:
                    await answer.read()
            worst.append(perf_counter() - begun)
            await asyncio.sleep(0.05)


async def test_a_room_of_thousands_keeps_nobody_waiting(tmp_path: Path) -> None:
    file, port, worst = tmp_path / "config.yaml", free_port(), [0.0]
    file.touch(0o600)
    async with multitude(MEMBERS) as (crowd, address), asyncio.timeout(PATIENCE_SECONDS):
        account = {"homeserver": address, "user": BOT, "password": PASSWORD}
        web = {"bind": f"127.0.0.1:{port}"}
        file.write_text(yaml.safe_dump({"data_dir": str(tmp_path / "data"), "http": web, "matrix": account}))
        with started("run", "--config", file):
            await crowd.say(SMALL, "!saeulen")
            await crowd.until_posted(SMALL, 1)
            pinging = asyncio.create_task(silence(f"http://127.0.0.1:{port}/healthz", worst))
            await crowd.say(LARGE, "!saeule 2")
            await crowd.until_given(1)
            await crowd.say(SMALL, "!saeule 3")
            await crowd.until_posted(SMALL, 2)
            assert LARGE not in crowd.posted
            await crowd.until_posted(LARGE, 1)
            pinging.cancel()
    assert crowd.given == set(crowd.members)
    assert max(worst) < LONGEST_SILENCE_SECONDS
