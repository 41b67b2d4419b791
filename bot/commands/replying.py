"""What people say, in words of their own, to the message with choices that came last."""

import re
from collections.abc import Sequence

from bot.commands.reports import mended_in_words, told_how_it_went
from bot.turn import Turn
from scheduler.date_words import Unclear
from scheduler.dates import read_when
from scheduler.offset_words import read_offsets
from store.messages import Choice

LONGEST = 80
GOING = re.compile(
    r"(?=.*\b(?:bin|sind|gehe?n?|komme?n?|going)\b)(?=.*\b(?:hin|dahin|dabei|there|auch)\b)"
    r"(?!.*\b(?:nicht|kein\w*|not)\b)[^?]+",
    re.IGNORECASE,
)
LATER = re.compile(
    r"(?:bitte |kannst du )?(?:erinner\w* (?:mich|uns)|remind me|sp(?:ä|ae)ter|nochmal|noch mal)\b\s*",
    re.IGNORECASE,
)
AT_END = re.compile(r"(?=[^?]{2,60}\b(?:nochmal|noch mal|erinnern|again)\W*$)", re.IGNORECASE)
AGAIN = re.compile(
    r"\b(?:bitte|noch|ein ?mal|nochmal|mal|wieder|erinnern|again|daran|dran|doch|lieber|nur"
    r"|besser|mach\w*)\b",
    re.IGNORECASE,
)
WHEN_THEN = re.compile(
    r"wann (?:genau )?(?:ist|war|findet|tagt)? ?(?:die|das|der|denn)\b.{0,20}$", re.IGNORECASE
)
ALSO = re.compile(r"(?:(?:und|bitte|dazu|auch|noch|also|and)\b\s*)+", re.IGNORECASE)
MORE = (
    (
        "/frage ",
        re.compile(r"was (?:kann|soll|könnte|sollte|frag\w*) .{0,20}(?:fragen|da|dort)\b", re.I),
    ),
    (
        "/termine ",
        re.compile(
            r"wo (?:ist|findet) (?:das|die sitzung)\b|worum geht"
            r"|was steht (?:da )?auf der|mehr (?:dazu|infos?)",
            re.I,
        ),
    ),
)


def in_own_words(turn: Turn, offered: Sequence[Choice], text: str) -> str:
    """The command that words mean after what was just offered; "" where they mean something else."""
    for read in (told_how_it_went, mended_in_words, _going, _later, _other_offsets, _also, _more):
        if sentence := read(turn, offered, text):
            return sentence
    return ""


def _number(offered: Sequence[Choice], command: str) -> str:
    """The one number that choices with a command are about."""
    found = {one.sentence.split()[1] for one in offered if re.fullmatch(rf"/{command} \d+", one.sentence)}
    return found.pop() if len(found) == 1 else ""


def _going(_: Turn, offered: Sequence[Choice], text: str) -> str:
    number = _number(offered, "dabei")
    return f"/dabei {number}" if number and GOING.fullmatch(text[:LONGEST]) else ""


def _later(turn: Turn, offered: Sequence[Choice], text: str) -> str:
    """ "Erinner mich morgen nochmal" below a reminder; with a place it is a subscription."""
    number, said = _number(offered, "spaeter"), LATER.match(text) or AT_END.match(text)
    if not number or said is None or len(text) > LONGEST or turn.services.places.find_in(text):
        return ""
    when = " ".join(AGAIN.sub(" ", text[said.end() :]).split()).strip(" ,.!")
    understood = when and not isinstance(read_when(when, turn.now, turn.zone), Unclear)
    return f"/spaeter {number} {when}" if understood or not when else ""


def _other_offsets(_: Turn, offered: Sequence[Choice], text: str) -> str:
    """ "Lieber 2 Tage vorher" below a subscription."""
    place = next((one.sentence[9:] for one in offered[:1] if one.sentence.startswith("/abo aus ")), "")
    said = AGAIN.sub(" ", LATER.sub("", text[:LONGEST], count=1))
    return f"/abo {place} {said}" if place and not isinstance(read_offsets(said), Unclear) else ""


def _also(turn: Turn, offered: Sequence[Choice], text: str) -> str:
    """ "Auch Stralsund" below a subscription."""
    subscribed = offered and offered[0].sentence.startswith("/abo aus ")
    if subscribed and WHEN_THEN.match(text[:LONGEST]):
        return f"/termine {offered[0].sentence[9:]}"
    said = ALSO.match(text) if subscribed and len(text) <= LONGEST else None
    return f"/abo {text[said.end() :].rstrip(' ?!.')}" if said and turn.services.places.find_in(text) else ""


def _more(_: Turn, offered: Sequence[Choice], text: str) -> str:
    """What one may ask about a debate below its reminder: "Was soll ich da fragen?", "Wo ist das?"."""
    if not _number(offered, "dabei") or len(text) > LONGEST:
        return ""
    begins = next((begins for begins, said in MORE if said.match(text)), "")
    return next((one.sentence for one in offered if begins and one.sentence.startswith(begins)), "")
