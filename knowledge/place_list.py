"""The list of places, read from YAML and checked: `places.yaml`, or another state's."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

import yaml

from errors import ConfigError, Problem

Kind = Literal["landkreis", "kreisfreie_stadt", "stadt", "gemeinde", "amt"]
KINDS: tuple[Kind, ...] = get_args(Kind)
TOP_KEYS = ("places", "councils", "not_places", "also_words", "no_slips")
PLACE_KEYS = ("ags", "council", "district", "aliases")
DISTRICT_DIGITS = 5

DEFAULT_LIST = Path(__file__).with_name("places.yaml")
# libyaml reads the list in a fifth of the time; not every platform's PyYAML has it.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Place:
    """A public body with a council: its canonical name, its kind, who decides, its Landkreis by name.

    `ags` is the official municipality key (8 digits, 5 for a Landkreis, 9 for an Amt), None when unknown.
    """

    name: str
    kind: Kind
    council: str
    district: str | None = None
    ags: str | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlaceList:
    """Everything the file says; `also_words` are names, `no_slips` near-names among ordinary words."""

    places: tuple[Place, ...]
    not_places: tuple[str, ...] = ()
    also_words: tuple[str, ...] = ()
    no_slips: tuple[str, ...] = ()


def read_place_list(path: Path | None = None) -> PlaceList:
    """Read and check a list of places; ConfigError names everything that is wrong with it."""
    source = path or DEFAULT_LIST
    try:
        content = yaml.load(source.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - both are safe loaders
    except OSError as error:
        raise ConfigError("places.unreadable", file=str(source), reason=error.strerror) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError("places.no_yaml", file=str(source), reason=_where(error)) from None
    return _Reader(str(source)).read(content)


def _where(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"{mark.line + 1}:{mark.column + 1}" if mark else "UTF-8"


class _Reader:
    """Collects every complaint before it gives up, so that one look is enough to mend the file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def read(self, content: object) -> PlaceList:
        top = self._mapping(content, "", TOP_KEYS)
        councils = {
            kind: str(name) for kind, name in self._mapping(top.get("councils"), "councils", KINDS).items()
        }
        places = tuple(self._places(top.get("places"), councils))
        if not places:
            self._complain("places", "places.empty")
        places = self._with_districts(places)
        result = PlaceList(places, *(self._texts(top, key, "") for key in TOP_KEYS[2:]))
        if self.problems:
            raise ConfigError("places.wrong", self.problems, file=self.file)
        return result

    def _complain(self, place: str, key: str, **details: object) -> None:
        self.problems.append(Problem(self.file, place or "-", key, details))

    def _mapping(self, value: object, place: str, known: tuple[str, ...] | None) -> Mapping[str, object]:
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self._complain(place, "places.no_mapping")
            return {}
        for name in value:
            if known is not None and name not in known:
                self._complain(place, "places.unknown_key", name=name, known=", ".join(known))
        return {str(name): item for name, item in value.items() if known is None or name in known}

    def _places(self, value: object, councils: Mapping[str, str]) -> Iterator[Place]:
        kinds = self._mapping(value, "places", KINDS)
        for kind in KINDS:
            for name, facts in self._mapping(kinds.get(kind), f"places.{kind}", None).items():
                yield self._place(name, kind, facts, councils)

    def _place(self, name: str, kind: Kind, facts: object, councils: Mapping[str, str]) -> Place:
        where = f"places.{kind}.{name}"
        given = self._mapping({"ags": facts} if isinstance(facts, str | int) else facts, where, PLACE_KEYS)
        council = self._text(given, "council", where) or councils.get(kind)
        if council is None:
            self._complain(where, "places.no_council", kind=kind)
        district, ags = self._text(given, "district", where), self._text(given, "ags", where)
        return Place(name, kind, council or "", district, ags, self._texts(given, "aliases", where))

    def _text(self, given: Mapping[str, object], key: str, where: str) -> str | None:
        value = given.get(key)
        if value is None or isinstance(value, str):
            return value or None
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        self._complain(f"{where}.{key}".lstrip("."), "places.no_text")
        return None

    def _texts(self, given: Mapping[str, object], key: str, where: str) -> tuple[str, ...]:
        value = given.get(key)
        if value is None:
            return ()
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        self._complain(f"{where}.{key}".lstrip("."), "places.no_texts")
        return ()

    def _with_districts(self, places: tuple[Place, ...]) -> tuple[Place, ...]:
        """Fill in the Landkreis from the key, and check that names are unique and districts exist."""
        districts = {place.ags: place.name for place in places if place.kind == "landkreis"}
        seen: set[str] = set()
        for place in places:
            if place.name in seen:
                self._complain(place.name, "places.twice")
            if place.district and place.district not in districts.values():
                self._complain(place.name, "places.no_district", district=place.district)
            seen.add(place.name)
        return tuple(
            replace(place, district=districts.get(place.ags[:DISTRICT_DIGITS]))
            if place.ags and not place.district and place.kind != "landkreis"
            else place
            for place in places
        )
