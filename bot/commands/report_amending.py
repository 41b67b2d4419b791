"""A message that made reports was edited or deleted: they follow it. Any other edit is ignored."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from bot import rights
from bot.commands.command import folded
from bot.commands.report_mending import (
    covers,
    mark_of,
    mend,
    says_something,
    show_corrected,
    with_content,
    withdraw,
)
from bot.report_draft import ReportDraft
from bot.report_several import read_reports
from bot.turn import Turn
from store import reports
from store.reports import Report

NAMES = ("bericht", "report", "melden")
SIGNS = "/!"


def amend(turn: Turn) -> None:
    """Bring the reports of an edited message up to date; one without text was deleted.

    Who may delete a message on the platform may: a group's administrators, too.
    """
    message = mark_of(turn, turn.incoming.message_id)
    known = reports.of_message(turn.tx, message) if message else []
    standing = [one for one in reversed(known) if not one.withdrawn]
    if not turn.incoming.text.strip():
        for one in standing:
            withdraw(turn, one, withdrawn=True)
    elif known and all(one.person == turn.person for one in known):
        _follow(turn, known[::-1], turn.incoming.text)


def _follow(turn: Turn, known: Sequence[Report], text: str) -> None:
    if not rights.allows("bericht", turn.standing) or not covers(turn, known[0].place):
        turn.say("report.not_your_place", place=known[0].place)
        return
    drafts = read_reports(_line(text), turn.services.places)
    if not any(says_something(one) for one in drafts):
        turn.say("report.edit_unclear", *mend(turn, known))
        return
    foreign = [one.place.name for one in drafts if one.place and not covers(turn, one.place.name)]
    if foreign:
        turn.say("report.not_your_place", place=foreign[0])
    else:
        _revise(turn, known, drafts)


def _line(text: str) -> str:
    """What a message says as a report; another command says nothing of the kind."""
    word, _, rest = text.strip().partition(" ")
    if folded(word.lstrip(SIGNS).partition("@")[0]) in NAMES:
        return rest
    return "" if word[0] in SIGNS else text


def _revise(turn: Turn, known: Sequence[Report], drafts: Sequence[ReportDraft]) -> None:
    """Pair what was reported with what is said now: by measure, then in order."""
    said = [(code, one) for one in drafts for code in one.measures or ("",)]
    pairs = [(one, now) for one in known for now in said if now[0] == one.measure]
    left = [one for one in known if one not in [before for before, _ in pairs]]
    new = [now for now in said if now not in [after for _, after in pairs]]
    if new and not new[0][0]:
        pairs, left, new = [(one, new[0]) for one in known], [], []
    changed = []
    for before, now in [*pairs, *zip_longest(left, new)]:
        if now is None:
            reports.revise(turn.tx, replace(before, withdrawn=True), turn.now)
        else:
            changed.append(_written(turn, before or known[0], now[0], now[1], fresh=before is None))
    show_corrected(turn, changed, drafts)


def _written(turn: Turn, before: Report, measure: str, draft: ReportDraft, fresh: bool) -> Report:
    """A report as the edited message says it: what it does not say any more is gone."""
    place, outcome = draft.place.name if draft.place else before.place, draft.outcome or before.outcome
    bare = replace(before, text="", link="", yes=None, no=None, abstained=None, withdrawn=False)
    named = replace(bare, place=place, measure=measure or before.measure, outcome=outcome)
    now = with_content(named, draft)
    if fresh:
        return reports.add(turn.tx, replace(now, id=0, revision=1, reported_at=turn.now))
    return reports.revise(turn.tx, now, turn.now)
