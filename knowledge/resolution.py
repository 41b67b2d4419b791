"""The resolution "Verantwortung vor Ort": four pillars, nine measures, and how people refer to them.

Source: the resolution itself, kept word for word in resolution.yaml.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import yaml

ROMANS: Final = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")
_CARDINALS: Final = ("eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn")
_ORDINALS: Final = (
    "erste zweite dritte vierte fünfte sechste siebte achte neunte zehnte",
    "first second third fourth fifth sixth seventh eighth ninth tenth",
    "eins zwo drei vier fuenf sechs siebente acht neun zehn",
    "one two three four fuenfte six seven eight nine ten",
)
_NUMBERS: Final = {
    word: value
    for row in (" ".join(ROMANS).lower(), " ".join(_CARDINALS), *_ORDINALS)
    for value, word in enumerate(row.split(), start=1)
}
# References stand at the start of what people type; what lies further back is not worth the time.
_READ_CHARACTERS: Final = 1_000

_PILLAR: Final = r"(?:säulen?|saeulen?|saulen?|pfeilers?|pillars?)"
_MEASURE: Final = r"(?:maßnahmen?|massnahmen?|measures?|punkt)"
_NUMBER: Final = (
    r"(\d{1,3}|" + "|".join(sorted((re.escape(word) for word in _NUMBERS), key=len, reverse=True)) + r")\b"
)
_LABEL: Final = r"\s{0,3}(?:nr\.?|nummer|no\.?|number)?\s{0,3}"
_PILLAR_MEASURE: Final = re.compile(
    rf"\b{_PILLAR}{_LABEL}{_NUMBER}[\s,:;–-]{{0,3}}(?:\.\s?|\b{_MEASURE}{_LABEL})(\d{{1,2}})\b(?!\.\d)"
)
_MEASURE_PILLAR: Final = re.compile(
    rf"\b{_MEASURE}{_LABEL}(\d{{1,2}})\s{{1,3}}(?:der|von|in|aus|of)?\s{{0,3}}{_PILLAR}{_LABEL}{_NUMBER}"
)
_DOTTED_MEASURE: Final = re.compile(rf"\b{_MEASURE}{_LABEL}{_NUMBER}\s?[.,-]\s?(\d{{1,2}})\b")
_DOTTED: Final = re.compile(r"(?<![\w.,])([ivx]{1,4}|\d)\.\s?(\d)(?!\w|\.\d|\.\s*\w|,\d)")
_BARE: Final = re.compile(r"\W{0,3}([ivx]{1,4}|\d)(?:\s?[.,/-]\s?|\s)(\d{1,2})\W{0,3}")
_PILLAR_ONLY: Final = re.compile(rf"\b{_PILLAR}{_LABEL}{_NUMBER}")
_ORDINAL_PILLAR: Final = re.compile(
    r"(?:\b("
    + "|".join(" ".join(_ORDINALS[:2]).split())
    + rf")[nrms]?|\b(\d{{1,2}}|[ivx]{{1,4}})\.)\s{{1,3}}{_PILLAR}\b"
)

_JUST_ASKING: Final = re.compile(
    r"(?:\W|\b(?:was|steht|sagt|heißt|in|unter|bei|zu|zeig|zeige|lies|mir|bitte|mal|denn|what|is|says|show|me)\b)*"
)
# There are nine: whoever counts on to "Maßnahme 12" means one that does not exist.
_BEYOND: Final = re.compile(
    rf"\b(?:maßnahme|massnahme|measure){_LABEL}([1-9]\d)\b(?!\s?[.,-]\s?\d)|\b([1-9]\d)\.\s?ma(?:ß|ss)nahme\b"
)


@dataclass(frozen=True)
class Measure:
    """One of the nine measures; `text` is the resolution's own sentence, to be read after "... dass:"."""

    code: str
    pillar: int
    roman: str
    short: str
    text: str


@dataclass(frozen=True)
class Pillar:
    """One of the four pillars."""

    number: int
    roman: str
    name: str
    measures: tuple[Measure, ...]


