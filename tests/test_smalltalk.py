"""Greetings and thanks get a kind line; anything with a question in it stays a question."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.smalltalk import smalltalk


@pytest.mark.parametrize(
    "text",
    [
        "Moin",
        "hallo!!",
        "Hallöchen",
        "haaaallo",
        "Danke",
        "Vielen lieben Dank!",
        "ok danke",
        "👍",
        "🙏🏽",
        "haha",
        "HAHAHA",
        "Tschüss",
        "Wie geht's?",
        "wie geht’s dir denn so",
        "Hallo, wie geht es dir?",
        "Guten Morgen zusammen",
        "ja",
        "nein",
        "Nö",
        "no",
        "yes",
        "thanks a lot",
        "How are you?",
        "bye",
        "Danke dir, bis bald 👋",
        "\u202ehallo",
    ],
)
def test_small_talk_gets_a_kind_line(text: str) -> None:
    assert smalltalk(text)


@pytest.mark.parametrize(
    "text",
    [
        "Danke, und wer bezahlt Frauenhäuser?",
        "Hallo, was ist Säule 2?",
        "Wie geht es den Frauenhäusern?",
        "Hilfe",
        "du",
        "",
        "...",
        "?",
        "123",
        "Frauenhaus",
        "ok aber warum",
        "hallo " * 40,
        "Gute Frage: wer zahlt?",
        "danke für nichts",
    ],
)
def test_everything_else_is_left_to_search(text: str) -> None:
    assert smalltalk(text) is None


def test_english_is_answered_in_english_and_emojis_in_the_chats_language() -> None:
    assert smalltalk("thank you") == smalltalk("vielen dank", "en")
    assert smalltalk("👍", "en") != smalltalk("👍", "de")


def test_the_telling_phrase_counts() -> None:
    assert smalltalk("ok danke") == smalltalk("danke")
    assert smalltalk("Hallo, tschüss!") == smalltalk("tschüss")


def test_sad_signs_get_no_cheer() -> None:
    assert smalltalk("😢") == smalltalk("💔") == smalltalk("👎") != smalltalk("👍")


@given(st.text())
def test_any_text_is_small_talk_or_not(text: str) -> None:
    assert smalltalk(text) is None or smalltalk(text) == smalltalk(text, "de")
