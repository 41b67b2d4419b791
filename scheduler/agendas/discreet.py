"""Where a shelter lies is never passed on: council papers sometimes name the building."""

import re

LONGEST = 1_000
HIDDEN = "…"

# Whatever may be, or stand for, a house that hides people. Advice centres that publish their address
# lose it here too: better once too often.
_HELP = re.compile(
    r"frauen\w{0,20}(?:haus|häuser|haeuser|unterkunft|unterkünfte|wohnung|beratung|notruf|schutz)"
    r"|schutz(?:wohnung|haus|häuser|unterkunft|unterkünfte|einrichtung|platz|plätze)|zufluchts"
    r"|gewaltschutz|interventionsstelle|frauennotruf|notunterk(?:unft|ünfte)\w{0,3} für frauen",
    re.IGNORECASE,
)
_STREET = (
    r"(?:\b(?:Lang|Kurz|Groß|Klein|Alt|Neu|Breit|Hoh|Ober|Unter)e[rn]?\s)?\b[A-ZÄÖÜ][\wäöüß.-]{0,40}"
    r"(?:straße|strasse|str\.|weg|platz|allee|gasse|ring|damm|ufer|chaussee|markt|hof|steig|pfad|wall|graben"
    r"|berg|twiete|reihe|kamp|[- ]Straße|[- ]Str\.|[- ]Weg|[- ]Platz|[- ]Allee|[- ]Ring)"
    r"|\b(?:Lang|Kurz|Groß|Klein|Alt|Neu|Breit|Hoh)e[rn]?\s(?:Straße|Str\.|Weg|Platz|Allee|Ring|Markt)"
)
_NUMBER = (
    r"\s{0,3}(?:Nr\.?\s{0,3})?\d{1,4}(?:\s?[a-hA-H]\b)?(?:\s?[-–/+]\s?\d{1,4}(?:\s?[a-h]\b)?)?"
    r"(?![\d.]|\s?(?:Plätze|Prozent|Euro|Uhr|€))"
)
_LED = (
    r"\b(?:Am|An der|An den|Auf dem|Auf der|Zum|Zur|In der|Im|Hinter der|Hinter dem|Unter den|Beim)"
    r"(?:\s[A-ZÄÖÜ][\wäöüß-]{1,30}){1,2}"
)
_CODE = r"\b\d{5}\s[A-ZÄÖÜ][\wäöüß-]{1,30}"
_ADDRESS = re.compile(rf"(?:(?:{_STREET}){_NUMBER}|{_LED}{_NUMBER}|{_CODE})")


def names_help(text: str) -> bool:
    """Whether a text speaks of a house or a service for people in danger."""
    return _HELP.search(text[:LONGEST]) is not None


def without_addresses(title: str) -> str:
    """A title without street, house number and postal code, if it speaks of the help system."""
    if not names_help(title):
        return title
    kept = _ADDRESS.sub(HIDDEN, title[:LONGEST])
    return re.sub(r"…(?:[\s,;]{0,5}…)+", HIDDEN, kept)


def safe_location(location: str, title: str) -> str:
    """Where a meeting is held; "" when that may be such a house itself."""
    visit = names_help(title) and re.search(r"besichtig|vor[- ]ort|besuch", title, re.IGNORECASE)
    return "" if names_help(location) or visit else location
