"""From YAML bytes to records of plain text with their line: nothing is guessed, nothing can explode.

PyYAML's own reading turns `no` into False, 2.10 into 2.1 and 18:00 into 1080; here every scalar stays
the text that was written. Aliases are refused (they can make a small file huge).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import yaml

from errors import SourceError
from scheduler.agendas.text import decode

DEEPEST = 8
NOTHING = frozenset({"", "~", "null", "Null", "NULL"})


class _Mark(Protocol):
    @property
    def line(self) -> int: ...


Value = str | list["Value"] | dict[str, "Value"] | None


@dataclass(frozen=True)
class Record:
    """One entry of the list; `number` and `line` count from 1; `values` is empty unless it is a mapping."""

    number: int
    line: int
    node: Value

    @property
    def values(self) -> dict[str, Value]:
        """The entry's fields."""
        return self.node if isinstance(self.node, dict) else {}


def records_of(data: bytes, name: str) -> Iterator[Record]:
    """The entries of a YAML list, none for an empty file. Raises SourceError."""
    text = decode(data)
    try:
        _refuse_dangers(text, name)
        root = yaml.compose(text, Loader=yaml.CBaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise SourceError("agendas.yaml_broken", name=name, line=line, column=column) from error
    except yaml.YAMLError as error:
        line, column = _unreadable_sign(text)
        raise SourceError("agendas.yaml_broken", name=name, line=line, column=column) from error
    if root is None:
        return
    if not isinstance(root, yaml.SequenceNode):
        raise SourceError("agendas.yaml_no_list", name=name)
    for number, node in enumerate(root.value, start=1):
        yield Record(number, _line(node.start_mark), _plain(node))


def _refuse_dangers(text: str, name: str) -> None:
    """Aliases and deep nesting are found on the flat stream of events, before anything is built."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CBaseLoader):
        if isinstance(event, yaml.AliasEvent):
            raise SourceError("agendas.yaml_alias", name=name, line=_line(event.start_mark))
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise SourceError("agendas.yaml_deep", name=name, line=_line(event.start_mark))


def _line(mark: _Mark | None) -> int:
    return mark.line + 1 if mark else 1


def _unreadable_sign(text: str) -> tuple[int, int]:
    """Line and column of the first sign that YAML does not allow."""
    bad = next((at for at, sign in enumerate(text) if sign < " " and sign not in "\t\n\r"), 0)
    return text.count("\n", 0, bad) + 1, bad - text.rfind("\n", 0, bad)


def _plain(node: yaml.Node) -> Value:
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): _plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(part) for part in node.value]
    quoted = isinstance(node, yaml.ScalarNode) and bool(node.style)
    return str(node.value) if quoted or node.value not in NOTHING else None
