"""Places and how people write them: "HRO", "lk rostock", "Schwerinn", "vorpommern ruegen".

An exact name wins at once ("Rostock" is the city) and the match says which other place bears the name;
only a name that fits several places alike is left to the person. Loading takes a few milliseconds.
"""

from collections.abc import Sequence
from pathlib import Path

from knowledge.place_lines import FoundPlace, LineReader, Matcher, PlaceMatch, plain_words
from knowledge.place_list import Kind, Place, PlaceList, read_place_list
from knowledge.place_names import (
    FILLERS,
    Designators,
    NameIndex,
    Token,
    joined,
    key_of,
    tokens_of,
    words_of,
)

__all__ = ["FoundPlace", "Place", "PlaceMatch", "Places", "load_places"]

NAME_AT_MOST = 120
CANDIDATES_AT_MOST = 8


def load_places(path: Path | None = None) -> "Places":
    """The places of Mecklenburg-Vorpommern, or of the list at `path`; ConfigError says what is wrong."""
    return Places(read_place_list(path))


class Places:
    """The known places; immutable, safe to share."""

    def __init__(self, listed: PlaceList) -> None:
        self.all = listed.places
        self._by_name = {place.name: place for place in listed.places}
        self._designators = Designators(listed.places)
        self._not_places = frozenset(key_of(name) for name in listed.not_places)
        self._plain_words = plain_words(listed)
        self._index = NameIndex(listed.places, frozenset(key_of(name) for name in listed.also_words))
        self._matcher = Matcher(self._index)
        self._lines = LineReader(listed, self._index, self._designators)

    def get(self, name: str) -> Place | None:
        """The place of this canonical name."""
        return self._by_name.get(name)

    def within(self, name: str) -> tuple[Place, ...]:
        """The towns, municipalities and Ämter of a district, by its canonical name."""
        return tuple(place for place in self.all if place.district == name)

    def find(self, text: str) -> PlaceMatch:
        """What a text that should be a place's name means; never raises."""
        tokens = tokens_of(text[:NAME_AT_MOST])
        if not tokens or joined(tokens) in self._not_places:
            return PlaceMatch()
        whole = self._index.exact(joined(tokens))
        if whole:
            return self._matcher.match(whole, words_of(text[:NAME_AT_MOST]), exact=True)
        core, kinds = self._core(tokens)
        return self._find_core(core, kinds) or self._find_inside(text)

    def find_in(self, text: str) -> tuple[FoundPlace, ...]:
        """The places named in a line, in the order they stand; the longest name wins; never raises.

        Looks at the first 2,000 characters.
        """
        return self._lines.found_in(text)

    def _core(self, tokens: Sequence[Token]) -> tuple[list[Token], frozenset[Kind] | None]:
        """The name without the words that say what kind of place it is, before or after it."""
        words = [token.folded for token in tokens]
        begin, kinds = 0, None
        while begin < len(words) and (words[begin] in FILLERS or self._designators.kinds(words[begin])):
            kinds = self._designators.kinds(words[begin]) or kinds
            begin += 1
        end = len(words)
        while end > begin + 1 and (words[end - 1] == "land" or self._designators.kinds(words[end - 1])):
            kinds = kinds or self._designators.kinds(words[end - 1]) or frozenset({"landkreis"})
            end -= 1
        return list(tokens[begin:end]), kinds

    def _find_core(self, core: Sequence[Token], kinds: frozenset[Kind] | None) -> PlaceMatch | None:
        key, words = joined(core), [token.folded for token in core]
        if not key or key in self._not_places:
            return None
        exact = self._index.exact(key, kinds)
        if exact:
            return self._matcher.match(exact, words if kinds is None else (), exact=True)
        holding = self._index.holding(words, kinds)
        if 0 < len(holding) <= CANDIDATES_AT_MOST:
            return self._matcher.match(holding, words if kinds is None else (), exact=False)
        if key not in self._plain_words and len(key) >= 5:
            fuzzy = self._index.fuzzy(key, min(len(core), self._index.longest), _slips(key), kinds)
            if fuzzy:
                return self._matcher.match(fuzzy, None if kinds is None else (), exact=False)
        others = self._index.exact(key) if kinds else ()
        return PlaceMatch(candidates=others) if others else None

    def _find_inside(self, text: str) -> PlaceMatch:
        found = self.find_in(text[:NAME_AT_MOST])
        if len(found) == 1:
            match = found[0].match
            return PlaceMatch(match.place, match.candidates, match.also, exact=False)
        places = (place for one in found for place in (one.match.place, *one.match.candidates) if place)
        return PlaceMatch(candidates=tuple(dict.fromkeys(places)))


def _slips(key: str) -> int:
    return 1 if len(key) < 9 else 2 if len(key) < 14 else 3
