"""YAML to a tree that knows its lines, for files that people edit and strangers may hand in.

Built from parser events with a limit on depth and without anchors: composing hostile files with
libyaml can exhaust the stack, and aliases can unfold a few lines into gigabytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import yaml

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST: Final = 8


@dataclass(frozen=True)
class Scalar:
    """A single value as written; `plain` when it stood without quotes. Lines count from 1."""

    line: int
    text: str
    plain: bool

    @property
    def empty(self) -> bool:
        """Whether YAML reads this as nothing at all."""
        return self.plain and self.text in {"", "~", "null", "Null", "NULL"}


@dataclass(frozen=True)
class Items:
    """A list."""

    line: int
    items: tuple["Node", ...]


@dataclass(frozen=True)
class Fields:
    """A mapping; its keys are texts and none comes twice."""

    line: int
    fields: dict[str, "Node"]


Node = Scalar | Items | Fields


class TreeError(Exception):
    """The text is no tree: the key and details of the sentence that says why, and the line."""

    def __init__(self, key: str, line: int, **details: object) -> None:
        super().__init__(key, line, details)
        self.key = key
        self.line = line
        self.details = details


def parse_tree(text: str) -> Node | None:
    """The one document in the text, or None when there is none. Raises TreeError."""
    try:
        events = yaml.parse(text, Loader=_LOADER)
        return _document(iter(events))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise TreeError("library.broken_yaml", line, problem=error.problem or "?") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise TreeError("library.broken_yaml", line, problem=error.reason) from error


def _document(events: Iterator[yaml.Event]) -> Node | None:
    found: Node | None = None
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            if found is not None:
                raise TreeError("library.two_documents", _line(event))
            found = _node(next(events), events, 1)
    return found


def _node(event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Node:
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise TreeError("library.alias", _line(event))
    if depth > _DEEPEST:
        raise TreeError("library.too_deep", _line(event))
    if isinstance(event, yaml.ScalarEvent):
        return Scalar(_line(event), event.value, event.style is None)
    if isinstance(event, yaml.SequenceStartEvent):
        return Items(_line(event), tuple(_items(events, depth)))
    return Fields(_line(event), _fields(events, depth))


def _items(events: Iterator[yaml.Event], depth: int) -> Iterator[Node]:
    while not isinstance(event := next(events), yaml.SequenceEndEvent):
        yield _node(event, events, depth + 1)


def _fields(events: Iterator[yaml.Event], depth: int) -> dict[str, Node]:
    fields: dict[str, Node] = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        key = _node(event, events, depth + 1)
        if not isinstance(key, Scalar):
            raise TreeError("library.odd_key", _line(event))
        if key.text in fields:
            raise TreeError("library.duplicate_key", key.line, name=key.text[:60])
        fields[key.text] = _node(next(events), events, depth + 1)
    return fields


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1
