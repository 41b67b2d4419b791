"""Entering a debate by hand and changing it: /termin. What was understood is shown before it counts."""

import re
from dataclasses import replace
from datetime import datetime

from bot.commands.command import Command
from bot.commands.debates import NUMBER, changes, details, show_one
from bot.commands.entering_lines import LINK, ROOM, Line, each_day, each_place
from bot.commands.entering_many import (
    DECISIONS,
    PROPOSALS,
    SHORTEST_TITLE,
    accept,
    as_draft,
    decide_many,
    draft_many,
    drop,
    several,
    show_proposals,
)
from bot.commands.naming import find_place
from bot.commands.unclear_dates import ask_again
from bot.turn import GAP, Turn
from scheduler.agendas.discreet import safe_location, without_addresses
from scheduler.agendas.text import tidy
from scheduler.date_words import Unclear
from scheduler.dates import When, read_when
from scheduler.importing import change_kind
from scheduler.reminders import unheard
from scheduler.shift_words import with_shift
from store import debates
from store.debates import Debate

WORDS = re.compile(
    r"^(ja|weg|absagen|abgesagt|falsch|aendern|ändern|übernehmen|verlegt|verlegen|verschieben|verschoben|doch)\b\s*",
    re.IGNORECASE,
)
# "1 verschoben auf 16.12.", "Nr. 1 fällt aus", "1 war falsch": the number first, as people say it.
NUMBER_FIRST = re.compile(
    r"(?:nr\.?|#)?\s*(?P<n>\d{1,9})\b[\s:,.–-]*(?:(?:ist|war|wird|wurde)\s+)?(?:"
    r"(?P<absagen>absage\w*|abgesagt\b|fällt\s+aus\b|faellt\s+aus\b|ausgefallen\b|entfällt\b|entfaellt\b)"
    r"|(?P<falsch>falsch\b|(?:ein\s+)?(?:fehler|irrtum)\b|löschen\b|loeschen\b|stimmt\s+nicht\b)"
    r"|(?P<doch>doch\b|findet\s+doch\s+statt\b)"
    r"|(?P<ja>ja\b)|(?P<weg>weg\b)"
    r"|(?P<aendern>(?=.{0,60}\b(?:sp(?:ä|ae)ter|fr(?:ü|ue)her|eher|nach (?:hinten|vorn\w*))\b)"
    r"|(?:ver(?:schoben|schieben|legt|legen|tagt)|(?:ä|ae)ndern|ge(?:ä|ae)ndert|neu|jetzt"
    r"|titel|am|um|auf)\b))\s*",
    re.IGNORECASE,
)
TOLD_ROOM = re.compile(r"\s·\sOrt: (.+)$")
AT = re.compile(r"^(?:im|in der|in den|ins)\s+", re.IGNORECASE)
TO = re.compile(r"^(?:auf|zu)\s+(?:den\s+)?", re.IGNORECASE)
# The smallest words between place, date and title: "Rostock am 15.12. um 18 Uhr: Haushalt".
JOINTS = re.compile(r"^(?:[\s,;:.–-]|(?:am|um|in|im|der|oder|und|zum|zur|uhr|titel|thema)\b)+", re.IGNORECASE)
# What only labels a part of a line: "Neu: …", "Beginn: 16 Uhr, Thema: Haushalt".
LABELS = re.compile(
    r"\b(?:neu|beginn|uhrzeit|zeit|datum|tag|wann|was|thema|titel|anlass|betreff|gremium)\s*:"
    r"|\b(?:beginn|uhrzeit)\b(?=\s*(?:[,;]|$|thema\b))",
    re.IGNORECASE,
)
# The verb of a sentence around place and date: "tagt der Kreistag", "kommt zusammen. Es geht um …".
DANGLING = re.compile(r"(?:\s+(?:in|im|am|um|ab|an|der|die|das|den|zu[mr]?|von|und))+$", re.IGNORECASE)
VERBS = re.compile(
    r"^(?:"
    r"(?:(?:thema|titel)\s+(?:ist|lautet)|tagt|tagen"
    r"|ber(?:ä|ae)t|kommt|trifft sich|zusammen|findet|statt|ist|dort|da|es geht|geht es"
    r"|n(?:ä|ae)chste[rsn]?|ab)\b"
    r"|\b(?:um|der|die|das|den|ein|eine|wegen|zu[mr]?|über)\b(?=\s)|[\s,;:.–-])+",
    re.IGNORECASE,
)
# What became of a debate is no new title.
BECAME = re.compile(
    r"\b(?:ver(?:schoben|legt|schieben|legen|tagt)|ge(?:ä|ae)ndert|wurde|wird|worden)\b", re.IGNORECASE
)
ENDS = {"absagen": "cancelled", "abgesagt": "cancelled", "falsch": "wrong", "doch": "planned"}


