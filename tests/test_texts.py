"""Every sentence exists in every language, with the same gaps; none is missing and none is left over.

How the code is read: a key is a string literal "room.thing", or an f-string that starts with such a
literal ("outcome.{key}" uses every key it can become). Keys put together in any other way are not seen.
"""

import ast
import re
import string
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

import errors
from bot.texts import LOCALE, Texts, fill, gaps, render_error, render_problem

ROOT = Path(__file__).parent.parent
ROOMS = ("bot", "errors", "knowledge", "scheduler", "store")
OURS = {"say", "ask", "text", "label", "count", "sentence", "counted"}
SPEAKERS = OURS | {"get", "plural"}
# Calls whose dotted literals are no keys: log lines, and columns of the store.
OTHERS = {"debug", "info", "warning", "error", "exception", "critical", "ForeignKey"}
ERRORS = {name for name, thing in vars(errors).items() if isinstance(thing, type)} - {"Problem", "Sequence"}
KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")
FILE_NAME = re.compile(r".*\.(yaml|yml|py|po|md|json|db|txt|csv|html|ics|log|toml)")
TEXTS = Texts()
LANGUAGES = TEXTS.languages


# --- the code ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Use:
    """One place in the code that names a key; `details` is None where they cannot be known."""

    where: str
    key: str
    details: frozenset[str] | None = None


