"""Backups: everything kept, encrypted with age (https://age-encryption.org/v1), and the way back.

An encrypted file is for a public key (the secret one lies elsewhere), or for a passphrase.
"""

import shutil
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from pyrage import DecryptError, IdentityError, decrypt, encrypt, passphrase, x25519

from bot.app import locked, opened
from bot.condition import BACKUP
from bot.config_model import Config
from errors import BackupUnfit, DatabaseDamaged, DatabaseNewer
from store import archive, chats
from store.archive import Archive

MATRIX = "matrix"
# How far the account has read comes first: whatever is copied later knows at least as much.
FIRST = ("matrix/position.json",)
# Leavings of a crash; after a restore they speak of something else.
LEFT_BY_CRASHES = ("handling-*", "sending-*")
# What begins a file that was encrypted for a passphrase.
BY_PASSPHRASE = b"-> scrypt "
HEAD_BYTES = 200
WRONG_KEY = ("No matching keys found", "Decryption failed")


def seal(content: bytes, recipient: str | None, secret: str | None) -> bytes:
    """Encrypt for a public key or, where there is a passphrase, for that."""
    if secret is not None:
        sealed: bytes = passphrase.encrypt(content, secret)
    else:
        sealed = encrypt(content, [x25519.Recipient.from_str(recipient or "")])
    return sealed


def unseal(sealed: bytes, secret: str) -> bytes:
    """Decrypt with the passphrase or the secret key. Raises BackupUnfit, saying which of both is wrong."""
    try:
        if needs_passphrase(sealed):
            content: bytes = passphrase.decrypt(sealed, secret)
        else:
            content = decrypt(sealed, [x25519.Identity.from_str(secret)])
    except IdentityError as error:
        raise BackupUnfit("backup.bad_key") from error
    except DecryptError as error:
        wrong = str(error) in WRONG_KEY
        raise BackupUnfit("backup.wrong_key" if wrong else "backup.torn") from error
    return content


def needs_passphrase(sealed: bytes) -> bool:
    """Whether a file was encrypted for a passphrase, not for a key."""
    return BY_PASSPHRASE in sealed[:HEAD_BYTES]


def new_key() -> tuple[str, str]:
    """A fresh pair of keys: the secret one, and the public one for the configuration."""
    identity = x25519.Identity.generate()
    return str(identity), str(identity.to_public())


async def made(config: Config, now: datetime) -> bytes:
    """Everything kept, packed but not yet encrypted; the bot may run meanwhile."""
    files = {name: _content(config.data_dir / name) for name in _names(config.data_dir)}
    async with opened(config) as database:
        return await database.read(lambda tx: archive.pack(tx, files, now))


async def noted(config: Config, now: datetime) -> None:
    """Remember that a backup was made, so that somebody notices when none is."""
    async with opened(config) as database:
        await database.write(lambda tx: chats.set_setting(tx, BACKUP, now.isoformat()))


def _names(data_dir: Path) -> Iterable[str]:
    """The files of the Matrix account, in the order they are to be copied."""
    found = sorted(str(one.relative_to(data_dir)) for one in (data_dir / MATRIX).rglob("*") if one.is_file())
    kept = [name for name in found if not name.endswith((".new", "-wal", "-shm", "-journal"))]
    return [*(name for name in kept if name in FIRST), *(name for name in kept if name not in FIRST)]


def _content(path: Path) -> bytes:
    return archive.sqlite_file(path) if path.suffix == ".db" else path.read_bytes()


async def restored(config: Config, found: Archive, agreed: Callable[[], bool], now: datetime) -> Path | None:
    """Bring everything back; the new name of a database that could not even be opened, if there was one.

    Asks before anything is overwritten. Raises DataLocked while a bot runs here, BackupUnfit when
    somebody disagrees.
    """
    with locked(config.data_dir):
        aside = await _prepared(config, agreed, now)
        async with opened(config) as database:
            await database.write(lambda tx: archive.bring_back(tx, found))
        _put_back(config.data_dir, found)
        return aside


async def _prepared(config: Config, agreed: Callable[[], bool], now: datetime) -> Path | None:
    used = (config.data_dir / MATRIX).exists()
    try:
        async with opened(config) as database:
            used = used or not await database.read(archive.is_empty)
    except (DatabaseDamaged, DatabaseNewer):
        _refuse_unless(agreed())
        return archive.set_aside(config.database_url, config.data_dir, f"{now:%Y%m%d-%H%M%S}")
    if used:
        _refuse_unless(agreed())
    return None


def _refuse_unless(agreed: bool) -> None:
    if not agreed:
        raise BackupUnfit("backup.not_overwritten")


def _put_back(data_dir: Path, found: Archive) -> None:
    """The Matrix account's folder as a whole; one that the backup does not know stays."""
    for pattern in LEFT_BY_CRASHES:
        for one in data_dir.glob(pattern):
            one.unlink()
    names = [name for name in found.files if name.startswith(f"{MATRIX}/") and ".." not in Path(name).parts]
    if not names:
        return
    fresh = data_dir / "restoring"
    shutil.rmtree(fresh, ignore_errors=True)
    for name in names:
        path = fresh / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_bytes(found.files[name])
    shutil.rmtree(data_dir / MATRIX, ignore_errors=True)
    (fresh / MATRIX).rename(data_dir / MATRIX)
    fresh.rmdir()
