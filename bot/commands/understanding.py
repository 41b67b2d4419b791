"""Plain text that is no command: a question about dates, a report, or a question to the knowledge base."""

import re
from typing import Final

from bot.commands.asking import answer
from bot.commands.debates import show_dates
from bot.commands.entering_said import said_of_debates
from bot.commands.following import follow
from bot.commands.reports import offer_report
from bot.turn import Turn
from bot.wishes import REMIND
from knowledge.particulars import carrying
from knowledge.passages import own_words
from scheduler.span_words import read_span

WHEN = re.compile(
    r"\b(?<!seit )(?<!ab )(wann|when|welche[rsn]? (?:termine?|sitzung(?:en)?|debatten?)"
    r"|n(?:ä|ae)chste[rsn]? (?:sitzung(?:en)?|termine?|debatten?))\b",
    re.IGNORECASE,
)
MEETING = re.compile(
    r"\b(tagt|tagen|sitzung\w*|termin\w*|debatte\w*|beratung\w*|kreistag\w*|b(?:ü|ue)rgerschaft\w*"
    r"|stadtvertretung\w*|\w*ausschuss\w*|meetings?|debates?|council\w*|committees?"
    r"|(?:n(?:ä|ae)chste\w*|next)(?=\W*$| mal\b| (?:in|im|bei)\b))\b",
    re.IGNORECASE,
)
# Of one place these ask for a day, without a place for how it goes; no other words make a place a date.
BUDGET: Final = re.compile(r"ber(?:ä|ae)t|beraten|verhandel\w*|haushalt\w*|etat\w*|budget\w*", re.IGNORECASE)
# "Was steht im März an?", "Ist diese Woche was?": about dates where a time or a place is named.
COMING = re.compile(
    r"\bkommt\b.{0,40}\bwas\b|\bwas\s(?:steht|liegt|ist|l(?:ä|ae)uft|kommt|gibt.?s|gibt\ses|passiert)\b"
    r"|\b(?:ist|gibt.?s|gibt\ses|l(?:ä|ae)uft|steht|tagt)\b[^,;]{0,80}\b(?:was|etwas|wer|jemand|an)\b"
    r"|\b(?:wo|gibt\ses|gibt.?s|habt\sihr|kennst\sdu|hast\sdu)\b.{0,60}(?:sitzung|termin|debatte|tagt)"
    r"|\b(?:any|what|which|upcoming|are there|is there)\b.{0,40}\b(?:meetings?|debates?|sessions?|dates)\b",
    re.IGNORECASE,
)
# The same of any time.
COMING_SOON = re.compile(
    r"was (?:steht|liegt)(?: (?:so|denn|demn(?:ä|ae)chst|alles|als n(?:ä|ae)chstes))* an\W*"
    r"|(?:(?:are|is) there )?(?:any |which |what )?(?:upcoming|coming|next) (?:meetings?|debates?|dates)\W*",
    re.IGNORECASE,
)
PAPERS: Final = re.compile(r"unterlagen|tagesordnung|vorlagen?\b|protokoll|agenda|minutes", re.IGNORECASE)
# A longer text is no question about dates, and not worth reading that closely.
LONGEST_DATE_QUESTION = 200


def understand(turn: Turn, text: str) -> None:
    """Answer plain text as what it most likely is."""
    if said_of_debates(turn, text):
        return
    if asks_for_dates(turn, text):
        show_dates(turn, text, command=False)
    elif not offer_report(turn, text) and not follow(turn, text, turn.found(text)):
        answer(turn, text)


def asks_for_dates(turn: Turn, text: str) -> bool:
    """Whether somebody wants to know when a council meets."""
    if len(text) > LONGEST_DATE_QUESTION or PAPERS.search(text):
        return False
    if COMING_SOON.fullmatch(text):
        return True
    meeting, named = MEETING.search(text), turn.services.places.find_in(text)
    spoken = COMING.search(text) or (REMIND.search(text) and meeting)
    if spoken and (read_span(text, turn.now, turn.zone) or (meeting and named)):
        return True
    return bool(WHEN.search(text)) and bool(meeting or (named and _only_when(text)))


def _only_when(text: str) -> bool:
    """Whether a question says no more than when, where and "budget"."""
    return not own_words(BUDGET.sub(" ", " ".join(carrying(text))))
