"""Retention: how long each kind of data is kept, carried out by the clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from store import chats, circulation, curating, debates, outbox, people, reports
from store.database import Transaction

DRAFTS_KEPT = timedelta(minutes=30)
# So long after it ended a broadcast can be corrected, taken back and sent again.
BROADCASTS_KEPT = timedelta(days=7)


@dataclass(frozen=True)
class Retention:
    """How long things are kept; None keeps them until somebody deletes them."""

    seen: timedelta
    failed: timedelta | None = None
    questions: timedelta | None = None
    chats: timedelta | None = None
    debates: timedelta | None = None
    reports: timedelta | None = None
    choices: timedelta = outbox.CHOICES_KEPT


def tidy(tx: Transaction, now: datetime, kept: Retention) -> int:
    """Delete everything that is past its time; how many rows."""
    gone = people.forget(tx, now, kept.seen)
    gone += outbox.forget(tx, now, kept.failed, kept.choices)
    gone += chats.forget(tx, now, kept.chats)
    gone += circulation.forget(tx, now - BROADCASTS_KEPT)
    gone += debates.drop_drafts(tx, now - DRAFTS_KEPT)
    if kept.questions is not None:
        gone += curating.forget_questions(tx, now - kept.questions)
    if kept.debates is not None:
        gone += debates.forget(tx, now - kept.debates)
    if kept.reports is not None:
        gone += reports.forget(tx, now - kept.reports)
    return gone
