"""Which measures a report names: "2.1", "II.1", "ii 1", "Maßnahme 2.1", "2.1/2.2", "II.1+2".

Dates, sums and shares have the same shape: "am 2.1.", "3,2 Mio", "2.1 Prozent" are no measures.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from knowledge.resolution import Resolution

MEASURE = re.compile(
    r"(?<![\w.,:])(?:(?:ma(?:ß|ss)nahme|measure|punkt|m)\s{1,3})?"
    r"(?:s(?:ä|ae)ule\s{1,3}(?P<pillar>[1-9]|iv|i{1,3}),?\s{1,3}(?:ma(?:ß|ss)nahme|punkt|nr\.?)\s{1,3}(?P<p>[1-9])"
    r"|(?P<roman>i{1,3}|iv)\s?[.,-]?\s?(?P<r>[1-9])|(?P<arabic>[1-9])[.,](?P<a>[1-9]))"
    r"(?P<more>(?:[/+&][1-9](?![\d.,:])){0,3})"
    r"(?!\w|[.,:]\d|\.\s?(?:januar|februar|märz|april|mai|juni|juli|august|sep|okt|nov|dez)"
    r"|\s?(?:mio|millionen|mrd|milliarden|tausend|euro|eur\b|€|prozent|%))",
    re.I,
)
ALL = re.compile(
    r"\b(?:alle[nr]?|sämtliche|all)\s(?:the\s)?(?:(?:9|neun|nine)\s)?(?:maßnahmen|massnahmen|measures)\b",
    re.I,
)
RANGE = re.compile(r"\s?(?:-|–|bis)\s?")
DATE_BEFORE = re.compile(r"\b(?:am|vom|zum|bis|seit|den|dem|der|on)\s{1,3}$", re.I)
PILLAR = re.compile(r"\b(?:säule|saeule|pillar)\s{1,3}(?P<pillar>[1-9]|iv|i{1,3})\b", re.I)
ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}


@dataclass(frozen=True)
class FoundMeasure:
    """A measure as written at text[start:end]; the code need not exist."""

    start: int
    end: int
    code: str


def find_measures(line: str, known: Resolution) -> tuple[FoundMeasure, ...]:
    """Everything that looks like a measure, in order; a range such as "1.1-1.3" with all between."""
    found: list[FoundMeasure] = []
    if every := ALL.search(line):
        return tuple(FoundMeasure(every.start(), every.end(), one.code) for one in known.measures)
    for hit in MEASURE.finditer(line):
        if is_date(line, hit):
            continue
        codes = list(codes_of(hit))
        if found and RANGE.fullmatch(line, found[-1].end, hit.start()):
            inner = between(found[-1].code, codes[0].code, known)
            joined = replace(codes[0], start=found[-1].end)
            codes = [*(replace(joined, code=code) for code in inner), joined, *codes[1:]]
        found += codes
    return tuple(found)


def between(first: str, last: str, known: Resolution) -> tuple[str, ...]:
    """The codes that stand between two others in the resolution."""
    return tuple(measure.code for measure in known.measures if first < measure.code < last)


def is_date(line: str, hit: re.Match[str]) -> bool:
    ahead = line[max(0, hit.start() - 10) : hit.start()]
    return line[hit.end() : hit.end() + 1] == "." and DATE_BEFORE.search(ahead) is not None


def codes_of(hit: re.Match[str]) -> Iterator[FoundMeasure]:
    pillar = number_of(hit["pillar"] or hit["roman"] or hit["arabic"])
    for number in (hit["p"] or hit["r"] or hit["a"], *re.findall(r"\d", hit["more"])):
        yield FoundMeasure(hit.start(), hit.end(), f"{pillar}.{number}")


def number_of(written: str) -> int:
    return ROMAN.get(written.casefold()) or int(written)


@dataclass(frozen=True)
class FoundPillar:
    """A pillar named without a measure, and the measures it may mean."""

    start: int
    end: int
    written: str
    codes: tuple[str, ...]


def find_pillar(line: str, known: Resolution) -> FoundPillar | None:
    """The first pillar that exists."""
    for hit in PILLAR.finditer(line):
        pillar = number_of(hit["pillar"])
        codes = tuple(measure.code for measure in known.measures if measure.pillar == pillar)
        if codes:
            return FoundPillar(hit.start(), hit.end(), hit[0], codes)
    return None
