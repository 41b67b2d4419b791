"""Places, figures, laws and names in a question: an entry without them is not the whole answer."""

import re
from functools import cache
from itertools import pairwise
from typing import Final

from knowledge.entries import Entry
from knowledge.passages import own_words
from knowledge.place_list import read_place_list
from knowledge.resolution import References
from knowledge.slips import nearest
from knowledge.words import QUESTION_CHARACTERS, TEXT_CHARACTERS, clean, spelling, stem, words

# Entries are about Mecklenburg-Vorpommern; people also ask about the rest of the country.
_ELSEWHERE: Final = """
    Baden-Württemberg Bayern Berlin Brandenburg Bremen Hamburg Hessen Niedersachsen Nordrhein-Westfalen
    NRW Rheinland-Pfalz Saarland Sachsen Sachsen-Anhalt Schleswig-Holstein Thüringen München Köln
    Frankfurt Stuttgart Düsseldorf Leipzig Dortmund Dresden Hannover Nürnberg Duisburg Bochum Bielefeld
    Bonn Münster Mannheim Karlsruhe Augsburg Wiesbaden Lübeck Kiel Magdeburg Potsdam Erfurt Chemnitz
    Braunschweig Cottbus Flensburg Lüneburg Österreich Schweiz Polen Spanien Frankreich Schweden
    Dänemark Italien Ungarn England USA
"""
_DATES: Final = frozenset(
    words(
        "Januar Februar März April Mai Juni Juli August September Oktober November Dezember Montag Dienstag"
        " Mittwoch Donnerstag Freitag Samstag Sonnabend Sonntag heute morgen gestern"
    )
)
_OWN_STATE: Final = ("mecklenburg", "vorpommern")
# "Wer ist Landrat?" asks for a name, and of people in office the base holds none.
_NAME: Final = re.compile(
    r"\b(?:wer\s+(?:ist|war|sind|wird|wurde|leitet|fuhrt)|(?:wie|wer)\s+(?:heisst|heissen)|namen?)\b"
)
_OFFICE: Final = re.compile(
    r"(?:burgermeist|landrat|minist|senator|prasident|beauftragt|vorsitz|kammerer|kammerin|leiter|leitet|chef)"
)
# A law or treaty that the entry does not name is another one, or none.
_LAW: Final = (
    "gesetz",
    "gesetze",
    "gesetzes",
    "gesetzbuch",
    "verordnung",
    "konvention",
    "abkommen",
    "charta",
)
_SLIPS: Final = 2
# "nur 5 Stunden", "am 25. November" are circumstances; years, amounts and what is numbered are asked for.
_COUNT_DIGITS: Final = 2
_NUMBERED: Final = frozenset(
    {"art", "artikel", "paragraf", "paragraph", "absatz", "abs", "nummer", "nr", "saul"}
)
# How many live in a place is no figure that an answer must hold.
_PEOPLE: Final = ("einwohn", "leut", "mensch", "person", "seel")
_TITLES: Final = frozenset({"landkreis", "amt", "stadt", "hansestadt", "bad", "ostseebad"})
_SHORTEST_NAME: Final = 4
_LONGEST_ENDING: Final = 3
# A gap named further down belongs to a side question; the entry itself answers.
_OPENING: Final = 160
_GAP: Final = re.compile(r"\bkeine\s+(?:[a-zäöüß]{1,20}\s+){0,3}Angaben?\b", re.IGNORECASE)


def admits_gap(entry: Entry) -> bool:
    """Whether the entry is there to say that the base cannot tell ("dazu haben wir keine Angaben")."""
    return entry.id.startswith("keine-angaben") or _GAP.search(entry.answer[:_OPENING]) is not None


def particulars_missing(question: str, named: References, entry: Entry) -> bool:
    """Whether the question asks for a name, or names a place, figure or law that the entry does not hold."""
    if admits_gap(entry):
        return False
    asked = [spelling(word) for word in words(clean(question, QUESTION_CHARACTERS))]
    plain = " ".join(asked)
    if _NAME.search(plain) and _OFFICE.search(plain):
        return True
    behind = dict(pairwise(asked))
    references = {*named.measures, *map(str, named.pillars), *"".join(named.measures)}
    figures = [
        word
        for before, word in zip(["", *asked], asked, strict=False)
        if word[0].isdecimal()
        and word not in references
        and (len(word) > _COUNT_DIGITS or before in _NUMBERED)
        and not behind.get(word, "").startswith(_PEOPLE)
    ]
    places = [name for word in asked if (name := _place(word))]
    laws = [word for word in asked if word.endswith(_LAW) and word not in _LAW]
    if not figures and not places and not laws:
        return False
    told = [
        spelling(word) for word in words(clean("\n".join((*entry.sayings, entry.answer)), TEXT_CHARACTERS))
    ]
    names = [*told, *map("".join, pairwise(told))] if laws else []
    if not all(nearest(law, names, _SLIPS) for law in laws):
        return True
    figured = {_bare(word) for word in (*told, *references)}
    return any(_bare(figure) not in figured for figure in figures) or any(
        not any(word.startswith(place) for word in told) for place in places
    )


def carrying(question: str) -> list[str]:
    """The words of a question without places and dates: these alone do not say what is asked."""
    said = words(clean(question, QUESTION_CHARACTERS))
    return [word for word in said if not (word[0].isdecimal() or word in _DATES or _place(spelling(word)))]


def lone_word(question: str) -> str | None:
    """The one word a question says ("warum nur Frauen"), if no place, date or figure tells more beside it."""
    said, carried = own_words(question), carrying(question)
    alone = len({stem(word) for word in said}) == 1 and len(carried) == len(words(clean(question)))
    return said[0] if alone else None


def _bare(figure: str) -> str:
    return figure.replace(".", "").replace(",", "")


def _place(word: str) -> str | None:
    """The place a word names, also as "Rostocker" or "Rostocks"."""
    names = _names()
    beginnings = (word[: len(word) - ending] for ending in range(_LONGEST_ENDING + 1))
    return next((beginning for beginning in beginnings if beginning in names), None)


@cache
def _names() -> frozenset[str]:
    listed = read_place_list()
    ordinary = {spelling(word.lower()) for word in listed.also_words}
    texts = [text for place in listed.places for text in (place.name, *place.aliases)]
    own = {
        spelling(rest[0]) for text in texts if len(rest := [w for w in words(text) if w not in _TITLES]) == 1
    }
    elsewhere = {spelling(word) for word in words(_ELSEWHERE)} - {"anhalt", "pfalz", "westfalen"}
    names = {name for name in own | elsewhere if len(name) >= _SHORTEST_NAME and name not in ordinary}
    return frozenset(name for name in names if not name.startswith(_OWN_STATE))
