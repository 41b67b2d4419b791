"""Two broadcasts under fire: `python -m benchmarks.delivery [--telegram N] [--rooms N] [--kills N]`.

The real `saeulenbot run` sends two broadcasts to every chat, while 429s come in bursts, servers fail,
connections drop before and after a message was taken, a name does not resolve, Synapse is restarted, the
clock jumps an hour, the disk is full for a while, and the process is killed again and again. Telegram is an
emulator that keeps the published limits, Matrix a real Synapse. What then stands in every chat is compared
with what the delivery report says. A third broadcast goes out undisturbed, to see what memory does.

The data directory is a small file system, filled to the last byte. It is mounted in a namespace of this
program's own, which needs no rights and is gone when the program ends; where the machine forbids that, the
disk does not fill, and the table says so.
"""

import argparse
import asyncio
import errno
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml

from bot.app import opened
from bot.config import load_config
from store import broadcasts, chats
from store.broadcasts import Broadcast
from store.database import Transaction
from store.messages import ChatRef
from tests.emulator.server import TOKEN, Emulator, Fault, serving
from tests.homeserver.server import NAME, PASSWORD, Homeserver, homeserver
from tests.stage.process import ROOT

FIRE = ("Erster Rundruf", "Zweiter Rundruf")
WORDS = (*FIRE, "Letzter Rundruf")
AUTHOR = "telegram:60"
DISK_MB = 96
# Set in the run that is apart: whether it may mount.
APART = "SAEULENBOT_BENCHMARK_MAY_MOUNT"
# The program, with a clock that can be set: by a file in its folder.
LAUNCHER = """
import sys
from datetime import datetime, timedelta, UTC
from pathlib import Path
from scheduler.clock import SystemClock
ahead = Path(sys.argv[1]) / "ahead"
SystemClock.now = lambda self: datetime.now(UTC) + timedelta(seconds=3600 if ahead.exists() else 0)
sys.argv = ["saeulenbot", "run", "--config", sys.argv[2]]
from bot.cli import main
main()
"""
MOST_SECONDS = 3600


