"""Status reports: told in a line, shown back, corrected and withdrawn: /bericht, /meineberichte."""

import re
from dataclasses import replace

from bot.commands.command import Command
from bot.commands.progress import labelled
from bot.markup import Markup, escape
from bot.outcomes import OUTCOMES
from bot.report_line import ReportDraft, read_report
from bot.rights import Role, allows
from bot.turn import GAP, Turn
from knowledge.resolution import resolution
from knowledge.smalltalk import smalltalk
from store import chats, debates, followups, reports
from store.chats import EVERYWHERE
from store.debates import Debate
from store.messages import Choice
from store.reports import Report

ACTION = re.compile(
    r"^(korrigieren|korrektur|zur(?:ü|ue)ckziehen|speichern|nein|doch|dazu)\b\s*#?(\d{1,9})?\s*",
    re.IGNORECASE,
)
NAME = re.compile(r"[/!]?(?:bericht|report|melden)(?:@\w{1,64})?\b\s*", re.IGNORECASE)
LONGEST_EDIT = 4000
# What a question after a debate puts in front: "Termin 17 Rostock 2.1 beschlossen".
ABOUT = re.compile(r"^termin\s+(?:nr\.?\s*|#)?(\d{1,9})\b[\s:,]*", re.IGNORECASE)
UNKNOWN = re.compile(r"^wei(?:ß|ss)\b.{0,12}\bnicht\W*$|^keine ahnung\W*$", re.IGNORECASE)
LONGEST_SENTENCE = 500
SHOWN = 10


def report(turn: Turn, rest: str) -> None:
    """/bericht Rostock 2.1 beschlossen: drei Plätze mehr; /bericht korrigieren 17 abgelehnt."""
    action = ACTION.match(rest)
    if action:
        _act(turn, action[1].lower(), int(action[2] or 0), rest[action.end() :])
        return
    about = ABOUT.match(rest)
    rest, before = (rest[about.end() :], about[0]) if about else (rest, "")
    debate = debates.get(turn.tx, int(about[1])) if about else None
    if debate is not None and UNKNOWN.match(rest):
        followups.settle(turn.tx, debate.id, turn.person)
        turn.say("followup.fine")
        return
    draft = read_report(rest, turn.services.places)
    place = _place(turn, draft)
    if not _complete(turn, draft, place, rest, before):
        return
    saved = [_save(turn, draft, place or "", measure, debate) for measure in draft.measures]
    _show(turn, saved, draft, debate)


def _place(turn: Turn, draft: ReportDraft) -> str | None:
    """The place that was named, or else the one place of the person's role, or of the chat."""
    if draft.place is not None:
        return draft.place.name
    if any(hint.key == "hint.place_open" for hint in draft.unclear):
        return None
    mine = [place for place in turn.standing.places if place != EVERYWHERE]
    return mine[0] if len(mine) == 1 else turn.chat.place


def _complete(turn: Turn, draft: ReportDraft, place: str | None, rest: str, before: str = "") -> bool:
    """Whether nothing is missing; the first thing that is gets asked for, with choices."""
    sentence = f"bericht {before}{GAP} {rest}".rstrip()
    if place is None:
        turn.ask(sentence, "report.which_place", *_place_choices(turn, draft), helps=_first_report(turn))
    elif not (turn.standing.covers(place) or turn.standing.role is Role.ORGANISER):
        turn.say("report.not_your_place", place=place)
    elif not draft.measures:
        turn.ask(sentence, "report.which_measure", *_measure_choices(draft), helps=_first_report(turn))
    elif draft.outcome is None:
        turn.ask(sentence, "report.which_outcome", *_outcome_choices(turn, draft), helps=_first_report(turn))
    else:
        return True
    return False


def _first_report(turn: Turn) -> Markup:
    """Before somebody's first report: nothing from closed sessions."""
    known = reports.of_person(turn.tx, turn.person, limit=1)
    return Markup("") if known else turn.text("report.first")


def _place_choices(turn: Turn, draft: ReportDraft) -> list[Choice]:
    candidates = [name for hint in draft.unclear if hint.key == "hint.place_open" for name in hint.candidates]
    mine = sorted(place for place in turn.standing.places if place != EVERYWHERE)
    return [Choice(name, name) for name in (candidates or mine)[:8]]


