"""Backups: whole, encrypted, consistent while the bot runs; what does not fit is refused, nothing is lost."""

import io
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from bot import backups
from bot.app import opened, running
from bot.cli import backup as cli
from bot.cli.common import write_private
from bot.config_model import Backup, Config
from bot.texts import LOCALE, Texts
from errors import BackupUnfit, DatabaseDamaged, DataLocked, SaeulenbotError, UsageError
from store import archive, chats, outbox, reports, schema
from store.database import Database, Transaction, open_database
from store.messages import ChatRef, Choice, Kind, Outgoing
from tests.conftest import NOW
from tests.stage.clock import HandClock
from tests.stage.crowd import gathered
from tests.stage.tables import everything

PASSPHRASE = "vier zufällige Wörter bitte"
CANARY = "Sicherungskanarie"
TOKEN = "syt_kanarientoken"


@pytest.fixture(scope="module")
def keys() -> tuple[str, str]:
    return backups.new_key()


def agreed() -> bool:
    return True


def refused() -> bool:
    return False


async def filled(folder: Path) -> Config:
    """A data directory in which everything has happened, and a Matrix device."""
    async with gathered(folder) as crowd:
        await crowd.give("1", "representative", "Rostock")
        await crowd.group()
        await crowd.say("1", "/abo Rostock")
        await crowd.say("1", f"/bericht Rostock 2.1 beschlossen: {CANARY}")
        await crowd.say("1", "/bericht 2.1")
    matrix_device(folder)
    return Config(data_dir=folder)


def matrix_device(folder: Path) -> None:
    keys = folder / "matrix" / "store" / "@bot:example.org_DEVICE.db"
    keys.parent.mkdir(parents=True)
    (folder / "matrix" / "session.json").write_text(f'{{"token": "{TOKEN}"}}')
    (folder / "matrix" / "position.json").write_text('{"since": "s1", "waiting": []}')
    with closing(sqlite3.connect(keys)) as store:
        store.execute("CREATE TABLE keys (secret TEXT)")
        store.execute("INSERT INTO keys VALUES (?)", (CANARY,))
        store.commit()


async def rows(config: Config) -> object:
    async with opened(config) as database:
        return await everything(database)


async def test_what_was_kept_comes_back_whole(tmp_path: Path, keys: tuple[str, str]) -> None:
    config = await filled(tmp_path / "old")
    secret, public = keys
    sealed = backups.seal(await backups.made(config, NOW), public, None)
    for planted in (CANARY, TOKEN, "telegram:1", "Rostock"):
        for shape in (planted.encode(), planted.encode("utf-16-le")):
            assert shape not in sealed
    found = archive.unpack(backups.unseal(sealed, secret))
    fresh = Config(data_dir=tmp_path / "new")
    assert await backups.restored(fresh, found, refused, NOW) is None
    assert await rows(fresh) == await rows(config)
    for name in ("session.json", "position.json"):
        assert (fresh.data_dir / "matrix" / name).read_bytes() == (
            config.data_dir / "matrix" / name
        ).read_bytes()
    files = [one for one in fresh.data_dir.rglob("*") if one.is_file() and one.name != "lock"]
    assert {one.stat().st_mode & 0o077 for one in files} == {0}
    with closing(sqlite3.connect(fresh.data_dir / "matrix/store/@bot:example.org_DEVICE.db")) as store:
        assert store.execute("SELECT secret FROM keys").fetchone() == (CANARY,)


async def test_it_is_taken_while_the_bot_runs_and_of_one_instant(tmp_path: Path) -> None:
    async with gathered(tmp_path / "old") as crowd:
        await crowd.give("1", "representative", "Rostock")
        await crowd.say("1", f"/bericht Rostock 2.1 beschlossen: {CANARY}")
        packed = await backups.made(crowd.app.config, NOW)
        await crowd.say("1", "/bericht Wismar 1.1 abgelehnt")
        with pytest.raises(DataLocked):
            await backups.restored(crowd.app.config, archive.unpack(packed), agreed, NOW)
        assert len(await crowd.app.database.read(lambda tx: reports.page(tx))) == 1
    fresh = Config(data_dir=tmp_path / "new")
    await backups.restored(fresh, archive.unpack(packed), refused, NOW)
    async with opened(fresh) as database:
        assert [one.text for one in await database.read(lambda tx: reports.page(tx))] == [CANARY]


