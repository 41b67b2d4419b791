"""Names of places as people type them: spelling, designators such as "LK", and typing errors."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from knowledge.place_list import Kind, Place
from knowledge.slips import near, nearest

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
# A letter may carry combining marks when the sender's system decomposes umlauts.
_TOKEN = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+")
_SHORT_NAME = re.compile(r"\s*[(/]|\s+(?:am|auf|an|bei|im)\s+")
_BARE = re.compile(r"^(?:Landkreis|Kreis|Amt)\s+")

# A designator may be shortened ("Lkr. Rostock") but not end a clause.
_CHAIN_GAP = re.compile(r"[^\n;:!?]{1,3}")
CHAIN_AT_MOST = 8

TOWNS: frozenset[Kind] = frozenset({"kreisfreie_stadt", "stadt"})
_KINDS_OF_WORDS: dict[str, frozenset[Kind]] = {
    **dict.fromkeys(
        ["landkreis", "landkreises", "lk", "lkr", "lkrs", "kreis", "kreises"], frozenset({"landkreis"})
    ),
    **dict.fromkeys(["stadt", "hansestadt", "universitaetsstadt", "landeshauptstadt"], TOWNS),
    **dict.fromkeys(["gemeinde", "ostseebad", "seebad"], frozenset({"gemeinde", "stadt"})),
    **dict.fromkeys(["amt", "amtes", "amts"], frozenset({"amt"})),
}
FILLERS = frozenset(
    {"der", "des", "die", "den", "dem", "von", "im", "in", "und", "hanse", "universitaets", "fuer"}
)


@dataclass(frozen=True)
class Token:
    """A word of a text: where it stands, as it stands, and folded for comparing."""

    start: int
    end: int
    raw: str
    folded: str


def fold(word: str) -> str:
    """Lower case, umlauts written out, other marks dropped: "Rügen", "RUEGEN" and "rügen" are one."""
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFC", word).lower().translate(_UMLAUTS)
    if plain.isascii():
        return plain
    return "".join(char for char in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(char))


def tokens_of(text: str) -> list[Token]:
    return [Token(m.start(), m.end(), m[0], fold(m[0])) for m in _TOKEN.finditer(text)]


def words_of(name: str) -> tuple[str, ...]:
    return tuple(fold(word) for word in _TOKEN.findall(name))


def joined(tokens: Sequence[Token]) -> str:
    """The key of a name: hyphens, blanks and brackets make no difference."""
    return "".join(token.folded for token in tokens)


def key_of(name: str) -> str:
    return "".join(words_of(name))


def bare_name(place: Place) -> str:
    """The name without its "Landkreis" or "Amt"."""
    return _BARE.sub("", place.name)


class Designators:
    """The words that say what kind of place follows: "Landkreis", "Amt", and the councils of the list."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._kinds = dict(_KINDS_OF_WORDS)
        for council, kind in {(place.council, place.kind) for place in places}:
            for form in (key_of(council), key_of(council) + "s"):
                kinds = TOWNS if kind in TOWNS else frozenset({kind})
                self._kinds[form] = self._kinds.get(form, frozenset()) | kinds
        self._long = [word for word in self._kinds if len(word) >= 8]

    def kinds(self, word: str) -> frozenset[Kind] | None:
        """The kinds a word announces, also with a typing error; None when it is no designator."""
        exact = self._kinds.get(word)
        if exact is not None or len(word) < 8:
            return exact
        close = nearest(word, self._long, 2)
        return self._kinds[close] if close and close[0] == word[0] else None

    def before(
        self, tokens: Sequence[Token], text: str, first: int, free: int
    ) -> tuple[int, frozenset[Kind] | None]:
        """Where the chain of designators that leads to tokens[first] starts, and the kinds it allows.

        The word nearest to the name decides: "Kreistag des Landkreises Rostock".
        """
        start, kinds = first, None
        for position in range(first - 1, max(free, first - CHAIN_AT_MOST) - 1, -1):
            if not _CHAIN_GAP.fullmatch(text, tokens[position].end, tokens[position + 1].start):
                break
            found = self.kinds(tokens[position].folded)
            if found is not None:
                start, kinds = position, kinds or found
            elif tokens[position].folded not in FILLERS:
                break
        return start, kinds


