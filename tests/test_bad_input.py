"""Bad input on the command line: one sentence with the thing and the way out, status 1, nothing lost."""

import re
import resource
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from shlex import quote

import pytest

from tests.stage.process import Ended, command, environment, hear, run, started, tell

REPORT = "/bericht Rostock 2.1 beschlossen: Nummer"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with one report, to be copied."""
    folder = tmp_path_factory.mktemp("filled") / "data"
    assert run("chat", "--role", "representative", "--data", folder, stdin=f"{REPORT} 0").status == 0
    return folder


@pytest.fixture
def data(filled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(filled, tmp_path / "data"))


def complains(ended: Ended, *names: str, sentences: int = 1) -> None:
    """One sentence, on standard error, that names the thing; never a traceback."""
    assert ended.status == 1, ended
    assert ended.out == ""
    lines = ended.err.splitlines()
    assert len(lines) == sentences, ended.err
    assert lines[0].endswith((".", ":")) or "--help" in lines[0]
    for name in names:
        assert name in ended.err
    assert "Traceback" not in ended.err
    assert "Fehler im Programm" not in ended.err


def texts(data: Path) -> list[str]:
    return [one["text"] for one in run("reports", "list", "--json", "--data", data).objects]


@pytest.mark.parametrize(
    "tear",
    [
        lambda content: content[: len(content) // 2],
        lambda content: b"\xde\xad\xbe\xef" * (len(content) // 4),
        lambda content: content[:4096] + b"\0" * (len(content) - 4096),
        lambda _: b"Das ist keine Datenbank.\n",
        lambda _: b"",
    ],
    ids=["truncated", "garbage", "zeroed", "text", "empty"],
)
def test_a_torn_database_is_named_and_left_as_it_is(data: Path, tear: Callable[[bytes], bytes]) -> None:
    file = data / "saeulenbot.db"
    file.write_bytes(torn := tear(file.read_bytes()))
    complains(run("chat", "--data", data, stdin="Moin"), "saeulenbot.db")
    assert file.read_bytes() == torn


def test_the_way_out_of_a_torn_database_works_as_it_is_printed(data: Path, tmp_path: Path) -> None:
    here = data.rename(tmp_path / "Daten der Gruppe")
    (here / "saeulenbot.db").write_bytes(torn := b"Das ist keine Datenbank.\n")
    (here / "saeulenbot.db-wal").write_bytes(b"und das kein Protokoll")
    said = run("chat", "--data", here, stdin="Moin").err
    (way_out,) = re.findall(r"\((mkdir .*/)\)", said)
    subprocess.run(["/bin/sh", "-c", way_out], check=True)
    assert run("chat", "--data", here, stdin="Moin").status == 0
    assert (here / "beschaedigt" / "saeulenbot.db").read_bytes() == torn


def test_a_second_program_on_the_same_directory_is_turned_away(data: Path) -> None:
    with started("chat", "--data", data) as first:
        tell(first, "Moin")
        assert hear(first).startswith("Moin")
        complains(run("chat", "--data", data, stdin="Moin"), str(data), "--data")
        assert texts(data) == ["Nummer 0"]
        tell(first, "/saeule 2")
        out, err = first.communicate(timeout=60)
        assert (first.returncode, err) == (0, b"")
    assert "Säule II" in out.decode()


@pytest.mark.parametrize("below", ["", "sub/directory"])
def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").write_text("")
    complains(
        run("chat", "--data", tmp_path / "file" / below, stdin="Moin"), str(tmp_path / "file"), "--data"
    )


def test_a_full_disk_is_said_and_loses_nothing_that_was_answered(data: Path) -> None:
    """The child may not make its files much larger: as on a full disk, writing fails for root too."""
    most = (data / "saeulenbot.db").stat().st_size + 60_000

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    lines = "\n".join(f"{REPORT} {number} {'x' * 300}" for number in range(1, 200))
    ended = run("chat", "--role", "representative", "--data", data, stdin=lines, limit=small_disk)
    assert ended.status == 1
    assert len(ended.err.splitlines()) == 1
    assert "saeulenbot.db" in ended.err
    answered, stored = ended.out.count("Gespeichert"), texts(data)
    assert 0 < answered < 199
    assert any(f"Nummer {answered} " in text for text in stored)
    assert run("chat", "--role", "representative", "--data", data, stdin=f"{REPORT} danach").status == 0
    assert texts(data)[-1].endswith("danach")


def test_a_disk_without_any_room_is_said(tmp_path: Path) -> None:
    def no_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    complains(run("chat", "--data", tmp_path, stdin="Moin", limit=no_disk), "saeulenbot.db")
    assert run("chat", "--data", tmp_path, stdin="Moin").status == 0


def test_an_output_that_takes_nothing_is_said_and_nothing_is_lost(data: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            command("chat", "--role", "representative", "--data", data),
            input=f"{REPORT} 1\n{REPORT} 2".encode(),
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            check=False,
        )
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1
    assert texts(data)[-1] == "Nummer 1"
    assert "Gespeichert" in run("chat", "--data", data).out


@pytest.mark.parametrize("end", [">/dev/full", ">&-"])
def test_an_answer_nobody_can_read_is_no_fault_of_the_program(data: Path, end: str) -> None:
    words = " ".join([*map(quote, command("status", "--data", data)), end])
    ended = subprocess.run(
        ["/bin/sh", "-c", words], cwd=data, env=environment(), stderr=subprocess.PIPE, check=False
    )
    assert (ended.returncode, len(ended.stderr.splitlines())) == ((1, 1) if "full" in end else (0, 0))
    assert b"Fehler im Programm" not in ended.stderr


def test_a_terminal_without_umlauts_shows_the_rest() -> None:
    plain = {**environment(), "PYTHONIOENCODING": "ascii"}
    words = command("ask", "Wer bezahlt Frauenhäuser?")
    ended = subprocess.run(words, capture_output=True, env=plain, check=False)
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert b"Frauenh?user" in ended.stdout


def test_a_reader_that_leaves_ends_the_chat_quietly(data: Path) -> None:
    with started("chat", "--data", data) as chat:
        tell(chat, "/saeule 1")
        assert hear(chat).startswith("Säule I:")
        assert chat.stdout is not None
        chat.stdout.close()
        tell(chat, "/saeule 2")
        assert chat.wait(timeout=60) == 1
        assert chat.stderr is not None
        assert chat.stderr.read() == b""
    assert "Säule II:" in run("chat", "--data", data).out


MISTAKES = [
    ("chat --unknown", "", ["--unknown", "saeulenbot chat --help"]),
    ("chat --data", "", ["--data", "--help"]),
    ("chat --role queen", "", ["queen", "--role"]),
    ("chat --place Nirgendwo", "", ["Nirgendwo"]),
    ("chat --knowledge {tmp}/none", "", ["{tmp}/none"]),
    ("chat more words", "", ["more words"]),
    ("nothing", "", ["nothing", "saeulenbot --help"]),
    ("debates import", "", ["SOURCE"]),
    ("debates import {tmp}/none.yaml", "", ["none.yaml"]),
    ("debates import {tmp}", "", ["{tmp}"]),
    ("debates import {tmp}/file", "", ["file"]),
    ("debates import {tmp}/file", "- place: [1,\n", ["file"]),
    ("debates import {tmp}/file", "Guten Tag\n", ["file"]),
    ("debates import {tmp}/file.ics --place Rostock", "Guten Tag\n", ["file.ics"]),
    ("debates import {tmp}/file.ics --place Rostock", "\0\1\xff", ["file.ics"]),
    ("reminders preview --from gestern --to 2026-12-01", "", ["gestern", "--from"]),
    ("reports export --format pdf", "", ["pdf", "--format"]),
    ("reports export --out {tmp}/none/reports.csv", "", ["{tmp}/none/reports.csv", "--out"]),
    ("erase anna", "", ["anna", "telegram:123"]),
    ("reports yearly --year 99999", "", ["99999", "--year"]),
    ("backup --new-key {tmp}/file", "", ["{tmp}/file"]),
    ("reminders preview --from 0001-01-01 --to 9999-12-31", "", ["2000", "2999"]),
    ("run --only matrix", "", ["matrix", "--only"]),
    ("status --config {tmp}/none.yaml", "", ["none.yaml"]),
]


@pytest.mark.parametrize(
    ("words", "content", "names"),
    MISTAKES,
    ids=[one[0].replace("{tmp}", "") + (" with content" if one[1] else "") for one in MISTAKES],
)
def test_a_mistake_on_the_command_line_is_one_sentence(
    tmp_path: Path, words: str, content: str, names: list[str]
) -> None:
    for file in ("file", "file.ics"):
        (tmp_path / file).write_text(content, encoding="utf-8")
    said = words.replace("{tmp}", str(tmp_path)).split(" ")
    data = [] if "--data" in said or "nothing" in said else ["--data", str(tmp_path / "data")]
    ended = run(*said, *data)
    lines = 2 if "--config" in said else 1
    complains(ended, *(name.replace("{tmp}", str(tmp_path)) for name in names), sentences=lines)


def test_mistakes_in_the_configuration_are_named_with_their_place(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("languge: de\ntimezone: Mars\ntelegram: {tokn: 1}\n", encoding="utf-8")
    ended = run("status", "--config", tmp_path / "c.yaml", "--data", tmp_path / "data")
    complains(ended, "c.yaml", "languge", "language", "timezone", "Mars", "telegram.tokn", sentences=5)
    assert not (tmp_path / "data").exists()


def test_a_configuration_that_is_no_yaml_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("language: de\nplaces: [\n", encoding="utf-8")
    complains(run("status", "--config", tmp_path / "c.yaml"), "c.yaml", sentences=2)


def test_a_database_of_a_newer_program_is_left_alone(data: Path) -> None:
    with sqlite3.connect(data / "saeulenbot.db") as store:
        store.execute("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    complains(run("chat", "--data", data, stdin="Moin"), "9999")


@pytest.fixture(autouse=True)
def no_leftovers(tmp_path: Path) -> Iterator[None]:
    """Nothing but the data directories is written to where people stand."""
    before = set(Path.cwd().iterdir())
    yield
    assert {one for one in set(Path.cwd().iterdir()) - before if not one.name.startswith(".")} == set()
