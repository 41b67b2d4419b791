"""Which chats are reminded of which debates: planned as rows, told when due, never twice.

The rows in the store are always what `Planner.wanted` computes from debates and subscriptions; what
was told stays as told. The sentences come from the bot, handed in as a Composer.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from knowledge.places import Places
from scheduler import calendar
from scheduler.calendar import Offset, Quiet
from store import chats, debates, outbox, reminders
from store.chats import Subscription
from store.database import Transaction
from store.debates import Debate
from store.messages import ChatRef, Choice, Kind, Outgoing
from store.reminders import DueReminder, Planned

# The offset code of the one notice about a debate that became known after a reminder was due.
DISCOVERED = "late"
# A reminder that is told this long after its time says so.
NOTICEABLY_LATE = timedelta(minutes=30)
BATCH = 100

# Reminders to be told in one post, each with its debate.
Told = list[tuple[DueReminder, Debate]]


@dataclass(frozen=True)
class Note:
    """One debate in a post: which offset led to it, and whether it comes late. `before`: as it was."""

    debate: Debate
    offset: str
    late: bool = False
    before: Debate | None = None


@dataclass(frozen=True)
class Post:
    """What a chat is told at once."""

    chat: ChatRef
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Composed:
    """A post in words."""

    body: str
    choices: tuple[Choice, ...] = ()


Composer = Callable[[Transaction, Post], Composed]


@dataclass(frozen=True)
class Preview:
    """A reminder that would be sent: when (UTC), to whom, of what, how long before."""

    at: datetime
    chat: ChatRef
    debate: Debate
    offset: Offset


def over_at(debate: Debate) -> datetime:
    """When a debate is over (UTC); one without a known time is over when its day is."""
    if debate.time_known:
        return calendar.over_at(debate.starts, debate.ends)
    return debate.starts + timedelta(days=1)


@dataclass(frozen=True)
class Planner:
    """Plans and tells inside the transactions of others. Zone and quiet hours are those of the places."""

    zone: ZoneInfo
    quiet: Quiet | None
    places: Places
    composer: Composer

    def plan_debate(self, tx: Transaction, debate: Debate, now: datetime, fresh: bool = False) -> None:
        """Bring a debate's reminders up to date. `fresh`: nobody could have heard of it before."""
        if not self._worth_telling(debate, now):
            reminders.drop(tx, debate.id)
            return
        wanted = self.wanted(debate, self._subscribers(tx, debate), now, fresh)
        reminders.plan(tx, debate.id, debate.version, wanted, now)

    def plan_chat(self, tx: Transaction, chat: int, now: datetime) -> None:
        """Bring a chat's reminders up to date after its subscriptions changed."""
        for debate in debates.between(tx, now - timedelta(days=1)):
            if self._worth_telling(debate, now):
                mine = [one for one in self._subscribers(tx, debate) if one.chat == chat]
                wanted = self.wanted(debate, mine, now)
                reminders.plan(tx, debate.id, debate.version, wanted, now, chat)

    def wanted(
        self, debate: Debate, subscriptions: Iterable[Subscription], now: datetime, fresh: bool = False
    ) -> list[Planned]:
        """The reminders that lie ahead, one per chat and offset; with `fresh` one notice at once if late."""
        planned = []
        for (chat, thread), offsets in _offsets(subscriptions).items():
            dues = self._dues(debate, offsets)
            ahead = [(due.offset.code, due.at) for due in dues if due.at > now]
            if fresh and len(ahead) < len(dues):
                ahead.append((DISCOVERED, now))
            planned += [Planned(chat, thread, code, debate.version, at) for code, at in ahead]
        return planned

    def preview(self, tx: Transaction, start: datetime, end: datetime) -> list[Preview]:
        """Every reminder that falls due in [start, end), by time."""
        found = []
        for debate in debates.between(tx, start):
            if debate.announced:
                found += self._previews(tx, debate)
        inside = [one for one in found if start <= one.at < end]
        return sorted(inside, key=lambda one: (one.at, one.debate.starts, str(one.chat)))

    def _previews(self, tx: Transaction, debate: Debate) -> list[Preview]:
        subscriptions = self._subscribers(tx, debate)
        refs = {(one.chat, one.ref.thread): one.ref for one in subscriptions}
        return [
            Preview(due.at, refs[place], debate, due.offset)
            for place, offsets in _offsets(subscriptions).items()
            for due in self._dues(debate, offsets)
        ]

    def _dues(self, debate: Debate, offsets: Sequence[Offset]) -> tuple[calendar.Due, ...]:
        return calendar.plan(debate.starts, over_at(debate), offsets, self.zone, self.quiet)

    def _worth_telling(self, debate: Debate, now: datetime) -> bool:
        return debate.announced and debate.state == "planned" and over_at(debate) > now

    def _subscribers(self, tx: Transaction, debate: Debate) -> list[Subscription]:
        place = self.places.get(debate.place)
        return chats.subscribers(tx, debate.place, place.district if place else None)

    def tell_change(self, tx: Transaction, before: Debate, after: Debate, kind: str, now: datetime) -> int:
        """Tell exactly those who heard of a debate that it was `moved`, `cancelled` or `wrong`; how many."""
        told = reminders.told_chats(tx, after.id)
        for one in told:
            note = Note(after, kind, before=before)
            composed = self.composer(tx, Post(one.ref, (note,)))
            key = f"change:{after.id}.{after.version}.{kind}:{one.ref}"
            message = Outgoing(key, one.ref, composed.body, Kind.NOTICE, composed.choices, silent=False)
            if outbox.put(tx, message, now):
                reminders.mark_told(tx, after.id, one, kind, after.version, now)
        return len(told)

    @staticmethod
    def _is_private(tx: Transaction, chat: int) -> bool:
        known = chats.get(tx, chat)
        return known is not None and known.private

    def tell_due(self, tx: Transaction, now: datetime) -> bool:
        """Queue a batch of what is due; whether there may be more."""
        rows = reminders.due(tx, now, BATCH)
        for chat, thread in dict.fromkeys((row.chat, row.thread) for row in rows):
            self._tell_chat(tx, chat, thread, now)
        return len(rows) == BATCH

    def _tell_chat(self, tx: Transaction, chat: int, thread: str, now: datetime) -> None:
        _, midnight = calendar.day_span(calendar.local_day(now, self.zone), self.zone)
        today = reminders.due_in_chat(tx, chat, thread, midnight)
        # Same-day things share a post; what was asked for by the hour comes at its hour.
        rows = [row for row in today if row.due_at <= now or not row.offset.endswith("h")]
        told, missed = self._sorted_out(tx, rows, now)
        reminders.settle(tx, missed, "missed")
        told = self._within_budget(tx, chat, told, now)
        if told:
            self._post(tx, told, now)

    def _within_budget(self, tx: Transaction, chat: int, told: Told, now: datetime) -> Told:
        """What may be posted now: a group hears from us once a day, unless the debate would be over."""
        begin, midnight = calendar.day_span(calendar.local_day(now, self.zone), self.zone)
        if not told or self._is_private(tx, chat) or not reminders.reminded_since(tx, chat, begin):
            return told
        morning = calendar.next_morning(midnight, self.zone, self.quiet)
        can_wait = [row.id for row, debate in told if over_at(debate) > morning]
        reminders.put_off(tx, can_wait, morning, now)
        return [one for one in told if one[0].id not in can_wait]

    def _sorted_out(
        self, tx: Transaction, rows: Iterable[DueReminder], now: datetime
    ) -> tuple[Told, list[int]]:
        """Those to tell with their debates (the latest per debate), and those that are past telling."""
        latest: dict[int, tuple[DueReminder, Debate]] = {}
        missed = []
        for row in rows:
            debate = debates.get(tx, row.debate)
            if debate is None or row.version != debate.version or not self._worth_telling(debate, now):
                missed.append(row.id)
                continue
            if debate.id in latest:
                missed.append(latest[debate.id][0].id)
            latest[debate.id] = (row, debate)
        return sorted(latest.values(), key=lambda one: one[1].starts), missed

    def _post(self, tx: Transaction, told: Told, now: datetime) -> None:
        first = told[0][0]
        ref = ChatRef(first.platform, first.chat_name, first.thread)
        notes = tuple(Note(debate, row.offset, now - row.due_at > NOTICEABLY_LATE) for row, debate in told)
        composed = self.composer(tx, Post(ref, notes))
        what = ",".join(f"{row.debate}.{row.offset}.{row.version}" for row, _ in told)
        message = Outgoing(f"reminder:{ref}:{what}", ref, composed.body, Kind.REMINDER, composed.choices)
        outbox.put(tx, message, now)
        reminders.settle(tx, [row.id for row, _ in told], "told", now)


def _offsets(subscriptions: Iterable[Subscription]) -> dict[tuple[int, str], tuple[Offset, ...]]:
    """The offsets of every chat and thread; several subscriptions that fit are put together."""
    found: dict[tuple[int, str], dict[Offset, None]] = {}
    for one in subscriptions:
        codes = [code for code in one.offsets.split(",") if code]
        found.setdefault((one.chat, one.ref.thread), {}).update(
            dict.fromkeys(Offset.parse(code) for code in codes)
        )
    return {place: tuple(offsets) for place, offsets in found.items()}


def moved(before: Debate, after: Debate) -> bool:
    """Whether people who know `before` must be told of `after`: another time or another place."""
    shown = replace(before, starts=after.starts, time_known=after.time_known, location=after.location)
    return shown != before
