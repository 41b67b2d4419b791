"""`saeulenbot matrix verify`: what people compare before they trust the bot."""

import asyncio

import typer

from bot.cli.common import app, configured, say, sentence
from bot.cli.options import ConfigOption, DataOption
from bot.transports.matrix.session import Files
from bot.transports.matrix.verifying import Verdict, looked_up
from errors import UsageError

matrix = typer.Typer(no_args_is_help=True, help="The Matrix account.")
app.add_typer(matrix, name="matrix")


@matrix.callback()
def _matrix() -> None:
    """The Matrix account."""


@matrix.command()
def verify(config: ConfigOption = None, data: DataOption = None) -> None:
    """The keys of the bot's device and identity, and whether the server shows the same."""
    settings = configured(config, data)
    files = Files(settings.data_dir)
    session, identity = files.session(), files.identity()
    if session is None or not identity:
        raise UsageError("matrix.no_session")
    verdict = asyncio.run(looked_up(session, identity))
    say(
        sentence(
            "matrix.verify",
            user=session.user,
            device=session.device,
            device_key=verdict.device_key,
            identity=verdict.identity,
        )
    )
    say(sentence(told(verdict)))
    if not verdict.fine:
        raise typer.Exit(1)


def told(verdict: Verdict) -> str:
    """The sentence for what was found."""
    if verdict.fine:
        return "matrix.verify_fine"
    return "matrix.verify_unsigned" if verdict.same else "matrix.verify_differs"
