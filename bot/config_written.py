"""A configuration as a file for people: only what was answered, each part with its comment."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

# What was answered, as the model has it: section -> values, or a plain value.
Answers = Mapping[str, Any]
ORDER = ("data_dir", "database", "sources", "operator", "telegram", "matrix")


def as_yaml(answers: Answers, comment: Callable[[str], str]) -> str:
    """The file's text; `comment` gives the sentence above each part, by its name."""
    said = [name for name in ORDER if answers.get(name)]
    parts = ["\n".join([_above(comment(name)), *_lines({name: answers[name]})]) for name in said]
    return "\n\n".join([_above(comment("head")), *parts, _above(comment("more"))]) + "\n"


def _above(text: str) -> str:
    """A sentence as a comment."""
    return "\n".join(f"# {line}".rstrip() for line in text.splitlines())


def _lines(values: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    """YAML in its plainest form; every text is quoted as in JSON, which YAML understands."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield f"{indent}{name}:"
            yield from _lines(value, indent + "  ")
        elif isinstance(value, list) and all(isinstance(item, Mapping) for item in value):
            yield f"{indent}{name}:"
            for item in value:
                first, *rest = _lines(item, indent + "    ")
                yield f"{indent}  - {first.strip()}"
                yield from rest
        else:
            yield f"{indent}{name}: {json.dumps(value, ensure_ascii=False)}"
