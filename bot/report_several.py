"""Several reports in one message: one a line, parted by semicolons, or "2.1 beschlossen, 2.2 vertagt".

A message is taken apart only if every part is a report by itself; otherwise it is read as one.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from bot.report_draft import ReportDraft
from bot.report_line import cleaned, read_report
from bot.report_measures import find_measures
from bot.report_outcome import find_mentions
from knowledge.places import Places

# As many as there are measures, and a few for another place.
MOST = 20
LONGEST = 4_000
HEAD_END = re.compile(r":(?=\s|$)")


def read_reports(text: str, places: Places) -> tuple[ReportDraft, ...]:
    """The reports in a message, at least one; never raises. Only the places may be missing in several."""
    short = text[:LONGEST]
    for parts in (short.splitlines(), short.split(";"), alternating(cleaned(short), places)):
        drafts = read_all([part.strip() for part in parts if part.strip()], places)
        if drafts:
            return drafts
    return (read_report(text, places),)


def read_all(parts: Sequence[str], places: Places) -> tuple[ReportDraft, ...]:
    """One draft a part, each with its place; () unless there are several, and all of them are reports.

    An outcome may be missing where a part says nothing but its measures.
    """
    if not 2 <= len(parts) <= MOST:
        return ()
    drafts = [read_report(part, places) for part in parts]
    head = drafts[0] if only_place(drafts[0]) else None
    whole = drafts[1:] if head else drafts
    if not all(one.measures and not is_torn(one) for one in whole) or not any(one.outcome for one in whole):
        return ()
    # What lacks only its outcome is asked for it; what says anything else is no report of its own.
    if not all(one.outcome or is_bare(one) or has_doubt(one) for one in whole):
        return ()
    return tuple(placed(whole, head))


def only_place(draft: ReportDraft) -> bool:
    """Whether a line is a heading: "Rostock:"."""
    return replace(draft, place=None, unclear=()) == ReportDraft() and draft.place is not None


def is_bare(draft: ReportDraft) -> bool:
    """Whether a part says nothing but its measures, and maybe a place."""
    return replace(draft, place=None, measures=()) == ReportDraft()


def has_doubt(draft: ReportDraft) -> bool:
    """Whether an outcome is told, but not for sure: "2.2 nicht beschlossen"."""
    return any(hint.key == "hint.outcome_open" for hint in draft.unclear)


def is_torn(draft: ReportDraft) -> bool:
    """Whether a part holds more than one place: it was cut in the wrong spot."""
    return any(hint.key == "hint.place_open" for hint in draft.unclear)


def placed(drafts: Sequence[ReportDraft], head: ReportDraft | None) -> Iterable[ReportDraft]:
    """A place holds until another is named; one that is named only once holds for all."""
    named = dict.fromkeys(one.place for one in drafts if one.place)
    place = head.place if head else next(iter(named)) if len(named) == 1 else None
    for one in drafts:
        place = one.place or place
        # One that names a place we do not know is asked about, and is no report for another.
        yield one if names_unknown(one) else replace(one, place=place)


def names_unknown(draft: ReportDraft) -> bool:
    return any(hint.key == "hint.place_unknown" for hint in draft.unclear)


@dataclass(frozen=True)
class Mark:
    """A measure or place ("what") or an outcome, where it begins."""

    start: int
    key: str
    outcome: bool


def alternating(line: str, places: Places) -> list[str]:
    """The line cut between its reports, if measures and outcomes take turns and the outcomes differ."""
    marks = head_of(line, marks_in(line, places))
    runs = [list(run) for _, run in groupby(marks, key=lambda mark: mark.outcome)]
    keys = {tuple(mark.key for mark in run) for run in runs if run[0].outcome}
    if len(keys) < 2:
        return []
    first_outcome = runs[0][0].outcome
    cuts = [run[0].start for run in runs if run[0].outcome == first_outcome]
    if not first_outcome and not runs[-1][0].outcome:
        if any(mark.key for mark in runs[-1]):
            # A measure at the end without an outcome: which is meant has to be asked.
            return []
        cuts = cuts[:-1]
    return [line[start:end] for start, end in pairwise([0, *cuts[1:], len(line)])]


def head_of(line: str, marks: Sequence[Mark]) -> Sequence[Mark]:
    """The marks before a colon behind an outcome: then words of its own follow, whatever they name."""
    colon = HEAD_END.search(line)
    head = [mark for mark in marks if colon and mark.start < colon.start()]
    return head if any(mark.outcome for mark in head) else marks


def marks_in(line: str, places: Places) -> list[Mark]:
    """Everything a report is made of, in the order it stands."""
    outcomes = [Mark(one.start, one.key + one.doubt, True) for one in find_mentions(line)]
    measures = [Mark(one.start, one.code, False) for one in find_measures(line)]
    named = [Mark(one.start, "", False) for one in places.find_in(line)]
    return sorted([*outcomes, *measures, *named], key=lambda mark: (mark.start, mark.key))
