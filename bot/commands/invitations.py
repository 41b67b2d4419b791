"""How people get their roles: /einladen makes a one-time code, /beitreten uses it."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.commands.command import Command, anything
from bot.commands.naming import find_place
from bot.drawn import QR
from bot.hashes import keyed_hash, person_hash
from bot.markup import Markup
from bot.reach import organisers
from bot.turn import GAP, Turn
from scheduler.date_words import Unclear
from scheduler.dates import read_when
from store import chats, people
from store.messages import Attachment
from store.people import EVERYWHERE, Invitation

CODE_BYTES = 16
# What a code looks like, as links carry it: the bytes above in URL-safe base64.
CODE = re.compile(r"[A-Za-z0-9_-]{22}")
CODE_VALID = timedelta(days=7)
WRONG_CODES = 5
LOCK = timedelta(hours=1)
ROLE_WORDS = {
    "member": re.compile(r"\b(mitglied\w*|member\w*)\b", re.IGNORECASE),
    "representative": re.compile(r"\b(vertret\w*|representative\w*|mandat\w*)\b", re.IGNORECASE),
    "organiser": re.compile(r"\b(orga\w*|organi[sz]\w*)\b", re.IGNORECASE),
}
UNTIL = re.compile(r"\b(bis|until)\b(.{1,40})$", re.IGNORECASE)


def invite(turn: Turn, rest: str) -> None:
    """/einladen vertretung Rostock [bis 9.6.2029]: a code that works once."""
    if rest.casefold().startswith(("zurück", "zurueck")):
        turn.say("invite.revoked", n=people.revoke_invitations(turn.tx, turn.person))
        return
    said = read_role(turn, rest, "einladen")
    if said is not None:
        for place in said.places:
            _hand_out(turn, said.role, place, said.until)


@dataclass(frozen=True)
class SaidRole:
    """A role as somebody has said it: for which places, and until when if it ends by itself."""

    role: str
    places: tuple[str, ...]
    until: datetime | None


def read_role(turn: Turn, rest: str, command: str) -> SaidRole | None:
    """The role that a text names, and that whoever speaks may give; None when that was said or asked."""
    role = next((name for name, words in ROLE_WORDS.items() if words.search(rest)), None)
    if role is None:
        choices = (turn.choice(f"invite.as_{role}", word) for role, word in ROLE_SENTENCE.items())
        turn.ask(f"{command} {GAP} {rest}", "invite.which_role", *choices)
        return None
    rest = ROLE_WORDS[role].sub(" ", rest)
    until = read_until(turn, rest)
    if isinstance(until, Unclear):
        turn.say(until.key, **until.details)
        return None
    places = _read_places(
        turn, role, UNTIL.sub("", rest).strip(" ,."), f"{command} {ROLE_SENTENCE[role]} {GAP}"
    )
    foreign = [place for place in places if role != "member" and not turn.standing.covers(place)]
    if foreign:
        turn.say("invite.not_your_place", place=_where(turn, foreign[0]))
    return SaidRole(role, places, until) if places and not foreign else None


def _read_places(turn: Turn, role: str, rest: str, sentence: str) -> tuple[str, ...]:
    """The places a role is for; none when that had to be asked."""
    if role == "member" or (role == "organiser" and not rest):
        return (EVERYWHERE,)
    if not rest:
        turn.ask(sentence, "place.which_for_role")
        return ()
    inside = [one.match.place for one in turn.services.places.find_in(rest)]
    if len(inside) > 1 and None not in inside:
        return tuple(dict.fromkeys(place.name for place in inside if place is not None))
    named = find_place(turn, rest, sentence)
    return () if named is None else (named.place.name,)


ROLE_SENTENCE = {"representative": "vertretung", "organiser": "orga", "member": "mitglied"}


def read_until(turn: Turn, rest: str) -> datetime | Unclear | None:
    """The end of the role, if one was said: the end of that day."""
    found = UNTIL.search(rest)
    if found is None:
        return None
    when = read_when(found[2], turn.now, turn.zone)
    return when if isinstance(when, Unclear) else when.start + timedelta(days=1)


def _hand_out(turn: Turn, role: str, place: str, until: datetime | None) -> None:
    """Show the code once: as a line, as a link where there can be one, and as a picture of it."""
    code = fresh_code()
    expires = turn.now + CODE_VALID
    invitation = Invitation(role, place, turn.person, expires, until)
    people.invite(turn.tx, code_hash(turn.services.key, code), invitation, turn.now)
    account = turn.services.accounts.get("telegram")
    link = telegram_link(account, code) if account else ""
    text = turn.text(
        "invite.code",
        code=code,
        role=role_name(turn, role, place),
        expires=turn.when(expires),
        until=turn.label("invite.role_until", when=last_day(turn, until)) if until else "",
    )
    more = turn.text("invite.link", link=Markup(link)) if link else ""
    picture = Attachment(QR, {"text": link or f"/beitreten {code}"}, turn.label("invite.picture"))
    turn.post("\n\n".join(filter(None, (text, more))), attachment=picture)


def telegram_link(account: str, code: str) -> str:
    """The link that opens a chat with the bot on Telegram and says the code there."""
    return f"https://t.me/{account}?start={code}"


def last_day(turn: Turn, until: datetime) -> str:
    """The last day on which a role holds that ends at `until`."""
    return turn.when(until - timedelta(seconds=1), time_known=False)


def fresh_code() -> str:
    """A code that nobody guesses, as links carry it."""
    return secrets.token_urlsafe(CODE_BYTES)


def code_hash(key: bytes, code: str) -> bytes:
    """What the store keeps of a code."""
    return keyed_hash(key, "code:", code)


def role_name(turn: Turn, role: str, place: str) -> str:
    return turn.label(f"role.{role}", places=_where(turn, place))


def _where(turn: Turn, place: str) -> str:
    return turn.label("abo.everywhere") if place == EVERYWHERE else place


def join(turn: Turn, rest: str) -> None:
    """/beitreten CODE. Wrong, expired and used codes get the same answer; five of them lock for an hour."""
    if not rest:
        turn.ask(f"beitreten {GAP}", "join.which_code")
        return
    person = person_hash(turn.services.key, turn.person)
    if people.locked_until(turn.tx, person, turn.now):
        turn.say("join.locked")
        return
    invitation = people.redeem(turn.tx, code_hash(turn.services.key, rest.strip()), turn.now)
    if invitation is None or not _still_theirs(turn, invitation.created_by):
        people.wrong_code(turn.tx, person, turn.now, WRONG_CODES, LOCK)
        turn.say("join.wrong")
        return
    _welcome(turn, invitation)


def _still_theirs(turn: Turn, who: str) -> bool:
    """Whether who made a code may still give roles; `setup` makes one for nobody."""
    return not who or who in organisers(turn.tx, turn.services.config, turn.now)


def _welcome(turn: Turn, invitation: Invitation) -> None:
    place, until = invitation.place, invitation.role_until
    people.grant(turn.tx, turn.person, invitation.role, place, invitation.created_by, turn.now, until)
    chats.change(turn.tx, turn.known_chat().id, admitted=True)
    name = role_name(turn, invitation.role, place)
    first = turn.text("report.discreet") if invitation.role == "representative" else ""
    turn.say("join.welcome", turn.choice("start.help", "/hilfe"), role=name, first=Markup(first))


def names_role(_: Turn, rest: str) -> bool:
    return any(one.search(rest) for one in ROLE_WORDS.values())


COMMANDS = (
    Command("einladen", invite, ("invite",), names_role),
    Command("beitreten", join, ("join",), anything),
)
