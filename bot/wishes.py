"""Wishes in whole sentences: "Erinner mich an Schwerin" is /abo Schwerin, "Wie weit seid ihr?" is /stand."""

import re
from typing import Final

from bot.wish_words import PLAIN
from knowledge.places import Places
from knowledge.resolution import resolution

# A longer text is no wish, and not worth reading that closely.
LONGEST: Final = 120
REMIND: Final = re.compile(
    r"\b(?:erinner[ent]?|benachrichtig(?:e|en|t)?|abonnier(?:e|en|t)?|remind|notify|subscribe"
    r"|informier\w*|folgen?|let me know|tell me (?:when|if))\b|\bauf dem laufenden\b"
    r"|\bgerne? (?:die )?erinnerung"
    r"|\b(?:ich|wir) (?:will|wollen|m(?:ö|oe)chten?|w(?:ü|ue)rden?)\b"
    r".{0,20}\b(?:wissen|erfahren|h(?:ö|oe)ren),? (?:wenn|wann|ob|was)\b"
    r"|\b(?:mich|uns|me|us)\b.{1,60}\beintragen\b"
    r"|\b(?:sag\w*|g[ie]b\w*)\b(?: (?:mir|uns|bitte|doch|mal|einfach)){0,3} \bbescheid\b",
    re.IGNORECASE,
)
# Who asks how reminding works, wants an end of it, or remembers something, does not ask to be reminded.
ASKED: Final = re.compile(
    r"\s*(?:wie|warum|wieso|wer|wann|was|wo|how|why|who|when|what|where)\b", re.IGNORECASE
)
NO_WISH: Final = re.compile(
    rf"{ASKED.pattern}|.*\b(?:nicht|kein\w*|mehr|not|no|stopp?|ich erinner\w*|wir erinner\w*)\b",
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
# "Haben wir 2.1 schon beschlossen?", "Was wurde in Rostock umgesetzt".
HOW_FAR: Final = re.compile(
    r"(?:was wurde|was ist|wurde|haben wir|ist|was haben wir) (?P<about>.{1,60}?) ?"
    r"(?:schon |bereits |denn )*(?:beschlossen|umgesetzt|erreicht|berichtet)\W*",
    re.IGNORECASE,
)
# "Schick an alle in Rostock: …", "Sag allen Bescheid, dass …": a broadcast, which is shown before it goes.
CAST: Final = re.compile(
    r"(?:bitte )?(?:schick\w*|schreib\w*|sag\w*|send\w*|teil\w*|g[ie]b\w*|informier\w*|benachrichtig\w*|tell)"
    r" (?:das |bitte |mal )?(?:an )?"
    r"(?P<whom>(?:alle[nr]?|all|everyone|everybody)\b[^:]{0,60}?)(?: bescheid| mit)?"
    r"(?:,? dass? |,? that |: )(?P<text>.+)",
    re.IGNORECASE | re.DOTALL,
)
LET_GO: Final = re.compile(
    r"(?!.*\b(?:termin|bericht|rundruf|konto)\b).*"
    r"(?:\bkeine? (?:abos?|erinnerung|nachricht|benachrichtigung)|\babbestell|\bunsubscribe\b"
    r"|\babo\w* (?:k(?:ü|ue)ndig|beende|l(?:ö|oe)sch)|\bnicht (?:mehr )?(?:erinner|benachrichtig)"
    r"|\bnichts? mehr\b.{0,30}\b(?:h(?:ö|oe)ren|wissen|bekommen|kriegen)\b|\b(?:austragen|abmelden)\b"
    r"|\berinnerung\w*\b.{1,60}\baus\b)",
    re.IGNORECASE | re.DOTALL,
)
# "Stralsund bitte raus", said of the places one is told of; "Gibt es was Neues aus Rostock?"
OFF_LIST: Final = re.compile(
    r"(?P<what>[^?]{2,40}?) (?:bitte |wieder )*(?:raus|rausnehmen|weg|streichen)\W*", re.I
)
# Before a wish, without a meaning of its own.
ASIDE: Final = re.compile(
    r"^(?:(?:oh|ach|ups|hey|hallo|hi|moin|also|okay|ok|bitte)\b[\s,!.]*"
    r"|(?:kannst|könntest|koenntest|würdest) du (?:bitte |mal )*|ich (?:will|möchte),? dass du )+",
    re.IGNORECASE,
)
NEWS: Final = re.compile(
    r"(?:gibt.?s|gibt es|was gibt.?s|hast du|was ist)? ?(?:et)?(?:was )?neues (?:aus|in|von|zu)\b", re.I
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
    if cast := CAST.fullmatch(text):
        return f"rundruf an {cast['whom']}: {cast['text']}"
    if REMIND.search(text) and not NO_WISH.match(text):
        named = _places(text, places)
        return f"abo {', '.join(named)} {', '.join(AHEAD.findall(text))}".strip() if named else None
    if LET_GO.match(text) and not ASKED.match(text):
        named = _places(text, places)
        return f"abo aus {named[0]}" if len(named) == 1 else "abos"
    if (asked := HOW_FAR.fullmatch(text)) and (progress := _state(asked["about"], places)):
        return progress
    if (gone := OFF_LIST.fullmatch(text)) and len(named := _places(gone["what"], places)) == 1:
        return f"abo aus {named[0]}"
    if (news := NEWS.match(text)) and (named := _places(text[news.end() :], places)):
        return f"stand {named[0]}"
    if state := STATE.match(text):
        return _state(text[state.end() :], places)
    bare = ASIDE.sub("", text)
    return next((command for command, said in PLAIN if said.fullmatch(bare)), None)


def _state(rest: str, places: Places) -> str | None:
    measure = resolution().find_measure(rest)
    named = measure.code if measure else next(iter(_places(rest, places)), "")
    if named:
        return f"stand {named}"
    return "stand" if ABOUT_ALL.fullmatch(rest) else None


def _places(text: str, places: Places) -> list[str]:
    """The places that are clearly named, as a command takes them."""
    return [found.match.place.name for found in places.find_in(text) if found.match.place]
