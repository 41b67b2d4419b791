"""Reports as files: CSV, JSON, XLSX, Markdown. What people wrote can never become a formula or markup."""

import csv
import io
import json
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from bot.markup import escape
from store.reports import Report

COLUMNS = (
    "place",
    "measure",
    "outcome",
    "text",
    "votes",
    "link",
    "reported_at",
    "revision",
    "withdrawn",
)
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


def write(found: Iterable[Report], kind: Format, zone: ZoneInfo) -> bytes:
    """All reports as one file."""
    writers = {Format.CSV: _csv, Format.JSON: _json, Format.XLSX: _xlsx, Format.MARKDOWN: _markdown}
    return writers[kind](found, zone)


def _csv(found: Iterable[Report], zone: ZoneInfo) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for one in found:
        row = as_object(one, zone)
        writer.writerow([_cell(row[name]) for name in COLUMNS])
    # The mark at the beginning makes spreadsheets read it as UTF-8.
    return out.getvalue().encode("utf-8-sig")


def _cell(value: object) -> object:
    """A value that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else value


def _json(found: Iterable[Report], zone: ZoneInfo) -> bytes:
    lines = ",\n".join(json.dumps(as_object(one, zone), ensure_ascii=False) for one in found)
    return f"[\n{lines}\n]\n".encode()


def _xlsx(found: Iterable[Report], zone: ZoneInfo) -> bytes:
    from xlsxwriter import Workbook

    out = io.BytesIO()
    book = Workbook(out, {"constant_memory": True, "in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet("Berichte")
    dates = book.add_format({"num_format": "dd.mm.yyyy hh:mm"})
    for column, name in enumerate(COLUMNS):
        sheet.write_string(0, column, name, book.add_format({"bold": True}))
    rows = 0
    for rows, one in enumerate(found, start=1):
        _xlsx_row(sheet, rows, as_object(one, zone), one.reported_at.astimezone(zone), dates)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, rows, len(COLUMNS) - 1)
    book.close()
    return out.getvalue()


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


def _markdown(found: Iterable[Report], zone: ZoneInfo) -> bytes:
    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + " --- |" * len(COLUMNS)]
    for one in found:
        row = as_object(one, zone)
        cells = [escape("" if row[name] is None else row[name]).replace("|", "\\|") for name in COLUMNS]
        lines.append("| " + " | ".join(cell.replace("\n", " ") for cell in cells) + " |")
    return ("\n".join(lines) + "\n").encode()
