"""Configured sources: asked by the clock, proposed or told, rested when shut out, reported when silent."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.config_model import Config, Source
from errors import SourceClosed
from scheduler.agendas.meetings import Harvest
from scheduler.agendas.polling import SILENT_AFTER, failed, is_due, is_trouble, succeeded
from store import debates, sources
from store.sources import SourceState
from tests.council_server import Council, item, meeting
from tests.stage.terminal import BEGIN, Stage, on_stage

SOON = BEGIN + timedelta(days=20, hours=9)
HIT = {"agendaItem": [item("Haushaltssatzung 2027")]}


@asynccontextmanager
async def stage_with(town: Council, folder: Path, automatic: bool = False) -> AsyncIterator[Stage]:
    source = Source(place="Rostock", url=town.url("/meetings"), automatic=automatic)
    async with on_stage(folder, Config(data_dir=folder, sources=(source,))) as stage:
        await stage.introduce("anna", "organiser", "*")
        yield stage


async def pass_time(stage: Stage, **span: float) -> list[str]:
    """Let time pass in daylight; what was said since."""
    await stage.jump(stage.clock.now() + timedelta(**span))
    return [f"{name}: {text}" for name, text in stage.heard()]


async def known(stage: Stage, *states: str) -> list[str]:
    found = await stage.app.database.read(
        lambda tx: debates.between(tx, BEGIN - timedelta(days=900), states=states or ("planned",))
    )
    return [one.title for one in found]


async def test_a_hit_is_proposed_and_counts_after_one_tap(town: Council, tmp_path: Path) -> None:
    past = meeting(1, BEGIN - timedelta(days=30), "Finanzausschuss alt", **HIT)
    town.json("/meetings", [past, meeting(2, SOON, **HIT), meeting(3, SOON, "Kulturausschuss")])
    async with stage_with(town, tmp_path) as stage:
        await stage.say("mia", "/abo Rostock")
        stage.heard()
        said = await pass_time(stage, minutes=1)
        assert len(said) == 1
        assert said[0].startswith("anna: Eine neue Debatte aus 127.0.0.1")
        assert "Haushaltssatzung 2027" in said[0]
        assert "[1] Übernehmen" in said[0]
        assert await known(stage, "proposed") == ["Finanzausschuss"]
        await stage.say("mia", "/termine alle")
        assert "Finanzausschuss" not in stage.heard()[0][1]
        await stage.say("anna", "1")
        assert "Eingetragen" in stage.heard()[0][1]
        assert await known(stage, "proposed") == []
        assert await pass_time(stage, hours=7) == []
        assert await known(stage, "proposed") == []


async def test_what_does_not_fit_is_not_proposed_again(town: Council, tmp_path: Path) -> None:
    town.json("/meetings", [meeting(2, SOON, **HIT)])
    async with stage_with(town, tmp_path) as stage:
        await pass_time(stage, minutes=1)
        await stage.say("anna", "2")
        assert "Verworfen" in stage.heard()[0][1]
        town.json("/meetings", [meeting(2, SOON, **HIT, location={"description": "Saal 2"})])
        assert await pass_time(stage, hours=7) == []
        assert await known(stage, "wrong") == ["Finanzausschuss"]


async def test_many_hits_become_one_line(town: Council, tmp_path: Path) -> None:
    many = [meeting(n, SOON + timedelta(days=n), f"Finanzausschuss {n}", **HIT) for n in range(25)]
    town.json("/meetings", many)
    async with stage_with(town, tmp_path) as stage:
        (said,) = await pass_time(stage, minutes=1)
        assert "25 Vorschläge auf einmal" in said
        assert "Finanzausschuss 3" not in said
        await stage.say("anna", "1")
        assert "20 Vorschläge" in stage.heard()[0][1]
        await stage.say("anna", "1")
        assert "20 Sitzungen eingetragen" in stage.heard()[0][1]


async def test_an_automatic_source_needs_nobody(town: Council, tmp_path: Path) -> None:
    old = meeting(1, BEGIN - timedelta(days=30), **HIT)
    town.json("/meetings", [old, meeting(2, BEGIN + timedelta(days=2, hours=9), **HIT)])
    async with stage_with(town, tmp_path, automatic=True) as stage:
        await stage.say("mia", "/abo Rostock")
        stage.heard()
        said = await pass_time(stage, minutes=1)
        assert len(said) == 1
        assert said[0].startswith("mia: Neu bekannt. In 2 Tagen")


async def test_moved_and_deleted_meetings_are_told_to_those_who_know(town: Council, tmp_path: Path) -> None:
    starts = BEGIN + timedelta(days=5, hours=9)
    town.json("/meetings", [meeting(2, starts, **HIT)])
    async with stage_with(town, tmp_path, automatic=True) as stage:
        await stage.say("mia", "/abo Rostock")
        assert len(await pass_time(stage, minutes=1)) == 2
        town.json("/meetings", [meeting(2, starts + timedelta(days=1), **HIT)])
        town.json("/meeting/2", meeting(2, starts + timedelta(days=1), **HIT))
        said = await pass_time(stage, hours=7)
        assert [one.split("\n")[0] for one in said] == ["mia: Verlegt: Finanzausschuss"]
        town.json("/meetings", [{"id": "@/meeting/2", "deleted": True}])
        said = await pass_time(stage, hours=17)
        assert [one.split("\n")[0] for one in said] == ["mia: Abgesagt: Finanzausschuss"]
        assert await pass_time(stage, hours=24) == []


async def test_who_shuts_us_out_is_left_alone_and_organisers_hear_it_once(
    town: Council, tmp_path: Path
) -> None:
    town.raw("/meetings", b"", status=403)
    async with stage_with(town, tmp_path) as stage:
        said = await pass_time(stage, minutes=1)
        assert len(said) == 1
        assert "lässt mich nicht mehr lesen" in said[0]
        asked = len(town.asked)
        assert await pass_time(stage, hours=8) == []
        assert len(town.asked) == asked
        assert await pass_time(stage, hours=17) == []
        assert len(town.asked) == asked + 1


async def test_a_broken_source_is_reported_after_three_days_and_again_after_it_spoke(
    town: Council, tmp_path: Path
) -> None:
    town.raw("/meetings", b"<html>", status=200)
    async with stage_with(town, tmp_path) as stage:
        assert await pass_time(stage, minutes=1) == []
        (said,) = await pass_time(stage, days=4)
        assert "schweigt" in said
        assert await pass_time(stage, days=2) == []
        town.json("/meetings", [])
        await pass_time(stage, days=1)
        (state,) = await stage.app.database.read(sources.every)
        assert (state.problem, state.reported_at) == ("", None)


NOW = datetime(2027, 1, 1, 12, tzinfo=UTC)
STATE = SourceState("a", NOW - timedelta(days=1), NOW - timedelta(hours=2), NOW - timedelta(hours=2))


def test_when_a_source_is_due() -> None:
    assert is_due(None, NOW)
    assert not is_due(STATE, NOW)
    assert is_due(STATE, NOW + timedelta(hours=4))
    resting = failed(STATE, "a", SourceClosed("agendas.closed", timedelta(days=2)), NOW)
    assert not is_due(resting, NOW + timedelta(days=1))
    assert is_due(resting, NOW + timedelta(days=2))
    assert is_trouble(resting, NOW)


def test_the_time_stamp_advances_only_when_everything_was_read() -> None:
    torn = succeeded(STATE, "a", Harvest(complete=False), NOW)
    whole = succeeded(STATE, "a", Harvest(), NOW)
    assert torn.last_success == STATE.last_success
    assert whole.last_success == NOW
    assert succeeded(STATE, "a", None, NOW).last_success == NOW
    assert not is_trouble(torn, NOW)
    assert is_trouble(torn, NOW + SILENT_AFTER)
