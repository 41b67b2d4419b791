"""How long before a debate someone wants to be reminded: "3 Tage, 1 Stunde", "7 und 1 Tage"."""

from datetime import timedelta
from typing import Literal

from scheduler.calendar import Offset
from scheduler.date_words import NUMBERS, Unclear, compiled, number, one_of

AT_MOST = 5
LONGEST = timedelta(days=60)
READ_AT_MOST = 200

_TOKEN = compiled(
    rf"(?P<amount>[0-9]{{1,4}}(?![0-9])|(?:{one_of(NUMBERS)})(?![a-zäöüß]))"
    r"|(?P<unit>tag(?:en|es|e)?|d(?:ays?)?|wochen?|w(?:eeks?)?|stunden?|std|h(?:ours?)?)(?![a-zäöüß])"
    r"|(?P<minutes>(?:halbe\s)?minuten?|min(?:utes?)?|halbe[nr]?\s(?:stunden?|tage?))(?![a-zäöüß])"
    r"|(?P<eve>vortag|vorabend)(?![a-zäöüß])"
    r"|(?P<filler>(?:und|and|oder|vorher|davor|zuvor|vor|before|jeweils|je|am|bitte)(?![a-zäöüß])|[\s,;.+&/]+)"
)
_FRACTION = compiled(r"[0-9][.,][0-9]")


def read_offsets(text: str) -> tuple[Offset, ...] | Unclear:
    """Read one to five whole days, weeks or hours before a debate, longest first, doubles dropped.

    At most 60 days. Minutes and fractions are refused: a reminder in a group is not that exact.
    """
    text = text.strip()
    if not text:
        return Unclear("offsets.none")
    if len(text) > READ_AT_MOST or _FRACTION.search(text):
        return Unclear("offsets.unclear", {"text": text[:40]})
    found = _amounts(text)
    return found if isinstance(found, Unclear) else _checked(found)


def _amounts(text: str) -> list[Offset] | Unclear:
    """Amounts wait for the unit that follows them, so that "7 und 1 Tage" are two offsets."""
    offsets: list[Offset] = []
    waiting: list[int] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            return Unclear("offsets.unclear", {"text": text[position : position + 40]})
        position = match.end()
        if match["minutes"]:
            return Unclear("offsets.minutes")
        if match["amount"]:
            waiting.append(number(match["amount"]))
        elif match["eve"]:
            offsets.append(Offset(1, "d"))
        elif match["unit"]:
            offsets += [_offset(amount, match["unit"].lower()) for amount in waiting or [1]]
            waiting = []
    return Unclear("offsets.unit", {"number": waiting[0]}) if waiting else offsets


def _offset(amount: int, unit: str) -> Offset:
    days = {"w": 7, "t": 1, "d": 1}.get(unit[0])
    kind: Literal["d", "h"] = "d" if days else "h"
    return Offset(amount * (days or 1), kind)


def _checked(offsets: list[Offset]) -> tuple[Offset, ...] | Unclear:
    if not offsets:
        return Unclear("offsets.none")
    if any(offset.amount == 0 for offset in offsets):
        return Unclear("offsets.zero")
    if any(offset.span > LONGEST for offset in offsets):
        return Unclear("offsets.too_long", {"days": LONGEST.days})
    distinct = sorted(set(offsets), key=lambda offset: (-offset.span, offset.unit))
    if len(distinct) > AT_MOST:
        return Unclear("offsets.too_many", {"most": AT_MOST})
    return tuple(distinct)
