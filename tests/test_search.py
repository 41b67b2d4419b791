"""Search finds the entry that is meant, in German as people type it, quickly and always the same way."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.found import Text
from knowledge.grams import codes_of, gram_codes
from knowledge.search import Search
from knowledge.sparse import table
from tests.knowledge_bases import PILLARS, entry

SEARCH = Search([Text(entry.wordings, entry.answer) for entry in PILLARS.entries])


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("Wer bezahlt die Frauenhäuser?", "geld"),
        ("Frauenhausfinanzierung", "geld"),
        ("wer finanzirt frauenhaeuser", "geld"),
        ("Schutzwohnungsausbau", "ausbau"),
        ("gleichstelungsberricht", "bericht"),
        ("Lehrer*innen-Schulung", "fortbildung"),
        ("OEFFENTLICHKEITSARBEIT", "kampagne"),
        ("Präventionskampagnenförderung", "kampagne"),
    ],
)
def test_compounds_typos_and_spellings_find_their_entry(question: str, found: str) -> None:
    hits = SEARCH.rank(question)
    assert PILLARS.entries[hits[0].position].id == found
    assert 0 < hits[0].score <= 1


def test_far_questions_score_low() -> None:
    near, far = SEARCH.rank("Wer bezahlt Frauenhäuser?"), SEARCH.rank("Kartoffelsuppe mit Zwiebeln kochen")
    assert not far or far[0].score < 0.3 < near[0].score


def test_a_bonus_lifts_an_entry() -> None:
    bonus = np.zeros(len(PILLARS.entries))
    bonus[3] = 1.0
    assert SEARCH.rank("Frauenhaus", bonus)[0].position == 3


def test_equal_entries_keep_their_order_and_runs_agree() -> None:
    twins = [Text(("Wann mahlt die Mühle?",), "Dienstag") for _ in range(40)]
    ranked = [[hit.position for hit in Search(twins).rank("mühle")] for _ in range(2)]
    assert ranked == [[0, 1, 2, 3, 4]] * 2


@pytest.mark.parametrize("question", ["", "   ", "?!", "\x00\x1b", "\ud800", "\u202e\u202d", "🙂"])
def test_questions_without_words_find_nothing(question: str) -> None:
    assert SEARCH.rank(question) == []


@pytest.mark.parametrize("piece", ["frauenhaus", "a", "Wer bezahlt Frauenhäuser? ", "((a+)+)+", "aaaa "])
def test_a_hundred_thousand_characters_are_only_a_question(piece: str) -> None:
    hits = SEARCH.rank(piece * (100_000 // len(piece)))
    assert len(hits) <= 5


@given(st.text())
def test_any_text_is_searched_without_an_exception(text: str) -> None:
    scores = [hit.score for hit in SEARCH.rank(text)]
    assert scores == sorted(scores, reverse=True)


@given(
    st.lists(
        st.tuples(st.lists(st.text(max_size=20), min_size=1, max_size=3), st.text(max_size=40)),
        min_size=1,
        max_size=6,
    )
)
def test_any_base_can_be_indexed_and_finds_its_own_titles(texts: list[tuple[list[str], str]]) -> None:
    search = Search([Text(tuple(wordings), body) for wordings, body in texts])
    for wordings, _ in texts:
        assert all(np.isfinite(hit.score) for hit in search.rank(wordings[0]))


def test_a_single_entry_is_a_base() -> None:
    only = entry("a", "Mühle", "mahltag")
    assert Search([Text(only.wordings, only.answer)]).rank("mühle")[0].position == 0


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6), st.integers(1, 9)), max_size=30))
def test_sparse_tables_add_up_like_dense_ones(cells: list[tuple[int, int, int]]) -> None:
    dense = np.zeros((5, 7))
    for row, column, weight in cells:
        dense[row, column] += weight
    rows, columns, weights = (np.array([cell[at] for cell in cells], np.int64) for at in range(3))
    sparse = table(rows, columns, weights.astype(np.float64), (5, 7))
    factors = np.arange(1.0, 6.0)
    assert np.allclose(sparse.weighted_sum(np.arange(5), factors, 7), factors @ dense)
    assert np.allclose(sparse.transposed(7).weighted_sum(np.arange(7), np.ones(7), 5), dense.sum(axis=1))


@given(
    st.lists(
        st.text(
            alphabet=st.characters(exclude_categories=["Cs"], exclude_characters=" "), min_size=1, max_size=12
        ),
        max_size=6,
    )
)
def test_one_word_has_the_same_pieces_as_among_many(words: list[str]) -> None:
    codes, owners = gram_codes(words)
    for at, word in enumerate(words):
        assert sorted(codes[owners == at].tolist()) == sorted(codes_of(word))
