"""Status reports: told in a line or piece by piece, by members as a hint: /bericht."""

from collections.abc import Sequence
from dataclasses import replace

from bot.commands import report_mending as mending
from bot.commands.command import Command
from bot.commands.organisers import tell_organisers
from bot.commands.progress import labelled
from bot.commands.report_asking import about, ask_for, missing, not_understood, place_of
from bot.commands.report_mending import mend, note_lines, with_content
from bot.markup import bullets
from bot.outcomes import BY_KEY
from bot.report_draft import ReportDraft, render_report
from bot.report_form import Said, all_of_them, drafts_of, is_answer
from bot.report_line import TEXT_CHARACTERS, cleaned, read_report
from bot.report_outcome import find_mentions
from bot.report_several import read_reports
from bot.report_words import (
    ABOUT,
    ACTION,
    ADDED,
    ALSO,
    ASKED,
    BY_NAME,
    GONE,
    KEPT,
    LONGEST_OFFERED,
    MEANT,
    OUTCOME_HINTS,
    QUESTION,
    TOPIC,
    UNKNOWN,
    WRONG,
)
from bot.rights import Role
from bot.turn import GAP, Turn
from scheduler.agendas.discreet import without_addresses
from store import debates, followups, reports
from store.debates import Debate
from store.messages import Choice
from store.reports import Report


def report(turn: Turn, rest: str) -> None:
    """/bericht Rostock 2.1 beschlossen: drei Plätze mehr; /bericht korrigieren 17 abgelehnt."""
    action = ACTION.match(rest)
    if turn.standing.role < Role.REPRESENTATIVE:
        _hint(turn, rest)
    elif action is None:
        _take(turn, Said(rest, _message_id(turn)))
    elif action[1].lower() == "ergänzen":
        _go_on(turn, rest[action.end() :])
    elif action[1].lower() in ("speichern", "nein"):
        _answer_offer(turn, save=action[1].lower() == "speichern")
    else:
        mending.act(turn, action[1].lower(), int(action[2] or 0), rest[action.end() :])


def _message_id(turn: Turn) -> str:
    """The message that is spoken; a pressed choice is none."""
    return "" if turn.incoming.press else turn.incoming.message_id


def _go_on(turn: Turn, fields: str) -> None:
    """Take the answer to what was asked for, unless it is none."""
    said = Said.continued(fields)
    if said is None:
        turn.say("form.expired")
        return
    said = all_of_them(said, turn.services.places)
    slot, answer = said.answers[-1]
    named = turn.services.places.find(answer)
    if slot == "place" and named.place is not None:
        said = replace(said, answers=(*said.answers[:-1], (slot, named.place.name)))
    elif not is_answer(slot, read_report(answer, turn.services.places), named):
        not_understood(turn, replace(said, answers=said.answers[:-1]), slot, answer)
        return
    _take(turn, said)


def _take(turn: Turn, said: Said) -> None:
    """Keep the reports if nothing is missing; else ask for the first thing that is."""
    debate, usual, line = _about(turn, said.line)
    if debate is not None and UNKNOWN.match(line):
        followups.settle(turn.tx, debate.id, turn.person)
        turn.say("followup.fine")
        return
    drafts = drafts_of(replace(said, line=line), turn.services.places)
    if usual and len(several := drafts_of(Said(f"{usual[0]} {line}"), turn.services.places)) > 1:
        # "Abgelehnt, und 2.2 vertagt": the first is about what was asked for.
        drafts = several
    drafts = tuple(one if one.measures else replace(one, measures=usual) for one in drafts)
    places = [place_of(turn, one, debate) for one in drafts]
    foreign = [name for name in places if name and not mending.covers(turn, name)]
    if foreign:
        turn.say("report.not_your_place", place=foreign[0])
        if said.answers:
            _take(turn, replace(said, answers=said.answers[:-1]))
        return
    slot = missing(drafts, places)
    if slot is not None:
        ask_for(turn, said, slot, drafts)
        return
    first = not (said.answers or debate or reports.of_person(turn.tx, turn.person, limit=1))
    saved = [
        _save(turn, one, place or "", measure, said.message, debate)
        for one, place in zip(drafts, places, strict=True)
        for measure in one.measures
    ]
    _show(turn, saved, drafts, debate, first)
    # The same told twice says nothing new to organisers.
    mending.tell_contradictions(turn, [one for one in saved if one.reported_at == turn.now])


def _about(turn: Turn, line: str) -> tuple[Debate | None, tuple[str, ...], str]:
    """The debate that a line names in front, what it was about as a rule, and the rest of the line."""
    found = ABOUT.match(line)
    if found is None:
        return None, (), line
    usual = (found["measure"],) if found["measure"] else ()
    return debates.get(turn.tx, int(found[1])), usual, line[found.end() :]


def _save(
    turn: Turn, draft: ReportDraft, place: str, measure: str, message: str, debate: Debate | None
) -> Report:
    fresh = Report(
        person=turn.person,
        place=place,
        measure=measure,
        outcome=draft.outcome or "",
        reported_at=turn.now,
        debate=debate.id if debate else None,
        message=mending.mark_of(turn, message),
    )
    return reports.add(turn.tx, with_content(fresh, draft))


