"""The vocabulary of dates and times: numbers, months, weekdays, parts of the day; German, some English."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from knowledge.slips import slips

# What stands in a text where something was already understood; people cannot type it (see dates.py).
MASK = "\x1f"


@dataclass(frozen=True)
class Unclear:
    """What could not be understood: the key of a sentence, its details, and readings to choose from (UTC)."""

    key: str
    details: Mapping[str, object] = field(default_factory=dict)
    options: tuple[datetime, ...] = ()
    # The text around date and time, and the date or time in it that was understood all the same.
    rest: str = ""
    understood: str = ""


def _numbered(words: str, first: int = 0) -> dict[str, int]:
    return {word: number for number, group in enumerate(words.split(), first) for word in group.split("/")}


NUMBERS = _numbered(
    "null/zero eins/ein/eine/einem/einen/einer/one/an/a zwei/two drei/three vier/four fünf/fuenf/five"
    " sechs/six sieben/seven acht/eight neun/nine zehn/ten elf/eleven zwölf/zwoelf/twelve dreizehn vierzehn"
    " fünfzehn/fuenfzehn sechzehn siebzehn achtzehn neunzehn zwanzig einundzwanzig zweiundzwanzig"
    " dreiundzwanzig vierundzwanzig"
) | {"dreißig": 30, "dreissig": 30, "vierzig": 40, "fünfundvierzig": 45, "fuenfundvierzig": 45, "fünfzig": 50}
_UNDER_TWENTY = (
    "erst zweit dritt viert fünft sechst siebt acht neunt zehnt elft zwölft dreizehnt vierzehnt fünfzehnt"
    " sechzehnt siebzehnt achtzehnt neunzehnt"
)
_FROM_TWENTY = "zwanzig ein zwei drei vier fünf sechs sieben acht neun"
# "fünfzehnten", "einundzwanzigster", without their ending.
ORDINALS = (
    _numbered(_UNDER_TWENTY, 1)
    | {
        f"{word}{'' if word == 'zwanzig' else 'undzwanzig'}st": number
        for number, word in enumerate(_FROM_TWENTY.split(), 20)
    }
    | {"dreißigst": 30, "einunddreißigst": 31}
)
MONTHS = _numbered(
    "januar/january/jänner/jan februar/february/feb märz/maerz/march/mär/mrz/mar april/apr mai/may"
    " juni/june/jun juli/july/jul august/aug september/sept/sep oktober/october/okt/oct november/nov"
    " dezember/december/dez/dec",
    1,
)
WEEKDAYS = _numbered(
    "montag/monday dienstag/tuesday mittwoch/wednesday donnerstag/thursday freitag/friday"
    " samstag/sonnabend/saturday sonntag/sunday"
)
WEEKDAY_ABBREVIATIONS = _numbered("mo/mon di/tue/tues mi/wed do/thu/thur/thurs fr/fri sa/sat so/sun")

RELATIVE = _numbered("gestern/yesterday heute/heut/today/tonight morgen/tomorrow", -1)

# When nothing more exact is said; people see the hour before it counts.
DAY_PARTS = {
    **dict.fromkeys(("früh", "frueh", "morgen", "morning"), 8),
    "vormittag": 10,
    "mittag": 12,
    "nachmittag": 15,
    "afternoon": 15,
    "abend": 18,
    "evening": 18,
    "nacht": 22,
    "night": 22,
}


def one_of(words: Mapping[str, int]) -> str:
    """An alternative of a regular expression that tries longer words first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


NUMBER = f"(?:[0-9]{{1,4}}|(?:{one_of(NUMBERS)})(?![a-zäöüß]))"
PART = f"(?:{one_of(DAY_PARTS)})s?"


def number(word: str) -> int:
    """The value of what NUMBER matched."""
    return int(word) if word.isdigit() else NUMBERS[word.lower()]


def part_hour(word: str | None) -> int | None:
    """The hour a part of the day stands for: "abends" and "Abend" are 18."""
    if word is None:
        return None
    lower = word.lower()
    return DAY_PARTS.get(lower, DAY_PARTS.get(lower.removesuffix("s")))


def compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_LONG_WORD = compiled(r"(?<![\w-])[a-zäöüß]{5,12}(?![\w-])")
_SPELT = tuple(word for word in (*MONTHS, *WEEKDAYS, "übermorgen", "uebermorgen") if len(word) > 5)
# Real words that a slip away look like a day or a month.
_OTHER_WORDS = frozenset({"montage", "montagen", "freitage", "auguste", "augusta", "augustin", "augustus"})


_PLAIN_SIGNS = (
    (re.compile(r"(?<=[0-9])\s?[°⁰]{2}"), ":00"),
    (re.compile(r"(?<=[0-9]) : (?=(?:00|15|30|45)\b)"), ":"),
    (re.compile(r"(?<=[0-9]) \. (?=[0-9])"), "."),
    # "5.november2026", "15/4/27", "1800 uhr": what people leave out or write in another way.
    (compiled(rf"\b({one_of(MONTHS)})(?=20[0-9]{{2}}\b)"), r"\1 "),
    (re.compile(r"\b([0-9]{1,2})/([0-9]{1,2})/((?:20)?[0-9]{2})\b"), r"\1.\2.\3"),
    (re.compile(r"\b([01][0-9]|2[0-3])([0-5][0-9])(?=\s?uhr\b)", re.IGNORECASE), r"\1:\2"),
)


def respelt(text: str) -> str:
    """The text with months and weekdays set right that are one slip away: "Dezemer", "Donerstag"."""
    for sign, instead in _PLAIN_SIGNS:
        text = sign.sub(instead, text)
    return _LONG_WORD.sub(lambda match: _set_right(match[0]), text)


def _set_right(word: str) -> str:
    lower = word.lower()
    if lower in _OTHER_WORDS or lower.removesuffix("s") in _SPELT:
        return word
    near = (one for one in _SPELT if one[0] == lower[0] and slips(one, lower, 1) == 1)
    return next((one.capitalize() for one in near), word)


def masked(text: str, start: int, end: int) -> str:
    """The text with one passage hidden from later patterns, its length unchanged."""
    return text[:start] + MASK * (end - start) + text[end:]
