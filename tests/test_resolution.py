"""The nine measures, and the ways people name them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.resolution import resolution


def test_four_pillars_and_nine_measures_with_their_codes() -> None:
    codes = " ".join(measure.code for measure in resolution().measures)
    assert codes == "1.1 1.2 1.3 2.1 2.2 3.1 3.2 4.1 4.2"
    assert [pillar.roman for pillar in resolution().pillars] == ["I", "II", "III", "IV"]
    assert all(len(measure.short.split()) <= 5 for measure in resolution().measures)


def test_the_resolution_is_quoted_word_for_word() -> None:
    measure = resolution().measure("3.2")
    assert measure is not None
    assert measure.text == (
        "kommunale Sicherheits- und Präventionsräte geschlechtsspezifische Gewalt als festen"
        " Tagesordnungspunkt aufnehmen."
    )
    assert resolution().preamble.endswith("werden sich dafür einsetzen, dass:")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2.1", "2.1"), ("II.1", "2.1"), ("ii 1", "2.1"), ("iv,2", "4.2"), (" 1.3. ", "1.3"),
        ("Säule 2 Maßnahme 1", "2.1"), ("saeule 2, massnahme 2", "2.2"), ("Säule III.1", "3.1"),
        ("Maßnahme 1 der Säule IV", "4.1"), ("Was steht in Maßnahme 1.2?", "1.2"), ("2.1 beschlossen", "2.1"),
        ("2.3", None), ("5.1", None), ("0.1", None), ("Säule 2", None), ("", None), ("Haushalt", None),
        ("am 2.1. im Kreistag", None), ("12.11.2026", None), ("in 3.5 Jahren", None),
    ],
)  # fmt: skip
def test_measures_are_found_however_they_are_written(text: str, code: str | None) -> None:
    found = resolution().find_measure(text)
    assert (found.code if found else None) == code


@pytest.mark.parametrize(
    "text", ["Säule V", "Säule 7", "fünfte Säule", "Maßnahme 5.1", "Säule 2.5", "V.1", "Saeule neun"]
)
def test_what_does_not_exist_is_recognised_as_such(text: str) -> None:
    named = resolution().references(text)
    assert named.unknown
    assert not named.measures


@pytest.mark.parametrize(
    "text", ["Säule 2", "zweite Säule", "2. Säule", "Säule II", "pillar two", "Säule zwei"]
)
def test_pillars_are_found_by_number_and_word(text: str) -> None:
    assert resolution().references(text).pillars == (2,)


@given(st.text(max_size=3000))
def test_any_text_is_read_without_an_exception(text: str) -> None:
    named = resolution().references(text)
    assert all(resolution().measure(code) for code in named.measures)


@pytest.mark.parametrize("piece", ["säule ", "maßnahme 1 ", "2.", "i", "erste ", " "])
def test_hostile_repetitions_are_read_in_time(piece: str) -> None:
    assert not resolution().references(piece * 50_000).unknown


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("4.1", "4.1"), ("II.2?", "2.2"), ("Was steht in 2.2?", "2.2"), ("zeig mir Maßnahme 1.2", "1.2"),
        ("Säule 2 Maßnahme 1", "2.1"), ("What is measure 3.1?", "3.1"), ("Was kostet 2.1?", None),
        ("2.1 oder 2.2?", None), ("2.1 beschlossen", None), ("5.1", None), ("Was steht in 7.1?", None),
    ],
)  # fmt: skip
def test_who_only_names_a_measure_asks_for_it(text: str, code: str | None) -> None:
    found = resolution().asked_for(text)
    assert (found.code if found else None) == code
