"""/kalender: debates as a calendar file or address; who goes there; and a reminder muted or put off."""

import re
from datetime import datetime, timedelta

from bot import calendar_address
from bot.calendar_file import subscribed
from bot.commands.command import Command
from bot.drawn import CALENDAR
from bot.hashes import person_hash
from bot.rights import Place, Role
from bot.turn import GAP, Turn
from scheduler.date_words import Unclear
from scheduler.dates import read_when
from scheduler.offset_words import read_offsets
from scheduler.reminders import over_at
from store import calendars, debates, followups, reminders
from store.debates import Debate
from store.messages import Attachment, Choice, Who

NUMBER = re.compile(r"(?:nr\.?|#)?\s*(\d{1,9})", re.IGNORECASE)
SNOOZED = re.compile(r"(?:nr\.?|#)?\s*(\d{1,9})\b\s*", re.IGNORECASE)
# "in 3 Stunden" is three hours, as "3 Stunden" is.
IN = re.compile(r"^\s*in\s+", re.IGNORECASE)
# When to come back on a day without a time.
MORNING = timedelta(hours=8)
ADDRESS = re.compile(r"(neue?\s+)?(?:adresse|address|url|link|abo)|(aus|off|ab)", re.IGNORECASE)


def calendar(turn: Turn, rest: str) -> None:
    """/kalender: the debates this chat is subscribed to; /kalender 17: one of them; /kalender adresse."""
    number, wish = NUMBER.fullmatch(rest.strip()), ADDRESS.fullmatch(rest.strip())
    if number:
        one = _meant(turn, number)
        if one is not None:
            _send(turn, {"debate": str(one.id)}, turn.label("calendar.one", title=one.title))
        return
    if wish:
        _address(turn, bool(wish[1]), bool(wish[2]))
        return
    known = subscribed(turn.tx, turn.chat.id, turn.incoming.chat.thread, turn.services.places, turn.now)
    if not known:
        turn.say("calendar.nothing")
        return
    arguments = {"chat": str(turn.chat.id), "thread": turn.incoming.chat.thread}
    offered = (turn.choice("calendar.get_address", "/kalender adresse", Who.ADMINS),)
    served = turn.services.config.http.public_url and turn.standing.where is not Place.FOREIGN
    _send(turn, arguments, turn.count("calendar.all", len(known)), *(offered if served else ()))


def _send(turn: Turn, arguments: dict[str, str], alt: str, *choices: Choice) -> None:
    turn.post(
        turn.text("calendar.here", what=alt),
        *choices,
        attachment=Attachment(CALENDAR, arguments | {"at": turn.now.isoformat()}, alt),
    )


def _address(turn: Turn, renew: bool, end: bool) -> None:
    """The address under which this chat's calendar can be subscribed to; a new one; or none any more."""
    where, served = turn.standing.where, turn.services.config.http.public_url
    if where is not Place.PRIVATE and not (turn.standing.admin or turn.standing.role is Role.ORGANISER):
        turn.say("refuse.needs_admin", command="kalender adresse")
        return
    if served is None or where is Place.FOREIGN:
        turn.say("calendar.no_address")
        return
    chat, thread, key = turn.known_chat().id, turn.incoming.chat.thread, turn.services.key
    if end:
        turn.say("calendar.ended" if calendars.revoke(turn.tx, chat, thread) else "calendar.none_to_end")
        return
    token = None if renew else calendar_address.current(turn.tx, key, chat, thread)
    shown = calendar_address.address(served, token or calendar_address.renewed(turn.tx, key, chat, thread))
    turn.say(
        "calendar.address",
        turn.choice("calendar.renew", "/kalender neue adresse", Who.ADMINS),
        turn.choice("calendar.end", "/kalender aus", Who.ADMINS),
        url=shown,
    )


def _meant(turn: Turn, number: re.Match[str] | None) -> Debate | None:
    """The planned debate with the number that was said; None when there is none, which is then told."""
    one = debates.get(turn.tx, int(number[1])) if number else None
    if number is None:
        turn.say("attend.which")
    elif one is None or one.state != "planned":
        turn.say("dates.no_such", number=int(number[1]))
    else:
        return one
    return None


def attend(turn: Turn, rest: str) -> None:
    """/dabei 17: somebody goes there; once more takes it back. Shown is only how many."""
    one = _meant(turn, NUMBER.fullmatch(rest.strip()))
    if one is None:
        return
    if over_at(one) <= turn.now:
        turn.say("attend.over")
        return
    going = followups.attend(turn.tx, one.id, person_hash(turn.services.key, turn.person))
    count = followups.attending(turn.tx, one.id)
    also = turn.count("attend.count", count) if count else turn.text("attend.nobody")
    calendar_file = turn.choice("attend.calendar", f"/kalender {one.id}", Who.ALL)
    turn.say("attend.yes" if going else "attend.no", calendar_file, title=one.title, count=also)


def mute(turn: Turn, rest: str) -> None:
    """/stumm 17: this chat hears no more of one debate."""
    one = _meant(turn, NUMBER.fullmatch(rest.strip()))
    if one is not None:
        reminders.mute(turn.tx, one.id, turn.known_chat().id, turn.incoming.chat.thread, turn.now)
        turn.say("mute.done", title=one.title)


def snooze(turn: Turn, rest: str) -> None:
    """/spaeter 17: asks when; /spaeter 17 3 Stunden, /spaeter 17 morgen 9 Uhr: reminds once more then."""
    said = SNOOZED.match(rest)
    one = _meant(turn, said)
    if one is None or said is None:
        return
    wish = rest[said.end() :]
    at = _moment(turn, wish) if wish else None
    if at is None:
        _ask_when(turn, one, "snooze.unclear" if wish else "snooze.when")
        return
    told = turn.services.planner.snooze(turn.tx, one, turn.known_chat().id, turn.incoming.chat.thread, at)
    turn.replanned = True
    if told is None:
        turn.say("snooze.over", title=one.title)
    else:
        turn.say("snooze.done", title=one.title, when=turn.when(told))


def _ask_when(turn: Turn, one: Debate, key: str) -> None:
    choices = [
        turn.choice("snooze.hours", "3 Stunden"),
        turn.choice("snooze.tomorrow", "morgen 9 Uhr"),
    ]
    turn.ask(f"spaeter {one.id} {GAP}", key, *choices, title=one.title)


def _moment(turn: Turn, wish: str) -> datetime | None:
    """The moment somebody names: from now on ("3 Stunden"), or a day and time; None when it is unclear."""
    spans = read_offsets(IN.sub("", wish))
    if not isinstance(spans, Unclear) and len(spans) == 1:
        return turn.now + spans[0].span
    when = read_when(wish, turn.now, turn.zone)
    if isinstance(when, Unclear):
        return None
    return when.start if when.time_known else when.start + MORNING


def names_number(_: Turn, rest: str) -> bool:
    said = rest.strip()
    return not said or bool(NUMBER.fullmatch(said) or ADDRESS.fullmatch(said))


COMMANDS = (
    Command("kalender", calendar, ("calendar", "ics"), names_number),
    Command("dabei", attend, ("attend",), lambda _, rest: bool(NUMBER.fullmatch(rest.strip()))),
    Command("spaeter", snooze, ("snooze",), lambda _, rest: bool(SNOOZED.match(rest))),
    Command("stumm", mute, ("mute",), lambda _, rest: bool(NUMBER.fullmatch(rest.strip()))),
)
