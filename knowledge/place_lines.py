"""Names of places inside a longer line: "Kreistag Vorpommern-Rügen 15.12. 18 Uhr Haushalt"."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from knowledge.place_list import Kind, Place, PlaceList
from knowledge.place_names import Designators, NameIndex, Token, joined, key_of, tokens_of, words_of

LINE_AT_MOST = 2000
# Letters a word needs before a slip is forgiven inside a line, where most words are no places.
FUZZY_IN_LINE = 6

_GAP = re.compile(r"[\s–(/)-]{0,3}")
_FIGURE_FOLLOWS = re.compile(
    r"\s{0,2}(?:[0-9]|(?:II?I?|IV)\.\s?[0-9]|(?:(?:über)?morgen|heute|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch)\b)",
    re.IGNORECASE,
)
_MEASURE_FOLLOWS = re.compile(r"\s{0,2}(?:[1-9]|II?I?|IV)\.\s?[0-9](?![0-9])")
_IN_PLACE = frozenset({"in", "aus", "nach", "bei", "stadt"})
_PERSONS = frozenset({"frau", "herr", "herrn", "dr", "prof", "familie"})


@dataclass(frozen=True)
class PlaceMatch:
    """What a name stands for: one place, or several candidates to choose from, or neither.

    `also` are places that share the name of a clear match; `exact` says it was written without a slip.
    """

    place: Place | None = None
    candidates: tuple[Place, ...] = ()
    also: tuple[Place, ...] = ()
    exact: bool = False


@dataclass(frozen=True)
class FoundPlace:
    """A place named in a line: text[start:end], with its designator ("Kreistag", "LK"), and what it means."""

    start: int
    end: int
    match: PlaceMatch


@dataclass(frozen=True)
class _Hit:
    first: int
    last: int
    match: PlaceMatch


def plain_words(listed: PlaceList) -> frozenset[str]:
    """The keys of words that are never a place with a typing error."""
    words = (*listed.not_places, *listed.also_words, *listed.no_slips)
    return frozenset(key_of(word) for word in words)


class Matcher:
    """Decides whether places that fit a name are one clear place or candidates."""

    def __init__(self, index: NameIndex) -> None:
        self._index = index

    def match(self, places: Sequence[Place], words: Sequence[str] | None, *, exact: bool) -> PlaceMatch:
        """One place is clear; among bearers of one name the town is. `words` None: the name as listed."""
        place = places[0] if len(places) == 1 else self._town_of(places)
        if place is None:
            return PlaceMatch(candidates=tuple(places), exact=exact)
        first = words_of(place.name)[0]
        unmarked = words is None or (len(words) > 0 and words[0] in {first, f"{first}er"})
        others = [*places, *self._index.namesakes(place)] if unmarked else places
        return PlaceMatch(place, (), tuple(other for other in dict.fromkeys(others) if other != place), exact)

    def _town_of(self, places: Sequence[Place]) -> Place | None:
        towns = [place for place in places if place.kind not in {"landkreis", "amt"}]
        if len(towns) != 1:
            return None
        return towns[0] if set(places) <= {towns[0], *self._index.namesakes(towns[0])} else None


class LineReader:
    """Finds the places in a line: the longest exact names first, then misspelt ones in what is left."""

    def __init__(self, listed: PlaceList, index: NameIndex, designators: Designators) -> None:
        self._index = index
        self._matcher = Matcher(index)
        self._designators = designators
        self._not_places = frozenset(key_of(name) for name in listed.not_places)
        self._also_words = frozenset(key_of(name) for name in listed.also_words)
        self._plain_words = plain_words(listed)

    def found_in(self, text: str) -> tuple[FoundPlace, ...]:
        """The places named in the first 2,000 characters, in the order they stand."""
        tokens = tokens_of(text[:LINE_AT_MOST])
        hits = list(self._exact_hits(tokens, text))
        taken = {position for hit in hits for position in range(hit.first, hit.last + 1)}
        hits += self._fuzzy_hits(tokens, text, taken)
        hits.sort(key=lambda hit: hit.first)
        return tuple(
            FoundPlace(tokens[hit.first].start, self._closed(tokens[hit.last].end, text), hit.match)
            for hit in hits
        )

    def _exact_hits(self, tokens: Sequence[Token], text: str) -> Iterator[_Hit]:
        position = free = 0
        while position < len(tokens):
            hit = self._exact_hit(tokens, text, position, free)
            if hit is None:
                position += 1
                continue
            hit = self._lengthened(tokens, text, position, hit)
            if hit.match.place or hit.match.candidates:
                yield hit
            position = free = hit.last + 1

    def _exact_hit(self, tokens: Sequence[Token], text: str, at: int, free: int) -> _Hit | None:
        for size in range(self._index.longest, 0, -1):
            name = tokens[at : at + size]
            if len(name) < size or not _adjacent(name, text):
                continue
            key = joined(name)
            if key in self._not_places and size > 1:
                return _Hit(at, at + size - 1, PlaceMatch())
            if self._index.exact(key) and key not in self._not_places and (size == 1 or len(key) > 3):
                return self._designated(tokens, text, at, at + size - 1, free)
        return None

    def _lengthened(self, tokens: Sequence[Token], text: str, at: int, hit: _Hit) -> _Hit:
        """An exact name that is only half of a hyphenated one with a slip: "Ludwigslust-Parchin"."""
        end = tokens[hit.last].end
        size = hit.last + 2 - at
        if (
            text[end : end + 1] != "-"
            or hit.last + 1 >= len(tokens)
            or not _adjacent(tokens[at : at + size], text)
        ):
            return hit
        places = self._index.fuzzy(joined(tokens[at : at + size]), size, 2)
        return _Hit(hit.first, at + size - 1, self._matcher.match(places, (), exact=False)) if places else hit

    def _designated(
        self, tokens: Sequence[Token], text: str, first: int, last: int, free: int
    ) -> _Hit | None:
        """The hit with the designators around it, where they fit; None for a word that is no place here."""
        name = [token.folded for token in tokens[first : last + 1]]
        key = "".join(name)
        start, kinds = self._designators.before(tokens, text, first, free)
        places = self._index.exact(key, kinds) or self._index.holding(name, kinds) if kinds else ()
        if places:
            return _Hit(start, last, self._matcher.match(places, (), exact=True))
        after = self._kinds_after(tokens, text, last)
        places = self._index.exact(key, after) if after else ()
        if places:
            return _Hit(first, last + 1, self._matcher.match(places, (), exact=True))
        if first == last and not self._stands_alone(tokens, text, first):
            return None
        return _Hit(first, last, self._matcher.match(self._index.exact(key), name, exact=True))

    def _kinds_after(self, tokens: Sequence[Token], text: str, last: int) -> frozenset[Kind] | None:
        """ "Rostock (Landkreis)", unless the designator leads to the next name."""
        if last + 1 >= len(tokens) or not _adjacent(tokens[last : last + 2], text):
            return None
        if last + 2 < len(tokens) and self._index.exact(tokens[last + 2].folded):
            return None
        return self._designators.kinds(tokens[last + 1].folded)

    def _stands_alone(self, tokens: Sequence[Token], text: str, at: int) -> bool:
        """Whether a single word that names a place means it here: not "Frau Barth", "die waren"."""
        token = tokens[at]
        before = tokens[at - 1].folded if at else ""
        if before in _PERSONS:
            return False
        if len(token.folded) > 2 and token.folded not in self._also_words:
            return True
        if len(tokens) == 1 or _MEASURE_FOLLOWS.match(text, token.end):
            return True
        marked = before in _IN_PLACE or _FIGURE_FOLLOWS.match(text, token.end) is not None
        return marked and (token.raw.isupper() if len(token.raw) <= 2 else token.raw[0].isupper())

    def _fuzzy_hits(self, tokens: Sequence[Token], text: str, taken: Iterable[int]) -> Iterator[_Hit]:
        used = set(taken)
        for size in range(min(4, self._index.longest), 0, -1):
            for first in range(len(tokens) - size + 1):
                span = range(first, first + size)
                name = tokens[first : first + size]
                if used.isdisjoint(span) and _adjacent(name, text):
                    hit = self._fuzzy_hit(tokens, text, first, size, used)
                    if hit is not None:
                        used.update(span)
                        yield hit

    def _fuzzy_hit(
        self, tokens: Sequence[Token], text: str, first: int, size: int, used: set[int]
    ) -> _Hit | None:
        key = joined(tokens[first : first + size])
        if len(key) < FUZZY_IN_LINE or self._is_known_word(tokens[first : first + size]):
            return None
        free = max((position + 1 for position in used if position < first), default=0)
        start, kinds = self._designators.before(tokens, text, first, free)
        marked = self._index.fuzzy(key, size, _slips_in_line(key), kinds) if kinds else ()
        if marked:
            return _Hit(start, first + size - 1, self._matcher.match(marked, (), exact=False))
        places = self._index.fuzzy(key, size, _slips_in_line(key))
        return (
            _Hit(first, first + size - 1, self._matcher.match(places, None, exact=False)) if places else None
        )

    def _is_known_word(self, tokens: Sequence[Token]) -> bool:
        return joined(tokens) in self._plain_words or any(
            self._designators.kinds(token.folded) or token.raw.isdigit() for token in tokens
        )

    @staticmethod
    def _closed(end: int, text: str) -> int:
        """Include the bracket that closes "Waren (Müritz)"."""
        return end + 1 if text[end : end + 1] == ")" and "(" in text[max(0, end - 20) : end] else end


def _slips_in_line(key: str) -> int:
    return 1 if len(key) < 12 else 2


def _adjacent(tokens: Sequence[Token], text: str) -> bool:
    return all(_GAP.fullmatch(text, left.end, right.start) is not None for left, right in pairwise(tokens))
