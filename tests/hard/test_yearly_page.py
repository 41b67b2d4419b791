"""The report of a year in a real browser: readable on a phone and aloud, printable, and silent."""

import base64
import io
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from bot.outcomes import OUTCOMES
from bot.report_files import yearly_text
from bot.texts import Texts
from bot.yearly import collect
from knowledge.places import load_places
from knowledge.resolution import resolution
from store import debates, reports
from store.database import Database, Transaction
from store.debates import Debate
from store.reports import Report
from tests.stage.browser import Page, browsing

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
PLACES = [place.name for place in load_places().all]
HOSTILE = '<script>alert("1")</script><img src=x onerror=alert(2)> "\'& ' + "Wort" * 60


def fill(tx: Transaction) -> None:
    """A year in which something happened everywhere, and people wrote nasty things."""
    cells = [(place, one.code) for place in PLACES[:60] for one in resolution().measures]
    for number, (place, measure) in enumerate(cells):
        outcome = OUTCOMES[number % len(OUTCOMES)].key
        said = {"text": HOSTILE, "link": "https://example.org/" + "x" * 300} if number % 7 == 0 else {}
        at = NOW - timedelta(hours=number)
        reports.add(tx, Report(f"telegram:{number % 5}", place, measure, outcome, at, yes=19, no=12, **said))
    for number, place in enumerate(PLACES[:20]):
        held = Debate(place, f"Haushalt {HOSTILE}", NOW - timedelta(days=number), "hand", council="Rat")
        debates.add(tx, held, NOW)


async def page_in(folder: Path, database: Database, language: str) -> str:
    await database.write(fill)
    found = await database.read(lambda tx: collect(tx, 2026, ZoneInfo("Europe/Berlin")))
    file = folder / "report.html"
    file.write_text(yearly_text(found, Texts(), language, "html"), encoding="utf-8")
    return file.as_uri()


@pytest.mark.hard
@pytest.mark.parametrize("language", ["de", "en"])
async def test_the_report_of_a_year_in_a_real_browser(
    tmp_path: Path, sqlite: Database, language: str
) -> None:
    address = await page_in(tmp_path, sqlite, language)
    async with browsing(tmp_path) as page:
        for width in (320, 390, 1280):
            await page.show(address, width)
            assert await page.value("document.documentElement.scrollWidth") <= width
            assert await page.value("[...document.images].every(one => one.naturalWidth > 1000)")
            cut = "[...document.querySelectorAll('td, li, p, h1, h2, h3')]"
            cut += ".filter(one => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0).length"
            assert await page.value(cut) == 0
        # Nothing but the page itself is fetched, nothing of it runs, and nothing is complained about.
        assert {one for one in page.asked if not one.startswith("data:")} == {address}
        assert page.said == []
        assert await page.value("document.scripts.length") == 0
        assert (await page.value("document.body.innerText")).count('<script>alert("1")</script>') >= 60
        assert await page.value("document.documentElement.lang") == language
        await read_aloud(page)
        printed = base64.b64decode((await page.call("Page.printToPDF", printBackground=True))["data"])
        assert printed.startswith(b"%PDF-")
        assert printed.count(b"/Type /Page\n") > 5
        shot = base64.b64decode((await page.call("Page.captureScreenshot"))["data"])
        (tmp_path / "report.png").write_bytes(shot)
        assert len(Image.open(io.BytesIO(shot)).convert("RGB").getcolors(2**24) or ()) > 20


async def read_aloud(page: Page) -> None:
    """What a screen reader finds: one title, headings without gaps, named pictures, links and tables."""
    nodes = (await page.call("Accessibility.getFullAXTree"))["nodes"]
    found = [
        (node["role"]["value"], node.get("name", {}).get("value", ""), node)
        for node in nodes
        if not node["ignored"]
    ]
    levels = [
        next(one["value"]["value"] for one in node["properties"] if one["name"] == "level")
        for role, _, node in found
        if role == "heading"
    ]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for role in ("image", "link", "table", "columnheader", "rowheader", "navigation"):
        names = [name for kind, name, _ in found if kind == role]
        assert names, role
        assert all(name.strip() for name in names), role
    assert {"main", "contentinfo", "banner"} <= {role for role, _, _ in found}
