"""What a message asks for besides its subject: easy language, and the clause that carries the question."""

import pytest

from knowledge import crisis
from knowledge.answer import Answerer
from knowledge.asked import as_objection, asking_clauses, without_easy
from knowledge.library import load_library
from knowledge.words import stem

ANSWERER = Answerer(load_library())


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("Bitte in einfacher Sprache: Was ist GREVIO?", "Was ist GREVIO?"),
        ("kannst du das leicht erklären: was ist grevio", "was ist grevio"),
        ("Ich kann nicht so gut lesen. Was ist GREVIO?", "Was ist GREVIO?"),
        ("was ist grevio, für dumme erklärt", "was ist grevio,"),
    ],
)
def test_a_wish_for_easy_language_is_heard_and_left_out(said: str, asked: str) -> None:
    assert without_easy(said) == asked
    found = ANSWERER.ask(said)
    assert found.easy
    assert found.entry is ANSWERER.library.get("grevio")


@pytest.mark.parametrize("said", ["Was ist GREVIO?", "einfacher bitte", "Bitte erklär das einfach", ""])
def test_without_wish_or_without_subject_nothing_changes(said: str) -> None:
    assert without_easy(said) is None


def test_of_several_sentences_questions_come_first_and_empty_ones_not_at_all() -> None:
    said = "Ich sitze im Schulausschuss. Was steht zu Schulen im Beschluss? Danke!"
    assert asking_clauses(said) == ["Was steht zu Schulen im Beschluss?", "Ich sitze im Schulausschuss."]
    assert asking_clauses("Was ist GREVIO?") == []


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Unser Bürgermeister sagt, dafür ist kein Geld da. Was antworte ich?", "gegenargument-kein-geld"),
        ("ein kollege behauptet, das sei privatsache", "gegenargument-privatsache"),
    ],
)
def test_what_somebody_says_against_it_is_asked_and_not_who_says_it(said: str, meant: str) -> None:
    assert ANSWERER.ask(said).entry is ANSWERER.library.get(meant)
    assert as_objection("Was sagt der Landrat?") == "Was sagt der Landrat?"


@pytest.mark.parametrize("text", ["einfach erklär " * 9_000, "ich kann nicht so " * 9_000, "? " * 50_000])
def test_hostile_text_is_read_at_once(text: str) -> None:
    assert ANSWERER.ask(text).kind != "answer"


@pytest.mark.parametrize(
    ("form", "verb"),
    [
        ("ausgestiegen", "aussteigen"),
        ("auszusteigen", "aussteigen"),
        ("beschlossen", "beschließen"),
        ("abgelehnt", "ablehnen"),
        ("vorgeschlagene", "vorschlagen"),
    ],
)
def test_forms_of_strong_and_parted_verbs_have_one_stem(form: str, verb: str) -> None:
    assert stem(form) == stem(verb)


def test_nouns_that_look_like_forms_stay_themselves() -> None:
    assert [stem(word) for word in ("bund", "gefahr", "verdacht", "wann")] == [
        "bund",
        "gefahr",
        "verdacht",
        "wann",
    ]


@pytest.mark.parametrize("said", ["und wenn er sich nicht dran hält", "Was ist, wenn er dagegen verstößt?"])
def test_asking_what_follows_a_breach_is_told_from_a_cry(said: str) -> None:
    assert crisis.asks_of_breach(said)


@pytest.mark.parametrize(
    "said",
    [
        "und wenn er sich nicht dran hält und mich schlägt",
        "er hält sich nicht dran",
        "wenn er sich nicht dran hält bin ich tot",
        "wenn " * 100 + "er bricht",
        "",
    ],
)
def test_whatever_says_more_is_no_mere_question(said: str) -> None:
    assert not crisis.asks_of_breach(said)
