"""The knowledge base: a folder of YAML files with curated entries, loaded whole or refused whole."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from errors import KnowledgeError, Problem
from knowledge.entries import Entry, EntryReader, Placed, Source, place
from knowledge.resolution import resolution
from knowledge.words import clean, stems
from knowledge.yaml_tree import TreeError, parse_tree

__all__ = ["CONTENT", "DUE", "Entry", "Library", "Source", "check_library", "load_library"]

CONTENT: Final = Path(__file__).parent / "content"
FILE_BYTES: Final = 1_000_000
FEWEST_QUESTIONS: Final = 3
# More is better told as terms: whole sentences that differ in a word find nothing new.
MOST_QUESTIONS: Final = 8
LONG_WORDING: Final = 120
# Figures and laws change within a year; what nobody looked at for longer must be read again.
SOURCE_DAYS: Final = 365
# What the calendar alone brings about; nobody made a mistake.
DUE: Final = frozenset({"library.review_due", "library.source_old"})
_REFERENCE: Final = re.compile(r"\]\(#([^()\s]{0,120})\)")


@dataclass(frozen=True)
class Library:
    """Entries in the order of their files."""

    entries: tuple[Entry, ...]
    _by_id: dict[str, Entry] = field(init=False, repr=False, compare=False)
    _about: dict[str, list[Entry]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_id", {entry.id: entry for entry in self.entries})
        object.__setattr__(self, "_about", _by_measure(self.entries))

    def get(self, entry_id: str) -> Entry | None:
        """The entry with this id, or None."""
        return self._by_id.get(entry_id)

    def about(self, measure: str) -> list[Entry]:
        """Entries on a measure ("2.1"); those about it alone come before those that touch it."""
        return self._about.get(measure, [])

    def due(self, today: date) -> list[Entry]:
        """Entries whose review is due, the oldest first."""
        found = [(entry.review_by, entry) for entry in self.entries if entry.review_by]
        late = [(day, entry) for day, entry in found if day <= today]
        return [entry for _, entry in sorted(late, key=lambda one: (one[0], one[1].id))]


def _by_measure(entries: tuple[Entry, ...]) -> dict[str, list[Entry]]:
    about: dict[str, list[Entry]] = {}
    for entry in entries:
        for measure in entry.measures:
            about.setdefault(measure, []).append(entry)
    for code, those in about.items():
        those.sort(key=lambda one: (len(one.measures), code not in one.title))
    return about


def load_library(directory: Path | None = None) -> Library:
    """The base in a folder (or a single file); None is the built-in one.

    Raises KnowledgeError("library.invalid") with every problem, or "library.no_directory",
    "library.empty" when there is nothing to load.
    """
    placed, problems = _read(directory or CONTENT)
    if problems:
        raise KnowledgeError("library.invalid", problems, path=str(directory or CONTENT), count=len(problems))
    if not placed:
        raise KnowledgeError("library.empty", path=str(directory or CONTENT))
    return Library(tuple(item.entry for item in placed))


def check_library(directory: Path | None, today: date) -> list[Problem]:
    """Everything an editor should look at: what stops loading, and what only deserves care."""
    try:
        placed, problems = _read(directory or CONTENT)
    except KnowledgeError as error:
        return [Problem(str(directory or CONTENT), "", error.key, error.details)]
    if not placed and not problems:
        return [Problem(str(directory or CONTENT), "", "library.empty", {"path": str(directory or CONTENT)})]
    for item in placed:
        problems += _care(item, today)
    problems += _shared_wordings(placed) + _dead_references(placed)
    return problems if directory else problems + _uncovered_measures(placed)


def _read(path: Path) -> tuple[list[Placed], list[Problem]]:
    placed: list[Placed] = []
    problems: list[Problem] = []
    for file in _files(path):
        entries, complaints = _read_file(file)
        placed += entries
        problems += complaints
    return placed, problems + _doubles(placed)


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise KnowledgeError("library.no_directory", path=str(path))
    return sorted(file for file in path.iterdir() if file.suffix in {".yaml", ".yml"} and not file.is_dir())


def _read_file(file: Path) -> tuple[list[Placed], list[Problem]]:
    try:
        with file.open("rb") as stream:
            raw = stream.read(FILE_BYTES + 1)
        if len(raw) > FILE_BYTES:
            return [], [Problem(file.name, "", "library.too_big", {"limit": FILE_BYTES})]
        tree = parse_tree(raw.decode("utf-8-sig"))
    except OSError as error:
        return [], [Problem(file.name, "", "library.unreadable", {"reason": error.strerror or "?"})]
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return [], [Problem(file.name, place(line), "library.encoding", {})]
    except TreeError as error:
        return [], [Problem(file.name, place(error.line), error.key, error.details)]
    reader = EntryReader(file.name)
    return reader.entries(tree), reader.problems


def _doubles(placed: Sequence[Placed]) -> list[Problem]:
    first: dict[str, Placed] = {}
    found = [(item, first.setdefault(item.entry.id, item)) for item in placed]
    return [
        item.problem("library.duplicate_id", other=f"{other.file}:{other.line}")
        for item, other in found
        if other is not item
    ]


def _care(item: Placed, today: date) -> Iterator[Problem]:
    entry = item.entry
    if len(entry.questions) < FEWEST_QUESTIONS:
        yield item.problem("library.few_questions", count=len(entry.questions), fewest=FEWEST_QUESTIONS)
    if len(entry.questions) > MOST_QUESTIONS:
        yield item.problem("library.many_questions", count=len(entry.questions), most=MOST_QUESTIONS)
    if not entry.easy:
        yield item.problem("library.no_easy")
    if not entry.sources:
        yield item.problem("library.no_source")
    if entry.review_by and entry.review_by < today:
        yield item.problem("library.review_due", date=entry.review_by)
    if entry.reviewed > today:
        yield item.problem("library.reviewed_later", date=entry.reviewed)
    for wording in entry.wordings:
        if len(wording) > LONG_WORDING:
            yield item.problem("library.long_wording", wording=wording[:60], limit=LONG_WORDING)
    for source in entry.sources:
        if source.read and source.read < today - timedelta(days=SOURCE_DAYS):
            yield item.problem("library.source_old", source=source.title, date=source.read)


def _shared_wordings(placed: Sequence[Placed]) -> list[Problem]:
    owners: dict[tuple[str, ...], Placed] = {}
    asked = [(item, wording) for item in placed for wording in item.entry.wordings]
    return [
        item.problem("library.shared_wording", wording=wording[:60], other=owner.entry.id)
        for item, wording in asked
        if (owner := owners.setdefault(tuple(stems(clean(wording))), item)) is not item
    ]


def _dead_references(placed: Sequence[Placed]) -> list[Problem]:
    known = {item.entry.id for item in placed}
    return [
        item.problem("library.dead_reference", target=target)
        for item in placed
        for target in _REFERENCE.findall(item.entry.answer + "\n" + (item.entry.easy or ""))
        if target not in known
    ]


def _uncovered_measures(placed: Sequence[Placed]) -> list[Problem]:
    covered = {code for item in placed for code in item.entry.measures}
    return [
        Problem(str(CONTENT.name), "", "library.measure_without_entry", {"measure": measure.roman})
        for measure in resolution().measures
        if measure.code not in covered
    ]