@dataclass
class Run:
    """One run: its size, its outside, and what was seen."""

    telegram: int
    rooms: int
    kills: int
    folder: Path
    emulator: Emulator
    server: Homeserver
    address: str
    bot: str = ""
    member_token: str = ""
    room_ids: list[str] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    calm: list[float] = field(default_factory=list)
    small_disk: bool = False
    troubles: Counter[str] = field(default_factory=Counter)
    process: asyncio.subprocess.Process | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    # --- before ----------------------------------------------------------------------------------------

    async def prepare(self) -> None:
        """Rooms the bot is in, groups that are admitted, and two broadcasts that are due."""
        self.bot = self.server.fresh("saeulenbot")
        self.member_token, token = self._login(self.server.fresh("mia")), self._login(self.bot)
        for _ in range(self.rooms):
            made = self.server.ask(
                "POST", "/_matrix/client/v3/createRoom", {"invite": [self.bot]}, self.member_token
            )
            self.room_ids.append(made["room_id"])
            self.server.ask("POST", f"/_matrix/client/v3/join/{quote(made['room_id'])}", {}, token)
        for number in range(1, self.telegram + 1):
            self.emulator.chat(-number)
        self.configure()
        async with opened(load_config(self.config, None)) as database:
            await database.write(self._admit)
        await self.plan(*FIRE)

    def mount(self) -> None:
        """A small disk for the data, if that is allowed."""
        self.data.mkdir(mode=0o700)
        if os.environ[APART]:
            mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=700", "none", str(self.data)]
            self.small_disk = subprocess.run(mount).returncode == 0

    def unmount(self) -> None:
        if self.small_disk:
            subprocess.run(["umount", "--lazy", str(self.data)], check=True)

    def _login(self, user: str) -> str:
        said = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": user},
            "password": PASSWORD,
        }
        return str(self.server.ask("POST", "/_matrix/client/v3/login", said)["access_token"])

    def _admit(self, tx: Transaction) -> None:
        now = datetime.now(UTC)
        refs = [ChatRef("telegram", str(-number)) for number in range(1, self.telegram + 1)]
        for ref in [*refs, *(ChatRef("matrix", room) for room in self.room_ids)]:
            chats.change(tx, chats.keep(tx, ref, False, "", now).id, admitted=True)
        self.emulator.chat(60)

    async def plan(self, *texts: str) -> None:
        """Broadcasts that are due, put into the store while the program does not run."""
        now = datetime.now(UTC)

        def written(tx: Transaction) -> None:
            for words in texts:
                one = Broadcast(AUTHOR, ChatRef("telegram", "60"), words)
                draft = broadcasts.keep_draft(tx, one, now)
                broadcasts.change(tx, draft.id, now, state="planned", starts=now, confirmed_at=now)

        async with opened(load_config(self.config, None)) as database:
            await database.write(written)

    @property
    def config(self) -> Path:
        return self.folder / "config.yaml"

    def configure(self, telegram: str = "") -> None:
        matrix = {
            "homeserver": self.server.address,
            "user": self.bot,
            "password": PASSWORD,
            "invites": [NAME],
        }
        settings = {
            "data_dir": str(self.data),
            "http": {"bind": None},
            "organisers": [AUTHOR],
            "telegram": {"token": TOKEN, "api_url": telegram or self.address},
            "matrix": matrix,
        }
        self.config.touch(0o600)
        self.config.write_text(yaml.safe_dump(settings))

    # --- the program -----------------------------------------------------------------------------------

    async def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", LAUNCHER, str(self.folder), str(self.config), cwd=ROOT, stdout=log,
                stderr=log, env=os.environ | {"PYTHONPATH": str(ROOT)},
            )  # fmt: skip

    async def kill(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(signal.SIGKILL)
            await self.process.wait()

    def memory_now(self) -> float:
        """What the process holds, in MB."""
        assert self.process is not None
        lines = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii").splitlines()
        return sum(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))

    async def look_after(self) -> None:
        """As systemd does: a program that ended is started again."""
        assert self.process is not None
        if self.process.returncode is None:
            self.memory.append(self.memory_now())
        else:
            self._note("ended by itself and started again")
            await self.start()

    def rows(self, query: str) -> list[Any]:
        file = f"file:{self.data / 'saeulenbot.db'}?mode=ro"
        with closing(sqlite3.connect(file, uri=True, timeout=30)) as connection:
            return connection.execute(query).fetchall()

    def done(self) -> int:
        """How many messages of the broadcasts are settled."""
        return int(self.rows("SELECT count(*) FROM outbox WHERE kind='broadcast' AND state!='waiting'")[0][0])

    # --- the fire --------------------------------------------------------------------------------------

    async def burn(self, chance: random.Random) -> None:
        """Trouble again and again, until as many kills have been and everything is settled."""
        total, kills, synapse, clock, disk, name = 2 * (self.telegram + self.rooms), 0, 0, 0, 0, 0
        await self.start()
        until = time.monotonic() + MOST_SECONDS
        while self.done() < total:
            assert time.monotonic() < until, f"{self.done()} of {total} after {MOST_SECONDS} s"
            await asyncio.sleep(chance.uniform(1, 3))
            await self.look_after()
            share = self.done() / total
            if kills < self.kills:
                self._faults(chance)
            if kills < self.kills and share >= (kills + 1) / (self.kills + 2):
                kills += 1
                self._note("kill -9")
                await self._again(chance)
            if share > 0.3 and not synapse:
                synapse = 1
                await self._restart_synapse()
            if share > 0.45 and not clock:
                clock = 1
                self._note("clock one hour ahead")
                (self.folder / "ahead").touch()
            if share > 0.55 and not disk:
                disk = 1
                await self._fill_disk(chance)
            if share > 0.65 and not name:
                name = 1
                await self._lose_name()
        # The report is written with the last result.
        await asyncio.sleep(3)

    async def undisturbed(self) -> None:
        """One more broadcast, in one life: what memory does meanwhile, at each quarter of the way."""
        await self.kill()
        await self.plan(WORDS[-1])
        await self.start()
        until, every = time.monotonic() + MOST_SECONDS, self.telegram + self.rooms
        for quarter in range(1, 5):
            while self.done() < (len(FIRE) + quarter / 4) * every:
                assert time.monotonic() < until, f"{self.done()} after {MOST_SECONDS} s"
                await asyncio.sleep(0.2)
            self.calm.append(self.memory_now())
        await asyncio.sleep(3)

    def _note(self, what: str, times: int = 1) -> None:
        self.troubles[what] += times

    def _faults(self, chance: random.Random) -> None:
        kinds: list[tuple[int | str, int]] = [
            (429, 5),
            (502, 3),
            (500, 2),
            ("drop_before", 2),
            ("drop_after", 2),
        ]
        kind, most = chance.choice(kinds)
        times = chance.randint(1, most)
        self.emulator.faults = [one for one in self.emulator.faults if one.times > 0]
        self.emulator.faults.append(Fault(kind, times=times, retry_after=chance.randint(1, 3)))
        name = "5xx" if kind in (500, 502) else str(kind).replace("_", " ")
        self._note(name, times)

    async def _again(self, chance: random.Random) -> None:
        await self.kill()
        await asyncio.sleep(chance.uniform(0, 1))
        await self.start()

    async def _restart_synapse(self) -> None:
        self._note("Synapse restarted")
        await asyncio.to_thread(self.server.stop)
        await asyncio.sleep(5)
        await asyncio.to_thread(self.server.start)

    async def _fill_disk(self, chance: random.Random) -> None:
        """Not a byte is left for a minute, and the process is killed in the middle of it."""
        if not self.small_disk:
            return
        self._note("disk full for a minute, with a kill -9 in it")
        filler = self.data / "filler"
        with filler.open("ab", buffering=0) as file:
            await self._keep_full(file, 30)
            await self._again(chance)
            await self._keep_full(file, 30)
        filler.unlink()

    async def _keep_full(self, file: FileIO, seconds: float) -> None:
        """What is set free meanwhile is taken at once."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                file.write(bytes(4096))
            except OSError as error:
                assert error.errno == errno.ENOSPC, error
                await asyncio.sleep(0.05)
                await self.look_after()

    async def _lose_name(self) -> None:
        """A life in which Telegram's name does not resolve."""
        self._note("name does not resolve for 20 s")
        await self.kill()
        self.configure("http://telegram.invalid:1")
        await self.start()
        await asyncio.sleep(20)
        await self.kill()
        self.configure()
        await self.start()

    # --- afterwards ------------------------------------------------------------------------------------

    def room_bodies(self, room: str) -> list[str]:
        """What the bot said in a room, oldest first, as it reads now."""
        path = f"/_matrix/client/v3/rooms/{quote(room)}/messages?dir=b&limit=100"
        found = self.server.ask("GET", path, token=self.member_token)["chunk"]
        said = {}
        for one in reversed(found):
            if one["sender"] == self.bot:
                edits = one["content"].get("m.relates_to", {}).get("rel_type") == "m.replace"
                number = one["content"]["m.relates_to"]["event_id"] if edits else one["event_id"]
                said[number] = one["content"].get("m.new_content", one["content"]).get("body", "")
        return list(said.values())

    def verdict(self) -> list[str]:
        """Rows of the table: what was promised, and what is so."""
        rows = self.rows("SELECT platform, chat, broadcast, state FROM outbox WHERE kind='broadcast'")
        states = Counter((row[0], row[3]) for row in rows)
        here: dict[str, list[str]] = {str(-n): [] for n in range(1, self.telegram + 1)}
        for sent in self.emulator.sent:
            here.setdefault(str(sent.chat), []).append(sent.text)
        bodies = {**{("telegram", chat): said for chat, said in here.items()}}
        bodies |= {("matrix", room): self.room_bodies(room) for room in self.room_ids}
        lost, twice, disorder, silent = 0, Counter[str](), 0, 0
        calm, times = ", ".join(f"{one:.0f}" for one in self.calm), len(WORDS)
        for platform, chat, number, state in rows:
            count = bodies[platform, chat].count(WORDS[number - 1])
            lost += state == "sent" and count == 0
            silent += state not in ("sent", "unknown")
            twice[platform] += count > 1
        for said in bodies.values():
            ours = [one for one in said if one in WORDS]
            disorder += ours != sorted(ours, key=WORDS.index)
        ended = self.rows("SELECT state, chats, sent, failed, unknown FROM broadcasts ORDER BY id")
        return [
            f"| said to be sent, and is not there | {lost} |",
            f"| neither sent nor listed as unknown | {silent} |",
            f"| twice on Telegram | {twice['telegram']} |",
            f"| twice on Matrix | {twice['matrix']} |",
            f"| chats in which the order is wrong | {disorder} |",
            f"| listed as unknown, Telegram | {states['telegram', 'unknown']} of {times * self.telegram} |",
            f"| listed as unknown, Matrix | {states['matrix', 'unknown']} of {times * self.rooms} |",
            f"| broadcasts (state, chats, sent, failed, unknown) | {'; '.join(map(str, ended))} |",
            f"| refused by Telegram's own limits | {self.emulator.limited} |",
            f"| most memory in any life of the fire | {max(self.memory):.0f} MB |",
            f"| memory at each quarter of the third broadcast | {calm} MB |",
        ]