def uses_in(source: str, where: str, namespaces: frozenset[str]) -> Iterator[Use]:
    """Keys the code says, and literals that must be keys because they start like one."""
    nodes = list(ast.walk(ast.parse(source)))
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    quiet = {id(part) for call in calls if name_of(call) in OTHERS for part in ast.walk(call)}
    quiet |= {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    for call in calls:
        for argument in key_arguments(call):
            for key in literals(argument):
                yield Use(f"{where}:{call.lineno}", key, details_of(call))
    for node in nodes:
        key = text_of(node)
        if id(node) not in quiet and key.partition(".")[0] in namespaces and KEY.fullmatch(key):
            yield Use(f"{where}:{getattr(node, 'lineno', 0)}", key)


def text_of(node: ast.AST | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def name_of(call: ast.Call) -> str:
    return str(getattr(call.func, "id", getattr(call.func, "attr", "")))


def key_arguments(call: ast.Call) -> list[ast.expr]:
    """Where a key may stand: first or, behind a language or a chat, second; in a Problem third."""
    name = name_of(call)
    if name in ERRORS:
        return call.args[:1]
    if name == "Problem":
        return call.args[2:3] + [word.value for word in call.keywords if word.arg == "key"]
    return call.args[:2] if name in SPEAKERS else []


def literals(argument: ast.expr) -> Iterator[str]:
    if isinstance(argument, ast.IfExp):
        yield from literals(argument.body)
        yield from literals(argument.orelse)
    if KEY.fullmatch(text_of(argument)):
        yield text_of(argument)


def details_of(call: ast.Call) -> frozenset[str] | None:
    """The names handed in as details, where the call shows all of them."""
    name = name_of(call)
    if name == "Problem":
        shown = call.args[3] if len(call.args) > 3 else ast.Dict([], [])
        if not isinstance(shown, ast.Dict) or any(word.arg == "details" for word in call.keywords):
            return None
        return frozenset(map(text_of, shown.keys))
    catalogue = name in {"get", "plural"} and ast.unparse(call.func).endswith(f"texts.{name}")
    if not (catalogue or name in OURS or name in ERRORS) or any(word.arg is None for word in call.keywords):
        return None
    counted = {"n"} if name in {"plural", "count", "counted"} else set[str]()
    return frozenset(counted.union(word.arg for word in call.keywords if word.arg))


def templates_in(source: str) -> Iterator[re.Pattern[str]]:
    """What f-strings that start like a key can become."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr) and re.match(r"[a-z][a-z0-9_]*\.", text_of(node.values[0])):
            yield re.compile("".join(re.escape(text_of(part)) or "[a-z0-9_.]+" for part in node.values))


@cache
def sources() -> dict[str, str]:
    files = sorted(
        file for room in ROOMS for file in (ROOT / room).rglob("*.py") if "migrations" not in str(file)
    )
    return {str(file.relative_to(ROOT)): file.read_text(encoding="utf-8") for file in files}


@cache
def all_uses() -> tuple[Use, ...]:
    namespaces = frozenset(key.partition(".")[0] for key in TEXTS.keys("de"))
    found = (use for where, source in sources().items() for use in uses_in(source, where, namespaces))
    return tuple(use for use in found if not FILE_NAME.fullmatch(use.key))


def test_every_key_in_the_code_has_its_sentence() -> None:
    missing = [f"{use.where} {use.key}" for use in all_uses() if use.key not in TEXTS.keys("de")]
    assert not missing, "\n".join(missing)


def test_every_call_fills_the_gaps_of_its_sentence() -> None:
    unfilled = [
        f"{use.where} {use.key}: {sorted(needed - use.details)}"
        for use in all_uses()
        if use.details is not None and use.key in TEXTS.keys("de")
        for needed in [frozenset[str]().union(*map(gaps, forms_of("de")[use.key]))]
        if needed - use.details
    ]
    assert not unfilled, "\n".join(unfilled)


def test_no_sentence_is_left_over() -> None:
    said = {use.key for use in all_uses()}
    templates = [template for source in sources().values() for template in templates_in(source)]
    unused = [
        key
        for key in sorted(TEXTS.keys("de") - said)
        if not any(template.fullmatch(key) for template in templates)
    ]
    assert not unused, "\n".join(unused)


def test_the_scan_sees_keys_where_they_are_used() -> None:
    source = """
reply.say("a.first", name=1)
texts.get(language, "a.second" if x else "a.third", name=2)
raise ConfigError("b.fourth", [Problem("f", "p", "b.fifth", {"path": 1})], count=3)
TABLE = {"x": "a.sixth"}
log.info("a.logged")
raw.get("plain")
"""
    found = {use.key: use.details for use in uses_in(source, "x.py", frozenset({"a"}))}
    assert found.keys() == {"a.first", "a.second", "a.third", "b.fourth", "b.fifth", "a.sixth"}
    (fifth,) = [use for use in uses_in(source, "x.py", frozenset()) if use.key == "b.fifth"]
    assert fifth.details == frozenset({"path"})
    (template,) = templates_in('f"outcome.{key}"; f"{a}.{b}"')
    assert template.fullmatch("outcome.vertagt")
    assert not template.fullmatch("income.vertagt")


# --- the catalogues ---------------------------------------------------------------------------------


@cache
def forms_of(language: str) -> dict[str, tuple[str, ...]]:
    """Every message of a language as it stands in the files, empty and fuzzy ones too."""
    found: dict[str, tuple[str, ...]] = {}
    for file in sorted((LOCALE / language).glob("*.po")):
        for message in messages_in(file):
            forms = (message.string,) if isinstance(message.string, str) else message.string
            found[key_of(message)] = tuple(forms or ())
    return found


def messages_in(file: Path) -> list[Message]:
    with file.open("rb") as lines:
        return [message for message in read_po(lines) if message.id]


def key_of(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def test_there_is_german_and_english() -> None:
    assert {"de", "en"} <= set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_entry_is_empty_fuzzy_or_there_twice(language: str) -> None:
    messages = [message for file in (LOCALE / language).glob("*.po") for message in messages_in(file)]
    assert not [message.id for message in messages if message.fuzzy]
    assert not [key for key, count in Counter(map(key_of, messages)).items() if count > 1]
    assert not [key for key, forms in forms_of(language).items() if not forms or not all(forms)]
    assert TEXTS.keys(language) == forms_of(language).keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_keys_and_gaps(language: str) -> None:
    assert TEXTS.keys(language) == TEXTS.keys("de")
    for key, forms in forms_of(language).items():
        german = frozenset[str]().union(*map(gaps, forms_of("de")[key]))
        assert frozenset[str]().union(*map(gaps, forms)) == german, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_hold_no_other_braces_than_gaps(language: str) -> None:
    for key, forms in forms_of(language).items():
        for form in forms:
            rest = re.sub(r"\{\{|\}\}|\{[a-z_][a-z0-9_]*\}", "", form)
            assert "{" not in rest, key
            assert "}" not in rest, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_languages_live_in_files_of_the_same_name(language: str) -> None:
    assert {f.name for f in (LOCALE / language).iterdir()} == {f.name for f in (LOCALE / "de").iterdir()}


# --- looking up -------------------------------------------------------------------------------------

HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n'


@pytest.fixture
def small(tmp_path: Path) -> Texts:
    german = 'msgid "a.one"\nmsgstr "Hallo {name}, {{so}}"\n\nmsgid "a.only"\nmsgstr "nur deutsch"\n'
    counted = 'msgid "a.n"\nmsgid_plural "a.n"\nmsgstr[0] "{n} Bericht"\nmsgstr[1] "{n} Berichte"\n'
    rule = '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
    english = 'msgid "a.one"\nmsgstr "Hello {name}"\n\n#, fuzzy\nmsgid "a.only"\nmsgstr "perhaps"\n'
    for language, file, body in (("de", "a.po", german), ("de", "b.po", counted), ("en", "a.po", english)):
        (tmp_path / language).mkdir(exist_ok=True)
        (tmp_path / language / file).write_text(HEADER + rule + body, encoding="utf-8")
    return Texts(tmp_path)


def test_a_sentence_is_found_filled_and_falls_back_to_german(small: Texts) -> None:
    assert small.get("de", "a.one", name="{n} {x}") == "Hallo {n} {x}, {so}"
    assert small.get("en", "a.one", name="Anna") == "Hello Anna"
    assert small.get("en", "a.only") == "nur deutsch"
    assert small.get("../fr", "a.only") == "nur deutsch"
    assert small.keys("fr") == frozenset()
    with pytest.raises(KeyError, match=r"a\.two"):
        small.get("en", "a.two")
    with pytest.raises(KeyError, match="name"):
        small.get("de", "a.one")


def test_numbers_choose_the_form(small: Texts) -> None:
    assert [small.plural("de", "a.n", n) for n in (0, 1, 2)] == ["0 Berichte", "1 Bericht", "2 Berichte"]
    assert small.plural("en", "a.n", 1) == "1 Bericht"
    assert small.plural("de", "a.only", 5) == "nur deutsch"


@given(st.text(alphabet=string.printable), st.text())
def test_any_template_is_filled_without_reaching_into_objects(template: str, detail: str) -> None:
    needed = gaps(template)
    assert fill(template, dict.fromkeys(needed, detail)).count(detail) >= bool(needed)


def test_attributes_are_never_looked_up() -> None:
    template = "{a.__class__} {a[0]} {} {a!r} {a:>9}"
    assert fill(template, {"a": "secret"}) == template


def test_an_error_shows_its_sentence_and_its_problems() -> None:
    details: dict[str, object] = {"known": "telegram.token"}
    problem = errors.Problem("c.yaml", "telegram.tokn", "config.unknown_key_like", details)
    line = "c.yaml: telegram.tokn: Diesen Namen kenne ich nicht. Meintest du telegram.token?"
    assert render_problem(TEXTS, "de", problem) == line
    error = errors.ConfigError("config.unusable", [problem])
    assert render_error(TEXTS, "de", error).splitlines()[1:] == [line]
    nowhere = errors.Problem("", "", "config.missing")
    assert render_problem(TEXTS, "en", nowhere) == "This is missing. Please fill it in."