class NameIndex:
    """Every spelling the places answer to, by key; a place's own name goes before a bare one."""

    def __init__(self, places: Sequence[Place], also_words: frozenset[str]) -> None:
        self.places = tuple(places)
        self._own: dict[str, tuple[Place, ...]] = {}
        self._bare: dict[str, tuple[Place, ...]] = {}
        self.sizes: dict[str, int] = {}
        self._words: dict[str, tuple[str, ...]] = {}
        self._bare_first: dict[str, tuple[str, ...]] = {}
        self._adjectives: set[str] = set()
        for place in places:
            self._enter(place)
        self.longest = max(self.sizes.values(), default=1)
        # Words that resemble "Schweriner" or "Waren" are mostly other words, so slips are not forgiven there.
        slippery = [key for key in self.sizes if len(key) >= 5 and key not in self._adjectives | also_words]
        self._of_size = {
            size: [key for key in slippery if size in {1, self.sizes[key]}]
            for size in range(1, self.longest + 1)
        }

    def _enter(self, place: Place) -> None:
        self._words[place.name] = words_of(place.name)
        self._bare_first[place.name] = words_of(bare_name(place))[:1]
        bare, own = bare_name(place), [place.name, *place.aliases]
        if bare == place.name:
            own.append(_SHORT_NAME.split(place.name)[0])
        for name in dict.fromkeys(own):
            self._add(self._own, name, place)
        for name in {bare, _SHORT_NAME.split(bare)[0]} - set(own):
            self._add(self._bare, name, place)
        if place.kind in TOWNS and len(self._words[place.name]) == 1:
            self._add(self._bare, f"{place.name}er", place)
            self._adjectives.add(key_of(f"{place.name}er"))

    def _add(self, table: dict[str, tuple[Place, ...]], name: str, place: Place) -> None:
        words = words_of(name)
        key = "".join(words)
        if place not in table.get(key, ()):
            table[key] = (*table.get(key, ()), place)
        self.sizes.setdefault(key, len(words))

    def exact(self, key: str, kinds: frozenset[Kind] | None = None) -> tuple[Place, ...]:
        """The places of this spelling; those named exactly so win over those that only end so."""
        for table in (self._own, self._bare):
            places = tuple(place for place in table.get(key, ()) if kinds is None or place.kind in kinds)
            if places:
                return places
        return ()

    def fuzzy(
        self, key: str, size: int, most: int, kinds: frozenset[Kind] | None = None
    ) -> tuple[Place, ...]:
        """The places nearest to a misspelt name of `size` words, at most `most` slips away."""
        keys = self._of_size.get(size, [])
        hits = near(key, keys, most, limit=8)
        found = [(slips, self.exact(name, kinds)) for name, slips in hits if _plausible_slip(key, name)]
        best = min((distance for distance, places in found if places), default=None)
        return tuple(
            dict.fromkeys(place for distance, places in found if distance == best for place in places)
        )

    def holding(self, words: Sequence[str], kinds: frozenset[Kind] | None = None) -> tuple[Place, ...]:
        """The places whose name contains all these words: "Damgarten", "Kreis Parchim"."""
        if not words or any(len(word) < 4 for word in words):
            return ()
        fitting = (place for place in self.places if kinds is None or place.kind in kinds)
        return tuple(place for place in fitting if self._holds(self._words[place.name], words))

    @staticmethod
    def _holds(name: Sequence[str], words: Sequence[str]) -> bool:
        return all(word in name or f"{word}er" in name for word in words)

    def namesakes(self, place: Place) -> tuple[Place, ...]:
        """The district or Amt that bears a town's name too: Rostock, Hagenow (Amt Hagenow-Land)."""
        if place.kind in {"landkreis", "amt"}:
            return ()
        first = self._words[place.name][:1]
        others = (other for other in self.places if other.kind in {"landkreis", "amt"})
        return tuple(
            other for other in others if len(first[0]) >= 4 and self._bare_first[other.name] == first
        )


def _plausible_slip(written: str, name: str) -> bool:
    """The first letter is hardly ever wrong; a short name with one letter changed is another word."""
    if written[0] != name[0]:
        return False
    return len(name) >= 7 or len(written) != len(name) or sorted(written) == sorted(name)