def enter(turn: Turn, rest: str) -> None:
    """/termin Rostock 15.12. 18 Uhr Haushalt; /termin absagen 17; /termin 17 verschoben auf 16.12. 19 Uhr."""
    numbered = NUMBER_FIRST.match(rest)
    if numbered:
        rest = f"{numbered.lastgroup} {numbered['n']} {rest[numbered.end() :]}".strip()
    word = WORDS.match(rest)
    if not rest:
        turn.ask(f"termin {GAP}", "termin.how")
    elif PROPOSALS.fullmatch(rest):
        show_proposals(turn)
    elif decision := DECISIONS.fullmatch(rest):
        decide_many(turn, list(map(int, decision[2].split())), confirmed=decision[1].lower() == "ja")
    elif several(rest):
        draft_many(turn, rest)
    elif NUMBER.fullmatch(rest):
        show_one(turn, int(re.sub(r"\D", "", rest)))
    elif word:
        _carry_out(turn, word[1].lower(), rest[word.end() :])
    elif several(days := each_place(turn, each_day(rest))):
        draft_many(turn, days)
    else:
        _draft(turn, rest)


def _draft(turn: Turn, rest: str) -> None:
    """Read a new debate, ask for what is missing, and show it for confirmation."""
    named = find_place(turn, LINK.sub(" ", rest), f"termin {GAP} {rest}")
    if named is None:
        return
    if not turn.standing.covers(named.place.name):
        turn.say("termin.not_your_place", place=named.place.name)
        return
    line = f"{named.rest} {' '.join(LINK.findall(rest))}".strip()
    when = _read(turn, line, f"termin {GAP} {rest}", named.place.name)
    if when is None:
        return
    title = _title(when.rest)
    if len(title) < SHORTEST_TITLE:
        turn.ask(f"termin {rest} {GAP}", "termin.which_title")
        return
    debate = as_draft(turn, Line(line, when), named.place, title)
    also = ", ".join(place.name for place in named.also[:3])
    _show(turn, debates.add(turn.tx, debate, turn.now), also)


def amend_draft(turn: Turn, draft: Debate, when: When | Unclear) -> None:
    """Show what waits to be confirmed again, with another date or time."""
    if not isinstance(when, Unclear):
        changed = _changed(turn, draft, "", replace(when, rest=""))
        _show(turn, debates.change(turn.tx, changed, turn.now, tell=False), "")


def _show(turn: Turn, draft: Debate, also: str) -> None:
    turn.say(
        "termin.understood",
        turn.choice("termin.yes", f"/termin ja {draft.id}"),
        turn.choice("termin.no", f"/termin weg {draft.id}"),
        details=details(turn, replace(draft, state="planned")),
        hint=turn.text("place.meant_town", names=also) if also else "",
    )


def _read(turn: Turn, text: str, sentence: str, place: str) -> When | None:
    """The date and time in a line; None when it had to ask for it."""
    when = read_when(LINK.sub(" ", text), turn.now, turn.zone)
    if not isinstance(when, Unclear):
        return when
    if when.key == "dates.none":
        turn.ask(sentence, when.key)
    else:
        ask_again(turn, when, f"termin {place}", " ".join(LINK.findall(text)))
    return None


def _title(rest: str) -> str:
    bare = VERBS.sub("", JOINTS.sub("", LABELS.sub(" ", rest)))
    return without_addresses(DANGLING.sub("", tidy(bare)).strip(" ,;:.–-"))


def _carry_out(turn: Turn, word: str, rest: str) -> None:
    number = re.match(r"(?:nr\.?|#)?\s*(\d{1,9})\b\s*", rest, re.IGNORECASE)
    debate = debates.get(turn.tx, int(number[1])) if number else None
    if number is None or debate is None:
        turn.say("termin.which_number", word=word)
        return
    if not turn.standing.covers(debate.place):
        turn.say("termin.not_your_place", place=debate.place)
        return
    rest = rest[number.end() :]
    if word in ("ja", "weg"):
        _decide(turn, debate, confirmed=word == "ja")
    elif debate.state == "draft":
        turn.say("dates.no_such", number=debate.id)
    elif word in ENDS:
        _end(turn, debate, ENDS[word])
    else:
        # "4.1." alone could be a measure; behind "am" it is a day.
        said = TO.sub("", rest)
        _change(turn, debate, f"am {said}" if said[:1].isdigit() else said, confirmed=word == "übernehmen")


