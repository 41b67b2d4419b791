"""What organisers say of debates without /termin: a new one, or what became of one that is known."""

import re

from bot import rights
from bot.commands.entering import amend_draft, enter
from bot.commands.entering_lines import ROOM, dated_lines
from bot.commands.entering_many import drop
from bot.turn import Turn
from bot.wish_words import ASKING
from scheduler.date_words import Unclear
from scheduler.dates import When, read_when
from scheduler.shift_words import with_shift
from store import debates, outbox
from store.debates import Debate

LONGEST_CHANGE = 200
# A longer sentence without a place is about something else.
MOST_WORDS = 8
# What became of a debate, and the word of /termin for it.
CHANGES = (
    (
        "doch",
        re.compile(r"\bfindet\s+(?:nun\s+|jetzt\s+)?(?:doch\s+)?statt\b|\bdoch\s+nicht\s+abgesagt\b", re.I),
    ),
    (
        "absagen",
        re.compile(
            r"\babgesagt\b|\babsag\w*|\bsag\w*\b.{1,80}\bab\b|\bf(?:ä|ae)llt\b.{0,80}\baus\b|\bentf(?:ä|ae)llt\b",
            re.I,
        ),
    ),
    (
        "falsch",
        re.compile(
            r"\b(?:war|ist)\s+(?:falsch|(?:ein\s+)?(?:fehler|irrtum|versehen))\b|\bl(?:ö|oe)sch\w*|\bstreich\w*|\bgestrichen\b",
            re.I,
        ),
    ),
    (
        "aendern",
        re.compile(
            r"\bver(?:schob|schieb|leg)\w*|\bge(?:ä|ae)ndert\b|\bstatt\b|\bsondern\b|\bbeginnt\b|\berst um\b"
            r"|\bsp(?:ä|ae)ter\b|\bfr(?:ü|ue)her\b|\beher\b|\bvorverlegt\b"
            r"|\b(?:jetzt|nun|doch)\b.{0,12}\b(?:am|um|im)\b"
            r"|\btitel\b",
            re.I,
        ),
    ),
)
# Which of them, nobody could say.
SEVERAL = re.compile(r"\b(?:beide[ns]?|alle|termine|sitzungen|debatten)\b", re.I)
NEW_TITLE = re.compile(
    r".*?\b(?:titel|thema)\b(?:\s+(?:ändern|aendern|in|zu|auf|ist|lautet|lieber|jetzt|besser|soll|bitte))*\s*:?\s*"
    r"[\"„“»]?(?P<title>[^\"“”«]{3,150})[\"“”«]?",
    re.I,
)
NUMBERED = re.compile(r"\b(?:nr\.?|nummer|termin|sitzung|debatte|#)\s?(\d{1,9})\b(?!\.|:|\s?uhr)", re.I)
# The debate that the last choices here were about.
OFFERED = re.compile(r"/termin (?:aendern|ändern|absagen|falsch|doch|übernehmen|ja) (\d+)\b")
# Around a date or time that sets right what was just shown.
SMALL = re.compile(
    r"\b(?:ja|nein|nee|nö|ne|stopp?|halt|sorry|ach|mist|ups|oh|quatsch|falsch|doch|aber|und|war|ist|es|das|die|der|den|sind|am|um"
    r"|auf|erst|schon|eigentlich|richtig|korrektur|bitte|meinte|meine|ich|statt|sondern|uhrzeit|datum|zeit|beginn|beginnt|nicht"
    r"|stimmt|in|ort|sitzung|termin|no|sorry|at|on|it|is)\b|\W+",
    re.I,
)
LEAD = re.compile(
    r"\s*(?:(?:hey|hi|hallo|moin|bitte|kannst|könntest|koenntest|kann|du|ihr|mal|neue?[rsn]?|folgende[rsn]?|einen?|den|diesen"
    r"|termine?|trag\w*|eintrag\w*|notier\w*|nimm|nehmt|liebe[rsn]?|genoss\w*|zusammen|leute|merk\w*|dir|ein|auf|an|dass?|vor|dazu|info|wir|haben|gibt|es|noch)\b[\s,:!–-]*)+",
    re.I,
)


def said_of_debates(turn: Turn, text: str) -> bool:
    """Whether a message enters or changes a debate; whatever it is, it is shown before it counts."""
    if not (turn.incoming.private and rights.allows("termin", turn.standing)):
        return False
    return _changes(turn, text) or _enters(turn, text)