def _measure_choices(draft: ReportDraft) -> list[Choice]:
    known = resolution()
    hinted = [code for hint in draft.unclear for code in hint.candidates if known.measure(code)]
    measures = [one for one in known.measures if not hinted or one.code in hinted]
    return [Choice(f"{one.roman} {one.short}", one.code) for one in measures]


def _outcome_choices(turn: Turn, draft: ReportDraft) -> list[Choice]:
    keys = {one.key for one in OUTCOMES}
    hinted = [key for hint in draft.unclear for key in hint.candidates if key in keys]
    outcomes = [one for one in OUTCOMES if not hinted or one.key in hinted]
    return [Choice(turn.label(f"outcome.{one.key}"), one.name) for one in outcomes]


def _save(turn: Turn, draft: ReportDraft, place: str, measure: str, debate: Debate | None) -> Report:
    fresh = Report(
        person=turn.person,
        place=place,
        measure=measure,
        outcome=draft.outcome or "",
        reported_at=turn.now,
        debate=debate.id if debate else None,
        message=f"{turn.incoming.chat.room}#{turn.incoming.message_id}" if turn.incoming.message_id else "",
    )
    return reports.add(turn.tx, _with_content(fresh, draft))


def _with_content(one: Report, draft: ReportDraft) -> Report:
    votes = draft.votes
    return replace(
        one,
        text=draft.text or one.text,
        link=draft.link or one.link,
        yes=votes.yes if votes else one.yes,
        no=votes.no if votes else one.no,
        abstained=votes.abstain if votes else one.abstained,
    )


def _show(turn: Turn, saved: list[Report], draft: ReportDraft, debate: Debate | None) -> None:
    """Show what was understood; it already counts. To one tap a sentence may be added."""
    lines = Markup("\n".join(f"- {labelled(turn, one)}" for one in saved))
    if debate is not None and len(saved) == 1 and not draft.text:
        turn.ask(f"bericht dazu {saved[0].id} {GAP}", "followup.saved", *_mend(turn, saved), lines=lines)
        return
    cut = turn.text("report.cut") if draft.cut else ""
    turn.say("report.saved", *_mend(turn, saved), lines=lines, cut=Markup(cut))


def _mend(turn: Turn, saved: list[Report]) -> list[Choice]:
    single = len(saved) == 1
    choices = []
    for one in saved[:4]:
        which = {"which": "" if single else f" {one.measure}"}
        choices.append(Choice(turn.label("report.correct", **which), f"/bericht korrigieren {one.id}"))
        choices.append(Choice(turn.label("report.withdraw", **which), f"/bericht zurückziehen {one.id}"))
    return choices


def _act(turn: Turn, word: str, number: int, rest: str) -> None:
    if word in ("speichern", "nein"):
        _answer_offer(turn, save=word == "speichern")
        return
    one = reports.get(turn.tx, number)
    if one is None or not (one.person == turn.person or turn.standing.role is Role.ORGANISER):
        turn.say("report.not_yours")
    elif word == "dazu":
        _add_sentence(turn, one, rest)
    elif word.startswith("korr"):
        _correct(turn, one, rest)
    else:
        _withdraw(turn, one, withdrawn=word != "doch")


def _add_sentence(turn: Turn, one: Report, said: str) -> None:
    """Take a sentence into a report as it is; thanks and greetings are none."""
    if not said or smalltalk(said, turn.language):
        turn.say("followup.thanks")
        return
    found = read_report(said, turn.services.places)
    told = ReportDraft(votes=found.votes, link=found.link, text=said[:LONGEST_SENTENCE])
    revised = reports.revise(turn.tx, _with_content(one, told), turn.now)
    turn.say("report.corrected", *_mend(turn, [revised]), line=Markup(labelled(turn, revised)))


