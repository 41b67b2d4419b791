"""Asking for what a report lacks, one thing at a time, with choices."""

from collections.abc import Sequence

from bot.markup import Markup
from bot.outcomes import BY_KEY, OUTCOMES
from bot.report_draft import Hint, ReportDraft
from bot.report_form import SLOT_OF_HINT, Said, drafts_of, hint_for
from bot.turn import GAP, Turn
from knowledge.resolution import resolution
from store import reports
from store.chats import EVERYWHERE
from store.debates import Debate
from store.messages import Choice

SUGGESTED = 3


def place_of(turn: Turn, draft: ReportDraft, debate: Debate | None) -> str | None:
    """The place that was named, or else that of the debate, the one of the person's role, or the chat's."""
    if draft.place is not None:
        return draft.place.name
    if any(SLOT_OF_HINT.get(hint.key) == "place" for hint in draft.unclear):
        return None
    if debate is not None:
        return debate.place
    mine = my_places(turn)
    return mine[0] if len(mine) == 1 else turn.chat.place


def my_places(turn: Turn) -> list[str]:
    """The places a person's role is for, unless it is for all."""
    return sorted(place for place in turn.standing.places if place != EVERYWHERE)


def missing(drafts: Sequence[ReportDraft], places: Sequence[str | None]) -> str | None:
    """The first thing that is not yet known."""
    if not all(places):
        return "place"
    if not all(one.measures for one in drafts):
        return "measure"
    return None if all(one.outcome for one in drafts) else "outcome"


def ask_for(turn: Turn, said: Said, slot: str, drafts: Sequence[ReportDraft]) -> None:
    """Ask for one thing; what is said next is the answer."""
    hint = hint_for(slot, drafts)
    told = turn.text(hint.key, written=hint.written) if hint else Markup("")
    without = [code for one in drafts if not one.outcome for code in one.measures]
    if slot == "outcome" and len(drafts) > 1 and not hint:
        told = turn.text("report.outcome_of", measures=", ".join(without))
    # What is neither place nor outcome says what it is about.
    line = " ".join(one.text for one in drafts) if slot == "measure" else ""
    turn.ask(
        said.sentence(slot, GAP),
        f"report.which_{slot}",
        *choices_for(turn, slot, hint, line),
        hint=told,
        helps=_first_report(turn),
    )


def not_understood(turn: Turn, said: Said, slot: str, answer: str) -> None:
    """Say that an answer was none, and ask again."""
    choices = choices_for(turn, slot, hint_for(slot, drafts_of(said, turn.services.places)), answer)
    turn.ask(said.sentence(slot, GAP), f"report.not_a_{slot}", *choices, said=answer[:60])


def _first_report(turn: Turn) -> Markup:
    """Before somebody's first report: nothing from closed sessions."""
    known = reports.of_person(turn.tx, turn.person, limit=1)
    return Markup("") if known else Markup(f"{turn.text('report.discreet')} {turn.text('report.first')}")


def choices_for(turn: Turn, slot: str, hint: Hint | None, line: str) -> list[Choice]:
    """The answers that can be picked: those that a hint names, or all."""
    if slot == "place":
        return _places(turn, hint, line)
    return _measures(turn, hint, line) if slot == "measure" else _outcomes(turn, hint)


def _places(turn: Turn, hint: Hint | None, line: str) -> list[Choice]:
    near = [place.name for place in turn.services.places.find(line).candidates]
    names = (list(hint.candidates) if hint else []) or near or my_places(turn)
    return [Choice(name, name) for name in names[:8]]


def _measures(turn: Turn, hint: Hint | None, line: str) -> list[Choice]:
    """All measures, but those first that the words are about."""
    known = resolution()
    hinted = [code for code in hint.candidates if known.measure(code)] if hint else []
    first = hinted or about(turn, line)
    measures = [one for one in known.measures if not hinted or one.code in hinted]
    measures.sort(key=lambda one: first.index(one.code) if one.code in first else len(first))
    return [Choice(f"{one.roman} {one.short}", one.code) for one in measures]


def about(turn: Turn, line: str) -> list[str]:
    """The measures of the entries that answer the words best, if any do."""
    if not line.strip():
        return []
    codes = [code for one in turn.found(line).candidates[:SUGGESTED] for code in one.entry.measures]
    return list(dict.fromkeys(codes))[:SUGGESTED]


def _outcomes(turn: Turn, hint: Hint | None) -> list[Choice]:
    outcomes = [BY_KEY[key] for key in hint.candidates] if hint and hint.candidates else OUTCOMES
    return [turn.choice(f"outcome.{one.key}", one.name) for one in outcomes]