async def test_it_moves_between_databases(database_url: str | None, tmp_path: Path) -> None:
    config = await filled(tmp_path / "old")
    packed = await backups.made(config, NOW)
    address = SecretStr(database_url) if database_url else None
    there = Config(data_dir=tmp_path / "new", database=address)
    await backups.restored(there, archive.unpack(packed), refused, NOW)
    assert await rows(there) == await rows(config)
    again = archive.unpack(await backups.made(there, NOW))
    assert again.rows == archive.unpack(packed).rows
    await backups.restored(config, again, agreed, NOW)
    assert await rows(there) == await rows(config)


async def test_numbers_on_old_buttons_are_not_given_again(database: Database, tmp_path: Path) -> None:
    def put(tx: Transaction, key: str) -> int:
        choices = (Choice("Los", "/abo Rostock"),)
        outbox.put(tx, Outgoing(key, ChatRef("telegram", "1"), "?", Kind.ANSWER, choices), NOW)
        return int(tx.execute(text("SELECT max(id) FROM outbox")).scalar_one())

    before = await database.write(lambda tx: put(tx, "before"))
    packed = await database.read(lambda tx: archive.pack(tx, {}, NOW))
    pressed_later = await database.write(lambda tx: put(tx, "later"))
    await database.write(lambda tx: archive.bring_back(tx, archive.unpack(packed)))
    after = await database.write(lambda tx: put(tx, "after"))
    assert before < pressed_later < after
    assert await database.read(lambda tx: outbox.offer(tx, pressed_later, NOW)) is None


async def test_nothing_is_overwritten_without_a_yes(tmp_path: Path) -> None:
    config = await filled(tmp_path / "old")
    packed = archive.unpack(await backups.made(config, NOW))
    other = await filled(tmp_path / "new")
    async with opened(other) as database:
        await database.write(lambda tx: chats.set_setting(tx, "mine", "yes"))
    kept = await rows(other)
    with pytest.raises(BackupUnfit):
        await backups.restored(other, packed, refused, NOW)
    assert await rows(other) == kept
    await backups.restored(other, packed, agreed, NOW)
    assert await rows(other) == await rows(config)


def test_a_wrong_key_or_passphrase_is_named(keys: tuple[str, str]) -> None:
    by_passphrase, by_key = backups.seal(b"x", None, PASSPHRASE), backups.seal(b"x", keys[1], None)
    for sealed, wrong, key in (
        (by_passphrase, PASSPHRASE.upper(), "backup.wrong_key"),
        (by_key, backups.new_key()[0], "backup.wrong_key"),
        (by_key, "", "backup.bad_key"),
    ):
        with pytest.raises(BackupUnfit) as caught:
            backups.unseal(sealed, wrong)
        assert caught.value.key == key


async def test_a_torn_file_is_refused_wherever_it_is_torn(tmp_path: Path, keys: tuple[str, str]) -> None:
    packed = await backups.made(await filled(tmp_path), NOW)
    sealed = backups.seal(packed, keys[1], None)
    for size in (0, 10, 100, 200, len(sealed) // 2, len(sealed) - 1):
        with pytest.raises(BackupUnfit):
            archive.unpack(backups.unseal(sealed[:size], keys[0]))
    flipped = bytearray(sealed)
    flipped[-40] ^= 1
    with pytest.raises(BackupUnfit):
        backups.unseal(bytes(flipped), keys[0])


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        (f'"schema": "{schema.HEAD}"', '"schema": "9999"', "backup.newer"),
        ('"saeulenbot": 1', '"saeulenbot": 2', "backup.newer"),
        ('"saeulenbot": 1', '"another": 1', "backup.not_ours"),
        ('{"end": ', '{"end": 1', "backup.torn"),
        ('{"end": ', '["end", ', "backup.not_ours"),
    ],
)
async def test_what_does_not_fit_is_refused(database: Database, old: str, new: str, key: str) -> None:
    import gzip

    content = gzip.decompress(await database.read(lambda tx: archive.pack(tx, {}, NOW))).decode()
    assert old in content
    with pytest.raises(BackupUnfit) as caught:
        archive.unpack(gzip.compress(content.replace(old, new).encode()))
    assert caught.value.key == key


def damage(path: Path) -> None:
    """What a dying disk leaves."""
    content = bytearray(path.read_bytes())
    content[4096 : 4096 * 6] = os.urandom(4096 * 5)
    path.write_bytes(content)


