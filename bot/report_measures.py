"""Which measures a report names: "2.1", "II.1", "ii 1", "2 Punkt 1", "Maßnahme 2.1", "2.1/2.2", "II.1+2".

Dates, sums and shares have the same shape: "am 2.1.", "3,2 Mio", "2.1 Prozent" are no measures.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from knowledge.resolution import resolution

PILLAR_WORD, MEASURE_WORD = r"(?:s(?:ä|ae)ule|pillar)", r"(?:ma(?:ß|ss)nahme|measure|punkt|point|nr\.?)"
SPOKEN = {"eins": 1, "zwei": 2, "drei": 3, "vier": 4}
ORDINAL = {"erste": 1, "zweite": 2, "dritte": 3, "vierte": 4}
NTH = rf"[1-9]\.|(?:{'|'.join(ORDINAL)})(?=[nrs]?\b)"
MEASURE = re.compile(
    r"(?<![\w.:])(?:(?:ma(?:ß|ss)nahme|measure|punkt|m)\s{0,3})?"
    rf"(?:{PILLAR_WORD}\s{{1,3}}(?P<pillar>[1-9]|iv|i{{1,3}}),?\s{{1,3}}{MEASURE_WORD}\s{{1,3}}(?P<p>[1-9])"
    rf"|(?P<nth>{NTH})[nrs]?\s{{1,3}}{PILLAR_WORD},?\s{{1,3}}(?P<n>{NTH})[nrs]?\s{{1,3}}{MEASURE_WORD}"
    rf"|(?P<spoken>[1-4]|{'|'.join(SPOKEN)})\s{{1,3}}(?:punkt|komma|point)\s{{1,3}}(?P<s>[1-3]|{'|'.join(SPOKEN)})"
    r"|(?P<roman>i{1,3}|iv)\s?[.,/-]?\s?(?P<r>[1-9])"
    # Behind a comma it is the end of a sum, unless another measure stands before it.
    r"|(?<![^.]\d,)(?P<arabic>[1-9])[.,](?P<a>[1-9]))"
    r"(?P<more>(?:[/+&][1-9](?![\d.,:])){0,3})"
    r"(?!\w|[.:]\d|,\d(?![.,]\d)|\.\s?(?:januar|februar|märz|april|mai|juni|juli|august|sep|okt|nov|dez)"
    r"|\s?(?:mio|millionen|mrd|milliarden|tausend|euro|eur\b|€|prozent|%))",
    re.I,
)
ALL = re.compile(
    r"\b(?:alle[nr]?|sämtliche|all)\s(?:the\s)?(?:(?:(?:9|neun|nine)\s)?(?:maßnahmen|massnahmen|measures)"
    r"|9|neun|nine)\b",
    re.I,
)
RANGE = re.compile(r"\s?(?:-|–|bis)\s?")
DATE_BEFORE = re.compile(r"\b(?:am|ab|vom|zum|bis|seit|den|dem|der|on)\s{1,3}$", re.I)
# "am 2.1" is a day without a full stop, too; "TOP 3.1" is a number of the agenda.
NEVER_BEHIND = re.compile(r"(?<!\w)(?:am|top|tagesordnungspunkt|§)\s{0,3}$", re.I)
PILLAR = re.compile(
    rf"\b(?:{PILLAR_WORD}\s{{1,3}}(?P<pillar>[1-9](?!\.\s)|iv|i{{1,3}})\b|(?P<nth>{NTH})[nrs]?\s{{1,3}}{PILLAR_WORD}\b)",
    re.I,
)
ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}


@dataclass(frozen=True)
class FoundMeasure:
    """A measure as written at text[start:end]; the code need not exist."""

    start: int
    end: int
    code: str


def find_measures(line: str) -> tuple[FoundMeasure, ...]:
    """Everything that looks like a measure, in order; a range such as "1.1-1.3" with all between."""
    found: list[FoundMeasure] = []
    if every := ALL.search(line):
        return tuple(FoundMeasure(every.start(), every.end(), one.code) for one in resolution().measures)
    for hit in MEASURE.finditer(line):
        if is_date(line, hit):
            continue
        codes = list(codes_of(hit))
        if found and RANGE.fullmatch(line, found[-1].end, hit.start()):
            inner = between(found[-1].code, codes[0].code)
            joined = replace(codes[0], start=found[-1].end)
            codes = [*(replace(joined, code=code) for code in inner), joined, *codes[1:]]
        found += codes
    return tuple(found)


def between(first: str, last: str) -> tuple[str, ...]:
    """The codes that stand between two others in the resolution."""
    return tuple(measure.code for measure in resolution().measures if first < measure.code < last)


def is_date(line: str, hit: re.Match[str]) -> bool:
    ahead = line[max(0, hit.start() - 24) : hit.start()]
    if NEVER_BEHIND.search(ahead):
        return True
    return line[hit.end() : hit.end() + 1] == "." and DATE_BEFORE.search(ahead) is not None


def codes_of(hit: re.Match[str]) -> Iterator[FoundMeasure]:
    pillar = number_of(hit["pillar"] or hit["nth"] or hit["spoken"] or hit["roman"] or hit["arabic"])
    first = hit["p"] or hit["n"] or hit["s"] or hit["r"] or hit["a"]
    for number in (first, *re.findall(r"\d", hit["more"])):
        yield FoundMeasure(hit.start(), hit.end(), f"{pillar}.{number_of(number)}")


def number_of(written: str) -> int:
    word = written.casefold()
    return ROMAN.get(word) or SPOKEN.get(word) or ORDINAL.get(word) or int(word.rstrip("."))


@dataclass(frozen=True)
class FoundPillar:
    """A pillar named without a measure, and the measures it may mean."""

    start: int
    end: int
    written: str
    codes: tuple[str, ...]


def find_pillar(line: str) -> FoundPillar | None:
    """The first pillar that exists."""
    for hit in PILLAR.finditer(line):
        pillar = number_of(hit["pillar"] or hit["nth"])
        codes = tuple(measure.code for measure in resolution().measures if measure.pillar == pillar)
        if codes:
            return FoundPillar(hit.start(), hit.end(), hit[0], codes)
    return None