async def measured(telegram: int, rooms: int, kills: int, seed: int) -> str:
    """The table of one run."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        (Path(folder) / "synapse").mkdir()
        with homeserver(Path(folder) / "synapse") as server:
            emulator = Emulator(strict_limits=True)
            async with serving(emulator) as address:
                run = Run(telegram, rooms, kills, Path(folder), emulator, server, address)
                run.mount()
                try:
                    await run.prepare()
                    began = time.monotonic()
                    await run.burn(random.Random(seed))  # noqa: S311 - the same troubles in every run
                    took = time.monotonic() - began
                    await run.undisturbed()
                    await run.kill()
                    lines = run.verdict()
                finally:
                    await run.kill()
                    run.unmount()
    troubles = ", ".join(f"{count} × {what}" for what, count in sorted(run.troubles.items()))
    disk = "" if run.small_disk else " This machine allows no small disk: it did not fill."
    head = [
        f"# Two broadcasts to {telegram} Telegram chats and {rooms} Matrix rooms under fire",
        "",
        f"In {took:.0f} s: {troubles}.{disk}",
        "",
        "| what | how many |",
        "|---|---|",
    ]
    return "\n".join([*head, *lines, ""])


def table(full: bool = False) -> str:
    """At full size 2,000 chats, 300 rooms and 20 kills; else a smaller fire of the same kind."""
    size = () if full else ("--telegram=300", "--rooms=30", "--kills=6")
    command = [sys.executable, "-m", "benchmarks.delivery", *size]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout


def apart() -> list[str]:
    """What a command runs behind, to mount something nobody else sees; nothing where that is forbidden."""
    unshare = ["unshare", "--user", "--map-root-user", "--mount"]
    mount = [*unshare, "mount", "-t", "tmpfs", "none", tempfile.gettempdir()]
    allowed = shutil.which("unshare") and subprocess.run(mount, capture_output=True).returncode == 0
    return unshare if allowed else []


def main() -> None:
    if APART not in os.environ:
        before = apart()
        command = [*before, sys.executable, "-m", "benchmarks.delivery", *sys.argv[1:]]
        os.execvpe(command[0], command, os.environ | {APART: "yes" if before else ""})  # noqa: S606
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--telegram", type=int, default=2_000)
    options.add_argument("--rooms", type=int, default=300)
    options.add_argument("--kills", type=int, default=20)
    options.add_argument("--seed", type=int, default=2027)
    chosen = options.parse_args()
    print(asyncio.run(measured(chosen.telegram, chosen.rooms, chosen.kills, chosen.seed)), end="")


if __name__ == "__main__":
    main()
