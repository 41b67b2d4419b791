"""A knowledge base is loaded whole or refused with a clear line for every fault."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from errors import KnowledgeError, Problem
from knowledge.library import FILE_BYTES, check_library, load_library
from knowledge.yaml_tree import TreeError, parse_tree
from tests.knowledge_bases import entry_yaml, write_base

ROOT = Path(__file__).parents[1]
TODAY = date(2026, 11, 22)


def _problems(directory: Path) -> tuple[Problem, ...]:
    with pytest.raises(KnowledgeError) as caught:
        load_library(directory)
    return caught.value.problems


def _keys(problems: Iterable[Problem]) -> list[str]:
    return [problem.key for problem in problems]


def test_a_sound_base_is_loaded_with_all_its_fields(tmp_path: Path) -> None:
    text = entry_yaml(
        measures='["2.1", IV.2]',
        helpline="true",
        sources="[{title: Buch, section: 3, url: 'https://example.org/a', read: 2026-11-01}]",
    )
    library = load_library(write_base(tmp_path, text))
    entry = library.get("muehle")
    assert entry is not None
    assert library.entries == (entry,)
    assert (entry.measures, entry.pillar, entry.helpline) == (("2.1", "4.2"), None, True)
    assert entry.questions == ("mahlt die mühle heute", "wann ist mahltag", "mühle offen")
    assert (entry.reviewed, entry.review_by) == (date(2026, 11, 1), date(2027, 5, 31))
    assert (entry.sources[0].section, entry.sources[0].read) == ("3", date(2026, 11, 1))


def test_a_base_about_anything_needs_neither_measures_nor_easy_language(tmp_path: Path) -> None:
    entries = (entry_yaml(id=f"eintrag_{number}", easy=None, review_by=None) for number in range(300))
    assert len(load_library(write_base(tmp_path, *entries)).entries) == 300


def test_files_are_read_in_the_order_of_their_names_and_a_single_file_will_do(tmp_path: Path) -> None:
    write_base(tmp_path, entry_yaml(id="zwei"), name="b.yaml")
    write_base(tmp_path, entry_yaml(id="eins"), name="a.yml")
    write_base(tmp_path, "nichts", name="notizen.txt")
    assert [entry.id for entry in load_library(tmp_path).entries] == ["eins", "zwei"]
    assert [entry.id for entry in load_library(tmp_path / "b.yaml").entries] == ["zwei"]


def test_the_pillar_follows_from_the_measures(tmp_path: Path) -> None:
    library = load_library(
        write_base(tmp_path, entry_yaml(measures="[3.1, 3.2]"), entry_yaml(id="b", pillar="II"))
    )
    assert [entry.pillar for entry in library.entries] == [3, 2]


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"id": None}, "library.missing_key"),
        ({"answer": "''"}, "library.missing_key"),
        ({"reviewed": None}, "library.missing_key"),
        ({"sources": None}, "library.missing_key"),
        ({"id": "[a]"}, "library.expected_text"),
        ({"id": "'mit leer zeichen'"}, "library.bad_id"),
        ({"title": "{a: b}"}, "library.expected_text"),
        ({"questions": "eine frage"}, "library.expected_list"),
        ({"questions": "[[tief]]"}, "library.expected_text"),
        ({"answer": f"'{'x' * 1201}'"}, "library.too_long"),
        ({"easy": f"'{'x' * 1201}'"}, "library.too_long"),
        ({"answer": "das ist <b>fett</b>"}, "library.tags"),
        ({"answer": "'<script src=x>alert(1)</script>'"}, "library.tags"),
        ({"easy": "'<!-- versteckt -->'"}, "library.tags"),
        ({"measures": "['5.1']"}, "library.unknown_measure"),
        ({"measures": "[{a: b}]"}, "library.unknown_measure"),
        ({"pillar": "7"}, "library.unknown_pillar"),
        ({"helpline": "vielleicht"}, "library.expected_boolean"),
        ({"reviewed": "gestern"}, "library.expected_date"),
        ({"review_by": "2026-02-30"}, "library.expected_date"),
        ({"sources": "[Buch]"}, "library.expected_source"),
        ({"sources": "[{section: 3}]"}, "library.missing_key"),
        ({"sources": "[{title: a, page: 3}]"}, "library.unknown_key"),
        ({"sources": "[{title: a, url: 'javascript:alert(1)'}]"}, "library.bad_url"),
        ({"frage": "wie"}, "library.unknown_key"),
    ],
)
def test_every_fault_is_named_with_its_file_and_line(
    tmp_path: Path, changes: dict[str, str], key: str
) -> None:
    problems = _problems(write_base(tmp_path, entry_yaml(id="gut"), entry_yaml(**changes)))
    assert _keys(problems) == [key]
    assert problems[0].file == "base.yaml"
    assert int(problems[0].place.split(":")[0]) > 8


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        ("- id: a\n  title: 'offen\n", "library.broken_yaml", 3),
        ("- id: a\n\ttitle: b\n", "library.broken_yaml", 2),
        ("- id: a\n  id: b\n", "library.duplicate_key", 2),
        ("- &a {id: x}\n- *a\n", "library.alias", 1),
        ("id: a\n", "library.not_a_list", 1),
        ("- nur text\n", "library.not_an_entry", 1),
        ("- {? [a] : b}\n", "library.odd_key", 1),
        ("- a\n---\n- b\n", "library.two_documents", 2),
        ("[" * 100_000, "library.too_deep", 1),
        ("- \x07\n", "library.broken_yaml", 1),
    ],
)
def test_broken_files_are_refused_with_the_line(tmp_path: Path, text: str, key: str, line: int) -> None:
    problems = _problems(write_base(tmp_path, text))
    assert _keys(problems) == [key]
    assert problems[0].place == str(line)


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    write_base(tmp_path, entry_yaml(pillar="9"), name="a.yaml")
    write_base(tmp_path, "- id: [", name="b.yaml")
    write_base(tmp_path, entry_yaml(id="c", reviewed="nie"), name="c.yaml")
    assert [problem.file for problem in _problems(tmp_path)] == ["a.yaml", "b.yaml", "c.yaml"]


def test_two_entries_with_one_id_name_each_other(tmp_path: Path) -> None:
    write_base(tmp_path, entry_yaml(), name="a.yaml")
    write_base(tmp_path, entry_yaml(), name="b.yaml")
    (problem,) = _problems(tmp_path)
    assert (problem.file, problem.key, problem.details) == (
        "b.yaml",
        "library.duplicate_id",
        {"other": "a.yaml:1"},
    )


def test_a_file_over_a_megabyte_is_refused(tmp_path: Path) -> None:
    write_base(tmp_path, entry_yaml(answer="'" + "x" * FILE_BYTES + "'"))
    assert _keys(_problems(tmp_path)) == ["library.too_big"]


def test_a_file_that_is_not_utf8_is_refused_with_the_line(tmp_path: Path) -> None:
    (tmp_path / "alt.yaml").write_bytes("# gut\n- id: mühle\n".encode("latin-1"))
    (problem,) = _problems(tmp_path)
    assert (problem.key, problem.place) == ("library.encoding", "2")


def test_nothing_to_load_is_said_plainly(tmp_path: Path) -> None:
    for path, key in ((tmp_path, "library.empty"), (tmp_path / "fehlt", "library.no_directory")):
        with pytest.raises(KnowledgeError) as caught:
            load_library(path)
        assert caught.value.key == key
        assert _keys(check_library(path, TODAY)) == [key]


@pytest.mark.parametrize(
    "answer", ["1 < 2 und 3 > 2", "'Schreib <mail@example.org> oder <https://example.org>'", "a <- b"]
)
def test_a_smaller_sign_in_a_sentence_is_no_html(tmp_path: Path, answer: str) -> None:
    assert check_library(write_base(tmp_path, entry_yaml(answer=answer)), TODAY) == []


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"questions": "[a, b]"}, "library.few_questions"),
        ({"easy": None}, "library.no_easy"),
        ({"sources": "[]"}, "library.no_source"),
        ({"review_by": "2026-11-21"}, "library.review_due"),
        ({"reviewed": "2026-11-23"}, "library.reviewed_later"),
        ({"sources": "[{title: Buch, read: 2025-01-01}]"}, "library.source_old"),
        ({"questions": f"[a, b, {'lang ' * 30}]"}, "library.long_wording"),
        ({"answer": "'siehe [dort](#nirgends)'"}, "library.dead_reference"),
        ({"easy": "'siehe [dort](#nirgends)'"}, "library.dead_reference"),
    ],
)
def test_what_only_deserves_care_is_checked_but_loaded(
    tmp_path: Path, changes: dict[str, str], key: str
) -> None:
    base = write_base(tmp_path, entry_yaml(**changes))
    assert _keys(check_library(base, TODAY)) == [key]
    assert load_library(base).get("muehle")


def test_a_wording_in_two_entries_is_found_whatever_its_spelling(tmp_path: Path) -> None:
    other = entry_yaml(id="zweite", title="Anders", questions="[MUEHLE OFFEN?, c, d]")
    (problem,) = check_library(write_base(tmp_path, entry_yaml(), other), TODAY)
    assert (problem.key, problem.details["other"]) == ("library.shared_wording", "muehle")
    assert problem.place.endswith(": zweite")


def test_the_builtin_base_loads_and_covers_every_measure() -> None:
    library = load_library()
    assert {code for entry in library.entries for code in entry.measures} >= {"1.1", "2.1", "3.2", "4.2"}
    assert "library.measure_without_entry" not in _keys(check_library(None, TODAY))


@given(st.text())
def test_any_text_is_a_tree_or_a_clear_complaint(text: str) -> None:
    try:
        parse_tree(text)
    except TreeError as error:
        assert error.key.startswith("library.")
        assert error.line >= 1


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_complaint_has_a_sentence(language: str) -> None:
    catalogue = ROOT / "bot/locale" / language / "knowledge.po"
    with catalogue.open("rb") as stream:
        told = {message.id for message in read_po(stream) if message.id and message.string}
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "knowledge").glob("*.py"))
    said = {piece.split('"')[0] for piece in sources.split('"library.')[1:]}
    assert {f"library.{key}" for key in said} == told
