"""`saeulenbot debates import ADDRESS`, as people start it, against a server on this machine."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.council_server import Council, item, meeting
from tests.stage.process import run

SOON = datetime.now(UTC).replace(hour=17, minute=0, second=0, microsecond=0) + timedelta(days=30)


async def saeulenbot(folder: Path, *words: str) -> tuple[int, str, str]:
    ended = await asyncio.to_thread(run, *words, "--data", folder)
    return ended.status, ended.out, ended.err


async def test_oparl_is_imported_and_the_same_twice_changes_nothing(town: Council, tmp_path: Path) -> None:
    agenda = [
        item("Anmietung eines Frauenhauses, Lange Straße 7, Zuschuss 2027"),
        item("Vertrauliches zum Frauenhaus", "N 1", public=False),
    ]
    town.listed("/m", [meeting(1, SOON, agendaItem=agenda)], [meeting(2, SOON, "Kulturausschuss")])
    words = ("debates", "import", town.url("/m"), "--place", "Rostock", "--json")
    code, out, _ = await saeulenbot(tmp_path, *words, "--dry-run")
    assert code == 0
    assert [json.loads(line)["title"] for line in out.splitlines()] == ["Finanzausschuss", "Kulturausschuss"]
    code, out, _ = await saeulenbot(tmp_path, *words)
    assert code == 0
    assert json.loads(out)["new"] == 2
    code, out, _ = await saeulenbot(tmp_path, *words)
    assert json.loads(out)["same"] == 2
    _, out, _ = await saeulenbot(tmp_path, "debates", "list", "--json")
    first = next(one for one in map(json.loads, out.splitlines()) if one["title"] == "Finanzausschuss")
    assert (first["place"], first["level"], len(first["items"])) == ("Rostock", "shelter_money", 1)
    assert "Lange Straße" not in out
    assert "Vertrauliches" not in out


async def test_what_could_not_be_read_is_named_and_the_rest_counts(town: Council, tmp_path: Path) -> None:
    town.json("/m", [meeting(1, SOON), {"id": "@/meeting/2", "type": "x/Meeting", "name": "Ohne Beginn"}])
    code, out, err = await saeulenbot(
        tmp_path, "debates", "import", town.url("/m"), "--place", "Rostock", "--json"
    )
    assert (code, json.loads(out)["new"]) == (0, 1)
    assert "/meeting/2" in err
    assert "keinen Beginn" in err


async def test_a_web_page_is_refused_in_one_sentence(town: Council, tmp_path: Path) -> None:
    town.raw("/page", b"<!DOCTYPE html><html></html>")
    code, out, err = await saeulenbot(tmp_path, "debates", "import", town.url("/page"), "--place", "Rostock")
    assert (code, out) == (1, "")
    assert "ist eine Webseite" in err
    assert "Traceback" not in err
