"""One entry of the knowledge base, and reading it from a YAML tree with every complaint it deserves."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from errors import Problem
from knowledge.resolution import resolution
from knowledge.yaml_tree import Fields, Items, Node, Scalar

# One message on every platform, with room for title, sources and the help line.
ANSWER_CHARACTERS: Final = 1_200
WORDING_CHARACTERS: Final = 300
ID_CHARACTERS: Final = 100
_REQUIRED: Final = ("id", "title", "questions", "answer", "sources", "reviewed")
_OPTIONAL: Final = ("terms", "easy", "measures", "pillar", "helpline", "review_by")
_SOURCE_KEYS: Final = ("title", "section", "url", "read")
_TAG: Final = re.compile(r"</?[a-zA-Z][a-zA-Z0-9-]{0,30}(?:\s[^<>]{0,300})?/?>|<!--|<[!?][a-zA-Z]")
_ID: Final = re.compile(r"[^\s()\[\]#]+")
_URL: Final = re.compile(r"https?://[^\s<>\"]+")
_URL_CHARACTERS: Final = 1_000
_SHOWN_CHARACTERS: Final = 60
_YES: Final = ("true", "yes", "on", "ja")
_NO: Final = ("false", "no", "off", "nein")
_BOOLEANS: Final = dict.fromkeys(_YES, True) | dict.fromkeys(_NO, False)


@dataclass(frozen=True)
class Source:
    """Where a fact comes from; `read` is the day somebody last looked."""

    title: str
    section: str | None = None
    url: str | None = None
    read: date | None = None


@dataclass(frozen=True)
class Entry:
    """A curated answer. `answer` and `easy` are small Markdown; `pillar` is filled in from the measures."""

    id: str
    title: str
    questions: tuple[str, ...]
    answer: str
    easy: str | None
    measures: tuple[str, ...]
    pillar: int | None
    helpline: bool
    sources: tuple[Source, ...]
    reviewed: date
    review_by: date | None
    terms: tuple[str, ...] = ()

    @property
    def wordings(self) -> tuple[str, ...]:
        """The title and all questions."""
        return (self.title, *self.questions)

    @property
    def sayings(self) -> tuple[str, ...]:
        """All that people may say to mean the entry: wordings, and terms that are no whole question."""
        return (*self.wordings, *self.terms)


@dataclass(frozen=True)
class Placed:
    """An entry and where it stands."""

    entry: Entry
    file: str
    line: int

    def problem(self, key: str, **details: object) -> Problem:
        """A complaint about this entry."""
        return Problem(self.file, place(self.line, self.entry.id), key, details)


def place(line: int, name: str = "") -> str:
    """How complaints name a spot in a file: "12" or "12: entry-id"."""
    return f"{line}: {name}" if name else str(line)


class EntryReader:
    """Reads the entries of one file; complaints gather in `problems`."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._name = ""

    def entries(self, tree: Node | None) -> list[Placed]:
        """All sound entries of the file."""
        if tree is None or (isinstance(tree, Scalar) and tree.empty):
            return []
        if not isinstance(tree, Items):
            self._complain(tree.line, "library.not_a_list")
            return []
        return [placed for node in tree.items if (placed := self._placed(node))]

    def _placed(self, node: Node) -> Placed | None:
        before = len(self.problems)
        self._name = ""
        if not isinstance(node, Fields):
            self._complain(node.line, "library.not_an_entry")
            return None
        entry = self._entry(node)
        return Placed(entry, self.file, node.line) if entry and len(self.problems) == before else None

    def _entry(self, node: Fields) -> Entry | None:
        fields = {key: value for key, value in node.fields.items() if not _empty(value)}
        self._name = self._id(fields.get("id"))
        self._check_keys(node, fields, (*_REQUIRED, *_OPTIONAL), _REQUIRED)
        measures = self._measures(fields.get("measures"))
        pillar = self._pillar(fields.get("pillar"))
        reviewed = self._date("reviewed", fields.get("reviewed"))
        entry = Entry(
            id=self._name,
            title=self._text("title", fields.get("title"), WORDING_CHARACTERS) or "",
            questions=tuple(self._texts("questions", fields.get("questions"))),
            answer=self._text("answer", fields.get("answer"), ANSWER_CHARACTERS) or "",
            easy=self._text("easy", fields.get("easy"), ANSWER_CHARACTERS),
            measures=measures,
            pillar=_common_pillar(measures) if pillar is None else pillar,
            helpline=self._boolean("helpline", fields.get("helpline")),
            sources=tuple(self._sources(fields.get("sources"))),
            reviewed=reviewed or date.min,
            review_by=self._date("review_by", fields.get("review_by")),
            terms=tuple(self._texts("terms", fields.get("terms"))),
        )
        return entry if reviewed else None

    def _complain(self, line: int, key: str, **details: object) -> None:
        self.problems.append(Problem(self.file, place(line, self._name), key, details))

    def _check_keys(
        self, node: Fields, fields: dict[str, Node], known: Iterable[str], required: Iterable[str]
    ) -> None:
        for name in sorted(set(node.fields) - set(known)):
            line = node.fields[name].line
            self._complain(line, "library.unknown_key", name=_short(name), known=", ".join(known))
        for name in required:
            if name not in fields:
                self._complain(node.line, "library.missing_key", name=name)

    def _id(self, node: Node | None) -> str:
        if node is None:
            return ""
        if not isinstance(node, Scalar):
            self._complain(node.line, "library.expected_text", name="id")
            return ""
        if len(node.text) > ID_CHARACTERS or not _ID.fullmatch(node.text):
            self._complain(node.line, "library.bad_id", name=_short(node.text))
        return node.text[:ID_CHARACTERS]

    def _text(self, name: str, node: Node | None, limit: int) -> str | None:
        """The stripped text of a scalar; complains about other shapes, HTML and too much of it."""
        if node is None:
            return None
        if not isinstance(node, Scalar):
            self._complain(node.line, "library.expected_text", name=name)
            return None
        text = node.text.strip()
        if len(text) > limit:
            self._complain(node.line, "library.too_long", name=name, length=len(text), limit=limit)
        if tag := _TAG.search(text):
            self._complain(node.line, "library.tags", name=name, tag=_short(tag[0]))
        return text

    def _items(self, name: str, node: Node | None) -> tuple[Node, ...]:
        if node is None:
            return ()
        if not isinstance(node, Items):
            self._complain(node.line, "library.expected_list", name=name)
            return ()
        return node.items

    def _texts(self, name: str, node: Node | None) -> list[str]:
        texts = [self._text(name, item, WORDING_CHARACTERS) for item in self._items(name, node)]
        return [text for text in texts if text]

    def _measures(self, node: Node | None) -> tuple[str, ...]:
        codes: list[str] = []
        for item in self._items("measures", node):
            written = item.text if isinstance(item, Scalar) else "?"
            measure = next((m for m in resolution().measures if written in {m.code, m.roman}), None)
            if measure:
                codes.append(measure.code)
            else:
                self._complain(item.line, "library.unknown_measure", measure=_short(written))
        return tuple(dict.fromkeys(codes))

    def _pillar(self, node: Node | None) -> int | None:
        if node is None:
            return None
        written = node.text if isinstance(node, Scalar) else "?"
        pillar = next((p for p in resolution().pillars if written in {str(p.number), p.roman}), None)
        if pillar is None:
            self._complain(node.line, "library.unknown_pillar", pillar=_short(written))
            return None
        return pillar.number

    def _boolean(self, name: str, node: Node | None) -> bool:
        written = node.text.lower() if isinstance(node, Scalar) else "?"
        if node is not None and written not in _BOOLEANS:
            self._complain(node.line, "library.expected_boolean", name=name)
        return _BOOLEANS.get(written, False)

    def _date(self, name: str, node: Node | None) -> date | None:
        if node is None:
            return None
        try:
            return date.fromisoformat(node.text if isinstance(node, Scalar) else "")
        except ValueError:
            self._complain(node.line, "library.expected_date", name=name)
            return None

    def _sources(self, node: Node | None) -> list[Source]:
        return [source for item in self._items("sources", node) if (source := self._source(item))]

    def _source(self, node: Node) -> Source | None:
        if not isinstance(node, Fields):
            self._complain(node.line, "library.expected_source")
            return None
        fields = {key: value for key, value in node.fields.items() if not _empty(value)}
        self._check_keys(node, fields, _SOURCE_KEYS, ("title",))
        url = self._text("url", fields.get("url"), _URL_CHARACTERS)
        if url and not _URL.fullmatch(url):
            self._complain(fields["url"].line, "library.bad_url", url=_short(url))
        title = self._text("title", fields.get("title"), WORDING_CHARACTERS)
        section = self._text("section", fields.get("section"), WORDING_CHARACTERS)
        return Source(title or "", section, url, self._date("read", fields.get("read")))


def _empty(node: Node) -> bool:
    return isinstance(node, Scalar) and (node.empty or not node.text.strip())


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"


def _common_pillar(measures: Iterable[str]) -> int | None:
    pillars = {measure.pillar for code in measures if (measure := resolution().measure(code))}
    return pillars.pop() if len(pillars) == 1 else None
