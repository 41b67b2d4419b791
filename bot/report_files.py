"""The files that are made of reports: the picture of the progress, exports, the report of a year."""

import asyncio
import tempfile
from collections.abc import Mapping
from datetime import date

from bot import exports, yearly_html, yearly_markdown
from bot.drawn import Drawn
from bot.exports import Format
from bot.outcomes import OUTCOMES
from bot.pictures import Board, Cells, draw
from bot.texts import Texts
from bot.turn import Services
from bot.yearly import Year, collect
from knowledge.resolution import resolution
from store import reports
from store.database import Database

MIMES = {
    Format.CSV: "text/csv",
    Format.JSON: "application/json",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.MARKDOWN: "text/markdown",
}
Arguments = Mapping[str, str]


async def progress(database: Database, services: Services, arguments: Arguments) -> Drawn:
    """The picture of how far the resolution has come. `language`; `day` is written on it, ISO 8601."""
    known = await database.read(reports.states)
    cells = {(one.place, one.measure): one.outcomes for one in known}
    made = board(services.texts, arguments["language"], cells, date.fromisoformat(arguments["day"]))
    return Drawn("umsetzungsstand.png", "image/png", await asyncio.to_thread(draw, made))


def board(texts: Texts, language: str, cells: Cells, day: date) -> Board:
    """Everything that the picture shows, in one language."""
    places = len({place for place, _ in cells})
    fields = places * len(resolution().measures)
    return Board(
        title=texts.get(language, "picture.title"),
        subtitle=texts.plural(
            language, "picture.subtitle", places, day=f"{day:%d.%m.%Y}", reported=len(cells), cells=fields
        ),
        outcomes={one.key: texts.get(language, f"outcome.{one.key}") for one in OUTCOMES},
        no_report=texts.get(language, "stand.no_report"),
        contradicted=texts.get(language, "picture.contradicted"),
        cells=cells,
    )


async def export(database: Database, services: Services, arguments: Arguments) -> Drawn:
    """All reports as a file of a `format`."""
    kind = Format(arguments["format"])
    # A platform takes the file whole, but until then the rows need not lie in memory as well.
    with tempfile.TemporaryFile() as file:
        await exports.export(database, kind, services.zone, file)
        file.seek(0)
        return Drawn(f"berichte.{kind}", MIMES[kind], await asyncio.to_thread(file.read))


async def yearly(database: Database, services: Services, arguments: Arguments) -> Drawn:
    """The report of a `year` as `format` html or md, in a `language`."""
    year, kind = int(arguments["year"]), arguments["format"]
    found = await database.read(lambda tx: collect(tx, year, services.zone))
    text = await asyncio.to_thread(yearly_text, found, services.texts, arguments["language"], kind)
    mime = "text/markdown" if kind == "md" else "text/html"
    return Drawn(f"umsetzungsbericht-{year}.{kind}", mime, text.encode())


def yearly_text(found: Year, texts: Texts, language: str, kind: str) -> str:
    """The report of a year as html or md."""
    if kind == "md":
        return yearly_markdown.write(found, texts, language)
    cells = {
        (cell.report.place, cell.report.measure): tuple(one.outcome for one in cell.reports)
        for cell in found.cells
    }
    picture = board(texts, language, cells, found.last_day) if cells else None
    return yearly_html.write(found, texts, language, picture)
