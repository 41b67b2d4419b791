"""How people get their roles: /einladen makes a one-time code, /beitreten uses it, /rollen lists them."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.commands.command import Command, anything
from bot.commands.naming import Named, find_place
from bot.commands.privacy import person_hash
from bot.markup import Markup, escape
from bot.turn import GAP, Turn
from scheduler.date_words import Unclear
from scheduler.dates import read_when
from store import chats, people
from store.messages import Choice
from store.people import EVERYWHERE, Invitation, RoleRow

CODE_BYTES = 16
CODE_VALID = timedelta(days=7)
WRONG_CODES = 5
LOCK = timedelta(hours=1)
ROLE_WORDS = {
    "member": re.compile(r"\b(mitglied\w*|member\w*)\b", re.IGNORECASE),
    "representative": re.compile(r"\b(vertret\w*|representative\w*|mandat\w*)\b", re.IGNORECASE),
    "organiser": re.compile(r"\b(orga\w*|organi[sz]\w*)\b", re.IGNORECASE),
}
UNTIL = re.compile(r"\b(bis|until)\b(.{1,40})$", re.IGNORECASE)
PERSON = re.compile(r"\b(?:telegram:\d{1,20}|terminal:\S{1,64}|matrix:@[^\s:]{1,255}:\S{1,255})")


def invite(turn: Turn, rest: str) -> None:
    """/einladen vertretung Rostock [bis 9.6.2029]: a code that works once."""
    role = next((name for name, words in ROLE_WORDS.items() if words.search(rest)), None)
    if rest.casefold().startswith("zurück"):
        turn.say("invite.revoked", n=people.revoke_invitations(turn.tx, turn.person))
    elif role is None:
        turn.ask(f"einladen {GAP} {rest}", "invite.which_role", *_role_choices(turn))
    else:
        _invite_as(turn, role, ROLE_WORDS[role].sub(" ", rest).strip())


def _role_choices(turn: Turn) -> list[Choice]:
    words = {"representative": "vertretung", "organiser": "orga", "member": "mitglied"}
    return [Choice(turn.label(f"invite.as_{role}"), word) for role, word in words.items()]


def _invite_as(turn: Turn, role: str, rest: str) -> None:
    until = _until(turn, rest)
    if isinstance(until, Unclear):
        turn.say(until.key, **until.details)
        return
    rest = UNTIL.sub("", rest).strip(" ,.")
    place = EVERYWHERE
    if role == "representative" or (role == "organiser" and rest):
        named = (
            find_place(turn, rest, f"einladen {ROLE_SENTENCE[role]} {GAP}")
            if rest
            else _ask_place(turn, role)
        )
        if named is None:
            return
        place = named.place.name
    if not turn.standing.covers(place):
        turn.say("invite.not_your_place", place=place)
        return
    _hand_out(turn, role, place, until)


ROLE_SENTENCE = {"representative": "vertretung", "organiser": "orga", "member": "mitglied"}


def _ask_place(turn: Turn, role: str) -> Named | None:
    turn.ask(f"einladen {ROLE_SENTENCE[role]} {GAP}", "place.which_for_role")
    return None


def _until(turn: Turn, rest: str) -> datetime | Unclear | None:
    """The end of the role, if one was said: the end of that day."""
    found = UNTIL.search(rest)
    if found is None:
        return None
    when = read_when(found[2], turn.now, turn.services.zone)
    return when if isinstance(when, Unclear) else when.start + timedelta(days=1)


def _hand_out(turn: Turn, role: str, place: str, until: datetime | None) -> None:
    code = secrets.token_urlsafe(CODE_BYTES)
    expires = turn.now + CODE_VALID
    invitation = Invitation(role, place, turn.person, expires, until)
    people.invite(turn.tx, _code_hash(turn, code), invitation, turn.now)
    turn.say(
        "invite.code",
        code=code,
        role=_role_name(turn, role, place),
        expires=turn.when(expires),
        until=Markup(turn.text("invite.role_until", when=last_day(turn, until)) if until else ""),
    )


def last_day(turn: Turn, until: datetime) -> str:
    """The last day on which a role holds that ends at `until`."""
    return turn.when(until - timedelta(seconds=1), time_known=False)


def _code_hash(turn: Turn, code: str) -> bytes:
    return hmac.new(turn.services.key, b"code:" + code.encode("utf-8", "replace"), hashlib.sha256).digest()


def _role_name(turn: Turn, role: str, place: str) -> str:
    where = turn.label("abo.everywhere") if place == EVERYWHERE else place
    return turn.label(f"role.{role}", places=where)


def join(turn: Turn, rest: str) -> None:
    """/beitreten CODE. Wrong, expired and used codes get the same answer; five of them lock for an hour."""
    if not rest:
        turn.ask(f"beitreten {GAP}", "join.which_code")
        return
    person = person_hash(turn.services, turn.person)
    if people.locked_until(turn.tx, person, turn.now):
        turn.say("join.locked")
        return
    invitation = people.redeem(turn.tx, _code_hash(turn, rest.strip()), turn.now)
    if invitation is None:
        people.wrong_code(turn.tx, person, turn.now, WRONG_CODES, LOCK)
        turn.say("join.wrong")
        return
    _welcome(turn, invitation)


def _welcome(turn: Turn, invitation: Invitation) -> None:
    place, until = invitation.place, invitation.role_until
    people.grant(turn.tx, turn.person, invitation.role, place, invitation.created_by, turn.now, until)
    chats.change(turn.tx, turn.known_chat().id, admitted=True)
    name = _role_name(turn, invitation.role, place)
    turn.say("join.welcome", Choice(turn.label("start.help"), "/hilfe"), role=name)


def roles(turn: Turn, rest: str) -> None:
    """/rollen: who has which role; /rollen entziehen PERSON ends everything that person has here."""
    word, _, tail = rest.partition(" ")
    action = ACTIONS.get(word.casefold())
    if action is not None:
        action(turn, tail.strip())
        return
    known = people.all_roles(turn.tx, turn.now)
    first = [escape(one) for one in turn.services.config.organisers]
    lines = [f"- {one} – {turn.text('roles.first')}" for one in first]
    lines += [f"- {_line(turn, one)}" for one in known]
    codes = len(people.open_invitations(turn.tx, turn.now))
    turn.say("roles.all", lines=Markup("\n".join(lines)), codes=turn.count("roles.codes", codes))


def _line(turn: Turn, one: RoleRow) -> str:
    until = turn.text("invite.role_until", when=last_day(turn, one.until)) if one.until else ""
    return f"{escape(one.person)} – {escape(_role_name(turn, one.role, one.place))} {until}".strip()


def _leave(turn: Turn, rest: str) -> None:
    """A person goes: roles, open codes, drafts and private subscriptions end together."""
    found = PERSON.search(rest)
    if found is None:
        turn.ask(f"rollen entziehen {GAP}", "roles.which_person")
        return
    person = found[0]
    if person in turn.services.config.organisers:
        turn.say("roles.first_stay", person=person)
        return
    gone = leave(turn, person)
    turn.say("roles.ended" if gone else "roles.had_none", person=person)


def leave(turn: Turn, person: str) -> int:
    """End what a person may do here; how many roles there were."""
    gone = people.withdraw(turn.tx, person)
    people.revoke_invitations(turn.tx, person)
    for chat in chats.of_person(turn.tx, person):
        chats.unsubscribe(turn.tx, chat.id, "")
        chats.change(turn.tx, chat.id, admitted=False)
        turn.plan_chat(chat.id)
    chats.close_forms(turn.tx, person)
    return gone


def _end_term(turn: Turn, rest: str) -> None:
    """A council's term ends: all its representatives lose that role at once."""
    named = find_place(turn, rest, f"rollen wahlperiode {GAP}") if rest else _ask_term(turn)
    if named is None:
        return
    gone = people.end_term(turn.tx, "representative", named.place.name)
    turn.say("roles.term_ended", place=named.place.name, n=gone)


def _ask_term(turn: Turn) -> Named | None:
    turn.ask(f"rollen wahlperiode {GAP}", "roles.which_term")
    return None


ACTIONS: dict[str, Callable[[Turn, str], None]] = {
    "entziehen": _leave,
    "remove": _leave,
    "wahlperiode": _end_term,
    "term": _end_term,
}
COMMANDS = (
    Command(
        "einladen",
        invite,
        ("invite",),
        lambda _, rest: any(one.search(rest) for one in ROLE_WORDS.values()),
    ),
    Command("beitreten", join, ("join",), anything),
    Command("rollen", roles, ("roles",), lambda _, rest: rest.split(" ")[0].casefold() in {"", *ACTIONS}),
)
