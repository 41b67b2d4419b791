"""Questions in English find the German entry; what is outside stays outside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.answer import Answerer
from knowledge.english import in_german
from knowledge.library import load_library


@pytest.fixture(scope="module")
def answerer() -> Answerer:
    return Answerer(load_library(None))


@pytest.mark.parametrize(
    ("question", "entry"),
    [
        ("Who pays for women's shelters?", "frauenhaus-finanzierung"),
        ("What is the Istanbul Convention?", "istanbul-konvention"),
        ("How many shelter places are missing?", "plaetze-mv"),
        ("Is the convention binding in Germany?", "konvention-verbindlich"),
        ("What is a budget freeze?", "haushaltssperre"),
        ("Who runs this bot?", "bot-wer-betreibt"),
        ("Where can I find the address of a shelter?", "keine-angaben-frauenhaus-adresse"),
        ("What is the second pillar?", "saeule-schutz"),
    ],
)
def test_a_question_in_english_finds_the_german_entry(answerer: Answerer, question: str, entry: str) -> None:
    found = answerer.ask(question, "en").entry
    assert found is not None
    assert found.id == entry


@pytest.mark.parametrize(
    "question",
    ["What is the capital of France?", "How do I cook pasta?", "Who is the mayor of Rostock?",
     "How much does a new car cost?"],
)  # fmt: skip
def test_what_is_outside_stays_unknown_in_english(answerer: Answerer, question: str) -> None:
    assert answerer.ask(question, "en").kind == "unknown"


def test_german_questions_are_left_alone() -> None:
    assert in_german("Wer bezahlt das Shelter?", "de") == "Wer bezahlt das Shelter?"
    assert in_german("Was ist der Unterschied, bitte?", "en") == "Was ist der Unterschied, bitte?"


@given(st.text())
def test_any_text_may_be_in_english(text: str) -> None:
    assert isinstance(in_german(text, "en"), str)
