"""`saeulenbot reports list|export|yearly`."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import Annotated, BinaryIO
from zoneinfo import ZoneInfo

import typer

from bot import exports
from bot.cli import common
from bot.cli.common import configured, language, read_store, say, say_json, sentence, texts, with_store
from bot.cli.options import ConfigOption, DataOption, JsonOption, path_option
from bot.config_model import Config
from bot.exports import Format
from bot.report_files import yearly_text
from bot.yearly import collect
from errors import StoreFull
from store import reports
from store.database import Database
from store.reports import Report

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Status reports: list, export, the report of a year."
)
common.app.add_typer(app, name="reports")


OutOption = Annotated[Path | None, path_option("--out", "A file; else standard output.")]


@app.command("list")
def list_(
    as_json: JsonOption = False,
    format_: Annotated[
        Format | None, typer.Option("--format", help="As a file: csv, json, xlsx or md.", show_default=False)
    ] = None,
    out: OutOption = None,
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """All reports, oldest first, withdrawn ones marked."""
    settings = configured(config, data)
    if format_ is not None or out is not None:
        _export(settings, format_ or Format.CSV, out)
        return

    async def show(database: Database) -> int:
        last = 0
        while page := await database.read(lambda tx: reports.page(tx, last)):  # noqa: B023
            for one in page:
                _show(one, settings.zone, as_json)
            last = page[-1].id
        return last

    if not with_store(settings, show) and not as_json:
        say(sentence("reports.none"))


def _show(one: Report, zone: ZoneInfo, as_json: bool) -> None:
    if as_json:
        say_json(exports.as_object(one, zone))
        return
    mark = f" [{sentence('report.is_withdrawn')}]" if one.withdrawn else ""
    day = one.reported_at.astimezone(zone)
    outcome = sentence(f"outcome.{one.outcome}")
    say(f"{day:%d.%m.%Y %H:%M}  {one.place}  {one.measure}  {outcome}  {one.text}{mark}".rstrip())


@app.command()
def export(
    format_: Annotated[Format, typer.Option("--format", help="csv, json, xlsx or md.")] = Format.CSV,
    out: OutOption = None,
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """All reports as a file."""
    _export(configured(config, data), format_, out)


def _export(settings: Config, format_: Format, out: Path | None) -> None:
    with output(out) as file:
        with_store(settings, lambda database: exports.export(database, format_, settings.zone, file))


class YearFormat(StrEnum):
    """The forms of the report of a year."""

    HTML = "html"
    MARKDOWN = "md"


@app.command()
def yearly(
    year: Annotated[int, typer.Option(min=2000, max=2999, help="The calendar year.")],
    format_: Annotated[YearFormat, typer.Option("--format", help="html or md.")] = YearFormat.HTML,
    out: OutOption = None,
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """The report of a year: one HTML page with everything inside, or Markdown."""
    settings = configured(config, data)
    found = read_store(settings, lambda tx: collect(tx, year, settings.zone))
    text = yearly_text(found, texts, language(), format_.value)
    with output(out) as file:
        file.write(text.encode())


@contextmanager
def output(out: Path | None) -> Iterator[BinaryIO]:
    """A file to write to, or standard output. A file is there, and named, only when it is whole.

    Raises StoreFull.
    """
    if out is None:
        # A workbook cannot be written into a pipe directly.
        with tempfile.TemporaryFile() as kept:
            yield kept
            kept.seek(0)
            shutil.copyfileobj(kept, sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return
    part = out.with_name(f".{out.name}.part")
    try:
        # A device or a pipe is written to as it is.
        part = out if out.exists() and not out.is_file() else part
        with part.open("wb") as file:
            yield file
        if part != out:
            part.replace(out)
    except OSError as error:
        raise StoreFull("cli.cannot_write", file=str(out), reason=error.strerror or "?") from error
    finally:
        with suppress(OSError):
            if part != out:
                part.unlink()
    say(sentence("reports.exported", file=str(out)), error=True)
