"""Which language a message is written in, as far as its small words tell."""

import re
from typing import Final

# Words that stand in nearly every sentence of one language and mean nothing in the other.
_ENGLISH: Final = """
i i'm i've my me myself you your he his him she her we our us they their them it it's this that these
the a is are isn't aren't don't doesn't do does did didn't have had has been be being can't could would
should shall and or but if because with without from for of to on at by about into who what whats what's
when where how why which there here please need want know help get keeps wants not no
"""
_GERMAN: Final = """
ich mein meine meinem meinen meiner mich mir du dein deine dich dir er sein seine ihn ihm sie ihr ihre
wir uns unser es das der den dem des ein eine einen einem einer ist sind bin bist wird werden wurde hat
habe haben hatte und oder aber wenn weil mit ohne von vom für fuer zu zum zur auf bei über ueber nach
wer wo wann warum wieso wie welche welcher nicht kein keine kann können soll muss bitte hilfe ja nein
sich mal noch schon auch nur so da dass
"""
_WORDS: Final = {"en": frozenset(_ENGLISH.split()), "de": frozenset(_GERMAN.split())}
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
# The beginning of a message tells as much as the whole.
_READ: Final = 400
_FEWEST: Final = 2


def spoken(text: str) -> str | None:
    """`de` or `en` where two different words or more tell and clearly prevail, else None."""
    # Each counts once: a calendar of Thursdays ("Do 14.1.") is no English.
    words = {word.replace("’", "'") for word in _WORD.findall(text[:_READ].lower())}
    count = {language: sum(word in known for word in words) for language, known in _WORDS.items()}
    most, least = sorted(count, key=count.__getitem__, reverse=True)
    return most if count[most] >= _FEWEST and count[most] > 2 * count[least] else None
