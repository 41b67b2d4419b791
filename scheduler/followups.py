""" "Wie ging es aus?": who is asked after a debate, and who is asked once more.

Asked in private only, never in the quiet hours; one repetition, then silence.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.calendar import after_quiet
from scheduler.reminders import Planner, over_at
from store import debates, followups, people
from store.database import Transaction
from store.debates import Debate
from store.followups import NOBODY

# A debate that ended longer ago is not asked about any more: the bot was away, or did not know of it.
ASKED_WITHIN = timedelta(days=14)
AGAIN_AFTER = timedelta(days=2)


@dataclass(frozen=True)
class Question:
    """One question to one person: about which debate, and whether it is the repetition.

    `alone`: nobody represents the place, so an organiser is asked.
    """

    debate: Debate
    person: str
    again: bool = False
    alone: bool = False


# Puts a question into words and queues it; False when the person cannot be reached in private.
Asker = Callable[[Transaction, Question, datetime], bool]
# Everybody who is an organiser now, as person ids.
Organisers = Callable[[Transaction, datetime], list[str]]


@dataclass(frozen=True)
class FollowUps:
    """Asks inside the transactions of others."""

    planner: Planner
    ask: Asker
    organisers: Organisers

    def due(self, tx: Transaction, now: datetime) -> None:
        """Ask about every debate that is over, and once more where nobody has answered."""
        if after_quiet(now, self.planner.zone, self.planner.quiet) > now:
            return
        for debate in followups.unasked(tx, now - ASKED_WITHIN, now):
            if over_at(debate) <= now:
                self._first(tx, debate, now)
        for number, person in followups.to_repeat(tx, now):
            self._again(tx, number, person, now)

    def _first(self, tx: Transaction, debate: Debate, now: datetime) -> None:
        again = after_quiet(now + AGAIN_AFTER, self.planner.zone, self.planner.quiet)
        known = people.with_role(tx, "representative", debate.place, now)
        persons = list(dict.fromkeys(row.person for row in known))
        reached = [one for one in persons if self.ask(tx, Question(debate, one), now)]
        if not reached:
            others = self.organisers(tx, now)
            reached = [one for one in others if self.ask(tx, Question(debate, one, alone=True), now)]
        for person in reached or [NOBODY]:
            followups.asked(tx, debate.id, person, now, again if reached else None)

    def _again(self, tx: Transaction, number: int, person: str, now: datetime) -> None:
        debate = debates.get(tx, number)
        followups.settle(tx, number, person)
        if debate is not None and debate.state == "planned" and not followups.answered(tx, number):
            self.ask(tx, Question(debate, person, again=True), now)
