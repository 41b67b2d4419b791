"""A report that is asked for piece by piece: what was said so far, and what is still missing. Pure.

What was said travels inside the sentence of the open form, in fields parted by a sign that nobody can type.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.report_draft import Hint, ReportDraft
from bot.report_line import read_report
from bot.report_several import read_reports
from knowledge.places import PlaceMatch, Places
from knowledge.resolution import resolution

# No character at all: the router takes such signs out of what people write.
FIELD = "\ufdd0"
ALL_OFFERED = re.compile(r"(?:alle|beides?|both|all)\W*", re.IGNORECASE)
SLOTS = ("place", "measure", "outcome", "offer")
SLOT_OF_HINT = {
    "hint.place_open": "place",
    "hint.place_unknown": "place",
    "hint.measure_open": "measure",
    "hint.measure_unknown": "measure",
    "hint.outcome_open": "outcome",
    "hint.outcomes_mixed": "outcome",
}


@dataclass(frozen=True)
class Said:
    """What was said of a report: its first line, then the answers with the slot they were given for.

    `message` is the id of the message with the first line: editing it amends the report.
    """

    line: str
    message: str = ""
    answers: tuple[tuple[str, str], ...] = ()

    def sentence(self, slot: str, gap: str) -> str:
        """The command that goes on once the gap is filled with an answer for the slot."""
        kept = [part for answer in self.answers for part in answer]
        return f"bericht ergänzen {FIELD.join([slot, gap, self.message, self.line, *kept])}{FIELD}"

    def offered(self) -> str:
        """The open question whether to keep what was said; nothing but yes and no answers it."""
        return self.sentence("offer", "")

    @classmethod
    def continued(cls, fields: str) -> "Said | None":
        """What was said before, with the new answer at the end; None for what is no such sentence."""
        slot, *parts = fields.split(FIELD)
        if slot not in SLOTS or len(parts) < 4:
            return None
        answer, message, line, *kept = parts[:-1]
        before = tuple(zip(kept[::2], kept[1::2], strict=False))
        return cls(line, message, (*before, (slot, answer)))


def drafts_of(said: Said, places: Places) -> tuple[ReportDraft, ...]:
    """The reports as they stand with all answers."""
    drafts = read_reports(said.line, places)
    for slot, answer in said.answers:
        heard = read_report(answer, places)
        drafts = tuple(filled(one, slot, heard) for one in drafts)
    return drafts


def filled(draft: ReportDraft, slot: str, heard: ReportDraft) -> ReportDraft:
    """A draft with what an answer adds; only who tells the outcome adds words of their own."""
    return replace(
        draft,
        place=draft.place or heard.place,
        measures=draft.measures or heard.measures,
        outcome=draft.outcome or heard.outcome,
        votes=draft.votes or heard.votes,
        link=draft.link or heard.link,
        text=draft.text or (heard.text if slot == "outcome" else ""),
        unclear=(*draft.unclear, *heard.unclear),
    )


def all_of_them(said: Said, places: Places) -> Said:
    """With "beide" or "alle" put as the measures that were offered."""
    slot, answer = said.answers[-1]
    if slot != "measure" or not ALL_OFFERED.fullmatch(answer.strip()):
        return said
    hint = hint_for(slot, drafts_of(replace(said, answers=said.answers[:-1]), places))
    codes = hint.candidates if hint and hint.candidates else [one.code for one in resolution().measures]
    return replace(said, answers=(*said.answers[:-1], (slot, " ".join(codes))))


def is_answer(slot: str, heard: ReportDraft, named: PlaceMatch) -> bool:
    """Whether words say anything about what was asked for, or about another part of the report."""
    about = any(SLOT_OF_HINT.get(hint.key) == slot for hint in heard.unclear)
    named_place = slot == "place" and bool(named.place or named.candidates)
    return about or named_place or bool(heard.place or heard.measures or heard.outcome)


def hint_for(slot: str, drafts: Sequence[ReportDraft]) -> Hint | None:
    """What is unclear about a slot, as it was said last."""
    hints = [hint for one in drafts for hint in one.unclear if SLOT_OF_HINT.get(hint.key) == slot]
    return hints[-1] if hints else None


def noteworthy(drafts: Sequence[ReportDraft]) -> list[Hint]:
    """What a person should know of a report that is kept: votes that look odd, a link that was refused."""
    found = [hint for one in drafts for hint in one.unclear]
    told = [hint for hint in found if hint.key not in SLOT_OF_HINT or hint.key == "hint.measure_unknown"]
    return list(dict.fromkeys(told))
