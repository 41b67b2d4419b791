"""Wishes in whole sentences: "Erinner mich an Schwerin" is /abo Schwerin, "Wie weit seid ihr?" is /stand."""

import re
from typing import Final

from knowledge.places import Places
from knowledge.resolution import resolution

# A longer text is no wish, and not worth reading that closely.
LONGEST: Final = 120
REMIND: Final = re.compile(
    r"\b(?:erinner[ent]?|benachrichtig(?:e|en|t)?|abonnier(?:e|en|t)?|remind|notify|subscribe)\b"
    r"|\b(?:sag\w*|g[ie]b\w*)\b.{0,20}\bbescheid\b",
    re.IGNORECASE,
)
# Who asks how reminding works, wants an end of it, or remembers something, does not ask to be reminded.
NO_WISH: Final = re.compile(
    r"\s*(?:wie|warum|wieso|wer|wann|was|wo|how|why|who|when|what|where)\b"
    r"|.*\b(?:nicht|kein\w*|mehr|not|no|stopp?|ich erinner\w*|wir erinner\w*)\b",
    re.IGNORECASE | re.DOTALL,
)
AHEAD: Final = re.compile(
    r"\b(?:\d{1,3}|eine[nr]?|zwei|drei|one|two|three)\s?(?:tag|stunde|woche|minute|day|hour|week)\w*",
    re.IGNORECASE,
)
STATE: Final = re.compile(
    r"(?:(?:was|wie) ist |zeig\w* (?:mir |uns )?|wie lautet |what is )?(?:der |den |the )?"
    r"(?:aktuelle[nr]? |derzeitige[nr]? |current )?(?:stand|progress)\b"
    r"|wie weit (?:seid ihr|sind wir|sind sie|ist man|ist|sind)\b|how far (?:are you|are we|is)\b",
    re.IGNORECASE,
)
DONE: Final = re.compile(
    r"was (?:wurde|haben wir|habt ihr|ist)(?: (?:denn|schon|bisher|bereits|alles))*"
    r" (?:erreicht|beschlossen|umgesetzt|geschafft)\W*",
    re.IGNORECASE,
)
# Whole sentences, each for one command.
PLAIN: Final = (
    ("stand", DONE),
    (
        "berichte",
        re.compile(
            r"(?:(?:zeig\w*|show) (?:mir |uns |me |us )?)?(?:die |alle |the )?"
            r"(?:neue(?:ste)?n?|letzten?|aktuellen?|latest|last|recent) (?:berichte|meldungen|reports)\W*",
            re.IGNORECASE,
        ),
    ),
    (
        "meineberichte",
        re.compile(
            r"(?:ich )?hab(?:e)? mich (?:vertippt|verschrieben|geirrt)\W*"
            r"|(?:mein|der|dieser) bericht (?:ist|war) falsch\W*",
            re.IGNORECASE,
        ),
    ),
)
ABOUT_ALL: Final = re.compile(
    r"(?:\W|\b(?:der|die|das|dinge|umsetzung|beschluss|beschlusses|bei|euch|uns|insgesamt|gerade|aktuell|heute|jetzt"
    r"|denn|schon|mit|dem|of|the|now|so|far)\b)*",
    re.IGNORECASE,
)


def wished(text: str, places: Places) -> str | None:
    """The command that does what a sentence asks for; None where it asks for something else."""
    if len(text) > LONGEST:
        return None
    if REMIND.search(text) and not NO_WISH.match(text):
        place = _place(text, places)
        return " ".join(["abo", place, ", ".join(AHEAD.findall(text))]).strip() if place else None
    if state := STATE.match(text):
        return _state(text[state.end() :], places)
    return next((command for command, said in PLAIN if said.fullmatch(text)), None)


def _state(rest: str, places: Places) -> str | None:
    measure = resolution().find_measure(rest)
    named = measure.code if measure else _place(rest, places)
    if named:
        return f"stand {named}"
    return "stand" if ABOUT_ALL.fullmatch(rest) else None


def _place(text: str, places: Places) -> str:
    """The first place that is clearly named, as a command takes it."""
    clear = (found.match.place for found in places.find_in(text))
    return next((place.name for place in clear if place), "")