@dataclass(frozen=True)
class References:
    """What a text names: codes and pillar numbers that exist, and how many that do not."""

    measures: tuple[str, ...]
    pillars: tuple[int, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class Resolution:
    """The whole resolution."""

    title: str
    preamble: str
    pillars: tuple[Pillar, ...]

    @property
    def measures(self) -> tuple[Measure, ...]:
        """All nine, in the resolution's order."""
        return tuple(measure for pillar in self.pillars for measure in pillar.measures)

    def measure(self, code: str) -> Measure | None:
        """The measure with exactly this code ("2.1"), or None."""
        return next((measure for measure in self.measures if measure.code == code), None)

    def find_measure(self, text: str) -> Measure | None:
        """The first measure a text names: "2.1", "II.1", "ii 1", "Säule 2 Maßnahme 1"; else None."""
        found = self.references(text).measures
        return self.measure(found[0]) if found else None

    def asked_for(self, text: str) -> Measure | None:
        """The one measure a text names if it asks for nothing else: "2.1", "Was steht in II.2?"."""
        named, rest = _named_measures(_plain(text))
        found = {code for pillar, number, _ in named if (code := f"{pillar}.{number}")}
        nothing_else = _JUST_ASKING.fullmatch(_DOTTED.sub(" ", rest))
        return self.measure(found.pop()) if len(found) == 1 and nothing_else else None

    def references(self, text: str) -> References:
        """Everything a text says about pillars and measures, existing or not."""
        named, rest = _named_measures(_plain(text))
        codes = [f"{pillar}.{number}" for pillar, number, _ in named]
        pillars = _named_pillars(rest)
        known = {pillar.number for pillar in self.pillars}
        lost = [
            code for code, (_, _, sure) in zip(codes, named, strict=True) if sure and not self.measure(code)
        ]
        return References(
            measures=tuple(dict.fromkeys(code for code in codes if self.measure(code))),
            pillars=tuple(dict.fromkeys(number for number in pillars if number in known)),
            unknown=(
                *lost,
                *(str(number) for number in pillars if number not in known),
                *(hit[1] or hit[2] for hit in _BEYOND.finditer(rest)),
            ),
        )


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:_READ_CHARACTERS]).lower()


def _value(number: str) -> int:
    return _NUMBERS[number] if number in _NUMBERS else int(number) if number.isdecimal() else 0


def _named_measures(text: str) -> tuple[list[tuple[int, int, bool]], str]:
    """(pillar, number, surely meant as a measure) in order of certainty, and the text without them."""
    named: list[tuple[int, int, bool]] = []
    bare = _BARE.fullmatch(text)
    if bare:
        return [(_value(bare[1]), int(bare[2]), True)], ""
    for pattern, pillar, number in (
        (_PILLAR_MEASURE, 1, 2),
        (_MEASURE_PILLAR, 2, 1),
        (_DOTTED_MEASURE, 1, 2),
    ):
        named += [(_value(hit[pillar]), int(hit[number]), True) for hit in pattern.finditer(text)]
        text = pattern.sub(" ", text)
    # A lone "3.5" may be a price or a date: only a Roman numeral makes it surely a reference.
    named += [(_value(hit[1]), int(hit[2]), hit[1] in _NUMBERS) for hit in _DOTTED.finditer(text)]
    return named, text


def _named_pillars(text: str) -> list[int]:
    numbers = [hit[1] for hit in _PILLAR_ONLY.finditer(text)]
    numbers += [hit[1] or hit[2] for hit in _ORDINAL_PILLAR.finditer(text)]
    return [_value(number) for number in numbers]


@cache
def resolution() -> Resolution:
    """The resolution, read once from the file beside this module."""
    raw = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    pillars = [_pillar(number, pillar) for number, pillar in enumerate(raw["pillars"], start=1)]
    return Resolution(title=raw["title"], preamble=raw["preamble"], pillars=tuple(pillars))


def _pillar(number: int, raw: dict[str, list[dict[str, str]]]) -> Pillar:
    roman = ROMANS[number - 1]
    measures = tuple(
        Measure(f"{number}.{index}", number, f"{roman}.{index}", measure["short"], measure["text"])
        for index, measure in enumerate(raw["measures"], start=1)
    )
    return Pillar(number=number, roman=roman, name=str(raw["name"]), measures=measures)