def _correct(turn: Turn, one: Report, rest: str, keep_measure: bool = False) -> None:
    """Take what a line says anew into a report, as its next revision."""
    draft = read_report(rest, turn.services.places)
    if not rest or draft == ReportDraft():
        turn.ask(
            f"bericht korrigieren {one.id} {GAP}", "report.correct_how", line=Markup(labelled(turn, one))
        )
        return
    place = draft.place.name if draft.place else one.place
    if not (turn.standing.covers(place) or turn.standing.role is Role.ORGANISER):
        turn.say("report.not_your_place", place=place)
        return
    measure = draft.measures[0] if draft.measures and not keep_measure else one.measure
    outcome = draft.outcome or one.outcome
    changed = replace(
        _with_content(one, draft), place=place, measure=measure, outcome=outcome, withdrawn=False
    )
    revised = reports.revise(turn.tx, changed, turn.now)
    turn.say("report.corrected", *_mend(turn, [revised]), line=Markup(labelled(turn, revised)))


def amend(turn: Turn, text: str) -> None:
    """A message was edited: the reports made of it say now what it says. Any other edit does nothing."""
    place = f"{turn.incoming.chat.room}#{turn.incoming.message_id}"
    made = [one for one in reports.of_message(turn.tx, place) if one.person == turn.person]
    said = NAME.sub("", text[:LONGEST_EDIT], count=1) if NAME.match(text) else text[:LONGEST_EDIT]
    if not made or said.startswith(("/", "!")) or not allows("bericht", turn.standing):
        return
    draft = read_report(said, turn.services.places)
    named = draft.outcome or draft.measures or draft.place
    for one in made if named else ():
        # Of a report on several measures, an edit changes what was said, not what it was about.
        _correct(turn, one, said, keep_measure=len(made) > 1)


def _withdraw(turn: Turn, one: Report, withdrawn: bool) -> None:
    revised = reports.revise(turn.tx, replace(one, withdrawn=withdrawn), turn.now)
    if withdrawn:
        back = Choice(turn.label("report.take_back"), f"/bericht doch {one.id}")
        turn.say("report.withdrawn", back, line=Markup(labelled(turn, revised)))
    else:
        turn.say("report.counts_again", *_mend(turn, [revised]), line=Markup(labelled(turn, revised)))


def offer_report(turn: Turn, text: str) -> bool:
    """Offer to keep a text that looks like a report; nothing is kept of it but the open question."""
    if turn.standing.role < Role.REPRESENTATIVE or not turn.incoming.private or text.endswith("?"):
        return False
    draft = read_report(text, turn.services.places)
    if draft.outcome is None or not draft.measures:
        return False
    yes = Choice(turn.label("report.yes"), "/bericht speichern")
    no = Choice(turn.label("report.no"), "/bericht nein")
    turn.ask(f"bericht {text} {GAP}", "report.offer", yes, no)
    return True


def _answer_offer(turn: Turn, save: bool) -> None:
    so_far = chats.open_form(turn.tx, turn.person, turn.incoming.chat, turn.now)
    chats.close_form(turn.tx, turn.person, turn.incoming.chat)
    if not save:
        turn.say("report.not_kept")
    elif so_far is None or not so_far.startswith("bericht "):
        turn.say("form.expired")
    else:
        report(turn, so_far.removeprefix("bericht ").replace(GAP, "").strip())


def mine(turn: Turn, _: str) -> None:
    """/meineberichte: what this person reported, each to be corrected or withdrawn."""
    known = reports.of_person(turn.tx, turn.person)
    if not known:
        turn.say("report.none_yet")
        return
    lines = [f"- {_own(turn, one)}" for one in known[:SHOWN]]
    more = turn.text("report.more", n=len(known) - SHOWN) if len(known) > SHOWN else ""
    standing = [one for one in known[:4] if not one.withdrawn]
    turn.say("report.mine", *_mend(turn, standing), lines=Markup("\n".join(lines)), more=Markup(more))


def _own(turn: Turn, one: Report) -> str:
    mark = turn.text("report.is_withdrawn") if one.withdrawn else ""
    return f"{labelled(turn, one)} {escape(mark)}".strip()


def looks_like_report(turn: Turn, rest: str) -> bool:
    """Whether the words behind "bericht" are one: not "bericht mir von ..."."""
    draft = read_report(rest, turn.services.places)
    named = draft.outcome or draft.measures or draft.place
    return not rest or bool(ACTION.match(rest)) or bool(named and not rest.endswith("?"))


COMMANDS = (
    Command("bericht", report, ("report", "melden"), looks_like_report),
    Command("meineberichte", mine, ("myreports",)),
)
