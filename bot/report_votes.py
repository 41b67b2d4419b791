"""How the votes were counted: "19:12", "19 zu 12 Stimmen", "mit 19 Ja, 12 Nein, 3 Enthaltungen".

Times, dates, sums and measures have the same shapes; what could be one of them is none of ours.
"""

import re
from dataclasses import dataclass

NUMBER_WORDS = (
    "null/keine/keiner/kein/ohne/no/zero ein/eine/einer/eins/one zwei/two drei/three vier/four fünf/five"
    " sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn"
)
NUMBERS = {word: value for value, same in enumerate(NUMBER_WORDS.split()) for word in same.split("/")}
TENS = ["zwanzig", "dreißig/dreissig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"]
UNITS = ["", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"]
NUMBERS |= {
    f"{unit}{'und' if unit else ''}{ten}": 10 * tens + one
    for tens, same in enumerate(TENS, 2)
    for ten in same.split("/")
    for one, unit in enumerate(UNITS)
}
SPELT = "|".join(sorted(NUMBERS, key=len, reverse=True))
KINDS = {
    "yes": r"ja-?stimmen?|stimmen?\s+dafür|dafür|ja|(?<=\d)j|yes|ayes?|in\s+favour|pro"
    r"|für(?=\s*(?:[,;/+.)]|und\b|$))",
    "no": r"nein-?stimmen?|gegenstimmen?|stimmen?\s+dagegen|dagegen|nein|(?<=\d)n|noes|no|nays?|against"
    r"|contra|kontra|gegen(?=\s*(?:[,;/+.)]|und\b|$))",
    "abstain": r"(?<=\d)e|enthaltung(?:en)?|enthalten|enth|abstentions?|abstained",
}
KIND = "|".join(f"(?P<{name}>{words})" for name, words in KINDS.items())
NUMBER = r"(?P<number>(?<![\w.,:/-])\d{1,3}(?![\d:]|[.,]\d)|\b(?:" + SPELT + r")\b)"
COUNT_THEN_KIND = re.compile(
    rf"{NUMBER}\s{{0,3}}[x×]?\s{{0,3}}(?:stimmen\s{{1,3}})?(?:mit\s)?(?:{KIND})\b", re.I
)
KIND_THEN_COUNT = re.compile(rf"\b(?:{KIND})(?:-?stimmen)?\s{{0,3}}[:=]?\s{{0,3}}{NUMBER}(?!\w)", re.I)
SPELT_VERSUS = re.compile(rf"\b({SPELT})\s{{1,3}}(zu|gegen|to)\s{{1,3}}({SPELT})\b", re.I)
VERSUS = re.compile(
    r"(?<![\w.,:/-])(?P<a>\d{1,3})\s{0,3}(?P<sign>:|zu|gegen|to|[-–/])\s{0,3}(?P<b>\d{1,3})"
    r"(?:\s{0,3}(?::|/|zu|bei)\s{0,3}(?P<c>\d{1,3}))?(?!\w|:(?!\s|$)|[.,/]\d)",
    re.I,
)
_DATE = re.compile(r"(?:0?[1-9]|[12]\d|3[01])\s*/\s*(?:0?[1-9]|1[0-2])\s*/\s*\d+")
TIME_BEFORE = re.compile(r"\b(?:um|ab|seit|gegen|bis|von|nach|vor|at|from|until)\s{1,3}$", re.I)
VOTES_BEFORE = re.compile(r"(?:\b(?:mit|stimmen|abstimmung|ergebnis|votes?|by)\s{0,3}[:=]?\s{0,3})$", re.I)
VOTES_BEHIND = re.compile(r"\s{0,3}(?:stimmen|votes|enthaltung(?:en)?)\b", re.I)
OTHER_BEHIND = re.compile(
    r"\s{0,3}(?:uhr|h\b|am\b(?!\s+\w)|pm\b|euro|eur\b|€|prozent|%|mio|millionen|tausend|plätz|jahre|tage|wochen|personen|stunden)",
    re.I,
)
UNANIMOUS = re.compile(r"\b(?:einstimmig(?:e|es|er)?|unanimous(?:ly)?|einmütig)\b", re.I)
UNANIMOUS_COUNT = re.compile(r"\bmit\s{1,3}(?:allen\s{1,3})?(\d{1,3})\s{1,3}stimmen\b", re.I)


@dataclass(frozen=True)
class Votes:
    """Counted votes; `abstain` is None where nobody said."""

    yes: int
    no: int
    abstain: int | None = None


@dataclass(frozen=True)
class FoundVotes:
    """Votes and where they stand; `ordered` is False for a bare "19:12", whose sides are not named."""

    votes: Votes
    spans: tuple[tuple[int, int], ...]
    ordered: bool = True


def find_votes(text: str) -> FoundVotes | None:
    """The votes a text tells, or None. Without yes and no both there are none."""
    labelled = labelled_votes(text)
    return labelled or versus_votes(text) or unanimous_votes(text)


def labelled_votes(text: str) -> FoundVotes | None:
    """ "19 Ja, 12 Nein, 3 Enthaltungen" or "Ja: 19, Nein: 12", whichever way the text begins."""
    found = [list(pattern.finditer(text)) for pattern in (COUNT_THEN_KIND, KIND_THEN_COUNT)]
    counts = [
        read_counts(hits)
        for hits in sorted((hits for hits in found if hits), key=lambda hits: hits[0].start())
    ]
    for count, spans in counts:
        if "yes" in count and "no" in count:
            return FoundVotes(Votes(count["yes"], count["no"], count.get("abstain")), spans)
    return None


def read_counts(hits: list[re.Match[str]]) -> tuple[dict[str, int], tuple[tuple[int, int], ...]]:
    """The first number of each kind, and the places they were read from."""
    counts: dict[str, int] = {}
    spans = []
    for hit in hits:
        kind = next(name for name in KINDS if hit[name])
        if kind not in counts:
            counts[kind] = value_of(hit["number"])
            spans.append(hit.span())
    return counts, tuple(spans)


def value_of(number: str) -> int:
    return int(number) if number.isdecimal() else NUMBERS[number.casefold()]


def versus_votes(text: str) -> FoundVotes | None:
    """The first "19:12" or "19 zu 12" that is no time, date, sum or share."""
    for hit in VERSUS.finditer(text):
        if is_count(text, hit):
            third = int(hit["c"]) if hit["c"] else None
            abstain, spans = (third, ()) if third is not None else abstentions(text)
            behind = VOTES_BEHIND.match(text, hit.end())
            place = hit.start(), behind.end() if behind else hit.end()
            return FoundVotes(Votes(int(hit["a"]), int(hit["b"]), abstain), (place, *spans), ordered=False)
    spelt = SPELT_VERSUS.search(text)
    if spelt is None:
        return None
    behind = VOTES_BEHIND.match(text, spelt.end())
    counted = Votes(value_of(spelt[1]), value_of(spelt[3]), abstentions(text)[0])
    return FoundVotes(counted, ((spelt.start(), behind.end() if behind else spelt.end()),), ordered=False)


def is_count(text: str, hit: re.Match[str]) -> bool:
    ahead = text[max(0, hit.start() - 20) : hit.start()]
    if OTHER_BEHIND.match(text, hit.end()):
        return False
    if any(len(hit[name] or "") > 1 and hit[name].startswith("0") for name in "abc"):
        return False
    named = bool(VOTES_BEFORE.search(ahead) or VOTES_BEHIND.match(text, hit.end()))
    if hit["sign"] == "/" and hit["c"] and not _DATE.fullmatch(hit[0]):
        return True
    if hit["sign"] in "-–/" or hit["sign"].casefold() == "gegen":
        return named
    return named or not TIME_BEFORE.search(ahead)


def abstentions(text: str) -> tuple[int | None, tuple[tuple[int, int], ...]]:
    for pattern in (COUNT_THEN_KIND, KIND_THEN_COUNT):
        for hit in pattern.finditer(text):
            if hit["abstain"]:
                return value_of(hit["number"]), (hit.span(),)
    return None, ()


def unanimous_votes(text: str) -> FoundVotes | None:
    """ "einstimmig mit 31 Stimmen": all of them yes."""
    word, count = UNANIMOUS.search(text), UNANIMOUS_COUNT.search(text)
    if not word or not count:
        return None
    return FoundVotes(Votes(int(count[1]), 0), (word.span(), count.span()))
