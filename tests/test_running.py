"""`saeulenbot run` as a service: how it tells that it is well, stops and reloads; and its web server."""

import asyncio
import io
import json
import logging
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession
from prometheus_client.parser import text_string_to_metric_families

from bot import attending, condition, listening, logs, systemd, web
from bot.cli.run import explain
from bot.config_model import Config, Http, Matrix
from bot.pulse import Pulse
from store import chats, outbox
from store.messages import ChatRef, Kind, Outgoing
from store.sources import SourceState, keep
from tests.conftest import NOW
from tests.emulator.server import TOKEN, Emulator, Fault, serving
from tests.stage.crowd import GROUP, Crowd, gathered
from tests.stage.program import program

FEED = "ein-Geheimnis-das-niemand-raet"
CANARIES = ("4711", "4712", "-100", "Berichtskanarie")


class Visitor:
    """Asks the web server of a running bot."""

    def __init__(self, crowd: Crowd, session: ClientSession, port: int) -> None:
        self.crowd, self.port, self._session = crowd, port, session
        self._address = f"http://127.0.0.1:{port}"

    async def get(self, path: str, **headers: str) -> tuple[int, str]:
        async with self._session.get(self._address + path, headers=headers) as answer:
            for name, value in web.HEADERS.items():
                assert answer.headers[name] == value
            return answer.status, await answer.text()

    async def health(self) -> tuple[int, list[str]]:
        status, text = await self.get("/healthz")
        return status, [one["key"] for one in json.loads(text)["problems"] if one["weight"] == "bad"]


# An account that nobody sends with here: what is for it waits.
MATRIX = Matrix.model_validate({"homeserver": "https://a.example", "user": "@bot:a.example", "password": "x"})


@asynccontextmanager
async def visited(folder: Path, **http: object) -> AsyncIterator[Visitor]:
    """A running bot with its web server, and somebody who asks there."""
    served = Http.model_validate({"bind": "127.0.0.1:0", "feed_token": FEED, **http})
    config = Config(data_dir=folder, http=served, matrix=MATRIX)
    async with (
        gathered(folder, config) as crowd,
        listening.listening(crowd.app) as port,
        ClientSession() as session,
    ):
        assert port is not None
        yield Visitor(crowd, session, port)


# --- the web server ---------------------------------------------------------------------------------


async def test_it_is_healthy_when_ready_and_heard_and_sending(tmp_path: Path) -> None:
    async with visited(tmp_path) as visitor:
        crowd, pulse = visitor.crowd, visitor.crowd.app.services.pulse
        assert await visitor.health() == (503, ["finding.not_ready"])
        pulse.since = crowd.clock.now()
        pulse.begin("telegram", crowd.clock.now())
        assert await visitor.health() == (503, ["finding.connecting"])
        pulse.hear("telegram", crowd.clock.now())
        assert await visitor.health() == (200, [])
        await crowd.clock.jump(crowd.clock.now() + timedelta(minutes=6))
        assert await visitor.health() == (503, ["finding.silent"])
        pulse.hear("telegram", crowd.clock.now())
        unused = Outgoing("unused", ChatRef("signal", "a"), "?", Kind.NOTICE)
        await crowd.app.database.write(lambda tx: outbox.add(tx, unused, crowd.clock.now()))
        await crowd.clock.jump(crowd.clock.now() + timedelta(minutes=16))
        pulse.hear("telegram", crowd.clock.now())
        assert await visitor.health() == (200, [])
        assert "finding.unused" in (await visitor.get("/healthz"))[1]
        message = Outgoing("stuck", ChatRef("matrix", "!a:b"), "?", Kind.NOTICE)
        pulse.hear("matrix", crowd.clock.now())
        await crowd.app.database.write(lambda tx: outbox.add(tx, message, crowd.clock.now()))
        assert await visitor.health() == (200, [])
        await crowd.clock.jump(crowd.clock.now() + timedelta(minutes=16))
        for platform in ("telegram", "matrix"):
            pulse.hear(platform, crowd.clock.now())
        assert await visitor.health() == (503, ["finding.queue"])
        await crowd.app.database.write(lambda tx: chats.set_setting(tx, chats.PAUSE, "on"))
        assert await visitor.health() == (200, [])


async def test_slow_and_too_many_visitors_keep_no_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "LONGEST_CONNECTION", 0.05)
    monkeypatch.setattr(web, "MOST_CONNECTIONS", 2)
    async with visited(tmp_path) as visitor:
        visitors = [await asyncio.open_connection("127.0.0.1", visitor.port) for _ in range(4)]
        for _, writer in visitors:
            writer.write(b"GET /healthz HTTP/1.1\r\n")
        async with asyncio.timeout(5):
            for reader, writer in visitors:
                with suppress(ConnectionError):
                    assert await reader.read() == b""
                writer.close()
        assert (await visitor.get("/healthz"))[0] == 503


