"""What may follow a report: correcting, withdrawing, its history, and who contradicts it: /meineberichte."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from bot.commands.organisers import tell_organisers
from bot.commands.progress import labelled, told
from bot.markup import Markup, bullets, escape
from bot.outcomes import BY_KEY
from bot.report_draft import ReportDraft
from bot.report_form import noteworthy
from bot.report_line import TEXT_CHARACTERS, cleaned, read_report
from bot.rights import Role
from bot.turn import GAP, Turn
from knowledge.smalltalk import smalltalk
from scheduler.agendas.discreet import without_addresses
from store import reports
from store.messages import Choice
from store.reports import Report

SHOWN = 10
MENDED = 4
NEW_TEXT = "text:"
CORRECTING = ("korr", "beri", "änd", "aend", "bearb")
# Outcomes that need a majority: correcting one to another keeps the votes.
CARRIED = {"beschlossen", "teilweise_beschlossen", "gekuerzt", "umgesetzt"}


def covers(turn: Turn, place: str) -> bool:
    """Whether this person may report for a place."""
    return turn.standing.covers(place) or turn.standing.role is Role.ORGANISER


def mark_of(turn: Turn, message_id: str) -> str:
    """Under what a report remembers the message it was made of."""
    return f"{turn.incoming.chat.room}#{message_id}" if message_id else ""


def with_content(one: Report, draft: ReportDraft) -> Report:
    """A report with what a draft says; what it does not say stays."""
    votes = draft.votes
    return replace(
        one,
        text=without_addresses(draft.text) or one.text,
        link=draft.link or one.link,
        yes=votes.yes if votes else one.yes,
        no=votes.no if votes else one.no,
        abstained=votes.abstain if votes else one.abstained,
    )


def note_lines(turn: Turn, drafts: Sequence[ReportDraft], more: Sequence[str] = ()) -> Markup:
    """What a person should know of how they were understood."""
    lines = [turn.text(hint.key, written=hint.written) for hint in noteworthy(drafts)]
    cut = [turn.text("report.cut")] if any(one.cut for one in drafts) else []
    return Markup("\n\n".join([*cut, *lines, *more]))


def _listed(turn: Turn, known: Sequence[Report]) -> Markup:
    return bullets(labelled(turn, one) for one in known)


def mend(turn: Turn, saved: Sequence[Report]) -> list[Choice]:
    """The ways to take reports back or set them right."""
    choices = []
    for one in saved[:MENDED]:
        which = {"which": "" if len(saved) == 1 else f" {one.measure}"}
        choices.append(turn.choice("report.correct", f"/bericht korrigieren {one.id}", **which))
        choices.append(turn.choice("report.withdraw", f"/bericht zurückziehen {one.id}", **which))
    if len(saved) == 1 and saved[0].revision > 1:
        choices.append(turn.choice("report.history", f"/bericht verlauf {saved[0].id}"))
    return choices


def act(turn: Turn, word: str, number: int, rest: str) -> None:
    """Do what a word says with one of the person's own reports; organisers may with all."""
    one = reports.get(turn.tx, number) if number else _meant(turn, rest)
    if one is None and not number:
        mine(turn, "")
    elif one is None or not (one.person == turn.person or turn.standing.role is Role.ORGANISER):
        turn.say("report.not_yours")
    elif word.startswith(CORRECTING):
        _correct(turn, one, rest)
    elif word == "dazu":
        _add_sentence(turn, one, rest)
    elif word == "verlauf":
        _history(turn, one)
    else:
        withdraw(turn, one, withdrawn=word != "doch")


def _meant(turn: Turn, rest: str) -> Report | None:
    """The report that is meant where no number is said: their latest on what is named, or their only one."""
    said = read_report(rest, turn.services.places)
    known = [one for one in reports.of_person(turn.tx, turn.person) if not one.withdrawn]
    if not said.measures:
        return known[0] if len(known) == 1 else None
    here = [one for one in known if one.measure == said.measures[0]]
    return next(
        (one for one in here if said.place and one.place == said.place.name), here[0] if here else None
    )


def _correct(turn: Turn, one: Report, rest: str) -> None:
    """Take what a line says anew into a report, as its next revision."""
    draft = read_report(rest, turn.services.places)
    if draft.votes and not draft.outcome:
        # Whether votes fit is told by the outcome they are for.
        draft = read_report(f"{BY_KEY[one.outcome].name}, {rest}", turn.services.places)
    if rest.casefold().startswith(NEW_TEXT):
        draft = ReportDraft(text=cleaned(rest[len(NEW_TEXT) :])[:TEXT_CHARACTERS])
    elif not says_something(draft):
        key = "report.correct_with" if rest else "report.correct_how"
        turn.ask(f"bericht korrigieren {one.id} {GAP}", key, line=labelled(turn, one), said=rest[:60])
        return
    place = draft.place.name if draft.place else one.place
    if not covers(turn, place):
        turn.say("report.not_your_place", place=place)
        return
    measure = draft.measures[0] if draft.measures else one.measure
    outcome = draft.outcome or one.outcome
    kept = replace(one, place=place, measure=measure, outcome=outcome, withdrawn=False)
    if not _votes_hold(one.outcome, outcome):
        kept = replace(kept, yes=None, no=None, abstained=None)
    changed = with_content(kept, draft)
    revised = reports.revise(turn.tx, changed, turn.now)
    show_corrected(turn, [revised], [draft], _what_became_old(turn, one, revised))


