"""Broadcasts while they run: begun when their time has come, shown in one message, ended and counted.

Everything happens inside the transactions of others: of the alarm, and of delivery when it writes down what
became of messages. So a broadcast is over in the same instant as its last message.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler.calendar import Quiet, after_quiet
from store import broadcasts, chats, circulation, outbox
from store.broadcasts import Broadcast
from store.circulation import Reached
from store.database import Transaction
from store.messages import Choice, Kind, Outgoing
from store.settling import Settled

# How long a draft waits for its author, and how often the message that shows how it goes is edited.
DRAFT_KEPT = timedelta(minutes=30)
SHOWN_EVERY = timedelta(seconds=20)
RATE_OVER = timedelta(minutes=1)
# So many chats of a platform refuse it, and none takes it: then the others are not tried.
POISON = 5
# How often organisers are told that messages were set aside for the same reason.
TOLD_AGAIN = timedelta(days=1)
GONE = frozenset({"telegram.chat_gone", "telegram.blocked", "matrix.not_in_room"})
REFUSED = frozenset({"telegram.refused", "telegram.too_long", "matrix.refused", "matrix.too_long"})


@dataclass(frozen=True)
class Course:
    """How a broadcast goes: in how many chats it is in which state, and how long the rest will take."""

    broadcast: Broadcast
    tally: dict[str, int]
    left: timedelta | None = None
    following: int = 0
    not_edited: int = 0
    not_deleted: int = 0


@dataclass(frozen=True)
class Shown:
    """Words and choices of the message that shows it."""

    body: str
    choices: tuple[Choice, ...]


Show = Callable[[Transaction, Course], Shown]
# Tells organisers why messages were set aside.
Tell = Callable[[Transaction, str, datetime], None]
Audience = Callable[[Transaction, Broadcast], Sequence[Reached]]


@dataclass(frozen=True)
class Broadcaster:
    """Looks after broadcasts. Words, and whom a broadcast is for, are handed in."""

    show: Show
    tell: Tell
    audience: Audience
    zone: ZoneInfo
    quiet: Quiet | None
    # Those the bot has an account on; None where that is not known.
    platforms: frozenset[str] | None

    def due(self, tx: Transaction, now: datetime) -> None:
        """Begin what is due, show how the others go, and forget old drafts."""
        broadcasts.drop_drafts(tx, now - DRAFT_KEPT)
        for one in broadcasts.due(tx, now):
            silent = after_quiet(now, self.zone, self.quiet) > now
            circulation.start(tx, one, self.audience(tx, one), silent, now)
        given_up = circulation.drop_unadmitted(tx, now)
        if self.platforms is not None:
            given_up |= circulation.drop_unserved(tx, self.platforms, now)
        self._look_at(tx, given_up, now)
        for one in broadcasts.running(tx):
            self._look_at(tx, {one.id}, now)
            if one.id in {other.id for other in broadcasts.running(tx)}:
                self._show(tx, one.id, now)

    def next_look(self, tx: Transaction, now: datetime) -> datetime | None:
        """When to look again."""
        if broadcasts.running(tx) and not chats.setting(tx, chats.PAUSE):
            return now + SHOWN_EVERY
        return broadcasts.next_due(tx)

    def settled(self, tx: Transaction, settled: Settled, now: datetime) -> None:
        """What follows from results that were just written down."""
        self._look_at(tx, settled.broadcasts, now)
        for error in sorted(set(settled.set_aside) - GONE):
            self._tell_once(tx, error, now)

    def _look_at(self, tx: Transaction, numbers: Collection[int], now: datetime) -> None:
        for number in numbers:
            tally = circulation.tally(tx, number)
            if tally.get("waiting") and tally.get("failed", 0) >= POISON:
                # What a platform has refused again and again, and taken nowhere, nobody else waits for.
                for platform, error in circulation.refused_everywhere(tx, number, REFUSED, POISON):
                    circulation.set_aside(tx, number, platform, error, now)
                tally = circulation.tally(tx, number)
            left = tally.get("waiting", 0) + tally.get("held", 0)
            if not left and not circulation.follow_ups(tx, number, "waiting"):
                self._end(tx, number, now)

    def _end(self, tx: Transaction, number: int, now: datetime) -> None:
        one = broadcasts.get(tx, number)
        if one is None or not one.author:
            return
        circulation.recorded(tx, number, now)
        broadcasts.change(tx, number, now, state="done", ended_at=one.ended_at or now)
        self._show(tx, number, now, last=True)

    def _show(self, tx: Transaction, number: int, now: datetime, last: bool = False) -> None:
        """Edit the message that shows it; while the one before is on its way, only for the last word."""
        one = broadcasts.get(tx, number)
        if one is None or not one.author or (outbox.is_waiting(tx, one.progress) and not last):
            return
        shown = self.show(tx, self._course(tx, one, now))
        message = Outgoing(
            key=f"progress:{number}:{one.progress or 0}",
            chat=one.chat,
            body=shown.body,
            kind=Kind.ANSWER,
            choices=shown.choices,
            asked=one.author,
            replaces=one.progress,
        )
        broadcasts.change(tx, number, now, progress=outbox.add(tx, message, now))

    def _course(self, tx: Transaction, one: Broadcast, now: datetime) -> Course:
        tally = circulation.recorded(tx, one.id, now)
        failed = circulation.follow_ups(tx, one.id, "failed")
        not_edited, not_deleted = failed.get(Kind.AMEND, 0), failed.get(Kind.RECALL, 0)
        following = sum(circulation.follow_ups(tx, one.id, "waiting").values())
        return Course(one, tally, self._left(tx, one, now), following, not_edited, not_deleted)

    def _left(self, tx: Transaction, one: Broadcast, now: datetime) -> timedelta | None:
        """How long the rest takes at the pace of the last minute; None when nobody can tell."""
        span = min(RATE_OVER, now - (one.starts or now))
        done = circulation.done_since(tx, one.id, now - span)
        spans = []
        for platform, waiting in circulation.waiting_by_platform(tx, one.id).items():
            if not done.get(platform) or not span:
                return None
            spans.append(span * waiting / done[platform])
        return max(spans, default=None)

    def _tell_once(self, tx: Transaction, error: str, now: datetime) -> None:
        name = f"set aside: {error}"
        before = chats.setting(tx, name)
        if before is None or now - datetime.fromisoformat(before) >= TOLD_AGAIN:
            chats.set_setting(tx, name, now.isoformat())
            self.tell(tx, error, now)
