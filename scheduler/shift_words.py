"""A debate that moves by so much: "eine Stunde später", "um zwei Wochen verschoben". Pure."""

import re
from datetime import datetime, timedelta

NUMBERS = {"ein": 1, "eine": 1, "einen": 1, "zwei": 2, "drei": 3, "vier": 4, "halbe": 0.5}
UNITS = {
    "minute": "minutes",
    "min": "minutes",
    "stunde": "hours",
    "std": "hours",
    "tag": "days",
    "woche": "weeks",
}
SHIFT = re.compile(
    rf"\b(?:um\s)?(?P<n>\d{{1,3}}|{'|'.join(NUMBERS)})\s?(?P<unit>{'|'.join(UNITS)})(?:n|en)?\.?\s"
    r"(?:(?P<later>später|spaeter|nach hinten|verschoben|weiter)"
    r"|(?P<sooner>früher|frueher|eher|nach vorn\w*|vorverlegt))\b",
    re.IGNORECASE,
)


def with_shift(text: str, start: datetime) -> str:
    """The text with the day and time that a shift leads to from `start`, a local time, in its stead."""

    def moved(hit: re.Match[str]) -> str:
        number = hit["n"].casefold()
        amount = int(number) if number.isdecimal() else NUMBERS[number]
        by = timedelta(**{UNITS[hit["unit"].casefold()]: amount})
        return f"{start + by if hit['later'] else start - by:%d.%m.%Y %H:%M}"

    return SHIFT.sub(moved, text, count=1)