def _decide(turn: Turn, debate: Debate, confirmed: bool) -> None:
    """Enter or drop a draft. Pressing twice changes nothing."""
    if debate.state not in ("draft", "proposed"):
        turn.say("termin.already", *changes(turn, debate), details=details(turn, debate))
    elif confirmed:
        planned = accept(turn, debate)
        turn.say("termin.entered", *changes(turn, planned), number=planned.id)
    else:
        drop(turn, debate)
        turn.say("termin.dropped")


def _end(turn: Turn, debate: Debate, state: str) -> None:
    """Cancel a debate, say that it was wrong, or that it takes place after all."""
    if debate.state == state:
        turn.say("termin.already", details=details(turn, debate))
        return
    told = _apply(turn, debate, replace(debate, state=state))
    back = turn.choice("termin.after_all", f"/termin doch {debate.id}")
    turn.say(f"termin.now_{state}", *([back] if state != "planned" else []), told=_told(turn, told))


def _change(turn: Turn, before: Debate, rest: str, confirmed: bool) -> None:
    """Show a changed date, time, title or room; with `confirmed` it counts."""
    debate = before
    if not rest:
        turn.ask(f"termin aendern {debate.id} {GAP}", "termin.change_how", number=debate.id)
        return
    zone = turn.zone
    rest = with_shift(rest, debate.starts.astimezone(zone))
    if told := TOLD_ROOM.search(rest):
        rest, debate = rest[: told.start()], replace(debate, location=told[1])
    elif room := ROOM.search(rest):
        rest = f"{rest[: room.start()]} {rest[room.end() :]}"
        debate = replace(debate, location=safe_location(AT.sub("", room[0]), debate.title))
    read = read_when(LINK.sub(" ", rest), turn.now, zone, debate.starts.astimezone(zone).date())
    if isinstance(read, Unclear) and read.key != "dates.none":
        ask_again(turn, read, f"termin aendern {debate.id}")
        return
    changed = _changed(turn, debate, rest, None if isinstance(read, Unclear) else read)
    if confirmed:
        turn.say("termin.changed", told=_told(turn, _apply(turn, before, changed)))
    else:
        turn.say(
            "termin.understood_change",
            turn.choice("termin.yes_change", f"/termin übernehmen {debate.id} {_sentence(turn, changed)}"),
            details=details(turn, changed),
        )


def _changed(turn: Turn, debate: Debate, rest: str, when: When | None) -> Debate:
    title = _title(BECAME.sub("", rest if when is None else when.rest))
    if when is not None:
        start, known = _moved_start(turn, debate, when)
        debate = replace(debate, starts=start, time_known=known, ends=when.end)
    return replace(debate, title=title) if len(title) >= SHORTEST_TITLE else debate


def _moved_start(turn: Turn, debate: Debate, when: When) -> tuple[datetime, bool]:
    """A new date without a time keeps the old time of day."""
    if when.time_known or not debate.time_known:
        return when.start, when.time_known
    zone = turn.zone
    clock = debate.starts.astimezone(zone).time()
    return datetime.combine(when.start.astimezone(zone).date(), clock, zone), True


def _sentence(turn: Turn, debate: Debate) -> str:
    """The changed debate as a sentence that reads back the same."""
    local = debate.starts.astimezone(turn.zone)
    room = f" · Ort: {debate.location}" if debate.location else ""
    return f"{local.isoformat() if debate.time_known else f'{local:%d.%m.%Y}'} {debate.title}{room}"


def _apply(turn: Turn, before: Debate, after: Debate) -> int:
    """Write a change, plan anew, and tell those who knew; how many chats were told."""
    kind = "wrong" if after.state == "wrong" else change_kind(before, after)
    if kind is None and before.location != after.location and after.state == "planned":
        kind = "moved"
    written = debates.change(turn.tx, after, turn.now, tell=kind is not None)
    turn.plan(written, fresh=unheard(before))
    if kind is None:
        return 0
    return turn.services.planner.tell_change(turn.tx, before, written, kind, turn.now)


def _told(turn: Turn, told: int) -> str:
    return turn.count("termin.told", told) if told else turn.text("termin.told_nobody")


def names_debate(turn: Turn, rest: str) -> bool:
    """Whether the words behind "termin" enter or change a debate."""
    if (
        not rest
        or NUMBER.fullmatch(rest)
        or NUMBER_FIRST.match(rest)
        or WORDS.match(rest)
        or PROPOSALS.fullmatch(rest)
    ):
        return True
    return not rest.endswith("?") and bool(turn.services.places.find_in(rest))


COMMANDS = (Command("termin", enter, ("debate", "sitzung"), names_debate),)
