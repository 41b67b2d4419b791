"""One file configures everything, nothing needs to be configured, and no secret ever shows."""

import re
from datetime import time
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.config import check_config, load_config
from bot.config_model import Config
from bot.config_problems import known_keys
from bot.texts import LOCALE, Texts, languages_in, render_error, render_problem
from errors import ConfigError

EXAMPLE = Path(__file__).parent.parent / "config.example.yaml"
TOP_KEYS = {
    *("language", "timezone", "database", "data_dir", "knowledge", "semantic", "places", "reminders"),
    *("quiet_hours", "sources", "associations", "organisers", "operator"),
    *("telegram", "matrix", "http", "retention", "backup"),
}
TOKEN = "123456:AAcanary-token_9"
CANARY = "canary-password-7"


def write(tmp_path: Path, text: str, mode: int = 0o600) -> Path:
    file = tmp_path / "config.yaml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    file.chmod(mode)
    return file


def refused(tmp_path: Path, text: str, environment: dict[str, str] | None = None) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load_config(write(tmp_path, text), None, environment or {})
    rendered = render_error(Texts(), "de", caught.value) + render_error(Texts(), "en", caught.value)
    for shown in (rendered, str(caught.value), repr(caught.value), repr(caught.value.problems)):
        assert TOKEN not in shown
        assert CANARY not in shown
    return caught.value


def complaint(tmp_path: Path, text: str) -> str:
    (problem,) = refused(tmp_path, text).problems
    line = render_problem(Texts(), "en", problem)
    assert line.startswith(str(tmp_path / "config.yaml") + ": ")
    return line.removeprefix(str(tmp_path / "config.yaml") + ": ")


# --- without and with a file ------------------------------------------------------------------------


def test_without_a_file_everything_has_a_default(tmp_path: Path) -> None:
    config = load_config(environment={"XDG_DATA_HOME": str(tmp_path)})
    assert config.language == "de"
    assert config.zone == ZoneInfo("Europe/Berlin")
    assert config.data_dir == tmp_path / "saeulenbot"
    assert config.database_url == f"sqlite+aiosqlite:///{tmp_path}/saeulenbot/saeulenbot.db"
    assert config.reminders.offsets == ("7d", "1d")
    assert config.quiet == (time(21), time(8))
    assert config.http.address == ("127.0.0.1", 8480)
    assert (config.telegram, config.matrix, config.knowledge, config.places) == (None, None, None, None)
    home = load_config(environment={"XDG_DATA_HOME": "not/absolute"}).data_dir
    assert home == Path("~/.local/share/saeulenbot").expanduser()


@pytest.mark.parametrize("text", ["", "# nothing\n", "telegram:\nsources:\nhttp:\nreminders:\nlanguage:\n"])
def test_an_empty_file_or_section_means_the_defaults(tmp_path: Path, text: str) -> None:
    assert load_config(write(tmp_path, text), tmp_path, {}) == load_config(None, tmp_path, {})


def test_the_command_line_wins_over_the_file_for_the_data_directory(tmp_path: Path) -> None:
    file = write(tmp_path, "data_dir: here")
    assert load_config(file, None, {}).data_dir == tmp_path / "here"
    assert load_config(file, tmp_path / "there", {}).data_dir == tmp_path / "there"


def test_paths_are_meant_from_the_directory_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "wissen").mkdir()
    (tmp_path / "orte.yaml").touch()
    text = "knowledge: wissen\nplaces: ./orte.yaml\nsources: [{place: Musterstadt, file: plan.yaml}]"
    config = load_config(write(tmp_path, text), None, {})
    assert config.knowledge == tmp_path / "wissen"
    assert config.places == tmp_path / "orte.yaml"
    assert config.sources[0].file == tmp_path / "plan.yaml"


def test_values_mean_what_they_say(tmp_path: Path) -> None:
    text = """
database: postgres://bot@localhost/db
quiet_hours:
reminders: {offsets: [14d, 12h]}
sources:
  - {place: Musterstadt, url: "webcal://example.org/a.ics", type: ics, automatic: true}
organisers: ["telegram:7", "matrix:@anna:example.org:8448", "terminal:anna"]
http: {bind: "[::1]:9000"}
retention: {seen: null, reports: 365}
"""
    config = load_config(write(tmp_path, text), None, {})
    assert config.database_url == "postgresql+asyncpg://bot@localhost/db"
    assert config.quiet is None
    assert config.reminders.offsets == ("14d", "12h")
    assert config.sources[0].url == "https://example.org/a.ics"
    assert config.sources[0].automatic
    assert config.organisers[1] == "matrix:@anna:example.org:8448"
    assert config.http.address == ("::1", 9000)
    assert (config.retention.seen, config.retention.reports) == (None, 365)
    off = load_config(write(tmp_path, "http: {bind: }"), None, {})
    assert off.http.address is None