def _show(
    turn: Turn, saved: Sequence[Report], drafts: Sequence[ReportDraft], debate: Debate | None, first: bool
) -> None:
    """Show what was understood; it already counts. To one tap a sentence may be added."""
    lines = bullets(labelled(turn, one) for one in saved)
    rivals = any(reports.rival_of(turn.tx, one) for one in saved)
    further = [turn.text("report.discreet")] if first else []
    notes = note_lines(turn, drafts, [*further, *([turn.text("report.contradicts")] if rivals else [])])
    details = {"lines": lines, "notes": notes}
    if debate is not None and len(saved) == 1 and not saved[0].text:
        turn.ask(f"bericht dazu {saved[0].id} {GAP}", "followup.saved", *mend(turn, saved), **details)
    else:
        turn.say("report.saved", *mend(turn, saved), **details)


def told_how_it_went(turn: Turn, offered: Sequence[Choice], text: str) -> str:
    """The sentence that answers "Wie ging es aus?" in own words; "" if that was not asked or told."""
    asked = ASKED.fullmatch(offered[0].sentence) if offered else None
    if asked is None or text.endswith("?"):
        return ""
    drafts = read_reports(text, turn.services.places)
    if not UNKNOWN.match(text) and not any(_tells_outcome(one) for one in drafts):
        return ""
    usual = f" ({asked['measure'].strip()})" if asked["measure"] else ""
    return f"/bericht Termin {asked['debate']}{usual} {text}"


def _tells_outcome(draft: ReportDraft) -> bool:
    """Whether a draft says how it went, if only so that it must be asked which of several is meant."""
    return draft.outcome is not None or any(one.key in OUTCOME_HINTS for one in draft.unclear)


def mended_in_words(turn: Turn, offered: Sequence[Choice], text: str) -> str:
    """The sentence that sets right the report just kept: "nein, 2.2 meinte ich"; "" for anything else."""
    numbers = {found[1] for one in offered if (found := KEPT.match(one.sentence))}
    wrong = WRONG.match(text)
    if len(numbers) != 1 or text.endswith("?") or (QUESTION.search(text) and not wrong):
        return ""
    number = numbers.pop()
    if GONE.fullmatch(text):
        return f"/bericht zurückziehen {number}"
    said = read_report(text, turn.services.places)
    kept = reports.get(turn.tx, int(number))
    if ALSO.search(text) and said.measures and not said.outcome and kept:
        return f"/bericht {kept.place} {' '.join(said.measures)} {BY_KEY[kept.outcome].name}"
    if added := ADDED.match(text):
        return f"/bericht dazu {number} {text[added.end() :]}"
    rest = MEANT.sub("", text[wrong.end() :]).strip(" ,") if wrong else ""
    if BY_NAME.match(text):
        return f"/bericht korrigieren {number} {rest}"
    told = read_report(rest, turn.services.places)
    return f"/bericht korrigieren {number} {rest}" if told.votes or mending.says_something(told) else ""


def offer_report(turn: Turn, text: str) -> bool:
    """Offer to keep a text that looks like a report; nothing is kept of it but the open question."""
    if turn.standing.role < Role.REPRESENTATIVE or not turn.incoming.private or text.endswith("?"):
        return False
    if not _sounds_like_report(turn, text):
        return False
    yes = turn.choice("report.yes", "/bericht speichern")
    no = turn.choice("report.no", "/bericht nein")
    said = Said(text, _message_id(turn))
    turn.ask(said.offered(), "report.offer", yes, no)
    return True


def _sounds_like_report(turn: Turn, text: str) -> bool:
    """An outcome and a measure; or one of them, not asked for, and votes or the topic of a measure."""
    drafts = read_reports(text, turn.services.places)
    if all(one.outcome and one.measures for one in drafts):
        return not QUESTION.match(text)
    if QUESTION.search(text) or len(text) > LONGEST_OFFERED:
        return False
    if all(one.measures for one in drafts):
        return any(one.votes or _tells_outcome(one) for one in drafts)
    said = any(not one.doubt for one in find_mentions(text))
    pillar = any(hint.key == "hint.measure_open" for hint in drafts[0].unclear)
    topic, counted = pillar or bool(TOPIC.search(text) or about(turn, text)), bool(drafts[0].votes)
    return said + topic + counted > 1


def _answer_offer(turn: Turn, save: bool) -> None:
    so_far = turn.form or ""
    turn.close_form()
    action = ACTION.match(so_far.removeprefix("bericht "))
    said = Said.continued(so_far.removeprefix("bericht ")[action.end() :]) if action else None
    if not save:
        turn.say("report.not_kept")
    elif said is None:
        turn.say("form.expired")
    else:
        _take(turn, replace(said, answers=()))


def _hint(turn: Turn, rest: str) -> None:
    """What a member knows goes to the organisers, without a name; nothing of it is kept here."""
    text = without_addresses(cleaned(rest))[:TEXT_CHARACTERS]
    if not text:
        turn.ask(f"bericht {GAP}", "report.hint_how")
        return
    drafts = read_reports(text, turn.services.places)
    place = next((one.place.name for one in drafts if one.place), turn.chat.place)
    complete = all(one.place and one.measures and one.outcome for one in drafts)
    command = "\n".join(f"/bericht {render_report(one)}" for one in drafts) if complete else ""

    def say(to: Turn) -> str:
        return to.text("report.hint", text=text, command=command)

    turn.say("report.hint_passed" if tell_organisers(turn, place, say) else "report.hint_nobody")


def looks_like_report(turn: Turn, rest: str) -> bool:
    """Whether the words behind "bericht" are one: not "bericht mir von ..."."""
    draft = read_report(rest, turn.services.places)
    named = draft.outcome or draft.measures or draft.place
    return not rest or bool(ACTION.match(rest)) or bool(named and not rest.endswith("?"))


COMMANDS = (
    Command("bericht", report, ("report", "melden"), looks_like_report),
    Command("meineberichte", mending.mine, ("myreports",)),
)
