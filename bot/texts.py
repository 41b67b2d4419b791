"""The sentences people read: gettext catalogues, one directory per language, many files each.

A key such as "library.unknown_measure" is the msgid; its sentence has {named} gaps. Catalogues are read
on first use, one language at a time, so that a bot that speaks only German never reads the English ones.
"""

import errno
import gettext
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from errors import Problem, SaeulenbotError

LOCALE = Path(__file__).parent / "locale"
DEFAULT_LANGUAGE = "de"

# What the system says in English of a file that cannot be had.
SYSTEM = {
    os.strerror(code): key
    for code, key in (
        (errno.EACCES, "system.not_allowed"),
        (errno.EDQUOT, "system.no_space"),
        (errno.EEXIST, "system.no_folder"),
        (errno.EFBIG, "system.no_space"),
        (errno.EIO, "system.broken_disk"),
        (errno.EISDIR, "system.is_folder"),
        (errno.ENAMETOOLONG, "system.long_name"),
        (errno.ENOENT, "system.not_there"),
        (errno.ENOSPC, "system.no_space"),
        (errno.ENOTDIR, "system.no_folder"),
        (errno.EPERM, "system.not_allowed"),
        (errno.EROFS, "system.read_only"),
    )
}
GAP = re.compile(r"\{\{|\}\}|\{([a-z_][a-z0-9_]*)\}")


@dataclass(frozen=True)
class Catalogue:
    """All sentences of one language: key -> plural forms (one, where the key counts nothing)."""

    sentences: dict[str, tuple[str, ...]]
    plural_form: Callable[[int], int]


class Texts:
    """All catalogues of one directory; every look-up names language and key."""

    def __init__(self, directory: Path = LOCALE) -> None:
        self._directory = directory
        self._catalogues: dict[str, Catalogue] = {}

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages there is a directory with catalogues for, sorted: ("de", "en")."""
        return languages_in(self._directory)

    def keys(self, language: str) -> frozenset[str]:
        """Every key of one language; empty for a language without catalogues."""
        return frozenset(self._catalogue(language).sentences)

    def get(self, language: str, key: str, /, **details: object) -> str:
        """The sentence of `key` with its gaps filled; in German where `language` has none.

        Details are inserted as given, never read as templates themselves.
        Raises KeyError where no language has the key, or where a detail is missing.
        """
        return fill(self._forms(language, key)[0][0], details)

    def plural(self, language: str, key: str, n: int, /, **details: object) -> str:
        """Like `get`, in the form that fits the number `n`, which also fills the gap {n}."""
        forms, plural_form = self._forms(language, key)
        chosen = forms[min(plural_form(abs(n)), len(forms) - 1)]
        return fill(chosen, {"n": n, **details})

    def _forms(self, language: str, key: str) -> tuple[tuple[str, ...], Callable[[int], int]]:
        for tried in (language, DEFAULT_LANGUAGE):
            catalogue = self._catalogue(tried)
            if key in catalogue.sentences:
                return catalogue.sentences[key], catalogue.plural_form
        raise KeyError(key)

    def _catalogue(self, language: str) -> Catalogue:
        if language not in self._catalogues:
            known = language in self.languages
            self._catalogues[language] = read_catalogue(self._directory / language) if known else NOTHING
        return self._catalogues[language]


def languages_in(directory: Path) -> tuple[str, ...]:
    """The names of the sub-directories that hold catalogues, sorted."""
    return tuple(sorted({file.parent.name for file in directory.glob("*/*.po")}))


@cache
def read_catalogue(directory: Path) -> Catalogue:
    """Reads every .po file of one language, once; fuzzy and empty entries do not count."""
    from babel.messages.pofile import read_po  # costs 50 ms: only who shows a sentence pays for it

    sentences: dict[str, tuple[str, ...]] = {}
    rule = NOTHING.plural_form
    for file in sorted(directory.glob("*.po")):
        with file.open("rb") as lines:
            catalogue = read_po(lines)
        rule = gettext.c2py(catalogue.plural_expr)
        for message in catalogue:
            forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
            key = message.id if isinstance(message.id, str) else message.id[0]
            if key and forms and all(forms) and not message.fuzzy:
                sentences[key] = forms
    return Catalogue(sentences, rule)


NOTHING = Catalogue({}, lambda n: int(n != 1))


def fill(sentence: str, details: dict[str, object]) -> str:
    """Fills {name} gaps; {{ and }} stand for braces. Nothing else of str.format is understood.

    str.format itself would let a translated sentence reach into objects: "{error.__class__}".
    """
    return GAP.sub(lambda gap: str(details[gap[1]]) if gap[1] else gap[0][0], sentence)


def gaps(sentence: str) -> frozenset[str]:
    """The names of the details a sentence needs."""
    return frozenset(gap[1] for gap in GAP.finditer(sentence) if gap[1])


def render_error(texts: Texts, language: str, error: SaeulenbotError) -> str:
    """The sentence of an error, and a line for each of its problems."""
    sentence = texts.get(language, error.key, **_worded(texts, language, error.details))
    return "\n".join([sentence, *(render_problem(texts, language, problem) for problem in error.problems)])


def render_problem(texts: Texts, language: str, problem: Problem) -> str:
    """One complaint as "file: place: reason"; what is unknown is left out."""
    reason = texts.get(language, problem.key, **_worded(texts, language, problem.details))
    return ": ".join(part for part in (problem.file, problem.place, reason) if part)


def _worded(texts: Texts, language: str, details: dict[str, object]) -> dict[str, object]:
    """Details with the system's reason in the language of the sentence."""
    key = SYSTEM.get(str(details.get("reason")))
    return details if key is None else {**details, "reason": texts.get(language, key)}
