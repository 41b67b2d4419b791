"""Words are compared as people mean them, whatever way they type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.words import (
    QUESTION_CHARACTERS,
    TEXT_END,
    WORD_CHARACTERS,
    beginnings,
    clean,
    inflected,
    sounds,
    split_compound,
    stem,
    stem_many,
    stems,
    words,
    words_of_many,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Frauenhaus", "Frauenhäuser"),
        ("Präventionsräte", "Praeventionsraete"),
        ("Straße", "Strasse"),
        ("Förderung", "FOERDERUNG"),
        ("Vertreter*innen", "Vertreter:innen"),
        ("Vertreter_innen", "VertreterInnen"),
        ("Berater/innen", "Berater/-innen"),
        ("Vertreterinnen", "Vertreter"),
        ("finanzieren", "Finanzierung"),
        ("finanziert", "finanzieren"),
        ("koordiniert", "Koordinierung"),
        ("Ｈａｕｓ", "Haus"),
    ],
)
def test_spellings_of_one_word_have_one_stem(one: str, other: str) -> None:
    assert stems(clean(one)) == stems(clean(other))


def test_different_words_keep_different_stems() -> None:
    assert len(set(stems("neue frauen bauen quelle haus maus haushalt"))) == 7


def test_figures_stay_in_one_piece() -> None:
    assert words("10.000 Euro, Maßnahme 2.1!") == ["10000", "euro", "maßnahme", "2.1"]
    assert words("am 1.2.2027 um 2.098 und 1.234.567") == ["am", "1.2.2027", "um", "2098", "und", "1234567"]


def test_compounds_are_split_by_the_known_words_only() -> None:
    known = {stem(word) for word in ("frauenhaus", "finanzierung", "prävention", "kampagne")}
    starts = beginnings(known)
    assert split_compound(stem("frauenhausfinanzierung"), known, starts) == [
        stem("frauenhaus"),
        stem("finanzierung"),
    ]
    assert split_compound(stem("präventionskampagnen"), known, starts) == [
        stem("prävention"),
        stem("kampagne"),
    ]
    assert split_compound(stem("frauenhausgarten"), known, starts) == []


def test_unseen_characters_vanish_and_breaks_become_spaces() -> None:
    assert clean("a\u202eb\u200bc\ud800d\x00e\nf") == "abcd e f"


@given(st.text())
def test_any_text_becomes_short_clean_words(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned) <= QUESTION_CHARACTERS
    assert all(stem(word) == stem(word) for word in words(cleaned))


@given(
    st.lists(st.text(alphabet="ab", min_size=4, max_size=8), max_size=12), st.text(alphabet="ab", max_size=40)
)
def test_compound_parts_always_come_from_the_vocabulary(known: list[str], compound: str) -> None:
    assert set(split_compound(compound, set(known), beginnings(known))) <= set(known)


@given(st.lists(st.text(max_size=60), max_size=8))
def test_many_texts_have_the_words_that_each_has(texts: list[str]) -> None:
    cleaned = [clean(text) for text in texts]
    found = [words(text) for text in cleaned]
    closed = [word for row in found for word in (*row, TEXT_END)]
    assert [word[:WORD_CHARACTERS] for word in words_of_many(cleaned)] == closed
    every = [word for row in found for word in row]
    assert stem_many(every) == [stem(word) for word in every] or not every


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("schuhl", "schul"),
        ("gewallt", "gewalt"),
        ("seul", "saul"),
        ("jugentamt", "jugendamt"),
    ],
)
def test_words_typed_as_they_are_heard_sound_alike(typed: str, meant: str) -> None:
    assert sounds(typed) == sounds(meant)


@pytest.mark.parametrize(("one", "other"), [("wett", "wetter"), ("genf", "gend"), ("haus", "maus")])
def test_other_words_sound_otherwise(one: str, other: str) -> None:
    assert sounds(one) != sounds(other)


def test_conjugated_stems_lead_to_their_verb() -> None:
    assert inflected("blecht") == ["blech"]
    assert inflected("gelobt") == ["gelob", "lob"]
    assert inflected("haus") == []
