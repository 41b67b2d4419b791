"""`saeulenbot setup`: asks for what is needed, tries every answer at once, and writes the configuration."""

import asyncio
import errno
import getpass
import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from bot.app import KEY_BYTES, MARKS
from bot.cli.common import app, complain, place_named, read_store, say, sentence, write_private, write_store
from bot.cli.options import ConfigOption, DataOption
from bot.commands.invitations import CODE_VALID, code_hash, fresh_code, telegram_link
from bot.config import load_config, validated
from bot.config_model import Config, default_data_dir
from bot.config_written import as_yaml
from errors import ConfigError, SaeulenbotError, StoreFull, UsageError
from knowledge.places import load_places
from scheduler.clock import SystemClock
from store import chats, people
from store.database import Transaction
from store.people import EVERYWHERE, Invitation

T = TypeVar("T")
Raw = dict[str, Any]
DEFAULT_FILE = Path("saeulenbot.yaml")
# Stands in for answers that are still to come.
SOMEBODY = {"user": "@a:b", "password": "-"}


@app.command()
def setup(
    telegram_api: Annotated[
        str | None, typer.Option("--telegram-api", help="A Bot API server of one's own.", show_default=False)
    ] = None,
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Ask for what a real group needs, try every answer, and write a configuration."""
    path = (config or DEFAULT_FILE).absolute()
    if path.exists():
        raise UsageError("setup.exists", file=str(path))
    say(sentence("setup.welcome", file=str(path)))
    raw: Raw = {"data_dir": str((data or default_data_dir()).absolute())}
    _refuse_early(path, raw, telegram_api)
    name = _telegram(raw, telegram_api)
    _matrix(raw)
    if not raw.keys() & {"telegram", "matrix"}:
        raise UsageError("setup.no_platform")
    _sources(raw)
    _database(raw)
    _operator(raw)
    write_private(path, as_yaml(raw, lambda part: sentence(f"setup.comment_{part}")).encode())
    code = _first_code(load_config(path))
    _farewell(path, name, code)


def _refuse_early(path: Path, raw: Raw, api_url: str | None) -> None:
    """What no answer can mend is told before anything is asked."""
    folder = path.parent
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        reason = os.strerror(errno.EACCES if folder.is_dir() else errno.ENOENT)
        raise StoreFull("setup.no_folder", folder=str(folder), reason=reason)
    if api_url is not None:
        _checked({"telegram": {"token": "1:a", "api_url": api_url}})
    kept = next(one for one in (Path(raw["data_dir"]), *Path(raw["data_dir"]).parents) if one.exists())
    if not kept.is_dir() or not os.access(kept, os.W_OK | os.X_OK):
        reason = os.strerror(errno.EACCES if kept.is_dir() else errno.ENOTDIR)
        raise StoreFull("store.not_writable", folder=raw["data_dir"], reason=reason)


# --- asking -----------------------------------------------------------------------------------------


def _asked(key: str, hidden: bool = False) -> str:
    """One answer, empty when there is none. Raises UsageError when the input ends: nothing is written."""
    question = f"\n{sentence(key)}\n> "
    try:
        if hidden and sys.stdin.isatty():
            return getpass.getpass(question).strip()
        return input(question).strip()
    except (EOFError, KeyboardInterrupt):
        raise UsageError("setup.aborted") from None


def _until_fine(attempt: Callable[[], T]) -> T:
    """Ask again and again until the answer works."""
    while True:
        try:
            return attempt()
        except SaeulenbotError as error:
            if error.key == "setup.aborted" or isinstance(error, StoreFull):
                raise
            complain(error)


def _checked(raw: Raw) -> Config:
    """There is no configuration yet whose places could be named: only what is wrong with the answer."""
    try:
        return validated(dict(raw), Path.cwd())
    except ConfigError as error:
        wrong = error.problems[0]
        raise UsageError(wrong.key, (), **wrong.details) from error


# --- what is asked ----------------------------------------------------------------------------------


def _telegram(raw: Raw, api_url: str | None) -> str:
    """The token; the bot's name on Telegram, empty without."""

    def attempt() -> str:
        token = _asked("setup.telegram_token", hidden=True)
        if not token:
            return ""
        section = {"token": token} | ({"api_url": api_url} if api_url else {})
        _checked({"telegram": section})
        from bot.transports.telegram.transport import tried

        name = asyncio.run(tried(token, api_url))
        say(sentence("setup.telegram_fine", name=name))
        raw["telegram"] = section
        return name

    return _until_fine(attempt)


def _matrix(raw: Raw) -> None:
    """The account; logging in makes the device that `run` goes on with."""

    def attempt() -> None:
        homeserver = _asked("setup.matrix_homeserver")
        if not homeserver:
            return
        section: Raw = {"homeserver": homeserver if "://" in homeserver else f"https://{homeserver}"}
        section["homeserver"] = asyncio.run(_answered(_checked({"matrix": {**section, **SOMEBODY}})))
        section["user"] = _asked("setup.matrix_user")
        _checked({"matrix": {**SOMEBODY, **section}})
        section["password"] = _asked("setup.matrix_password", hidden=True)
        # Nobody is an organiser yet: somebody has to be able to invite the bot into a private chat.
        section["invites"] = [section["user"].partition(":")[2]]
        asyncio.run(_entered(_checked({"data_dir": raw["data_dir"], "matrix": section})))
        say(sentence("setup.matrix_fine", user=section["user"], server=section["invites"][0]))
        raw["matrix"] = section

    _until_fine(attempt)


async def _answered(config: Config) -> str:
    from bot.transports.matrix.account import found_at

    assert config.matrix is not None  # noqa: S101 - it has just been answered
    return await found_at(config.matrix.homeserver)


async def _entered(config: Config) -> None:
    from bot.transports.matrix.account import entered
    from bot.transports.matrix.session import Files

    assert config.matrix is not None  # noqa: S101 - it has just been answered
    client, _ = await entered(config.matrix, Files(config.data_dir))
    await client.close()


def _sources(raw: Raw) -> None:
    """The places, and for each the calendar of its council where there is one."""
    places = load_places(None)

    def named() -> list[str]:
        said = _asked("setup.places")
        return [place_named(places, one.strip()) for one in said.split(",") if one.strip()]

    found = [_source(raw, place) for place in _until_fine(named)]
    raw["sources"] = [one for one in found if one is not None]


def _source(raw: Raw, place: str) -> Raw | None:
    def attempt() -> Raw | None:
        say(sentence("setup.source_of", place=place))
        address = _asked("setup.source")
        if not address:
            return None
        from bot.cli.fetching import fetched
        from scheduler.agendas.reading import is_address

        source = {"place": place, "url" if is_address(address) else "file": address}
        config = _checked({"data_dir": raw["data_dir"], "sources": [source]})
        _, reading = fetched(address, config, SystemClock(), place, private=False)
        say(sentence("setup.source_fine", n=len(list(reading.meetings))))
        return source

    return _until_fine(attempt)


def _database(raw: Raw) -> None:
    def attempt() -> None:
        address = _asked("setup.database", hidden=True)
        section = {"database": address} if address else {}
        read_store(_checked({"data_dir": raw["data_dir"]} | section), lambda _: None)
        raw.update(section)

    _until_fine(attempt)


def _operator(raw: Raw) -> None:
    name, contact = _asked("setup.operator_name"), _asked("setup.operator_contact")
    raw["operator"] = {key: said for key, said in (("name", name), ("contact", contact)) if said}


# --- what is written --------------------------------------------------------------------------------


def _first_code(config: Config) -> str:
    """A code that makes whoever says it first an organiser."""
    code, fresh, now = fresh_code(), secrets.token_bytes(KEY_BYTES), SystemClock().now()

    def invite(tx: Transaction) -> None:
        key = chats.secret(tx, MARKS, fresh, now)
        invitation = Invitation("organiser", EVERYWHERE, "", now + CODE_VALID, None)
        people.invite(tx, code_hash(key, code), invitation, now)

    write_store(config, invite)
    return code


def _farewell(path: Path, name: str, code: str) -> None:
    link = sentence("setup.link", link=telegram_link(name, code)) if name else ""
    say(sentence("setup.done", file=str(path), code=code, link=link))
