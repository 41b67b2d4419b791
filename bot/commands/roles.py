"""Who has which role: /rollen lists and changes them, sets an end, and ends all that a person has here."""

import re
from collections.abc import Callable

from bot.commands.command import Command
from bot.commands.invitations import SaidRole, last_day, read_role, read_until, role_name
from bot.commands.naming import find_place
from bot.markup import bullets, escape
from bot.names import marked
from bot.turn import GAP, Turn
from scheduler.date_words import Unclear
from store import chats, circulation, debates, people
from store.people import RoleRow

PERSON = re.compile(r"\b(?:telegram:\d{1,20}|terminal:\S{1,64}|matrix:@[^\s:]{1,255}:\S{1,255})")


def roles(turn: Turn, rest: str) -> None:
    """/rollen: who has which role; /rollen entziehen PERSON ends everything that person has here."""
    word, _, tail = rest.partition(" ")
    action = ACTIONS.get(word.casefold())
    if action is not None:
        action(turn, tail.strip())
        return
    known = people.all_roles(turn.tx, turn.now)
    first = (f"{marked(one)} – {turn.text('roles.first')}" for one in turn.services.config.organisers)
    lines = bullets([*first, *(_line(turn, one) for one in known)])
    codes = len(people.open_invitations(turn.tx, turn.now))
    choices = [
        turn.choice("roles.person_leaves", "/rollen entziehen"),
        turn.choice("roles.end_term", "/rollen wahlperiode"),
        turn.choice("roles.change", "/rollen ändern"),
    ]
    turn.say("roles.all", *choices, lines=lines, codes=turn.count("roles.codes", codes))


def _line(turn: Turn, one: RoleRow) -> str:
    until = turn.text("invite.role_until", when=last_day(turn, one.until)) if one.until else ""
    return f"{marked(one.person)} – {escape(role_name(turn, one.role, one.place))}{until}"


def _leave(turn: Turn, rest: str) -> None:
    """A person goes: roles, open codes, drafts and private subscriptions end together."""
    person = _whom(turn, rest, "entziehen", "roles.which_person")
    if person is not None:
        gone = leave(turn, person)
        turn.say("roles.ended" if gone else "roles.had_none", person=person)


def _whom(turn: Turn, rest: str, verb: str, question: str) -> str | None:
    """The person named whose roles may be changed here; None when that was asked back or refused."""
    found = PERSON.search(rest)
    if found is None:
        turn.ask(f"rollen {verb} {GAP}", question)
    elif found[0] in turn.services.config.organisers:
        turn.say("roles.first_stay", person=found[0])
    elif not _may_change(turn, found[0]):
        turn.say("roles.not_yours", person=found[0])
    else:
        return found[0]
    return None


def leave(turn: Turn, person: str) -> int:
    """End what a person may do here; how many roles there were."""
    gone = people.withdraw(turn.tx, person)
    _end_work(turn, person)
    for chat in chats.of_person(turn.tx, person):
        chats.unsubscribe(turn.tx, chat.id, "")
        chats.change(turn.tx, chat.id, admitted=False)
        turn.plan_chat(chat.id)
    return gone


def _end_work(turn: Turn, person: str) -> None:
    """What somebody has begun in a role that is over does not go on."""
    people.revoke_invitations(turn.tx, person)
    chats.close_forms(turn.tx, person)
    debates.drop_drafts_of(turn.tx, person)
    circulation.end_of_author(turn.tx, person)


def _change(turn: Turn, rest: str) -> None:
    """/rollen ändern telegram:123 vertretung Wismar: this role in the place of all that person has."""
    person = _whom(turn, rest, "ändern", "roles.change_how")
    if person is None:
        return
    if not people.roles_of(turn.tx, person, turn.now):
        turn.say("roles.had_none", person=person)
        return
    said = read_role(turn, rest.replace(person, " ").strip(), f"rollen ändern {person}")
    if said is not None:
        _give_instead(turn, person, said)


def _give_instead(turn: Turn, person: str, said: SaidRole) -> None:
    people.withdraw(turn.tx, person)
    if said.role != "organiser":
        _end_work(turn, person)
    for place in said.places:
        people.grant(turn.tx, person, said.role, place, turn.person, turn.now, said.until)
    names = ", ".join(role_name(turn, said.role, place) for place in said.places)
    turn.say("roles.changed", person=person, role=names)


def _may_change(turn: Turn, person: str) -> bool:
    """Organisers of some places decide about people whose roles are all there, and about nobody else's."""
    theirs = people.roles_of(turn.tx, person, turn.now)
    return turn.standing.covers(people.EVERYWHERE) or all(turn.standing.covers(one.place) for one in theirs)


def _limit(turn: Turn, rest: str) -> None:
    """/rollen befristen telegram:123 bis 9.6.2029: from then on the person's roles are over."""
    found = PERSON.search(rest)
    until = read_until(turn, rest)
    if found is None or until is None:
        turn.ask(f"rollen befristen {GAP}", "roles.limit_how")
    elif isinstance(until, Unclear):
        turn.say(until.key, **until.details)
    elif not _may_change(turn, found[0]):
        turn.say("roles.not_yours", person=found[0])
    else:
        changed = people.limit(turn.tx, found[0], until)
        key = "roles.limited" if changed else "roles.had_none"
        turn.say(key, person=found[0], when=last_day(turn, until))


def _end_term(turn: Turn, rest: str) -> None:
    """A council's term ends: all its representatives lose that role at once."""
    sentence = f"rollen wahlperiode {GAP}"
    if not rest:
        turn.ask(sentence, "roles.which_term")
        return
    named = find_place(turn, rest, sentence)
    if named is None:
        return
    if not turn.standing.covers(named.place.name):
        turn.say("invite.not_your_place", place=named.place.name)
        return
    gone = people.end_term(turn.tx, "representative", named.place.name)
    turn.say("roles.term_ended", place=named.place.name, n=gone)


ACTIONS: dict[str, Callable[[Turn, str], None]] = {
    "ändern": _change,
    "aendern": _change,
    "change": _change,
    "entziehen": _leave,
    "remove": _leave,
    "befristen": _limit,
    "limit": _limit,
    "wahlperiode": _end_term,
    "term": _end_term,
}
COMMANDS = (
    Command("rollen", roles, ("roles",), lambda _, rest: rest.split(" ")[0].casefold() in {"", *ACTIONS}),
)