# --- the example ------------------------------------------------------------------------------------


def uncommented() -> str:
    """Prose has a space behind its #, settings have none."""
    return re.sub(r"(?m)^( *)#(?=[^\s#])", r"\1", EXAMPLE.read_text(encoding="utf-8"))


def keys_of(value: object, prefix: str = "") -> set[str]:
    if isinstance(value, list):
        return {key for item in value for key in keys_of(item, prefix)}
    if not isinstance(value, dict):
        return set()
    inner = {key for name, below in value.items() for key in keys_of(below, f"{prefix}{name}.")}
    return inner | {prefix + name for name in value}


def test_the_example_shows_every_key_and_no_other() -> None:
    assert keys_of(yaml.safe_load(uncommented())) == set(known_keys())
    assert set(Config.model_fields) == TOP_KEYS
    assert yaml.safe_load(EXAMPLE.read_text(encoding="utf-8")) is None


def test_every_key_of_the_example_has_its_comment() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    bare = [
        line
        for before, line in pairwise(lines)
        if re.match(r" *#[^\s#]", line) and not before.lstrip().startswith("# ")
    ]
    assert not bare


def test_the_example_works_with_every_key_uncommented(tmp_path: Path) -> None:
    (tmp_path / "wissen").mkdir()
    (tmp_path / "orte.yaml").touch()
    for name in ("telegram-token", "matrix-passwort", "feed-token"):
        (tmp_path / name).write_text("123:abc\n" if name != "feed-token" else f"{'x' * 24}\n")
        (tmp_path / name).chmod(0o600)
    one_way = re.sub(r"(?m)^ +file: .*\n", "", uncommented())
    config = load_config(write(tmp_path, one_way), None, {})
    assert config.telegram is not None
    assert config.telegram.token.get_secret_value() == "123:abc"
    default = load_config(None, tmp_path, {})
    for name in ("language", "timezone", "semantic", "quiet_hours", "reminders", "retention"):
        assert getattr(config, name) == getattr(default, name), name
    assert config.http.bind == default.http.bind


# --- what is wrong is named -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("telegramm: 1", "telegramm: I do not know this name. Did you mean telegram?"),
        ("invites: [a]", "invites: I do not know this name. Did you mean matrix.invites?"),
        ("1: 2", "1: I do not know this name. config.example.yaml lists all names."),
        ("language: xx", f"language: xx does not work here. Allowed: {', '.join(languages_in(LOCALE))}."),
        ("semantic: ja", "semantic: true or false belongs here, not ja."),
        (
            "reminders: {offsets: 7d}",
            "reminders.offsets: A list belongs here, for example [one, two], not 7d.",
        ),
        ("sources: [{place: A}]", "sources.1: Every source needs either url or file, not both."),
        ("sources: [{url: 'https://a'}]", "sources.1.place: This is missing. Please fill it in."),
        ("language: de\nlanguage: en", "2:1: language is there twice. Please keep only one."),
    ],
)
def test_what_is_wrong_is_said_with_value_and_way_out(tmp_path: Path, text: str, line: str) -> None:
    assert complaint(tmp_path, text) == line


@pytest.mark.parametrize(
    ("text", "place", "key", "value"),
    [
        ("xyzzy: 1", "xyzzy", "unknown_key", "…"),
        ("timezone: ../etc", "timezone", "bad_timezone", "../etc"),
        ("quiet_hours: 21-8", "quiet_hours", "bad_quiet_hours", "21-8"),
        ("quiet_hours: 24:00-08:00", "quiet_hours", "bad_quiet_hours", "24:00-08:00"),
        ("reminders: {offsets: [7d, bald]}", "reminders.offsets.2", "bad_offset", "bald"),
        ("reminders: 7d", "reminders", "expected_section", "…"),
        ("retention: {seen: 0}", "retention.seen", "bad_days", "0"),
        ("retention: {seen: 9999999999999999999999}", "retention.seen", "bad_days", "9999999999999999999999"),
        ("retention: {seen: viele}", "retention.seen", "expected_number", "viele"),
        ("organisers: [anna]", "organisers.1", "bad_person", "anna"),
        ("organisers: ['telegram:0']", "organisers.1", "bad_person", "telegram:0"),
        ("sources: [{place: A, url: 'ftp://a/x?key=1'}]", "sources.1.url", "bad_url", "ftp://a/x"),
        ("sources: [{place: A, url: 'http://[x'}]", "sources.1.url", "bad_url", "…"),
        ("sources: [{place: A, url: 'https://a', type: pdf}]", "sources.1.type", "not_allowed", "pdf"),
        ("http: {bind: 8080}", "http.bind", "expected_text", "8080"),
        ("http: {bind: 'a:99999'}", "http.bind", "bad_bind", "a:99999"),
        (
            "operator: {crisis_texts_reviewed: bald}",
            "operator.crisis_texts_reviewed",
            "expected_date",
            "bald",
        ),
        ("places: ~nobody-here/x", "places", "no_home", "~nobody-here/x"),
        ("knowledge: weg", "knowledge", "no_directory", "weg"),
        ("knowledge: 'a\0b'", "", "not_yaml", None),
        ("places: weg.yaml", "places", "no_file", "weg.yaml"),
        ("telegram: {api_url: 'http://a'}", "telegram.token", "missing", "…"),
        ("telegram: {token: 5}", "telegram.token", "expected_text", "…"),
        ("user: @bot", "1:7", "broken_yaml", None),
        ("a: [1\nb: 2", "2:2", "broken_yaml", None),
        ("- a", "", "expected_section", None),
        ("x: 2027-02-31", "", "broken_value", None),
        ("x: \0", "", "not_yaml", None),
    ],
)
def test_what_is_wrong_is_named_with_its_place(
    tmp_path: Path, text: str, place: str, key: str, value: str | None
) -> None:
    (problem,) = refused(tmp_path, text).problems
    assert (problem.place, problem.key) == (place, f"config.{key}")
    assert problem.details.get("value") == value


