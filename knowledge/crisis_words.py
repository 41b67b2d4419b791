"""Reads a message the way the crisis rules need it: folded words with marks, cut into sentences.

Nothing that people write outlives the call: there is no cache of words, on purpose (crisis.md, rule 7).
The work grows linearly with the message, and every expensive look at a word is bounded by its length.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from knowledge.slips import nearest

LONGEST_WORD = 32
LONGEST_SENTENCE = 48
OVERLAP = 16
START, END, COMMA, NUMBER, MINOR_AGE = "START", "END", "COMMA", "NUMBER", "MINOR_AGE"

Marks = frozenset[str]
_NONE: Marks = frozenset()
# Where sentences and clauses begin and end is no word that could mean anything.
_EDGES: Mapping[str, Marks] = dict.fromkeys((START, END, COMMA), _NONE)
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
                        "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0]|[\U000e0000-\U000e0fff]")  # fmt: skip
_APOSTROPHES = re.compile(r"(?<=\w)['’‘`´ʼ](?=\w)")
_HYPHENS = re.compile(r"(?<=[^\W\d_])[-‐‑*_](?=[^\W\d_])")
_UMLAUT_PAIRS = re.compile("(?<=[aou])e")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_DOUBLED = re.compile(r"([^\W\d_])\1")
_LETTERSPACED = re.compile(r"(?<![^\W_])[^\W\d_](?:[ .\-_*]{1,2}[^\W\d_](?![^\W_])){3,}")
_TOKENS = re.compile(
    r"\d{1,12}(?:[.,:/]\d{1,12}){0,4}(?![^\W_])|[^\W_]+(?:[@$€][^\W_]+)*|\.{2,}|[.!?;:\n]|[,()–—…|]"
)
_VOWELS = re.compile("[aeiouy]")
_SILENT = re.compile(r"(?<=[aeiourt])h|(?<=i)e|c(?=k)|d(?=t)|(?<=s)ch")
_SOFT = str.maketrans("dgbvyz", "tkpfis")
LOOKALIKES = str.maketrans("0134578@$€", "oieastbase")


def fold(text: str) -> str:
    """`text` without invisible characters, case, accents, umlaut spellings and stretched letters."""
    plain = text.casefold() if text.isascii() else _without_accents(text)
    joined = _HYPHENS.sub("", _APOSTROPHES.sub("", plain)).replace("k.o.", "ko").replace("k. o.", "ko")
    return _STRETCHED.sub(r"\1\1", _UMLAUT_PAIRS.sub("", _LETTERSPACED.sub(_join_letters, joined)))


def _without_accents(text: str) -> str:
    visible = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return "".join(
        c for c in unicodedata.normalize("NFKD", visible.casefold()) if not unicodedata.combining(c)
    )


def _join_letters(spaced: re.Match[str]) -> str:
    words = re.split(r"[ .\-_*]{2}", spaced.group())
    return " ".join(re.sub(r"[ .\-_*]", "", word) for word in words)


@dataclass(frozen=True)
class Sentence:
    """Words in order with the marks of each; `present` holds every word and mark that occurs."""

    words: tuple[str, ...]
    marks: tuple[Marks, ...]

    @cached_property
    def present(self) -> Marks:
        """All words and all marks of the sentence."""
        return frozenset(self.words).union(*self.marks)

    def fits(self, position: int, element: Marks) -> bool:
        """Whether the word at `position`, or one of its marks, is among `element`."""
        return self.words[position] in element or not element.isdisjoint(self.marks[position])


@dataclass(frozen=True)
class Lexicon:
    """Which marks a word has: by its exact form, by its beginning, by a phrase, or nearly.

    `forms` maps folded words and phrases (`nach_hause`) to marks, `stems` folded beginnings. `heard` has
    forms by their sound, `nearly` by first letter the sounds a typo may stand for; `known` are the real
    words that are no typo, `squeezed` the forms without double letters, `bare` the sounds without vowels,
    `spoken` what "hatta" is made of.
    """

    forms: Mapping[str, Marks]
    stems: Mapping[str, Marks]
    heard: Mapping[str, Marks]
    nearly: Mapping[str, tuple[str, ...]]
    known: Marks
    squeezed: Mapping[str, Marks]
    bare: Mapping[str, Marks]
    spoken: Mapping[str, list[str]]

    @classmethod
    def build(cls, data: Mapping[str, Any], phrases: Iterable[str]) -> "Lexicon":
        """From the data of crisis_words.yaml; a closing `*` makes a beginning of a word."""
        forms: dict[str, set[str]] = {phrase: {phrase} for phrase in phrases}
        stems: dict[str, set[str]] = {}
        for mark, entry in ((mark, entry) for mark, text in data["words"].items() for entry in text.split()):
            table = stems if entry.endswith("*") else forms
            table.setdefault(fold_entry(entry.rstrip("*")), set()).add(mark)
        heard = _heard(forms, frozenset(data["fuzzy"].split()), _folded(data["exact"]))
        return cls(
            forms=_frozen(forms),
            stems=_frozen(stems),
            heard=_frozen(heard),
            nearly=_by_first_letter(spelling for spelling in heard if len(spelling) > 4),
            known=_folded(data["known"]),
            squeezed={_DOUBLED.sub(r"\1", form): frozenset(forms[form]) for form in forms if len(form) > 4},
            bare=_frozen(_bare(heard)),
            spoken=dict(_spoken(entry) for entry in data["spoken"].split()),
        )

    def marks_of(self, word: str) -> Marks:
        """The marks of one folded word; what sounds alike counts from four letters on, typos from five."""
        found = self._plain(word) or (word.startswith("je") and self._plain(f"g{word[1:]}")) or _NONE
        if found or word in self.known or not 3 < len(word) <= LONGEST_WORD:
            return found
        squeezed = _DOUBLED.sub(r"\1", word)
        if squeezed in self.known:
            return _NONE
        return self.squeezed.get(squeezed) or self._plain(squeezed) or self._near(squeezed)

    def _plain(self, word: str) -> Marks:
        found = self.forms.get(word, _NONE)
        for end in range(3, min(len(word), LONGEST_WORD) + 1):
            more = self.stems.get(word[:end])
            if more:
                found = found | more
        return found

    def _near(self, word: str) -> Marks:
        spelling = sound(word)
        if spelling in self.heard:
            return self.heard[spelling]
        if not _VOWELS.search(word):
            return self.bare.get(spelling, _NONE) if len(spelling) > 3 else _NONE
        cutoff = 1 if len(spelling) < 11 else 2
        rivals = self.nearly.get(spelling[:1], ()) if len(spelling) > 4 else ()
        best = nearest(spelling, rivals, cutoff)
        return self.heard[best] if best else _NONE

    def split(self, word: str) -> list[str]:
        """`word` cut into known words if it is nothing else ("meinmannschlägtmich"), else itself alone."""
        parts: list[str] = []
        rest = word
        while rest:
            end = next((n for n in range(min(len(rest), 16), 1, -1) if self._is_word(rest[:n])), 0)
            if not end or len(parts) > LONGEST_WORD:
                return [word]
            parts.append(rest[:end])
            rest = rest[end:]
        return parts

    def _is_word(self, word: str) -> bool:
        return word in self.forms or word in self.known


def sound(word: str) -> str:
    """A folded word roughly as it sounds: "schlekt" and "schlegt", "droth" and "droht" come close."""
    return _DOUBLED.sub(r"\1", _SILENT.sub("", word).translate(_SOFT))


def _heard(forms: Mapping[str, set[str]], fuzzy: Marks, exact: Marks) -> dict[str, set[str]]:
    heard: dict[str, set[str]] = {}
    for form, marks in forms.items():
        if not fuzzy.isdisjoint(marks) and len(form) > 4 and "_" not in form and form not in exact:
            heard.setdefault(sound(form), set()).update(marks)
    return heard


def _bare(heard: Mapping[str, set[str]]) -> dict[str, set[str]]:
    bare: dict[str, set[str]] = {}
    for spelling, marks in heard.items():
        bare.setdefault(_VOWELS.sub("", spelling), set()).update(marks)
    return bare


def _frozen(table: Mapping[str, set[str]]) -> dict[str, Marks]:
    return {form: frozenset(marks) for form, marks in table.items()}


def _spoken(entry: str) -> tuple[str, list[str]]:
    word, _, parts = fold_entry(entry).partition("=")
    return word, parts.split("_")


def _folded(words: str) -> Marks:
    return frozenset(fold_entry(word) for word in words.split())


def _by_first_letter(spellings: Iterable[str]) -> dict[str, tuple[str, ...]]:
    groups: dict[str, list[str]] = {}
    for spelling in sorted(spellings):
        groups.setdefault(spelling[0], []).append(spelling)
    return {letter: tuple(group) for letter, group in groups.items()}


@cache
def fold_entry(entry: str) -> str:
    """One vocabulary entry folded; the `_` that joins a phrase stays. Never for what people write."""
    return "_".join(fold(word) for word in entry.split("_"))


def sentences(text: str, lexicon: Lexicon) -> Iterator[Sentence]:
    """The message in sentences of at most `LONGEST_SENTENCE` words, long ones overlapping."""
    seen = dict(_EDGES)
    words: list[str] = []
    for token in _tokens(fold(text), lexicon, seen):
        words.append(token)
        if token == END:
            yield from _pieces(words, lexicon, seen)
            words = []
    yield from _pieces([*words, END], lexicon, seen)


def _tokens(folded: str, lexicon: Lexicon, seen: dict[str, Marks]) -> Iterator[str]:
    for match in _TOKENS.finditer(folded):
        token = match.group()
        if token in {".", "!", "?", ";", "\n"}:
            yield END
        elif not token[0].isalnum():
            yield COMMA
        elif token.isascii() and token.isalpha():
            yield from _words(token, lexicon, seen)
        else:
            yield token if token[0].isdigit() and not token[-1].isalpha() else token.translate(LOOKALIKES)


def _words(token: str, lexicon: Lexicon, seen: dict[str, Marks]) -> list[str]:
    if token in lexicon.spoken:
        return lexicon.spoken[token]
    if token not in seen:
        seen[token] = lexicon.marks_of(token)
    if seen[token] or not 7 < len(token) <= 80:
        return [token]
    parts = lexicon.split(token)
    return parts if len(token) > 9 or min(map(len, parts)) > 2 else [token]


def _pieces(words: list[str], lexicon: Lexicon, seen: dict[str, Marks]) -> Iterator[Sentence]:
    for begin in range(0, max(len(words) - OVERLAP, 1), LONGEST_SENTENCE - OVERLAP):
        piece = words[begin : begin + LONGEST_SENTENCE]
        if piece != [END]:
            yield _sentence([START, *piece], lexicon, seen)


def _sentence(words: list[str], lexicon: Lexicon, seen: dict[str, Marks]) -> Sentence:
    marks = []
    for position, word in enumerate(words):
        if word not in seen:
            seen[word] = lexicon.marks_of(word) | _number_marks(word)
        marks.append(seen[word] | _phrase_marks(words, position, lexicon))
    return Sentence(tuple(words), tuple(marks))


def _phrase_marks(words: list[str], position: int, lexicon: Lexicon) -> Marks:
    """Marks of the phrases of two to four words that end here; they sit on the last word."""
    found = _NONE
    for length in (2, 3, 4):
        if position >= length:
            found |= lexicon.forms.get("_".join(words[position - length + 1 : position + 1]), _NONE)
    return found


def _number_marks(word: str) -> Marks:
    age = word.isdecimal() and len(word) < 3 and 5 <= int(word) <= 17
    return frozenset({NUMBER, MINOR_AGE} if age else {NUMBER} if word[0].isdigit() else ())
