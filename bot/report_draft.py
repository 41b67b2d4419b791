"""A report as it was understood, before it is kept, and its one unmistakable wording."""

from dataclasses import dataclass

from bot.outcomes import BY_KEY
from bot.report_votes import Votes
from knowledge.places import Place


@dataclass(frozen=True)
class Hint:
    """Something left open or changed: the key of a sentence, its gap, and what there is to choose from."""

    key: str
    written: str = ""
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReportDraft:
    """What a line says; None and empty where it does not. `outcome` is a key of `bot.outcomes`.

    `measures` are codes ("2.1") in the order named; `text` has at most 500 characters, `cut` says that there
    were more; `unclear` holds hints whose candidates are place names, codes or outcome keys.
    """

    place: Place | None = None
    measures: tuple[str, ...] = ()
    outcome: str | None = None
    votes: Votes | None = None
    link: str | None = None
    text: str = ""
    cut: bool = False
    unclear: tuple[Hint, ...] = ()


def render_report(draft: ReportDraft) -> str:
    """The draft as one line in the bot's own words; one with measures and outcome reads back the same."""
    outcome = BY_KEY[draft.outcome].name if draft.outcome else ""
    place = draft.place.name if draft.place else ""
    head = " ".join(part for part in (place, " ".join(draft.measures), outcome) if part)
    parts = [part for part in (head, render_votes(draft.votes) if draft.votes else "") if part]
    line = " ".join(part for part in (", ".join(parts), draft.link) if part)
    return f"{line}: {draft.text}" if draft.text else line


def render_votes(votes: Votes) -> str:
    """ "19 Ja, 12 Nein, 3 Enthaltungen": the form that cannot be mistaken."""
    abstain = "" if votes.abstain is None else f", {votes.abstain} Enthaltungen"
    return f"{votes.yes} Ja, {votes.no} Nein{abstain}"
