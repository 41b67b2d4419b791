"""The command line with the real process: every command, and JSON with exactly the promised names."""

import json
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from tests.stage.process import hear, run, started, tell

DEBATES = ["place", "title", "starts", "ends", "level", "state", "source", "items"]
REPORTS = ["place", "measure", "outcome", "text", "votes", "link", "reported_at", "revision", "withdrawn"]
ANSWERS = ["question", "kind", "entry", "pillar", "measures", "confidence", "answer", "sources", "candidates"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with debates, a subscription and reports in it."""
    folder = tmp_path_factory.mktemp("data")
    source = folder / "termine.yaml"
    source.write_text(yaml.safe_dump(meetings(), allow_unicode=True), encoding="utf-8")
    assert run("debates", "import", source, "--data", folder).status == 0
    lines = [
        "/abo Rostock",
        "/bericht Rostock 2.1 beschlossen: drei Plätze mehr, 19 zu 12 Stimmen",
        "/bericht Wismar 1.1 abgelehnt",
    ]
    chat = run("chat", "--role", "representative", "--data", folder, stdin="\n".join(lines))
    assert (chat.status, chat.err) == (0, "")
    return folder


def meetings() -> list[dict[str, object]]:
    day = datetime.now(UTC) + timedelta(days=30)
    items = ["Haushaltssatzung 2027", {"number": "2", "title": "Zuschuss für das Frauenhaus"}]
    first = {
        "place": "Rostock",
        "starts": f"{day:%Y-%m-%d} 18:00",
        "title": "Haushaltsberatung",
        "items": items,
    }
    return [first, {"place": "Wismar", "starts": f"{day:%Y-%m-%d} 17:00", "title": "Bürgerschaft"}]


def test_ask_answers_with_the_promised_names() -> None:
    (answer,) = run("ask", "Wer bezahlt Frauenhäuser?", "--json").objects
    assert list(answer) == ANSWERS
    assert (answer["kind"], answer["measures"]) == ("answer", ["2.1"])
    assert answer["sources"]
    assert list(answer["candidates"][0]) == ["entry", "pillar", "measures", "score"]


def test_ask_takes_a_question_a_line() -> None:
    questions = [
        "Wer bezahlt Frauenhäuser?",
        "Moin",
        "Wie wird das Wetter in Kiel?",
        "Mein Mann schlägt mich",
    ]
    answers = run("ask", "--json", stdin="\n".join(questions)).objects
    assert [one["question"] for one in answers] == questions
    assert [one["kind"] for one in answers] == ["answer", "smalltalk", "unknown", "crisis"]


def test_ask_in_words() -> None:
    ended = run("ask", "Wer bezahlt Frauenhäuser?")
    assert ended.status == 0
    assert "Quelle" in ended.out


def test_check_is_content_with_what_is_shipped() -> None:
    ended = run("check")
    assert (ended.status, ended.err) == (0, "")


def test_check_names_every_mistake_of_a_knowledge_directory(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("- id: a\n  title: A\n  colour: red\n", encoding="utf-8")
    ended = run("check", "--knowledge", tmp_path)
    assert ended.status == 1
    assert all("a.yaml" in line for line in ended.out.splitlines())
    assert "colour" in ended.out


def test_debates_are_listed_with_the_promised_names(data: Path) -> None:
    found = run("debates", "list", "--json", "--data", data).objects
    assert [list(one)[:8] for one in found] == [DEBATES, DEBATES]
    by_place = {one["place"]: one for one in found}
    assert datetime.fromisoformat(by_place["Rostock"]["starts"]).utcoffset() is not None
    assert by_place["Rostock"]["level"] == "shelter_money"
    assert by_place["Rostock"]["state"] == "planned"
    assert len(by_place["Rostock"]["items"]) == 2


def test_importing_the_same_again_changes_nothing(data: Path) -> None:
    before = run("debates", "list", "--json", "--data", data).out
    (done,) = run("debates", "import", data / "termine.yaml", "--json", "--data", data).objects
    assert (done["new"], done["changed"], done["same"]) == (0, 0, 2)
    assert run("debates", "list", "--json", "--data", data).out == before


def test_a_dry_run_shows_and_stores_nothing(data: Path, tmp_path: Path) -> None:
    ended = run("debates", "import", data / "termine.yaml", "--dry-run", "--json", "--data", tmp_path / "new")
    assert [one["title"] for one in ended.objects] == ["Bürgerschaft", "Haushaltsberatung"] or len(
        ended.objects
    ) == 2
    assert not (tmp_path / "new").exists()


def test_a_calendar_is_imported_for_a_place(tmp_path: Path) -> None:
    calendar = Path(__file__).parent / "data" / "ratskalender.ics"
    first = run("debates", "import", calendar, "--place", "Wismar", "--data", tmp_path)
    assert first.status == 0
    found = run("debates", "list", "--json", "--data", tmp_path).objects
    assert {one["place"] for one in found} == {"Wismar"}


def test_explain_says_level_and_words() -> None:
    (verdict,) = run("debates", "explain", "Zuschuss für das Frauenhaus", "--json").objects
    assert list(verdict) == ["level", "matched"]
    assert verdict["level"] == "shelter_money"
    assert verdict["matched"]


def test_explain_takes_json_lines() -> None:
    lines = [
        {"meeting": "Kreistag", "item": "Haushaltssatzung 2027"},
        {"meeting": "Kreistag", "item": "Radweg"},
    ]
    ended = run("debates", "explain", stdin="\n".join(map(json.dumps, lines)))
    assert [one["level"] for one in ended.objects] == ["budget", "none"]


def test_explain_names_a_line_that_is_no_json() -> None:
    ended = run("debates", "explain", stdin='{"item": "a"}\nkaputt\n')
    assert ended.status == 1
    assert "2" in ended.err


def test_the_preview_has_the_promised_names(data: Path) -> None:
    days = (datetime.now(UTC), datetime.now(UTC) + timedelta(days=40))
    first, last = (f"{day:%Y-%m-%d}" for day in days)
    found = run("reminders", "preview", "--from", first, "--to", last, "--json", "--data", data).objects
    assert [list(one)[:5] for one in found] == [["at", "chat", "debate", "place", "offset"]] * 2
    assert [one["offset"] for one in found] == ["7d", "1d"]
    assert {(one["place"], one["debate"]) for one in found} == {("Rostock", "Haushaltsberatung")}
    assert all(datetime.fromisoformat(one["at"]).utcoffset() is not None for one in found)


def test_reports_are_listed_with_the_promised_names(data: Path) -> None:
    found = run("reports", "list", "--json", "--data", data).objects
    assert [list(one)[:9] for one in found] == [REPORTS, REPORTS]
    assert [(one["place"], one["measure"], one["votes"]) for one in found] == [
        ("Rostock", "2.1", "19:12"),
        ("Wismar", "1.1", None),
    ]


@pytest.mark.parametrize(
    ("kind", "begin"),
    [("csv", b"\xef\xbb\xbfplace,measure"), ("json", b"[\n{"), ("xlsx", b"PK"), ("md", b"| place |")],
)
def test_reports_are_exported(data: Path, tmp_path: Path, kind: str, begin: bytes) -> None:
    file = tmp_path / f"reports.{kind}"
    ended = run("reports", "export", "--format", kind, "--out", file, "--data", data)
    assert (ended.status, ended.out) == (0, "")
    assert file.read_bytes().startswith(begin)


def test_status_counts(data: Path) -> None:
    (found,) = run("status", "--json", "--data", data).objects
    assert (found["waiting"], found["pause"]) == (0, False)
    assert datetime.fromisoformat(found["next_reminder"]).utcoffset() is not None
    assert run("status", "--data", data).status == 0


def test_erase_takes_a_person_out(tmp_path: Path) -> None:
    run(
        "chat",
        "--role",
        "representative",
        "--data",
        tmp_path,
        stdin="/bericht Rostock 2.1 beschlossen\n/abo Wismar",
    )
    assert run("erase", "terminal:ich", "--reports", "--data", tmp_path).status == 0
    assert run("reports", "list", "--json", "--data", tmp_path).out == ""


def test_run_without_a_platform_says_how_to_get_one(tmp_path: Path) -> None:
    ended = run("run", "--data", tmp_path)
    assert ended.status == 1
    assert "--config" in ended.err


def test_help_lists_every_command() -> None:
    ended = run("--help")
    assert ended.status == 0
    for name in ("chat", "ask", "check", "debates", "reminders", "reports", "run", "status", "erase"):
        assert f"\n  {name} " in ended.out


def test_the_chat_answers_in_order_and_ends_by_itself(tmp_path: Path) -> None:
    lines = ["/saeule 1", "/saeule 2", "/saeule 3", "/saeule 4"] * 5
    ended = run("chat", "--data", tmp_path, stdin="\n".join(lines))
    assert (ended.status, ended.err) == (0, "")
    found = [part for part in ended.messages if part.startswith("Säule ")]
    assert [part.split(":")[0] for part in found] == ["Säule I", "Säule II", "Säule III", "Säule IV"] * 5


def test_every_line_is_a_message_whatever_is_in_it(tmp_path: Path) -> None:
    lines = [
        "ask " + "ä" * 100_000,
        "👍🏽 ünïcödé ﷽",
        b"\xff\xfe\xed\xa0\x80",
        b"\x00\x01\x1b[31m",
        "",
        "   ",
        "/saeule 2\r",
        "termine",
    ]
    stdin = b"\n".join(line.encode() if isinstance(line, str) else line for line in lines)
    ended = run("chat", "--data", tmp_path, stdin=stdin)
    assert (ended.status, ended.err) == (0, "")
    assert "4000" in ended.messages[0]
    assert sum("Da kam nichts an" in part for part in ended.messages) >= 2
    assert "Säule II:" in ended.out
    assert "\x1b" not in ended.out


def test_no_lines_are_no_messages(tmp_path: Path) -> None:
    ended = run("chat", "--data", tmp_path, stdin=b"")
    assert (ended.status, ended.out, ended.err) == (0, "", "")


def test_roles_and_places_hold_for_this_chat_only(tmp_path: Path) -> None:
    first = run(
        "chat", "--role", "representative", "--place", "Rostock", "--as", "mia", "--data", tmp_path,
        stdin="/bericht 2.1 beschlossen\n/bericht Wismar 2.1 beschlossen",
    )  # fmt: skip
    second = run("chat", "--as", "mia", "--data", tmp_path, stdin="/meineberichte")
    assert "Rostock" in first.out
    assert "/beitreten" in second.out
    assert len(run("reports", "list", "--json", "--data", tmp_path).objects) == 1


def test_the_same_session_again_changes_nothing(tmp_path: Path) -> None:
    words = ("chat", "--role", "representative", "--session", "s", "--data", tmp_path)
    lines = "/bericht Rostock 2.1 beschlossen: eins\n/bericht Wismar 2.1 beschlossen: zwei\n"
    run(*words, stdin=lines)
    again = run(*words, stdin=lines + "/saeule 4")
    assert [part.split(":")[0] for part in again.messages if part.startswith("Säule")] == ["Säule IV"]
    assert len(run("reports", "list", "--json", "--data", tmp_path).objects) == 2


def test_a_reminder_comes_by_itself_when_it_is_due(tmp_path: Path) -> None:
    """The debate begins in an hour and eight seconds; nobody says a word in the open chat, even at night."""
    (tmp_path / "bot.yaml").write_text(f"data_dir: {tmp_path}\nquiet_hours:\n", encoding="utf-8")
    settings = ("--config", tmp_path / "bot.yaml")
    run("chat", *settings, stdin="/abo Rostock 1h")
    starts = datetime.now(UTC) + timedelta(hours=1, seconds=8)
    debate = {"place": "Rostock", "starts": starts.isoformat(), "title": "Haushaltssatzung"}
    (tmp_path / "soon.yaml").write_text(yaml.safe_dump([debate]), encoding="utf-8")
    assert run("debates", "import", tmp_path / "soon.yaml", *settings).status == 0
    with started("chat", *settings) as chat:
        first = hear(chat)
        assert datetime.now(UTC) >= starts.replace(microsecond=0) - timedelta(hours=1)
        assert "Haushaltssatzung" in first
        _, err = chat.communicate(timeout=60)
        assert (chat.returncode, err) == (0, b"")
    assert run("chat", *settings).out == ""


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_chat_that_is_told_to_stop_stops_at_once_and_keeps_everything(
    tmp_path: Path, sent: signal.Signals, status: int
) -> None:
    with started("chat", "--role", "representative", "--data", tmp_path) as chat:
        tell(chat, "/bericht Rostock 2.1 beschlossen")
        assert hear(chat)
        chat.send_signal(sent)
        assert chat.wait(timeout=60) == status
        assert chat.stderr is not None
        assert chat.stderr.read() == b""
    assert len(run("reports", "list", "--json", "--data", tmp_path).objects) == 1


@pytest.mark.parametrize("address", ["{}", "sqlite:///{}"])
def test_a_store_that_is_not_there_is_not_copied_as_an_empty_one(tmp_path: Path, address: str) -> None:
    source, target = tmp_path / "mistyped.db", tmp_path / "new.db"
    done = run("store", "copy", address.format(source), target)
    assert (done.status, source.exists(), target.exists()) == (1, False, False)
    assert str(source) in done.err


def test_a_preview_whose_end_lies_before_its_beginning_is_refused(tmp_path: Path) -> None:
    done = run("reminders", "preview", "--from", "2027-04-01", "--to", "2026-12-01", "--data", tmp_path)
    assert done.status == 1
    assert "--from" in done.err
