"""Reports as files: CSV, JSON, XLSX, Markdown. What people wrote can never become a formula or markup."""

import asyncio
import csv
import io
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, BinaryIO, Protocol
from zoneinfo import ZoneInfo

from bot.markup import escape
from store import reports
from store.database import Database
from store.reports import Report

PAGE = 1000

COLUMNS = ("place", "measure", "outcome", "text", "votes", "link", "reported_at", "revision", "withdrawn")
# Column widths of the workbook, in characters.
WIDTHS = (28, 9, 22, 50, 10, 40, 17, 9, 10)
# A cell that begins with one of these would be a formula in a spreadsheet (OWASP, CSV injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


class Format(StrEnum):
    """The formats reports are exported in."""

    CSV = "csv"
    JSON = "json"
    XLSX = "xlsx"
    MARKDOWN = "md"


def as_object(one: Report, zone: ZoneInfo) -> dict[str, Any]:
    """A report as the interface promises it: `votes` is yes:no or yes:no:abstained, or None."""
    return {
        "place": one.place,
        "measure": one.measure,
        "outcome": one.outcome,
        "text": one.text,
        "votes": votes(one),
        "link": one.link or None,
        "reported_at": one.reported_at.astimezone(zone).isoformat(timespec="seconds"),
        "revision": one.revision,
        "withdrawn": one.withdrawn,
    }


def votes(one: Report) -> str | None:
    """Votes as people write them: "19:12", with abstentions "19:12:3"."""
    if one.yes is None and one.no is None:
        return None
    counted = [one.yes or 0, one.no or 0, *([one.abstained] if one.abstained is not None else [])]
    return ":".join(map(str, counted))


class Writer(Protocol):
    """Writes reports into an open file, page by page. `close` finishes the file but leaves it open."""

    def add(self, page: Sequence[Report]) -> None: ...

    def close(self) -> None: ...


async def export(database: Database, kind: Format, zone: ZoneInfo, file: BinaryIO) -> int:
    """Write all reports, oldest first, into a file; how many. Holds neither memory nor the store for long."""
    writer = WRITERS[kind](file, zone)
    count = last = 0
    while page := await database.read(lambda tx: reports.page(tx, last, PAGE)):  # noqa: B023
        await asyncio.to_thread(writer.add, page)
        count, last = count + len(page), page[-1].id
    await asyncio.to_thread(writer.close)
    return count


class Csv:
    """CSV for spreadsheets: the mark at the beginning makes them read it as UTF-8."""

    def __init__(self, file: BinaryIO, zone: ZoneInfo) -> None:
        self._text = io.TextIOWrapper(file, "utf-8-sig", newline="")
        self._writer = csv.writer(self._text)
        self._zone = zone
        self._writer.writerow(COLUMNS)

    def add(self, page: Sequence[Report]) -> None:
        for one in page:
            row = as_object(one, self._zone)
            self._writer.writerow([_cell(row[name]) for name in COLUMNS])

    def close(self) -> None:
        self._text.detach()


def _cell(value: object) -> object:
    """A value that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else value


class Json:
    """One list of objects, one a line."""

    def __init__(self, file: BinaryIO, zone: ZoneInfo) -> None:
        self._file = file
        self._zone = zone
        self._between = b"[\n"

    def add(self, page: Sequence[Report]) -> None:
        for one in page:
            line = json.dumps(as_object(one, self._zone), ensure_ascii=False)
            self._file.write(self._between + line.encode())
            self._between = b",\n"

    def close(self) -> None:
        self._file.write(b"[]\n" if self._between == b"[\n" else b"\n]\n")


class Xlsx:
    """A workbook with a fixed header, filters and real dates."""

    def __init__(self, file: BinaryIO, zone: ZoneInfo) -> None:
        from xlsxwriter import Workbook

        self._book = Workbook(file, {"constant_memory": True, "strings_to_formulas": False})
        self._sheet = self._book.add_worksheet("Berichte")
        self._dates = self._book.add_format({"num_format": "dd.mm.yyyy hh:mm"})
        self._zone = zone
        self._rows = 0
        self._sheet.freeze_panes(1, 0)
        for column, (name, width) in enumerate(zip(COLUMNS, WIDTHS, strict=True)):
            self._sheet.set_column(column, column, width)
            self._sheet.write_string(0, column, name, self._book.add_format({"bold": True}))

    def add(self, page: Sequence[Report]) -> None:
        for one in page:
            self._rows += 1
            at = one.reported_at.astimezone(self._zone)
            _xlsx_row(self._sheet, self._rows, as_object(one, self._zone), at, self._dates)

    def close(self) -> None:
        self._sheet.autofilter(0, 0, self._rows, len(COLUMNS) - 1)
        self._book.close()


def _xlsx_row(sheet: Any, number: int, row: dict[str, Any], at: datetime, dates: Any) -> None:
    for column, name in enumerate(COLUMNS):
        value = row[name]
        if name == "reported_at":
            sheet.write_datetime(number, column, at.replace(tzinfo=None), dates)
        elif isinstance(value, bool):
            sheet.write_boolean(number, column, value)
        elif isinstance(value, int):
            sheet.write_number(number, column, value)
        else:
            sheet.write_string(number, column, value or "")


class Markdown:
    """One table."""

    def __init__(self, file: BinaryIO, zone: ZoneInfo) -> None:
        self._file = file
        self._zone = zone
        self._line(COLUMNS)
        self._line(["---"] * len(COLUMNS))

    def _line(self, cells: Sequence[str]) -> None:
        self._file.write(f"| {' | '.join(cells)} |\n".encode())

    def add(self, page: Sequence[Report]) -> None:
        for one in page:
            row = as_object(one, self._zone)
            self._line([_markdown_cell(row[name]) for name in COLUMNS])

    def close(self) -> None:
        self._file.flush()


def _markdown_cell(value: object) -> str:
    return (
        escape(_cell(value) if isinstance(value, bool) else "" if value is None else value)
        .replace("|", "\\|")
        .replace("\n", " ")
    )


WRITERS: dict[Format, Callable[[BinaryIO, ZoneInfo], Writer]] = {
    Format.CSV: Csv,
    Format.JSON: Json,
    Format.XLSX: Xlsx,
    Format.MARKDOWN: Markdown,
}
