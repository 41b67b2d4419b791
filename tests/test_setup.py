"""`saeulenbot setup`: answers are tried at once, the file is private, the link makes an organiser."""

import io
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from bot.cli import setup as cli
from bot.config import load_config
from errors import SaeulenbotError, UsageError
from store import people
from tests.emulator.server import TOKEN, Emulator, serving
from tests.stage.crowd import gathered

CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//x//DE
BEGIN:VEVENT
UID:1
DTSTAMP:20261101T000000Z
DTSTART:20271215T170000Z
SUMMARY:Sitzung der Bürgerschaft
END:VEVENT
END:VCALENDAR
"""


def answering(monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{one}\n" for one in answers)))


async def set_up(folder: Path, api: str) -> Path:
    """Answers are read while servers answer, so setup has a thread of its own."""
    import asyncio

    file = folder / "bot.yaml"
    await asyncio.to_thread(cli.setup, api, file, folder / "data")
    return file


async def test_wrong_answers_are_asked_again_and_the_rest_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    calendar = tmp_path / "sitzungen.ics"
    calendar.write_text(CALENDAR.replace("\n", "\r\n"), encoding="utf-8")
    wrong_token, no_token = "9:wrong", "abc"
    no_matrix = ("http://127.0.0.1:9", "@bot:example.org", "geheim", "")
    places = ("Bielefeld", "Rostock, Wismar", str(tmp_path / "nirgends.ics"), str(calendar), "")
    database = ("mysql://x", "", "Kreisverband: „Beispiel“ #1", "bot@example.org")
    answering(monkeypatch, no_token, wrong_token, TOKEN, *no_matrix, *places, *database)
    async with serving(Emulator()) as address:
        file = await set_up(tmp_path, address)
    said = capsys.readouterr()
    assert "@saeulen_bot" in said.out
    assert "onfiguration" not in said.err
    assert said.err.count("\n") >= 5
    assert TOKEN not in said.out + said.err
    assert file.stat().st_mode & 0o777 == 0o600
    text = file.read_text(encoding="utf-8")
    sections = [line for line in text.splitlines() if re.match(r"[a-z]", line)]
    before = text.splitlines()
    assert all(before[before.index(one) - 1].startswith("# ") for one in sections)
    config = load_config(file)
    assert config.telegram is not None
    assert config.matrix is None
    assert config.operator.name == "Kreisverband: „Beispiel“ #1"
    assert [(one.place, one.file) for one in config.sources] == [("Rostock", calendar)]
    (link,) = re.findall(r"https://t\.me/saeulen_bot\?start=(\S+)", said.out)
    async with gathered(config.data_dir, config) as crowd:
        await crowd.say("4711", f"/start {link}")
        roles = await crowd.app.database.read(lambda tx: people.all_roles(tx, crowd.clock.now()))
        assert [(one.person, one.role) for one in roles] == [("telegram:4711", "organiser")]
        await crowd.say("4712", f"/start {link}")
        assert len(await crowd.app.database.read(lambda tx: people.all_roles(tx, crowd.clock.now()))) == 1


class Homeserver:
    """Just enough of a Matrix server to log in."""

    PASSWORD = "richtig"

    async def pointer(self, _: web.Request) -> web.Response:
        return web.json_response({"m.homeserver": {"base_url": self.real}})

    async def flows(self, _: web.Request) -> web.Response:
        return web.json_response({"flows": [{"type": "m.login.password"}]})

    async def login(self, request: web.Request) -> web.Response:
        if (await request.json())["password"] != self.PASSWORD:
            return web.json_response({"errcode": "M_FORBIDDEN", "error": "no"}, status=403)
        told = {"user_id": "@bot:example.org", "device_id": "D", "access_token": "t"}
        return web.json_response(told)

    @asynccontextmanager
    async def open(self, real: str = "") -> AsyncIterator[str]:
        """Its address; with `real` it only points to another server."""
        app, self.real = web.Application(), real
        if real:
            app.router.add_get("/.well-known/matrix/client", self.pointer)
        app.router.add_get("/_matrix/client/v3/login", self.flows)
        app.router.add_post("/_matrix/client/v3/login", self.login)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()


async def test_on_matrix_every_answer_is_tried_and_somebody_can_invite_the_bot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with (
        Homeserver().open() as there,
        Homeserver().open(there) as name,
        serving(Emulator()) as api,
    ):
        matrix = (f"{api}/nirgends", there, "bot", there, "@bot:example.org", "falsch")
        answering(monkeypatch, "", *matrix, name, "@bot:example.org", Homeserver.PASSWORD, "", "", "", "")
        config = load_config(await set_up(tmp_path, api))
    said = capsys.readouterr()
    assert [line.split(" ")[0] for line in said.err.splitlines()] == ["Unter", "bot", "Matrix"]
    assert config.matrix is not None
    assert config.matrix.homeserver == there
    assert (config.matrix.user, config.matrix.invites) == ("@bot:example.org", ("example.org",))
    assert "example.org" in said.out


def test_what_no_answer_can_mend_is_told_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    wrong = (
        (tmp_path / "nirgends" / "bot.yaml", tmp_path, None, "setup.no_folder"),
        (tmp_path / "bot.yaml", tmp_path / "file" / "data", None, "store.not_writable"),
        (tmp_path / "bot.yaml", tmp_path, "nonsense", "config.bad_url"),
    )
    for config, data, api, key in wrong:
        answering(monkeypatch)
        with pytest.raises(SaeulenbotError) as caught:
            cli.setup(api, config, data)
        assert caught.value.key == key
        assert "Telegram:" not in capsys.readouterr().out


def test_nothing_is_written_when_the_answers_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for answers, key in (((), "setup.aborted"), (("", ""), "setup.no_platform")):
        answering(monkeypatch, *answers)
        with pytest.raises(UsageError) as caught:
            cli.setup(None, tmp_path / "bot.yaml", tmp_path / "data")
        assert caught.value.key == key
    assert list(tmp_path.iterdir()) == []


def test_a_configuration_that_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "bot.yaml").touch()
    with pytest.raises(UsageError) as caught:
        cli.setup(None, tmp_path / "bot.yaml", None)
    assert caught.value.key == "setup.exists"