async def test_the_numbers_are_well_formed_and_tell_of_nobody(tmp_path: Path) -> None:
    async with visited(tmp_path) as visitor:
        crowd = visitor.crowd
        await crowd.give("4711", "representative", "Rostock")
        await crowd.group()
        await crowd.say("4711", "/bericht Rostock 2.1 beschlossen: Berichtskanarie")
        await crowd.say("4712", "Wer bezahlt Frauenhäuser?")
        await crowd.say("4712", "Rezept für Kartoffelsuppe")
        await crowd.say("4712", "Mein Mann schlägt mich")
        state = SourceState("example.org", NOW, NOW)
        await crowd.app.database.write(lambda tx: keep(tx, state))
        status, text = await visitor.get("/metrics")
        assert status == 200
        assert not [one for one in CANARIES if one in text]
        told = {
            (sample.name, *sample.labels.values()): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }
        assert told["saeulenbot_answers_total", "answer"] == 1
        assert told["saeulenbot_answers_total", "unknown"] == 1
        assert sum(value for name, value in told.items() if name[0] == "saeulenbot_answers_total") == 2
        assert told["saeulenbot_sends_total", "telegram", "sent"] == 3
        assert told["saeulenbot_groups",] == 1
        assert ("saeulenbot_source_age_seconds", "example.org") in told


async def test_reports_are_fed_to_who_has_the_token(tmp_path: Path) -> None:
    async with visited(tmp_path) as visitor:
        crowd = visitor.crowd
        await crowd.give("4711", "representative", "Rostock")
        await crowd.say("4711", "/bericht Rostock 2.1 beschlossen: Berichtskanarie")
        for said in ({}, {"Authorization": "Bearer falsch"}, {"Authorization": FEED}):
            assert await visitor.get("/reports", **said) == (401, "401\n")
        status, text = await visitor.get("/reports", Authorization=f"Bearer {FEED}")
        (report,) = map(json.loads, text.splitlines())
        assert (status, report["place"], report["text"]) == (200, "Rostock", "Berichtskanarie")
        assert "4711" not in text


async def test_without_a_token_there_is_no_feed(tmp_path: Path) -> None:
    async with visited(tmp_path, feed_token=None) as visitor:
        for said in ("", "Bearer ", "Bearer None"):
            assert (await visitor.get("/reports", Authorization=said))[0] == 401


async def test_what_is_not_there_is_said_without_a_word_more(tmp_path: Path) -> None:
    async with visited(tmp_path) as visitor:
        for path in ("/", "/kalender/falsch.ics", "/kalender/%00.ics", "/../etc/passwd", "/healthz/x"):
            assert await visitor.get(path) == (404, "404\n")
        address = visitor._address
        async with visitor._session.post(f"{address}/reports", data=b"x" * 5000) as answer:
            assert (answer.status, await answer.text()) == (405, "405\n")


async def test_a_calendar_by_its_address(tmp_path: Path) -> None:
    address = "https://bot.example.org/kalender/"
    async with visited(tmp_path, public_url="https://bot.example.org") as visitor:
        await visitor.crowd.give("1", "member")
        (said,) = await visitor.crowd.say("1", "/kalender adresse")
        status, text = await visitor.get("/kalender/" + said.text.split(address)[1].split()[0])
        assert (status, text[:15]) == (200, "BEGIN:VCALENDAR")


async def test_a_taken_port_harms_nobody(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        config = Config(data_dir=tmp_path, http=Http(bind=f"127.0.0.1:{port}"))
        async with gathered(tmp_path, config) as crowd, listening.listening(crowd.app) as found:
            assert found is None
            assert await crowd.say("1", "/saeulen")


def test_who_was_never_heard_counts_from_the_first_try() -> None:
    pulse = Pulse(since=NOW)
    pulse.begin("matrix", NOW)
    pulse.begin("matrix", NOW + timedelta(hours=1))
    later = NOW + timedelta(minutes=7)
    (found,) = condition.troubles(pulse, later)
    assert (found.key, found.details) == ("finding.silent", {"platform": "matrix", "minutes": 7})


# --- systemd ----------------------------------------------------------------------------------------


def test_systemd_is_told_at_its_socket(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "s"))
        assert systemd.notify(systemd.READY, {"NOTIFY_SOCKET": str(tmp_path / "s")})
        assert heard.recv(100) == b"READY=1"
    assert not systemd.notify(systemd.READY, {"NOTIFY_SOCKET": str(tmp_path / "s")})
    assert not systemd.notify(systemd.READY, {})
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(f"\0saeulenbot-{os.getpid()}")
        assert systemd.notify(systemd.ALIVE, {"NOTIFY_SOCKET": f"@saeulenbot-{os.getpid()}"})
        assert heard.recv(100) == b"WATCHDOG=1"


