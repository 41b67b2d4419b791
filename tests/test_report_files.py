"""What is made of reports: the picture of the progress, exports, and the report of a year."""

import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image, ImageColor

from bot.outcomes import OUTCOMES
from bot.pictures import draw
from bot.report_files import board, yearly_text
from bot.texts import Texts
from bot.yearly import Year, collect
from knowledge.places import load_places
from knowledge.resolution import resolution
from store import debates, reports
from store.database import Database, Transaction
from store.debates import Debate
from store.messages import Attachment
from store.reports import Report
from tests.conftest import NOW
from tests.stage.crowd import Crowd, gathered

TEXTS, ZONE = Texts(), ZoneInfo("Europe/Berlin")
PLACES = [place.name for place in load_places().all]
HOSTILE = '<script>alert("1")</script>|<b>fett</b> =1+1 **laut**'
VOID = {"meta", "img", "br", "link", "hr", "col"}


def fill(tx: Transaction, places: int) -> None:
    """Reports on every measure of many places, some with nasty words, and a debate."""
    cells = [(place, one.code) for place in PLACES[:places] for one in resolution().measures]
    for number, (place, measure) in enumerate(cells):
        outcome = OUTCOMES[number % len(OUTCOMES)].key
        at = NOW - timedelta(minutes=20 * number)
        text = HOSTILE if number % 7 == 0 else ""
        reports.add(tx, Report("telegram:1", place, measure, outcome, at, text=text, yes=19, no=12))
    held = Debate(PLACES[0], f"Haushalt {HOSTILE}", NOW - timedelta(days=3), "hand", council="Rat")
    debates.add(tx, held, NOW)


async def drawn(store: Database, places: int) -> Image.Image:
    await store.write(lambda tx: fill(tx, places))
    known = await store.read(reports.states)
    cells = {(one.place, one.measure): one.outcomes for one in known}
    return Image.open(io.BytesIO(draw(board(TEXTS, "de", cells, date(2026, 11, 23))))).convert("RGB")


def colours(picture: Image.Image) -> set[tuple[int, ...]]:
    return {colour for _, colour in picture.getcolors(2**24) or []}  # type: ignore[misc]


@pytest.mark.parametrize("places", [1, 30, 60])
async def test_the_picture_shows_every_outcome_in_its_colour(sqlite: Database, places: int) -> None:
    picture = await drawn(sqlite, places)
    width, height = picture.size
    assert 900 <= width <= 2000
    assert 300 <= height <= 10_000
    shown = colours(picture)
    for one in OUTCOMES:
        wanted = ImageColor.getrgb(one.colour)
        assert any(max(abs(a - b) for a, b in zip(wanted, have, strict=True)) <= 6 for have in shown), one.key


async def test_more_places_make_a_longer_picture(tmp_path: Path, sqlite: Database) -> None:
    few = await drawn(sqlite, 2)
    more = await drawn(sqlite, 20)
    assert more.height > few.height


@pytest.fixture
async def crowd(tmp_path: Path) -> AsyncIterator[Crowd]:
    async with gathered(tmp_path) as crowd:
        await crowd.app.database.write(lambda tx: fill(tx, 3))
        yield crowd


async def made(crowd: Crowd, recipe: str, **arguments: str) -> bytes:
    found = await crowd.app.recipes.draw(Attachment(recipe=recipe, alt="alt", arguments=arguments))
    assert found is not None
    return found.content


async def test_the_picture_of_a_message_is_drawn_when_it_is_sent(crowd: Crowd) -> None:
    content = await made(crowd, "progress", language="en", day="2026-11-23")
    assert Image.open(io.BytesIO(content)).format == "PNG"


async def test_reports_are_exported_in_every_format(crowd: Crowd) -> None:
    rows = list(csv.DictReader(io.StringIO((await made(crowd, "export", format="csv")).decode("utf-8-sig"))))
    objects = json.loads(await made(crowd, "export", format="json"))
    assert len(rows) == len(objects) == 3 * len(resolution().measures)
    assert rows[0]["votes"] == objects[0]["votes"] == "19:12"
    assert (await made(crowd, "export", format="xlsx"))[:2] == b"PK"
    table = (await made(crowd, "export", format="md")).decode()
    assert "<script>" not in table.replace("\\<", "")


class Page(HTMLParser):
    """Notes which tags a page has, whether each is closed, and what is fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.fetched += [value or "" for name, value in attrs if name in ("src", "srcset", "data")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", ["de", "en"])
async def test_the_report_of_a_year_is_one_page_without_scripts(crowd: Crowd, language: str) -> None:
    text = (await made(crowd, "yearly", language=language, year="2026", format="html")).decode()
    page = Page()
    page.feed(text)
    assert page.open == []
    assert not page.tags & {"script", "iframe", "b", "object", "form"}
    assert page.fetched
    assert all(one.startswith("data:image/") for one in page.fetched)
    assert f'lang="{language}"' in text
    for place in PLACES[:3]:
        assert place in text


async def test_the_report_of_a_year_as_markdown_keeps_its_tables(crowd: Crowd) -> None:
    text = (await made(crowd, "yearly", language="de", year="2026", format="md")).decode()
    assert text.startswith("# ")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert rows
    columns = {row.replace("\\|", "").count("|") for row in rows}
    assert len(columns) <= 2
    assert "<script>" not in text.replace("\\<", "")


async def test_a_year_without_reports_says_so(sqlite: Database) -> None:
    found: Year = await sqlite.read(lambda tx: collect(tx, 2020, ZONE))
    assert (found.year, found.cells) == (2020, [])
    for kind in ("md", "html"):
        assert "2020" in yearly_text(found, TEXTS, "de", kind)


@pytest.mark.parametrize(
    ("at", "year"),
    [(datetime(2026, 12, 31, 22, 59, tzinfo=UTC), 2026), (datetime(2026, 12, 31, 23, tzinfo=UTC), 2027)],
)
async def test_a_year_begins_at_midnight_where_people_are(sqlite: Database, at: datetime, year: int) -> None:
    await sqlite.write(lambda tx: reports.add(tx, Report("telegram:1", "Rostock", "2.1", "vertagt", at)))
    for one in (2026, 2027):
        found: Year = await sqlite.read(lambda tx, one=one: collect(tx, one, ZONE))
        assert len(found.cells) == (one == year)
