"""Places in what people write: found, asked back when truly unclear, and the way to the similarly named."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.markup import Markup
from bot.turn import Turn
from knowledge.place_list import Place
from knowledge.places import PlaceMatch
from store.messages import Choice

# More words than any place name has.
LONGEST_NAME_WORDS = 4


@dataclass(frozen=True)
class Named:
    """A place that was named, the text around its name, and places with similar names."""

    place: Place
    rest: str
    also: tuple[Place, ...]


def find_place(turn: Turn, text: str, sentence: str) -> Named | None:
    """The place that a text names. None when it had to ask back; the answer fills the gap of `sentence`."""
    places = turn.services.places
    inside = places.find_in(text)
    if not inside:
        match = places.find(text)
        return _settled(turn, match, "", text, sentence)
    first = inside[0]
    rest = f"{text[: first.start]} {text[first.end :]}".strip()
    return _settled(turn, first.match, rest, text[first.start : first.end], sentence)


def _settled(turn: Turn, match: PlaceMatch, rest: str, said: str, sentence: str) -> Named | None:
    if match.place is not None:
        return Named(match.place, rest, match.also)
    if match.candidates:
        turn.ask(sentence, "place.which", *_choices(match.candidates), said=said[:60])
    else:
        like_name = len(said.split()) <= LONGEST_NAME_WORDS and not any(map(str.isdigit, said))
        key = "place.unknown" if like_name else "place.none_in_it"
        turn.ask(sentence, key, *_choices(_likely(turn)), said=said[:80])
    return None


def _likely(turn: Turn) -> list[Place]:
    """The places this chat and this person are there for."""
    names = dict.fromkeys([turn.chat.place or "", *sorted(turn.standing.places)])
    return [place for name in names if (place := turn.services.places.get(name))]


def _choices(candidates: Sequence[Place]) -> list[Choice]:
    return [Choice(place.name, place.name) for place in candidates[:6]]


def place_hint(turn: Turn, also: Sequence[Place], command: str) -> Markup:
    """How to get the similarly named place instead: "Landkreis Rostock" beside "Rostock"."""
    if not also:
        return Markup("")
    names = ", ".join(f"/{command} {place.name}" for place in also[:3])
    return turn.text("place.also", names=names)