def _enters(turn: Turn, text: str) -> bool:
    """A line that names a place, a day and a time; or several lines with a place and a day."""
    rest = text[found.end() :] if (found := LEAD.match(text)) else text
    one_line = "\n" not in text.strip()
    if one_line and (ASKING.search(text) or not turn.services.places.find_in(rest)):
        return False
    if not dated_lines(turn, rest, timed=one_line):
        return False
    enter(turn, rest)
    return True


def _changes(turn: Turn, text: str) -> bool:
    if len(text) > LONGEST_CHANGE or ASKING.search(text):
        return False
    offered = _offered(turn)
    if offered and _only_when(turn, offered, text):
        return _set_right(turn, offered, text)
    if offered and offered.state == "draft" and (anew := _anew(turn, offered, text)):
        drop(turn, offered)
        enter(turn, anew)
        return True
    word = next((word for word, said in CHANGES if said.search(text)), None)
    if word and SEVERAL.search(text) and not NUMBERED.search(text):
        turn.say("termin.which_number", word=word)
        return True
    one = _meant(turn, text, offered) if word else None
    if word is None or one is None:
        return False
    changed = ""
    if word == "aendern":
        titled = NEW_TITLE.fullmatch(text)
        changed = titled["title"] if titled else _moved(turn, one, text) or _room(text)
    enter(turn, f"{word} {one.id} {changed}".strip())
    return True


def _only_when(turn: Turn, one: Debate, text: str) -> bool:
    when = _when(turn, one, text)
    return not isinstance(when, Unclear) and not SMALL.sub("", when.rest)


def _anew(turn: Turn, draft: Debate, text: str) -> str:
    """What was just shown, said again with the place or title that a text gives it; "" for neither."""
    named = [one for one in turn.services.places.find_in(text) if one.match.place]
    titled = NEW_TITLE.fullmatch(text)
    around = f"{text[: named[0].start]} {text[named[0].end :]}" if named else text
    if len(named) == 1 and not SMALL.sub("", around):
        place, title = text[named[0].start : named[0].end], draft.title
    elif titled:
        place, title = draft.place, titled["title"]
    else:
        return ""
    when = draft.starts.astimezone(turn.zone)
    return f"{place} {when:%d.%m.%Y %H:%M} {title} {draft.url}".strip()


def _set_right(turn: Turn, one: Debate, text: str) -> bool:
    """ "Nein, 19 Uhr": what was just shown, with another date or time."""
    if one.state == "draft":
        amend_draft(turn, one, _when(turn, one, text))
    elif one.state == "planned":
        enter(turn, f"aendern {one.id} {_moved(turn, one, text)}")
    return one.state in ("draft", "planned")


def _when(turn: Turn, one: Debate, text: str) -> When | Unclear:
    """The date and time that a text gives a debate; what is not said stays."""
    local = one.starts.astimezone(turn.zone)
    said = with_shift(NUMBERED.sub(" ", text), local).rpartition(" auf ")[2]
    return read_when(said, turn.now, turn.zone, local.date())


def _moved(turn: Turn, one: Debate, text: str) -> str:
    """The new date and time as /termin takes them; "" where there is none, so that it is asked for."""
    when = _when(turn, one, text)
    if isinstance(when, Unclear):
        return ""
    local = when.start.astimezone(turn.zone)
    return f"{local:%d.%m.%Y %H:%M}" if when.time_known else f"{local:%d.%m.%Y}"


def _room(text: str) -> str:
    """The words for where a debate is from now on, as /termin takes them."""
    found = ROOM.search(text)
    return found[0] if found else ""


def _offered(turn: Turn) -> Debate | None:
    offer = outbox.last_offer(turn.tx, turn.incoming.chat, turn.now)
    about = (OFFERED.match(one.sentence) for one in offer.choices) if offer else ()
    numbers = {int(found[1]) for found in about if found}
    return debates.get(turn.tx, numbers.pop()) if len(numbers) == 1 else None


def _meant(turn: Turn, text: str, offered: Debate | None) -> Debate | None:
    """The debate with a number, the only one coming in a place that is named, or the one just shown."""
    if number := NUMBERED.search(text):
        known = debates.get(turn.tx, int(number[1]))
        return known if known and known.state not in ("draft", "proposed") else None
    named = [one.match.place.name for one in turn.services.places.find_in(text) if one.match.place]
    if not named:
        return offered if offered and offered.state != "draft" and len(text.split()) <= MOST_WORDS else None
    coming = debates.between(turn.tx, turn.now, None, named, states=("planned", "cancelled"))
    return coming[0] if len(coming) == 1 else None
