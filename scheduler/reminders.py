"""Which chats are reminded of which debates: planned as rows, told when due, never twice.

The rows in the store are always what `Planner.wanted` computes from debates and subscriptions; what
was told stays as told. The sentences come from the bot, handed in as a Composer.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from knowledge.places import Places
from scheduler import calendar, wandering
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
# The setting that says with which zone and quiet hours the coming reminders were planned.
HOURS = "reminder hours"

# Reminders to be told in one post, each with its debate.
Told = list[tuple[DueReminder, Debate]]


@dataclass(frozen=True)
class Note:
    """One debate in a post: which offset led to it, and whether it comes late.

    `before`: as it was. `then`: later meetings that have an item of this one on their agenda.
    """

    debate: Debate
    offset: str
    late: bool = False
    before: Debate | None = None
    then: tuple[Debate, ...] = ()


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
        subscriptions = self._subscribers(tx, debate)
        wanted = self.wanted(debate, subscriptions, now)
        wanted += self._at_once(tx, debate, subscriptions, now, fresh)
        reminders.plan(tx, debate.id, debate.version, wanted, now)

    def _at_once(
        self,
        tx: Transaction,
        debate: Debate,
        subscriptions: Iterable[Subscription],
        now: datetime,
        fresh: bool,
    ) -> list[Planned]:
        """One notice now to every chat that has not heard of it and for which a reminder comes too late."""
        told = {(one.chat, one.ref.thread) for one in reminders.told_chats(tx, debate.id)}
        lost = reminders.outdated(tx, debate.id, debate.version)
        planned = []
        for place, offsets in _offsets(subscriptions).items():
            dues = self._dues(debate, offsets)
            meant = {due.offset.code for due in dues} if fresh else lost.get(place, set())
            if place not in told and meant - {due.offset.code for due in dues if due.at > now}:
                planned.append(Planned(*place, DISCOVERED, debate.version, now))
        return planned

    def plan_chat(self, tx: Transaction, chat: int, now: datetime) -> None:
        """Bring a chat's reminders up to date after its subscriptions changed."""
        for debate in debates.between(tx, now - timedelta(days=1)):
            if self._worth_telling(debate, now):
                mine = [one for one in self._subscribers(tx, debate) if one.chat == chat]
                wanted = self.wanted(debate, mine, now)
                reminders.plan(tx, debate.id, debate.version, wanted, now, chat)

    def keep_hours(self, tx: Transaction, now: datetime) -> None:
        """Move coming reminders whose zone or quiet hours have changed since they were planned."""
        hours = f"{self.zone} {self.quiet and (self.quiet.start, self.quiet.end)}"
        if chats.setting(tx, HOURS) == hours:
            return
        for debate in debates.between(tx, now - timedelta(days=1)):
            offsets = [Offset.parse(code) for code in reminders.rhythm(tx, debate.id, now)]
            for due in self._dues(debate, offsets):
                reminders.shift(tx, debate.id, due.offset.code, due.at, now)
        chats.set_setting(tx, HOURS, hours)

    def wanted(self, debate: Debate, subscriptions: Iterable[Subscription], now: datetime) -> list[Planned]:
        """The reminders that lie ahead, one per chat and offset."""
        return [
            Planned(chat, thread, due.offset.code, debate.version, due.at)
            for (chat, thread), offsets in _offsets(subscriptions).items()
            for due in self._dues(debate, offsets)
            if due.at > now
        ]

    def preview(self, tx: Transaction, start: datetime, end: datetime) -> list[Preview]:
        """Every reminder that falls due in [start, end), by time."""
        found = []
        for debate in debates.between(tx, start):
            if debate.announced:
                found += self._previews(tx, debate)
        ordered = sorted(found, key=lambda one: (one.at, one.debate.starts, str(one.chat)))
        return [one for one in _told_once(tx, ordered) if start <= one.at < end]

    def _previews(self, tx: Transaction, debate: Debate) -> list[Preview]:
        subscriptions = self._subscribers(tx, debate)
        silent = reminders.muted(tx, debate.id)
        refs = {(one.chat, one.ref.thread): one.ref for one in subscriptions}
        return [
            Preview(due.at, refs[place], debate, due.offset)
            for place, offsets in _offsets(subscriptions).items()
            if place not in silent
            for due in self._dues(debate, offsets)
        ]

    def _dues(self, debate: Debate, offsets: Sequence[Offset]) -> tuple[calendar.Due, ...]:
        return calendar.plan(debate.starts, over_at(debate), offsets, self.zone, self.quiet)

    def _worth_telling(self, debate: Debate, now: datetime) -> bool:
        return debate.announced and debate.state == "planned" and over_at(debate) > now

    def _subscribers(self, tx: Transaction, debate: Debate) -> list[Subscription]:
        place = self.places.get(debate.place)
        known = chats.subscribers(tx, debate.place, place.district if place else None)
        return [one for one in known if one.wants(debate.level)]

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
        rows = [row for row in today if row.due_at <= now or not _at_its_time(row.offset)]
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
        return sorted(latest.values(), key=lambda one: (one[1].starts, one[1].id)), missed

    def _post(self, tx: Transaction, told: Told, now: datetime) -> None:
        first = told[0][0]
        ref = ChatRef(first.platform, first.chat_name, first.thread)
        along = wandering.covered(tx, [debate for _, debate in told])
        last = reminders.last_due(tx, along, first.chat, first.thread)
        # What is told along with an earlier meeting, and will be told once more, needs no note of its own.
        shown = [one for one in told if last.get(one[1].id, one[0].id) == one[0].id]
        notes = tuple(self._note(tx, row, debate, now) for row, debate in shown)
        composed = self.composer(tx, Post(ref, notes))
        what = ",".join(f"{row.debate}.{row.offset}.{row.version}" for row, _ in shown)
        message = Outgoing(f"reminder:{ref}:{what}", ref, composed.body, Kind.REMINDER, composed.choices)
        outbox.put(tx, message, now)
        reminders.settle(tx, [row.id for row, _ in told], "told", now)
        for debate in along.values():
            reminders.told_along(tx, debate.id, debate.version, reminders.Told(first.chat, ref), now)

    @staticmethod
    def _note(tx: Transaction, row: DueReminder, debate: Debate, now: datetime) -> Note:
        late = now - row.due_at > NOTICEABLY_LATE
        return Note(debate, row.offset, late, then=tuple(wandering.later(tx, debate)))

    def snooze(
        self, tx: Transaction, debate: Debate, chat: int, thread: str, at: datetime
    ) -> datetime | None:
        """Remind a chat once more at `at` or after the quiet hours; when that is, None if it is over then."""
        at = calendar.after_quiet(at, self.zone, self.quiet)
        if at >= over_at(debate):
            return None
        reminders.snooze(tx, debate.id, debate.version, chat, thread, at)
        return at


def _at_its_time(offset: str) -> bool:
    """Whether a reminder was asked for at its very time, not just on its day."""
    return offset.endswith("h") or offset.startswith(reminders.SNOOZED)


def _told_once(tx: Transaction, found: Sequence[Preview]) -> list[Preview]:
    """Without what is told along with an earlier meeting, but for the last reminder of each."""
    last = {(one.chat, one.debate.id): one for one in found}
    along: set[tuple[ChatRef, int]] = set()
    kept = []
    for one in found:
        if (one.chat, one.debate.id) not in along or last[one.chat, one.debate.id] is one:
            kept.append(one)
            along |= {(one.chat, other) for other in wandering.covered(tx, [one.debate])}
    return kept


def unheard(before: Debate | None) -> bool:
    """Whether nobody could have been reminded of a debate as it was: it is new, a proposal, or called off."""
    return before is None or before.state != "planned" or not before.announced


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