def _votes_hold(before: str, after: str) -> bool:
    """Whether the votes for one outcome may be those for another: a majority stays one, no more than that."""
    return before == after or {before, after} <= CARRIED


def _what_became_old(turn: Turn, before: Report, after: Report) -> list[str]:
    """What a correction of the outcome did to votes and text, in words."""
    if before.outcome == after.outcome:
        return []
    votes = before.yes is not None and after.yes is None
    text = bool(before.text) and before.text == after.text
    return [turn.text(key) for key, so in (("report.votes_gone", votes), ("report.text_stays", text)) if so]


def _add_sentence(turn: Turn, one: Report, said: str) -> None:
    """Take a sentence into a report as it is; thanks and greetings are none."""
    if not said or smalltalk(said, turn.language):
        turn.say("followup.thanks")
        return
    draft = read_report(said, turn.services.places)
    counted = replace(draft, text=cleaned(said)[:TEXT_CHARACTERS], cut=len(said) > TEXT_CHARACTERS)
    revised = reports.revise(turn.tx, with_content(one, counted), turn.now)
    notes = note_lines(turn, [counted])
    turn.say("report.corrected", *mend(turn, [revised])[:2], lines=_listed(turn, [revised]), notes=notes)


def says_something(draft: ReportDraft) -> bool:
    """Whether a line says more than words of its own."""
    return replace(draft, text="", cut=False, unclear=()) != ReportDraft()


def show_corrected(
    turn: Turn, revised: Sequence[Report], drafts: Sequence[ReportDraft], more: Sequence[str] = ()
) -> None:
    """Show reports as they stand now."""
    notes = note_lines(turn, drafts, more)
    turn.say("report.corrected", *mend(turn, revised), lines=_listed(turn, revised), notes=notes)
    tell_contradictions(turn, revised)


def withdraw(turn: Turn, one: Report, withdrawn: bool) -> None:
    """Hide a report, or let it count again."""
    revised = reports.revise(turn.tx, replace(one, withdrawn=withdrawn), turn.now)
    if withdrawn:
        back = turn.choice("report.take_back", f"/bericht doch {one.id}")
        turn.say("report.withdrawn", back, line=labelled(turn, revised))
    else:
        turn.say("report.counts_again", *mend(turn, [revised]), line=labelled(turn, revised))


def tell_contradictions(turn: Turn, saved: Sequence[Report]) -> None:
    """Tell the organisers of a place, in one message, where somebody else reported another outcome."""
    rivals = [(one, rival) for one in saved if (rival := reports.rival_of(turn.tx, one))]
    for place in dict.fromkeys(one.place for one, _ in rivals):
        here = [pair for pair in rivals if pair[0].place == place]
        tell_organisers(turn, place, partial(_contradictions, here))


def _contradictions(pairs: Sequence[tuple[Report, Report]], to: Turn) -> str:
    shown = [
        f"{labelled(to, pair[0], bare=True)}\n\n{bullets(told(to, each) for each in pair)}" for pair in pairs
    ]
    return to.count("report.contradiction", len(pairs), pairs=Markup("\n\n".join(shown)))


def _history(turn: Turn, one: Report) -> None:
    """Every revision of a report, with when it was made."""
    lines = []
    for at, revision in reports.history(turn.tx, one):
        day = at.astimezone(turn.zone).strftime("%d.%m.%Y %H:%M")
        mark = turn.text("report.is_withdrawn") if revision.withdrawn else ""
        lines.append(f"{revision.revision}. {day}: {told(turn, revision)} {mark}".strip())
    head = labelled(turn, one, bare=True)
    turn.say("report.versions", *mend(turn, [one])[:2], head=head, lines=Markup("\n".join(lines)))


def mine(turn: Turn, _: str) -> None:
    """/meineberichte: what this person reported, each to be corrected or withdrawn."""
    known = reports.of_person(turn.tx, turn.person)
    if not known:
        turn.say("report.none_yet")
        return
    lines = bullets(_own(turn, one) for one in known[:SHOWN])
    more = turn.text("report.more", n=len(known) - SHOWN) if len(known) > SHOWN else ""
    standing = [one for one in known[:MENDED] if not one.withdrawn]
    turn.say("report.mine", *mend(turn, standing), lines=lines, more=more)


def _own(turn: Turn, one: Report) -> str:
    mark = turn.text("report.is_withdrawn") if one.withdrawn else ""
    return f"{labelled(turn, one)} {escape(mark)}".strip()
