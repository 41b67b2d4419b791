"""Commands as they are written on Matrix: with "!", because clients keep words with "/" for themselves."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from store.messages import Outgoing


@lru_cache(maxsize=4)
def _command(names: Sequence[str]) -> re.Pattern[str]:
    either = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    return re.compile(rf"(?<![\w/:.)\]-])/(?=(?:{either})\b)")


def with_signs(message: Outgoing, names: tuple[str, ...]) -> Outgoing:
    """A message whose commands can be typed here."""
    pattern = _command(names)
    choices = tuple(replace(one, label=pattern.sub("!", one.label)) for one in message.choices)
    return replace(message, body=pattern.sub("!", message.body), choices=choices)
