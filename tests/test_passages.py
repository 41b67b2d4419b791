"""Half a question is answered by the part of the entry that holds what it asks for."""

import time
from collections.abc import Sequence

import pytest

from knowledge.answer import Answerer
from knowledge.library import Library
from knowledge.passages import asks_kind, best_passage, own_words
from tests.knowledge_bases import entry

MILL = entry(
    "muehle",
    "Die Mühle am Bach",
    "was ist mit der mühle",
    "mühle am bach",
    answer="""Die Mühle mahlt **Korn** für drei Dörfer.

**Seit 1702** steht sie am Bach, gebaut vom Amt.

Das Mahlen kostet:
- 2 Euro je Sack
- für Kinder nichts

Im Winter ruht sie, weil der Bach gefriert. Das regelt § 7 der Mühlenordnung.""",
)
MAYOR = entry("schulze", "Der Schulze und sein Haus", "wer ist schulze", answer="Er wohnt am Markt.")
ANSWERER = Answerer(Library((MILL, MAYOR)))


def nothing(_said: Sequence[str], _text: str) -> float:
    """No text holds any word."""
    return 0.0


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("seit wann?", "1702"),
        ("und was kostet das", "2 Euro je Sack"),
        ("warum?", "weil der Bach gefriert"),
        ("in welchem Paragraf", "§ 7"),
        ("welches Korn denn?", "drei Dörfer"),
        ("und für Kinder?", "für Kinder nichts"),
    ],
)
def test_half_a_question_gets_the_part_that_holds_what_it_asks_for(asked: str, told: str) -> None:
    found = ANSWERER.follow(asked, MILL)
    assert (found.kind, found.entry) == ("answer", MILL)
    assert found.text is not None
    assert told in found.text
    assert found.text in MILL.answer


def test_what_the_entry_does_not_speak_of_is_no_part_of_it() -> None:
    assert ANSWERER.follow("und der Esel?", MILL).text is None
    assert best_passage(MILL.answer, "und der Esel?", nothing) is None
    assert best_passage("", "wann?", nothing) is None


def test_another_entry_that_says_more_is_shown_instead() -> None:
    found = ANSWERER.follow("und wer ist Schulze?", MILL)
    assert found.text is None
    assert MAYOR in [found.entry, *(one.entry for one in found.candidates)] or not found.candidates


def test_question_words_are_no_words_of_its_own() -> None:
    assert own_words("und seit wann kostet das was?") == []
    assert own_words("Wie viele Frauen denn?") == ["frauen"]
    assert asks_kind("wo denn")
    assert not asks_kind("und die Mühle?")


@pytest.mark.parametrize("piece", ["\n ", "A, ", "1", "wann ", "Art. § ", " \n\t"])
def test_long_and_hostile_texts_take_no_time(piece: str) -> None:
    text = (piece * 100_000)[:100_000]
    begun = time.thread_time()
    best_passage(text, "wann, wo, wer, warum, wie viele, was kostet das jetzt?", nothing)
    own_words(text)
    assert time.thread_time() - begun < 2