def test_who_may_invite_is_a_server_or_a_person(tmp_path: Path) -> None:
    account = "matrix: {homeserver: 'https://a.example', user: '@b:a.example', access_token: x, invites: "
    config = load_config(write(tmp_path, account + "[a.example, '@c:a.example']}"), None, {})
    assert config.matrix is not None
    assert config.matrix.invites == ("a.example", "@c:a.example")
    (problem,) = refused(tmp_path, account + "['a b']}").problems
    assert (problem.place, problem.key) == ("matrix.invites.1", "config.bad_invites")


def test_a_bottomless_file_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, "[" * 1_000).problems


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    error = refused(tmp_path, "language: xx\nhttp: {bidn: x}\nretention: {logs: -1}")
    assert [problem.place for problem in error.problems] == ["language", "http.bidn", "retention.logs"]


def test_a_file_that_is_missing_or_unreadable_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(ConfigError) as caught:
            load_config(path, None, {})
        assert caught.value.problems[0].file == str(path)


def test_check_lists_what_is_wrong_and_files_that_are_not_there(tmp_path: Path) -> None:
    assert check_config(None, {}) == []
    assert [problem.key for problem in check_config(write(tmp_path, "x: 1"), {})] == ["config.unknown_key"]
    file = write(tmp_path, "sources: [{place: A, file: weg.ics}, {place: B, url: 'https://b'}]")
    (problem,) = check_config(file, {})
    assert (problem.place, problem.key) == ("sources.1.file", "config.no_file")


