"""The content says what is verified and nothing else: the traps that other texts fall into are tests."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from knowledge.entries import ANSWER_CHARACTERS, Entry
from knowledge.library import CONTENT, check_library, load_library
from knowledge.resolution import resolution

LIBRARY = load_library()
ENTRIES = LIBRARY.entries
TODAY = date(2026, 11, 22)
SENTENCE = re.compile(r"(?<=[.!?:])\s+(?=[A-ZÄÖÜ„*>])|\n+")
# What other pages print and nobody may read here.
OLD_NUMBER = re.compile(r"08000|0800\s*0\s*116|166\s*111")
OFFICE = r"(?:Minister(?:in|präsidentin|präsident)?|Landr(?:at|ätin)|(?:Ober)?[Bb]ürgermeister(?:in)?)"
NAMED_OFFICE = re.compile(
    rf"{OFFICE} (?!Die |Der |Das |Und |Oder )[A-ZÄÖÜ][a-zäöüß]+(?:[ -][A-ZÄÖÜ][a-zäöüß]+)+"
)
PEOPLE = ("Bernhardt", "Schwesig", "Drese", "Pegel", "Backhaus", "Badenschier", "Kröger")
DRAFTS = ("Fußfessel", "Aufenthaltsüberwachung", "SOG-Novelle", "21/4082")
DRAFT_WORDS = (
    "Entwurf",
    "entwurf",
    "geplant",
    "nicht bestätigt",
    "keine gesicherten",
    "Vorschlag",
    "wissen",
    "Reform",
    "beraten",
    "soll",
)


def told(entry: Entry) -> str:
    """Everything an entry says, easy language included."""
    return f"{entry.title}\n{entry.answer}\n{entry.easy or ''}"


def sentences(pattern: str) -> list[tuple[str, str]]:
    """Every sentence of the answers that the pattern is found in, with its entry."""
    return [
        (entry.id, sentence)
        for entry in ENTRIES
        for text in (entry.answer, entry.easy or "")
        for sentence in SENTENCE.split(text)
        if re.search(pattern, sentence)
    ]


def holding(pattern: str) -> list[Entry]:
    return [entry for entry in ENTRIES if re.search(pattern, told(entry))]


def test_the_library_itself_has_nothing_to_complain_about() -> None:
    assert check_library(None, TODAY) == []


def test_cora_has_ended() -> None:
    found = holding(r"\bCORA\b")
    assert found
    for entry in found:
        assert re.search(r"30\.06\.2024|früheren Koordinierungsstelle", entry.answer), entry.id
        for text in (entry.answer, entry.easy or ""):
            assert "CORA" not in text or re.search(
                r"[Ee]nde|geschlossen|schließ|gibt es .{0,30}nicht|früheren|ist seit", text
            ), entry.id


def test_old_and_wrong_numbers_appear_nowhere() -> None:
    for file in Path(CONTENT).glob("*.yaml"):
        assert not OLD_NUMBER.search(file.read_text(encoding="utf-8")), file.name


def test_the_legal_claim_begins_in_2032() -> None:
    assert "01.01.2032" in told(_entry("gewalthilfegesetz"))
    wrong = [
        one for one in sentences(r"[Rr]echtsanspruch|Anspruch") if re.search(r"\b(?:2030|2031)\b", one[1])
    ]
    assert wrong == []


def test_the_convention_names_no_number_of_places() -> None:
    entry = _entry("konvention-platzzahl")
    assert "ausreichender Zahl" in entry.answer
    assert re.search(r"keine (?:feste )?(?:Zahl|Platzzahl)", entry.answer)
    for name, sentence in sentences(r"10\.000"):
        if re.search(r"Konvention (?:verlangt|fordert|schreibt)", sentence):
            pytest.fail(f"{name}: {sentence}")


def test_beds_rooms_and_family_places_are_never_one_figure() -> None:
    entry = _entry("konvention-platzzahl")
    for word in ("Bett", "Zimmer", "Familienplatz", "2,5"):
        assert word in entry.answer
    for name, sentence in sentences(r"\bje 10\.000 Einwohner"):
        assert re.search(r"Familien(?:platz|zimmer|plätze)|Betten?\b|Plätze|Platz", sentence), (
            name,
            sentence,
        )


@pytest.mark.parametrize("figure", ["2.098", "5.016", "5.005", "5.349", "5.249"])
def test_police_figures_come_with_what_they_count(figure: str) -> None:
    found = [entry for entry in ENTRIES if figure in entry.answer]
    assert found
    for entry in found:
        assert re.search(r"Fälle|Opfer", entry.answer), entry.id
        assert re.search(
            r"gezählt|zählt|Abgrenzung|Definition|laut|Polizeistatistik|Innenministerium|PKS", entry.answer
        ), entry.id


def test_no_wrong_nationwide_figure_stands_alone() -> None:
    for entry in holding(r"256\.942"):
        assert "265.942" in entry.answer, entry.id


def test_nobody_in_office_is_named() -> None:
    for entry in ENTRIES:
        text = told(entry)
        assert not NAMED_OFFICE.search(text), (entry.id, NAMED_OFFICE.search(text))
        assert not [name for name in PEOPLE if name in text], entry.id


def test_drafts_are_not_told_as_law() -> None:
    for entry in ENTRIES:
        if any(draft in entry.answer for draft in DRAFTS):
            assert any(word in entry.answer for word in DRAFT_WORDS), entry.id
    for name in ("gewaltschutzgesetz-reform", "wegweisung"):
        assert re.search(
            r"nicht (?:bestätigt|gesichert|belegt|sicher)|keine gesicherten", _entry(name).answer
        ), name


def test_sources_and_links_are_web_addresses() -> None:
    for entry in ENTRIES:
        for source in entry.sources:
            assert source.url is None or re.fullmatch(r"https?://[^\s/]+\.[a-z]{2,}(?:[/?#]\S*)?", source.url)
            assert source.url is None or (source.read and source.read <= TODAY), entry.id
        links = re.findall(r"\]\(([^)#][^)]*)\)", told(entry))
        assert all(re.fullmatch(r"https?://[^\s()]+", link) for link in links), entry.id
        bare = re.sub(r"\]\([^)]*\)", "]", told(entry))
        assert not re.search(r"https?://|www\.", bare), entry.id


def test_answers_fit_one_message_and_have_an_easy_version() -> None:
    for entry in ENTRIES:
        assert 40 <= len(entry.answer) <= ANSWER_CHARACTERS, entry.id
        assert entry.easy, entry.id
        assert len(entry.easy) <= ANSWER_CHARACTERS, entry.id


def test_easy_versions_use_short_sentences() -> None:
    lengths = [len(sentence.split()) for entry in ENTRIES for sentence in SENTENCE.split(entry.easy or "")]
    assert sum(length <= 15 for length in lengths) >= 0.97 * len(lengths)
    assert max(lengths) <= 30


def test_every_measure_has_its_demand_quoted_its_lever_and_a_motion() -> None:
    for measure in resolution().measures:
        own = [entry for entry in ENTRIES if measure.code in entry.measures]
        plain = [re.sub(r"\s+", " ", entry.answer) for entry in own]
        assert any(measure.text.rstrip(".") in text for text in plain), measure.code
        assert any("möge beschließen" in text for text in plain), measure.code
        assert any("> Anfrage" in text for text in plain), measure.code


@pytest.mark.parametrize(
    ("limit", "of"), [(60, lambda entry: entry.title), (120, lambda entry: max(entry.questions, key=len))]
)
def test_titles_and_wordings_are_short(limit: int, of: Callable[[Entry], str]) -> None:
    long = [of(entry) for entry in ENTRIES if len(of(entry)) > limit]
    assert long == []


def test_every_entry_has_wordings_enough() -> None:
    assert [entry.id for entry in ENTRIES if len(entry.questions) < 5] == []


def _entry(name: str) -> Entry:
    entry = LIBRARY.get(name)
    assert entry is not None
    return entry
