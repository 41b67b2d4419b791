"""Exports: nothing that people wrote becomes a formula or markup, and spreadsheets get real dates."""

import csv
import io
import json
import zipfile
from datetime import UTC, datetime
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.exports import COLUMNS, WRITERS, Format
from bot.routing import cleaned
from store.reports import Report

ZONE = ZoneInfo("Europe/Berlin")
AT = datetime(2026, 12, 15, 18, 30, tzinfo=UTC)
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
# 1899-12-30 plus so many days: the fraction is 19:30 of the day, local time.
SERIAL = (datetime(2026, 12, 15, 19, 30) - datetime(1899, 12, 30)).total_seconds() / 86400  # noqa: DTZ001


def report(text: str = "drei Plätze mehr", **more: object) -> Report:
    return Report("terminal:mia", "Rostock", "2.1", "adopted", AT, text, **more)  # type: ignore[arg-type]


def write(found: list[Report], kind: Format, zone: ZoneInfo) -> bytes:
    file = io.BytesIO()
    writer = WRITERS[kind](file, zone)
    writer.add(found)
    writer.close()
    return file.getvalue()


def rows(found: list[Report]) -> list[dict[str, str]]:
    content = write(found, Format.CSV, ZONE)
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_csv_has_the_promised_columns_in_order() -> None:
    (row,) = rows([report(yes=19, no=12, abstained=3, link="https://example.org")])
    assert tuple(row) == COLUMNS
    assert row == {
        "place": "Rostock",
        "measure": "2.1",
        "outcome": "adopted",
        "text": "drei Plätze mehr",
        "votes": "19:12:3",
        "link": "https://example.org",
        "reported_at": "2026-12-15T19:30:00+01:00",
        "revision": "1",
        "withdrawn": "false",
    }


def test_csv_begins_with_the_mark_that_spreadsheets_need() -> None:
    assert write([], Format.CSV, ZONE).startswith(b"\xef\xbb\xbfplace,measure,")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_begins_like_a_formula(start: str) -> None:
    (row,) = rows([report(f"{start}1+1")])
    assert row["text"] == f"'{start}1+1"


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=80))
def test_csv_gives_back_every_text(text: str) -> None:
    (row,) = rows([report(text)])
    assert row["text"].removeprefix("'") == text.removeprefix("'") or row["text"] == text
    assert row["text"][:1] not in ("=", "+", "-", "@")


def test_json_is_one_list_with_real_values() -> None:
    found = json.loads(write([report(), report(withdrawn=True, yes=1, no=2)], Format.JSON, ZONE))
    assert [(one["withdrawn"], one["votes"], one["link"]) for one in found] == [
        (False, None, None),
        (True, "1:2", None),
    ]
    assert json.loads(write([], Format.JSON, ZONE)) == []


def test_markdown_keeps_a_report_in_its_row() -> None:
    lines = write([report("a | b\n**c** <d>")], Format.MARKDOWN, ZONE).decode().splitlines()
    assert len(lines) == 3
    assert "a \\| b \\*\\*c\\*\\* \\<d\\>" in lines[2]


def cells(found: list[Report]) -> list[dict[str, ElementTree.Element]]:
    """The cells of every row by column letter, read from the file itself; strings lie in their cells."""
    with zipfile.ZipFile(io.BytesIO(write(found, Format.XLSX, ZONE))) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314 - our own file
        styles = ElementTree.fromstring(book.read("xl/styles.xml"))  # noqa: S314
    assert "dd.mm.yyyy hh:mm" in [one.get("formatCode") for one in styles.iter(f"{SHEET}numFmt")]
    return [{str(cell.get("r"))[0]: cell for cell in row} for row in sheet.iter(f"{SHEET}row")]


def text_of(cell: ElementTree.Element) -> str:
    return "".join(cell.itertext())


def test_xlsx_has_real_dates_and_texts() -> None:
    head, row = cells([report("=1+1", yes=19, no=12)])
    assert [text_of(cell) for cell in head.values()] == list(COLUMNS)
    at = row["G"].find(f"{SHEET}v")
    assert at is not None
    assert float(at.text or 0) == pytest.approx(SERIAL)
    assert row["G"].get("t") in (None, "n")
    assert row["G"].get("s") not in (None, "0")
    assert (row["D"].get("t"), text_of(row["D"])) == ("inlineStr", "=1+1")
    assert (row["H"].get("t"), row["I"].get("t")) == (None, "b")


def test_xlsx_has_no_formula_and_no_link_of_what_people_wrote() -> None:
    texts = ["=cmd|' /C calc'!A0", "{=1}", "https://example.org", "mailto:a@example.org", "internal:A1"]
    content = write([report(text) for text in texts], Format.XLSX, ZONE)
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert [text_of(row["D"]) for row in cells([report(text) for text in texts])[1:]] == texts


@given(st.text(max_size=60))
def test_any_text_can_be_exported_in_any_format(text: str) -> None:
    for kind in Format:
        assert write([report(cleaned(text))], kind, ZONE)
