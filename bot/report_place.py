"""The place of a report line: named anywhere, meant by its beginning, or a name that is no place we know.

A name we do not know is asked about: a report for another town is worse than a question.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import dropwhile
from typing import Protocol

from bot.outcomes import phrases
from bot.report_draft import Hint
from bot.report_outcome import fold
from knowledge.places import Place, PlaceMatch, Places
from knowledge.resolution import resolution

BEGINNING = re.compile(r"[^\W_][^\s,;:]*")
PLACE_WORDS = 4
NAME = re.compile(r"[^\W\d_]{3,40}(?:-[^\W\d_]{1,40}){0,3}")
# "In Entenhausen wurde 2.1 beschlossen", "2.1 in der Gemeinde Entenhausen beschlossen".
IN_A_PLACE = re.compile(
    r"\bin (?:der )?(?:(?:hanse)?stadt |gemeinde )?([^\W\d_][\w-]{2,40})(?![\w-])", re.IGNORECASE
)
COMES_FROM = re.compile(r"\b(?:wurden?|ist|sind|war|hat|haben) $", re.IGNORECASE)
GOES_ON = re.compile(r" (?:wurden?|ist|sind|war|hat|haben)\b|\s*(?:[,.;:!(]|$)", re.IGNORECASE)
# What stands before a name and is none by itself.
KINDS = frozenset(
    phrases(
        "alt, amt, bad, dorf, gemeinde, gross, hansestadt, insel, klein, landkreis, neu, ostseebad, stadt"
    )
)
# What councils are made of, days and exclamations: no names, though written large.
COUNCIL = re.compile(
    r"(?:abend|abstimmung|antr[äa]g|arbeit|ausschu(?:ss|ß)|beschl(?:u|ü)(?:ss|ß)|debatte|entscheid|ergebnis|etat|"
    r"fraktion|bau|geld|haushalt|heit|keit|koalition|kraft|nachricht|pr[äa]sidium|r[äa]t|runde|sache|"
    r"schaft|tag|thema|ung|update|vertreter|vorlage|vorstand|woche?)(?:e|en|n|s|es|er|in|innen)?$|"
    r"h(?:aus|[äa]user)$",
    re.IGNORECASE,
)
SAID = frozenset(
    phrases("""
    achtung, also, bravo, budget, committee, council, danke, dank, endlich, erst, erstmal, finally,
    frauen, geschafft, good, great, guten, hurra, info, januar, februar, marz, april, mai, juni, juli,
    august, september, oktober, november, dezember, juhu, kurz, liebe, meeting, mist, motion, nochmal,
    prima, sadly, schade, schon, so, super, thanks, today, toll, unfortunately, wieder, yay, yesterday,
    yippie
    """)
)
# Written small, only what ends like a town is taken for one.
LIKE_A_TOWN = re.compile(
    r".(?:hausen|dorf|burg|stadt|hagen|m[üu]nde|kirchen|heim|haven|rode|leben|walde|felde|itz|ow)$"
)


class Located(Protocol):
    """Anything found at line[start:end]."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


def named_first(
    line: str, parts: Sequence[Located], places: Places, fillers: frozenset[str]
) -> tuple[list[PlaceMatch], tuple[Hint, ...]]:
    """What the words at the beginning may mean, if they may be a place: "Rügen 2.1 vertagt"."""
    end = min((part.start for part in parts), default=0)
    words = [word[0] for word in BEGINNING.finditer(line, 0, end) if word[0].casefold() not in fillers]
    match = places.find(" ".join(words)) if 0 < len(words) <= PLACE_WORDS else None
    if match and (match.place or match.candidates):
        return [match], ()
    names = list(dropwhile(lambda word: fold(word) in KINDS or COUNCIL.search(word), words))
    unknown = names[0] if len(names) == 1 and _may_be_town(names[0]) else _in_unknown(line, parts)
    unknown = unknown or _between(line, parts)
    return [], (Hint("hint.place_unknown", unknown),) if unknown else ()


def _between(line: str, parts: Sequence[Located]) -> str:
    """The name of a town alone between two parts: "2.1 Entenhausen beschlossen"."""
    for before in parts:
        for after in parts:
            word = line[before.end : after.start].strip(" ,;:") if before.end < after.start else ""
            town = LIKE_A_TOWN.search(fold(word)) and not re.search(r"(?:sitz|heim|leben)$", word)
            if town and word[0].isupper() and _may_be_town(word):
                return word
    return ""


def _in_unknown(line: str, parts: Sequence[Located]) -> str:
    """The name behind "in", where nothing but parts of the report, its ends or verbs stand around."""
    starts, ends = {part.start - 1 for part in parts}, {0, *(part.end + 1 for part in parts)}
    for found in IN_A_PLACE.finditer(line):
        understood = any(part.start < found.end() and found.start() < part.end for part in parts)
        begun = found.start() in ends or COMES_FROM.search(line, max(found.start() - 10, 0), found.start())
        over = found.end() in starts or GOES_ON.match(line, found.end())
        if begun and over and not understood and found[1][0].isupper() and _may_be_town(found[1]):
            return found[1]
    return ""


def _may_be_town(word: str) -> bool:
    """Whether a word may be meant as the name of a town, and not as one of councils or measures."""
    if not NAME.fullmatch(word) or word.isupper() or COUNCIL.search(word) or fold(word) in SAID | KINDS:
        return False
    if not (word[0].isupper() or LIKE_A_TOWN.search(word)):
        return False
    return not any(fold(word).startswith(known) for known in _measure_words())


@cache
def _measure_words() -> frozenset[str]:
    """How the longer words begin that measures are called by."""
    named = " ".join(f"{one.short} {one.text}" for one in resolution().measures)
    return frozenset(fold(word)[:6] for word in re.findall(r"[^\W\d_]{6,}", named))


def place_of(matches: Iterable[PlaceMatch]) -> tuple[Place | None, tuple[Hint, ...]]:
    """The one place that is named, or a hint with all that may be meant."""
    matches = tuple(matches)
    named = tuple(dict.fromkeys(match.place for match in matches))
    if len(named) == 1 and named[0] is not None:
        return named[0], ()
    meant = (place.name for match in matches for place in (match.place, *match.candidates) if place)
    candidates = tuple(dict.fromkeys(meant))
    return None, (Hint("hint.place_open", "", candidates),) if candidates else ()
