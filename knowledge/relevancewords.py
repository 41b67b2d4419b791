"""Titles and phrases brought to one spelling, so that both can be compared.

Small letters, ä as ae, no hyphens inside words, everything else a single space. A folded title still
knows where each word stood, so that people are shown the words as they were written.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from knowledge.slips import slips

SHORTEST_TYPED = 9
LONG_WORD = 18
ROOT = 4

# A hyphen joins its word also across a line break: many systems cut long words that way, and some make a
# space of the break ("Haushalts- satzung"); but "Haushalts- und Stellenplan" are two.
_WORD = re.compile(
    r"[^\W\d_]+(?:-(?:[ \t]{0,9}[\r\n]\s{0,9}| (?!(?:und|oder|bzw|sowie|u|o)\b)(?=[a-zäöüß]))?[^\W\d_]+)*"
    r"|\d{1,9}|[§€]"
)
_NO_WORD = re.compile(r"[^\w§€]+")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "-": ""})
_YEARS = r"\d{1,4}(?: \d{2,4})?"
_PIECES = {"*": r"\w{0,60}", "#": _YEARS, "°": r"(?:e?s(?! (?:und|oder) ))?"}
_GAPS = {"~": 3, "~~": 8}
_SHORT_FORMS = {"u": "und", "gg": "gegen"}


@dataclass(frozen=True)
class Folded:
    """`text` is the folded title; `starts[i]` its i-th word's place there, `spans[i]` in `original`."""

    original: str
    text: str
    starts: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]

    def written(self, start: int, end: int) -> str:
        """The original words behind a stretch of the folded text."""
        inside = [span for at, span in zip(self.starts, self.spans, strict=True) if start <= at < end]
        return self.original[inside[0][0] : inside[-1][1]] if inside else ""


@dataclass(frozen=True)
class Phrase:
    """One line of the vocabulary; `chunk` is a literal part of it that makes looking cheap."""

    chunk: str
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, line: str) -> "Phrase":
        """Compile a phrase with its signs; they are explained at the top of relevance.yaml."""
        whole = line.startswith("=")
        folded = fold_word(line.removeprefix("="))
        chunk = max(re.findall(r"[\w€§]+", folded), key=len, default="")
        body = "".join(_pieces(folded.split()))
        pattern = rf"^{body}$" if whole else rf"(?<!\S){body}(?!\S)"
        return cls(chunk, re.compile(pattern))


def _pieces(words: Iterable[str]) -> Iterator[str]:
    gap = ""
    for word in words:
        if word in _GAPS:
            gap = rf" (?:\w+ ){{0,{_GAPS[word]}}}"
            continue
        yield gap + "".join(_PIECES.get(sign, re.escape(sign)) for sign in word)
        gap = " "


def fold_word(word: str) -> str:
    """One word (or phrase) in small letters without umlauts and hyphens."""
    return unicodedata.normalize("NFKC", word).casefold().translate(_UMLAUTS)


def fold(title: str, fold_one: Callable[[str], str] = fold_word) -> Folded:
    """The folded title; `fold_one` folds a single word and may mend its spelling."""
    words: list[str] = []
    starts: list[int] = []
    spans: list[tuple[int, int]] = []
    length = 0
    for match in _WORD.finditer(title):
        word = _NO_WORD.sub("", fold_one(_NO_WORD.sub("", match.group())))
        word = _SHORT_FORMS.get(word, word)
        words.append(word)
        starts.append(length)
        spans.append(match.span())
        length += len(word) + 1
    return Folded(title, " ".join(words), tuple(starts), tuple(spans))


def mended(written: str, spelling: Iterable[str]) -> str:
    """The word folded, or the word of `spelling` (folded) that was most likely meant.

    Two slips are forgiven in very long words only, and never in the first letter: "Präventionstag" is
    no misspelt "Präventionsrat".
    """
    word = fold_word(written)
    if len(word) < SHORTEST_TYPED:
        return word
    near = (target for target in spelling if target[0] == word[0] and abs(len(target) - len(word)) <= 2)
    for target in near:
        most = 2 if len(target) >= LONG_WORD else 1
        # A genitive is no slip.
        if any(slips(one, target, most) <= most for one in (word, word.removesuffix("s"))):
            return target
    return word


@dataclass(frozen=True)
class Phrases:
    """Many phrases, sorted by the first letters of their chunk: most titles hold hardly any of them."""

    by_root: tuple[tuple[str, tuple[Phrase, ...]], ...]

    @classmethod
    def of(cls, lines: Iterable[str]) -> "Phrases":
        """Compile the lines of one list."""
        roots: dict[str, list[Phrase]] = {}
        for phrase in map(Phrase.of, lines):
            roots.setdefault(phrase.chunk[:ROOT], []).append(phrase)
        return cls(tuple((root, tuple(phrases)) for root, phrases in roots.items()))

    def possible(self, text: str) -> Iterator[Phrase]:
        """The phrases whose chunk stands in the folded text."""
        for root, phrases in self.by_root:
            if root in text:
                yield from (phrase for phrase in phrases if phrase.chunk in text)


def crossed_out(title: Folded, phrases: Phrases) -> Folded:
    """The title with these phrases made unfindable, every other word in its place."""
    text = title.text
    for phrase in phrases.possible(title.text):
        text = phrase.pattern.sub(lambda match: "." * len(match.group()), text)
    return replace(title, text=text)


def found_in(title: Folded, phrases: Phrases) -> list[str]:
    """The words as written that match a phrase."""
    matches = (phrase.pattern.search(title.text) for phrase in phrases.possible(title.text))
    return [title.written(*match.span()) for match in matches if match]