async def test_a_damaged_database_is_noticed_and_the_ways_out_work(tmp_path: Path) -> None:
    config = await filled(tmp_path)
    packed, kept = archive.unpack(await backups.made(config, NOW)), await rows(config)
    path = tmp_path / "saeulenbot.db"
    damage(path)
    with pytest.raises(DatabaseDamaged) as caught:
        async with running(config, HandClock(NOW), []):
            pass
    assert "saeulenbot restore" in Texts(LOCALE).get("de", caught.value.key, **caught.value.details)
    with pytest.raises(DatabaseDamaged):
        await backups.made(config, NOW)
    aside = await backups.restored(config, packed, agreed, NOW)
    assert await rows(config) == kept
    assert aside is not None
    assert aside.exists()
    damage(path)
    path.rename(tmp_path / "alt.db")
    async with running(config, HandClock(NOW), []):
        pass


async def test_a_backup_of_a_damaged_file_is_none(tmp_path: Path) -> None:
    """What a check of the whole finds, where a start only looks quickly."""
    database = await open_database(None, tmp_path)
    await database.write(lambda tx: tx.execute(text("PRAGMA writable_schema=ON")))
    await database.write(lambda tx: chats.keep(tx, ChatRef("telegram", "1"), True, "telegram:1", NOW))
    await database.write(
        lambda tx: tx.execute(text("UPDATE sqlite_master SET rootpage=3 WHERE name='chats'"))
    )
    await database.close()
    with pytest.raises(DatabaseDamaged):
        await backups.made(Config(data_dir=tmp_path), NOW)


# --- at the terminal --------------------------------------------------------------------------------


@pytest.fixture
def secret_file(tmp_path: Path) -> Iterator[Path]:
    file = tmp_path / "passwort"
    file.touch(mode=0o600)
    file.write_text(f"{PASSPHRASE}\n", encoding="utf-8")
    yield file


def told(error: SaeulenbotError) -> str:
    return error.problems[0].key if error.problems else error.key


def test_the_way_there_and_back(
    tmp_path: Path, secret_file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data, file = tmp_path / "data", tmp_path / "sicherung.age"
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(UsageError) as caught:
        cli.backup(file, data=data)
    assert told(caught.value) == "backup.nothing"
    data.mkdir()
    with pytest.raises(UsageError) as caught:
        cli.backup(file, data=data)
    assert told(caught.value) == "backup.no_secret"
    cli.backup(file, secret_file, data=data)
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(UsageError):
        cli.backup(file, secret_file, data=data)
    (data / "matrix").mkdir()
    cli.restore(file, passphrase_file=secret_file, force=True, data=data)
    assert "Zurückgespielt" in capsys.readouterr().out
    secret_file.chmod(0o644)
    with pytest.raises(SaeulenbotError) as caught_again:
        cli.restore(file, passphrase_file=secret_file, force=True, data=data)
    assert told(caught_again.value) == "config.readable_by_others"
    secret_file.write_bytes(b"\xff\0")
    with pytest.raises(SaeulenbotError) as caught_again:
        cli.backup(tmp_path / "neu.age", secret_file, data=data)
    assert (caught_again.value.key, told(caught_again.value)) == ("backup.secret_file", "config.not_text")


def test_with_a_pair_of_keys(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data, key, file = tmp_path / "data", tmp_path / "key", tmp_path / "sicherung.age"
    data.mkdir()
    cli.backup(new_key=key)
    public = capsys.readouterr().out.split("recipient: ")[1].strip()
    assert f"# public key: {public}\n" in key.read_text()
    config = tmp_path / "config.yaml"
    config.write_text(f"data_dir: {data}\nbackup: {{recipient: {public}}}\n")
    cli.backup(file, config=config)
    with pytest.raises(UsageError) as caught:
        cli.restore(file, config=config)
    assert told(caught.value) == "backup.needs_key"
    cli.restore(file, key, config=config)
    (data / "matrix").mkdir()
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(UsageError) as caught:
        cli.restore(file, key, config=config)
    assert told(caught.value) == "backup.needs_force"
    assert Backup(recipient=public).recipient == public


def test_what_is_no_file_is_written_to_and_stays_what_it_is(tmp_path: Path) -> None:
    device = tmp_path / "null"
    device.symlink_to("/dev/null")
    write_private(device, b"something")
    assert device.is_symlink()
