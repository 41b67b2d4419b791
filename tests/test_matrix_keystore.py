"""The store of keys leaves out what the library does again and again, and nothing else."""

from pathlib import Path
from typing import Any

import pytest
from nio import KeysClaimResponse, KeysQueryResponse
from nio.store import DefaultStore
from pydantic import SecretStr

from bot.config_model import Matrix as Settings
from bot.transports.matrix.account import client_for
from bot.transports.matrix.session import Files
from tests.stage.multitude import BOT, DEVICE, Somebody

PEOPLE = [Somebody(number) for number in range(4)]
CLAIMED = {one.user: {one.device: one.one_time_key} for one in PEOPLE}


def client(files: Files) -> Any:
    made = client_for(Settings(homeserver="http://x", user=BOT, password=SecretStr("x")), files, DEVICE)
    made.restore_login(BOT, DEVICE, "token")
    return made


@pytest.fixture
def files(tmp_path: Path) -> Files:
    found = Files(tmp_path)
    found.prepare()
    return found


def meet_all(one: Any) -> None:
    known = {person.user: {person.device: person.keys} for person in PEOPLE}
    one.olm.handle_response(KeysQueryResponse.from_dict({"device_keys": known, "failures": {}}))
    with one.store.at_once():
        one.olm.handle_response(KeysClaimResponse.from_dict({"one_time_keys": CLAIMED, "failures": {}}))


def test_devices_and_sessions_are_there_after_a_restart(files: Files) -> None:
    one = client(files)
    meet_all(one)
    account = one.olm.account.identity_keys
    again = client(files)
    assert list(again.olm.device_store) == list(one.olm.device_store)
    assert {device.user_id for device in again.olm.device_store} == {person.user for person in PEOPLE}
    assert not again.olm.get_missing_sessions([person.user for person in PEOPLE])
    assert again.olm.account.identity_keys == account
    assert not again.olm.device_store.add(next(iter(one.olm.device_store)))


def test_the_account_is_kept_once_for_all_who_are_met(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    one, kept = client(files), []
    monkeypatch.setattr(DefaultStore, "save_account", lambda *_: kept.append(1))
    meet_all(one)
    assert len(kept) == 1


def test_what_fails_half_way_is_not_kept(files: Files) -> None:
    one = client(files)

    def fail() -> None:
        with one.store.at_once():
            meet_all(one)
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert list(client(files).olm.device_store) == []
