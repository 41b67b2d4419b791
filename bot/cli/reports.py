"""`saeulenbot reports list|export`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot import exports
from bot.cli import common
from bot.cli.common import (
    ConfigOption,
    DataOption,
    JsonOption,
    configured,
    say,
    say_json,
    sentence,
    with_store,
)
from bot.exports import Format
from errors import StoreFull
from store import reports
from store.database import Database, Transaction
from store.reports import Report

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Status reports: list, export.")
common.app.add_typer(app, name="reports")


@app.command("list")
def list_(as_json: JsonOption = False, config: ConfigOption = None, data: DataOption = None) -> None:
    """All reports, oldest first, withdrawn ones marked."""
    settings = configured(config, data)
    found = with_store(settings, _every)
    for one in found:
        row = exports.as_object(one, settings.zone)
        if as_json:
            say_json(row)
        else:
            mark = f" [{sentence('report.is_withdrawn')}]" if one.withdrawn else ""
            day = one.reported_at.astimezone(settings.zone)
            outcome = sentence(f"outcome.{one.outcome}")
            say(f"{day:%d.%m.%Y %H:%M}  {one.place}  {one.measure}  {outcome}  {one.text}{mark}".rstrip())
    if not found and not as_json:
        say(sentence("reports.none"))


async def _every(database: Database) -> list[Report]:
    return await database.read(lambda tx: list(reports.every(tx)))


@app.command()
def export(
    format_: Annotated[Format, typer.Option("--format", help="csv, json, xlsx or md.")] = Format.CSV,
    out: Annotated[
        Path | None, typer.Option(help="A file; else standard output.", show_default=False)
    ] = None,
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """All reports as a file."""
    settings = configured(config, data)

    async def written(database: Database) -> bytes:
        def work(tx: Transaction) -> bytes:
            return exports.write(reports.every(tx), format_, settings.zone)

        return await database.read(work)

    content = with_store(settings, written)
    if out is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    try:
        out.write_bytes(content)
    except OSError as error:
        raise StoreFull("cli.cannot_write", file=str(out), reason=error.strerror or "?") from error
    say(sentence("reports.exported", file=str(out)), error=True)
