"""`saeulenbot backup` and `saeulenbot restore`."""

import asyncio
import getpass
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from bot import backups
from bot.cli.common import app, configured, say, sentence, write_private
from bot.cli.options import ConfigOption, DataOption, path_option
from bot.config import read_secret
from errors import BackupUnfit, ConfigError, UsageError
from scheduler.clock import SystemClock
from store import archive

PassphraseOption = Annotated[
    Path | None, path_option("--passphrase-file", "A file with the passphrase (0600).")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Overwrite what is there without asking.")]
FEWEST_LETTERS = 12


@app.command()
def backup(
    file: Annotated[Path | None, typer.Argument(help="The encrypted file to write.", readable=False)] = None,
    passphrase_file: PassphraseOption = None,
    new_key: Annotated[
        Path | None, path_option("--new-key", "Make a pair of keys: the secret one goes here.")
    ] = None,
    force: ForceOption = False,
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Everything kept as one encrypted file; the bot may run meanwhile."""
    settings = configured(config, data)
    recipient = settings.backup.recipient if new_key is None else _make_key(new_key)
    if file is None:
        if new_key is None:
            raise UsageError("backup.which_file")
        return
    if file.exists() and not force:
        raise UsageError("backup.exists", file=str(file))
    if not settings.data_dir.exists() and settings.database is None:
        raise UsageError("backup.nothing", folder=str(settings.data_dir))
    secret = _new_secret(passphrase_file, recipient)
    now = SystemClock().now()
    sealed = backups.seal(asyncio.run(backups.made(settings, now)), recipient, secret)
    write_private(file, sealed)
    asyncio.run(backups.noted(settings, now))
    say(sentence("backup.done", file=str(file), size=f"{max(1, len(sealed) // 1000)}"))


def _make_key(path: Path) -> str:
    """Write a pair of keys as age-keygen does; the public one."""
    if path.exists():
        raise UsageError("backup.key_exists", file=str(path))
    secret, public = backups.new_key()
    write_private(path, f"# public key: {public}\n{secret}\n".encode())
    say(sentence("backup.new_key", file=str(path), key=public))
    return public


def _new_secret(passphrase_file: Path | None, recipient: str | None) -> str | None:
    """The passphrase to encrypt for; None when it is for the configured key."""
    if passphrase_file is not None:
        return _read(passphrase_file, "--passphrase-file")
    if recipient is not None:
        return None
    secret = _asked("backup.ask_new")
    if len(secret) < FEWEST_LETTERS:
        raise UsageError("backup.too_short", n=FEWEST_LETTERS)
    if secret != _asked("backup.ask_again"):
        raise UsageError("backup.differs")
    return secret


def _read(path: Path, option: str) -> str:
    try:
        return read_secret(Path.cwd(), str(path), path, option)
    except ConfigError as error:
        problems = [replace(one, file=str(path), place="") for one in error.problems]
        raise ConfigError("backup.secret_file", problems, option=option) from error


def _asked(key: str, alone: str = "backup.no_secret") -> str:
    """A secret typed without being shown. Nobody is asked where nobody sits: then `alone` says what to do."""
    if not sys.stdin.isatty():
        raise UsageError(alone)
    return getpass.getpass(f"{sentence(key)} ")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `backup` has written.", readable=False)],
    key: Annotated[Path | None, path_option("--key", "A file with the secret key (0600).")] = None,
    passphrase_file: PassphraseOption = None,
    force: ForceOption = False,
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Bring everything back from a backup, in the place of what is there; stop the bot first."""
    settings = configured(config, data)
    try:
        sealed = file.read_bytes()
    except OSError as error:
        raise UsageError("backup.cannot_read", file=str(file), reason=error.strerror or "?") from error
    found = archive.unpack(backups.unseal(sealed, _known_secret(sealed, key, passphrase_file)))
    made_at = f"{found.made_at.astimezone(settings.zone):%d.%m.%Y %H:%M}"

    def agreed() -> bool:
        return force or _agreed(str(settings.data_dir), made_at)

    aside = asyncio.run(backups.restored(settings, found, agreed, SystemClock().now()))
    if aside is not None:
        say(sentence("backup.set_aside", file=str(aside)))
    say(sentence("backup.restored", made_at=made_at, rows=found.rows))


def _known_secret(sealed: bytes, key: Path | None, passphrase_file: Path | None) -> str:
    if backups.needs_passphrase(sealed):
        if passphrase_file is not None:
            return _read(passphrase_file, "--passphrase-file")
        return _asked("backup.ask", "backup.needs_passphrase")
    if not sealed.startswith(b"age-encryption.org/"):
        raise BackupUnfit("backup.not_ours")
    if key is None:
        raise UsageError("backup.needs_key")
    lines = _read(key, "--key").splitlines()
    # age-keygen writes comments around the key.
    return next((line.strip() for line in lines if line and not line.startswith("#")), "")


def _agreed(folder: str, made_at: str) -> bool:
    """Whether somebody at the terminal wants what is there to be overwritten."""
    if not sys.stdin.isatty():
        raise UsageError("backup.needs_force", folder=folder)
    said = input(f"{sentence('backup.overwrite', folder=folder, made_at=made_at)} ")
    return said.strip().casefold() in ("ja", "j", "yes", "y")