def test_the_watchdog_hears_of_us_twice_in_its_time() -> None:
    assert systemd.watchdog_seconds({"WATCHDOG_USEC": "30000000"}) == 15
    assert systemd.watchdog_seconds({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}) is None
    assert systemd.watchdog_seconds({}) is None


# --- reload, stop -----------------------------------------------------------------------------------


ENTRY = """
- id: {name}
  title: {name}
  questions: [eins, zwei, drei]
  answer: Antwort
  sources: [{{title: Beschluss}}]
  reviewed: 2026-11-22
"""


async def test_a_hangup_reads_the_content_again_and_keeps_the_old_if_it_is_broken(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder, hangup = tmp_path / "wissen", asyncio.Event()
    folder.mkdir()
    (folder / "a.yaml").write_text(ENTRY.format(name="a"))
    config = Config(data_dir=tmp_path, http=Http(bind="127.0.0.1:0"), knowledge=folder)
    async with gathered(tmp_path, config) as crowd:
        wisdom = crowd.app.services.wisdom
        async with attending.attended(crowd.app, hangup, explain):
            with caplog.at_level(logging.INFO, "bot"):
                (folder / "b.yaml").write_text(ENTRY.format(name="b"))
                hangup.set()
                await until(lambda: len(wisdom.answerer.library.entries) == 2)
                (folder / "c.yaml").write_text("- id: [")
                hangup.set()
                await until(lambda: "the old stays" in caplog.text)
        assert len(wisdom.answerer.library.entries) == 2


async def test_a_source_that_is_no_longer_configured_worries_nobody(tmp_path: Path) -> None:
    address = "https://ris.example.org/oparl"
    config = Config.model_validate(
        {
            "data_dir": tmp_path,
            "http": {"bind": "127.0.0.1:0"},
            "sources": [{"url": address, "place": "Rostock"}],
        }
    )
    async with gathered(tmp_path, config) as crowd:
        for name in ("ris.example.org/oparl", "old.example.org"):
            state = SourceState(name, NOW - timedelta(days=9), NOW)
            await crowd.app.database.write(lambda tx, state=state: keep(tx, state))
        async with attending.attended(crowd.app, asyncio.Event(), explain):
            seen = await crowd.app.database.read(lambda tx: condition.look(tx, NOW))
    assert [one.name for one in seen.sources] == ["ris.example.org/oparl"]


async def until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not done():  # noqa: ASYNC110 - neither a log nor a list tells anybody
            await asyncio.sleep(0.01)


async def test_a_stop_takes_five_seconds_at_most_and_loses_nothing(tmp_path: Path) -> None:
    emulator = Emulator()
    async with serving(emulator) as address:
        text = f'telegram:\n  token: "{TOKEN}"\n  api_url: {address}\nhttp: {{bind: "127.0.0.1:0"}}\n'
        async with program(tmp_path, text) as bot:
            emulator.faults.append(Fault("hang_before", chat=42))
            await bot.start()
            await emulator.says(42, "/saeulen")
            await until(lambda: emulator.faults[0].times == 0)
            began = time.monotonic()
            assert await bot.stop() == 0
            assert time.monotonic() - began < 5
            assert emulator.sent == []
            await bot.start()
            await asyncio.wait_for(emulator.until(lambda: len(emulator.sent) == 1), 30)
            os.kill(bot.pid, signal.SIGHUP)
            await until(lambda: "content read again" in bot.printed())
            assert await bot.stop() == 0
            events = [json.loads(line)["event"] for line in bot.printed().splitlines()]
    once = [one for one in events if one in ("starting", "ready", "stopping", "stopped")]
    assert once == ["starting", "ready", "stopping", "stopped"] * 2


def test_an_event_is_one_line_with_its_facts() -> None:
    names = [None, *logs.OURS, *logs.SILENT]
    before = [(one, one.level, list(one.handlers), one.propagate) for one in map(logging.getLogger, names)]
    out = io.StringIO()
    try:
        logs.configure(out)
        logging.getLogger("bot.attending").info("ready", extra={"facts": {"port": 8480}})
        logging.getLogger("somebody.else").warning("x", extra={"facts": {"token": "secret"}})
    finally:
        for one, level, handlers, propagate in before:
            one.setLevel(level)
            one.handlers, one.propagate = handlers, propagate
    ours, theirs = map(json.loads, out.getvalue().splitlines())
    assert (ours["event"], ours["port"]) == ("ready", 8480)
    assert "secret" not in str(theirs)


async def test_an_admitted_group_is_counted(tmp_path: Path) -> None:
    async with gathered(tmp_path) as crowd:
        await crowd.group(True)
        await crowd.group(False, ChatRef(GROUP.platform, "-200"))
        found = await crowd.app.database.read(lambda tx: condition.look(tx, NOW))
        assert (found.groups, found.admitted) == (2, 1)