@given(
    st.one_of(
        st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_is_a_configuration_or_a_sentence(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "any.yaml"
    file.write_bytes(content)
    for problem in check_config(file, {}):
        assert render_problem(Texts(), "de", problem)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(known_keys())), VALUES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_value_at_any_key_is_taken_or_named(tmp_path: Path, key: str, value: object) -> None:
    *outer, name = key.split(".")
    tree: object = {name: value}
    for section in reversed(outer):
        tree = {section: [tree] if section == "sources" else tree}
    file = write(tmp_path, yaml.safe_dump(tree, allow_unicode=True))
    for problem in check_config(file, {}):
        assert render_problem(Texts(), "de", problem)


# --- secrets ----------------------------------------------------------------------------------------


def secret_file(tmp_path: Path, content: str, mode: int = 0o600) -> Path:
    file = tmp_path / "secret"
    file.write_text(content)
    file.chmod(mode)
    return file


def test_secrets_come_from_files_before_environment_before_yaml(tmp_path: Path) -> None:
    secret_file(tmp_path, "1:file\n")
    from_environment = {"SAEULENBOT_TELEGRAM_TOKEN": "1:environment"}
    in_yaml, with_file = 'token: "1:yaml"', 'token: "1:yaml", token_file: secret'
    for inside, environment, expected in (
        (in_yaml, {}, "1:yaml"),
        (in_yaml, from_environment, "1:environment"),
        (with_file, from_environment, "1:file"),
    ):
        config = load_config(write(tmp_path, f"telegram: {{{inside}}}"), None, environment)
        assert config.telegram is not None
        assert config.telegram.token.get_secret_value() == expected
    alone = load_config(None, tmp_path, from_environment)
    assert alone.telegram is not None
    assert alone.telegram.token.get_secret_value() == "1:environment"


def test_matrix_takes_its_secrets_the_same_way(tmp_path: Path) -> None:
    account = 'homeserver: "https://example.org", user: "@bot:example.org"'
    secret_file(tmp_path, f"{CANARY}\n")
    config = load_config(write(tmp_path, f"matrix: {{{account}, password_file: secret}}"), None, {})
    assert config.matrix is not None
    assert config.matrix.password is not None
    assert config.matrix.password.get_secret_value() == CANARY
    environment = {"SAEULENBOT_MATRIX_ACCESS_TOKEN": "syt_x"}
    config = load_config(write(tmp_path, f"matrix: {{{account}}}"), None, environment)
    assert config.matrix is not None
    assert config.matrix.access_token is not None
    (problem,) = refused(tmp_path, f"matrix: {{{account}}}").problems
    assert problem.key == "config.matrix_needs_secret"


def test_no_representation_shows_a_secret(tmp_path: Path) -> None:
    text = f"""
database: "postgresql://bot:{CANARY}@localhost/db"
telegram: {{token: "{TOKEN}"}}
matrix:
  homeserver: https://example.org
  user: "@b:example.org"
  password: {CANARY}
  access_token: {CANARY}
"""
    config = load_config(write(tmp_path, text), None, {})
    assert CANARY in config.database_url
    for shown in (repr(config), str(config), str(config.model_dump()), config.model_dump_json()):
        assert CANARY not in shown
        assert TOKEN not in shown


@pytest.mark.parametrize(
    "text",
    [
        f"token: '{TOKEN}'",
        f"telegram: '{TOKEN}'",
        f"telegram: ['{TOKEN}']",
        f"telegram: {{token: '{TOKEN} x'}}",
        f"telegram: {{tokn: '{TOKEN}'}}",
        f"telegram: {{token_file: '{TOKEN}'}}",
        f"telegram: {{token: ['{TOKEN}']}}",
        f"telegram: {{token: {{'{TOKEN}': 1}}}}",
        f"telegram: {{token: '{TOKEN}', token: 1}}",
        f"telegram: {{token: @{TOKEN}}}",
        f"database: 'mysql://bot:{CANARY}@localhost/db'",
        f"matrix: {{homeserver: 'https://bot:{CANARY}@example.org', user: x, password: {CANARY}}}",
        f"sources: [{{place: A, url: 'https://bot:{CANARY}@example.org/?{CANARY}'}}]",
        f"sources: [{{place: A, url: 'ftp://bot:{CANARY}@example.org/?{CANARY}#{CANARY}'}}]",
    ],
)
def test_no_error_shows_a_secret(tmp_path: Path, text: str) -> None:
    assert refused(tmp_path, text).problems


def test_a_wrong_secret_is_named_where_it_came_from(tmp_path: Path) -> None:
    (problem,) = refused(tmp_path, "", {"SAEULENBOT_TELEGRAM_TOKEN": CANARY}).problems
    assert (problem.file, problem.place) == ("", "SAEULENBOT_TELEGRAM_TOKEN")
    secret_file(tmp_path, CANARY)
    (problem,) = refused(tmp_path, "telegram: {token_file: secret}").problems
    assert problem.place == "telegram.token_file"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610])
def test_secrets_others_can_read_are_refused(tmp_path: Path, mode: int) -> None:
    secret_file(tmp_path, TOKEN, mode)
    (problem,) = refused(tmp_path, "telegram: {token_file: secret}").problems
    assert problem.key == "config.readable_by_others"
    assert "chmod 600" in render_problem(Texts(), "de", problem)
    for text in (f"telegram: {{token: '{TOKEN}'}}", f"database: postgres://bot:{CANARY}@localhost/db"):
        (problem,) = check_config(write(tmp_path, text, mode), {})
        assert (problem.file, problem.key) == (str(tmp_path / "config.yaml"), "config.readable_by_others")
    assert check_config(write(tmp_path, "language: en", mode), {}) == []


def test_a_secret_file_without_a_secret_is_named(tmp_path: Path) -> None:
    file = secret_file(tmp_path, " \n")
    assert refused(tmp_path, "telegram: {token_file: secret}").problems[0].key == "config.empty_secret"
    file.write_bytes(b"\xff\xfe")
    assert refused(tmp_path, "telegram: {token_file: secret}").problems[0].key == "config.not_text"
    assert refused(tmp_path, "telegram: {token_file: .}").problems[0].key == "config.unreadable"


@pytest.mark.parametrize("written", ["", '""', "null"])
def test_empty_quiet_hours_are_none(tmp_path: Path, written: str) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(f"quiet_hours: {written}\n", encoding="utf-8")
    assert load_config(file, tmp_path).quiet is None
