"""From pydantic's errors to complaints with sentences of our own: where, what is wrong, what is allowed.

A value is repeated only where it cannot be a secret.
"""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr

from bot.config_model import Config, Section
from errors import Problem

SHOWN_VALUE = 60
# Our sentences, each with the kinds of errors in pydantic's own terms.
KINDS = {
    "config.missing": "missing",
    "config.unknown_key": "extra_forbidden invalid_key",
    "config.expected_text": "string_type path_type",
    "config.expected_boolean": "bool_type bool_parsing",
    "config.expected_number": "int_type int_parsing int_from_float",
    "config.bad_days": "greater_than_equal less_than_equal int_parsing_size",
    "config.expected_list": "tuple_type",
    "config.expected_section": "model_type model_attributes_type",
    "config.not_allowed": "literal_error",
    "config.expected_date": "date_type date_parsing date_from_datetime_parsing date_from_datetime_inexact",
}
SENTENCES = {kind: sentence for sentence, kinds in KINDS.items() for kind in kinds.split()}

Loc = tuple[int | str, ...]
Origins = dict[Loc, tuple[str, str]]
"""Secrets by where the YAML would have them -> file and place they really came from."""


def problem_of(found: dict[str, Any], file: str, origins: Origins) -> Problem:
    """One error of pydantic as one complaint: where, which sentence, and its details."""
    loc, key = found["loc"], found["type"]
    if key == "invalid_key":
        loc = (*loc[:-1], str(loc[-1]))
    if not key.startswith("config."):
        key = SENTENCES.get(key, "config.bad_value")
    details = found.get("ctx", {}) | {"value": shown_value(loc, found.get("input"))}
    if found["type"] == "literal_error":
        details["allowed"] = details["expected"].replace("'", "").replace(" or ", ", ")
    known = closest_key(loc) if key == "config.unknown_key" else ""
    if known:
        key, details["known"] = "config.unknown_key_like", known
    file, place = origins.get(loc, (file, dotted(loc)))
    return Problem(file, place, key, details)


def dotted(loc: Loc) -> str:
    """The path of a key as people count: sources.2.url is the second source's."""
    return ".".join(str(part + 1) if isinstance(part, int) else shortened(part) for part in loc)


def shown_value(loc: Loc, value: object) -> str:
    """A value as it may be repeated: nothing of a secret, nothing of a whole section."""
    if holder_is_secret(loc) or not isinstance(value, str | int | float):
        return "…"
    text = str(value)
    if "://" in text or ("@" in text and "/" in text):
        return shortened(without_secrets(text))
    return shortened(text)


def holder_is_secret(loc: Loc) -> bool:
    """Whether the key at `loc` is a secret, or one nobody knows (then it may be a misspelt one)."""
    names = [part for part in loc if isinstance(part, str)]
    section = section_at(tuple(names[:-1]))
    field = section.model_fields.get(names[-1]) if section and names else None
    if field is None:
        return True
    return any(kind is SecretStr for kind in types_in(field.annotation)) or any(sections_in(field.annotation))


def without_secrets(address: str) -> str:
    """An address without user, password, query and fragment."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "…"
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def shortened(value: object) -> str:
    """At most 60 characters of a value, on one line and without control characters."""
    text = str(value)
    shown = "".join(
        sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text[:SHOWN_VALUE]
    )
    return shown + "…" if len(text) > SHOWN_VALUE else shown


def closest_key(loc: Loc) -> str:
    """The known key most like the unknown one: beside it, or of that very name in another section."""
    names = [part for part in loc if isinstance(part, str)]
    section = section_at(tuple(names[:-1]))
    near = get_close_matches(names[-1].lower(), section.model_fields if section else (), 1)
    if near:
        return ".".join([*names[:-1], near[0]])
    elsewhere = [key for key in known_keys() if key.rpartition(".")[2] == names[-1].lower()]
    return elsewhere[0] if elsewhere else ""


def known_keys(section: type[BaseModel] = Config, prefix: str = "") -> Iterator[str]:
    """Every key there is, dotted; those of list items directly below the list ("sources.place")."""
    for name, field in section.model_fields.items():
        yield prefix + name
        for inner in sections_in(field.annotation):
            yield from known_keys(inner, f"{prefix}{name}.")


def section_at(names: Loc) -> type[BaseModel] | None:
    section: type[BaseModel] | None = Config
    for name in names:
        field = section.model_fields.get(str(name)) if section else None
        section = next(sections_in(field.annotation), None) if field else None
    return section


def sections_in(annotation: object) -> Iterator[type[Section]]:
    return (kind for kind in types_in(annotation) if isinstance(kind, type) and issubclass(kind, Section))


def types_in(annotation: object) -> Iterator[object]:
    """The type itself and every type within tuple[…], Annotated[…] and unions."""
    yield annotation
    for inner in get_args(annotation):
        yield from types_in(inner)
