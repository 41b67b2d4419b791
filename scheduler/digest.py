"""Once a week, subscribed chats are told what was reported at their places; when nothing was, nothing."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from knowledge.places import Places
from scheduler.calendar import day_span, instant, local_day
from store import chats, outbox, reminders, reports
from store.chats import EVERYWHERE, Subscription
from store.database import Transaction
from store.messages import ChatRef, Kind, Outgoing
from store.reports import Report

# The setting that holds up to when (ISO 8601, UTC) reports have been told.
TOLD_UNTIL = "digest_told_until"
WEEK = timedelta(days=7)
# After a long rest nobody is told of everything that was.
LOOKED_BACK = 4 * WEEK
AT = time(10)

# Puts the reports of a week into words for a chat, whose language may be None.
Write = Callable[[Sequence[Report], str | None], str]


@dataclass(frozen=True)
class Digest:
    """Told on Mondays at ten, or a day later where a reminder is posted on that day."""

    zone: ZoneInfo
    places: Places
    write: Write

    def due(self, tx: Transaction, now: datetime) -> None:
        """Queue the digests of all weeks not yet told, one per chat and thread."""
        day = local_day(now, self.zone)
        monday = day - timedelta(days=day.weekday())
        week = day_span(monday, self.zone)[0]
        told = chats.setting(tx, TOLD_UNTIL)
        start = max(datetime.fromisoformat(told) if told else week - WEEK, week - LOOKED_BACK)
        if start >= week or now < instant(datetime.combine(monday, AT), self.zone):
            return
        chats.set_setting(tx, TOLD_UNTIL, week.isoformat())
        found = reports.between(tx, start, week)
        for mine in _by_chat(chats.all_subscriptions(tx)):
            self._post(tx, mine, found, week, now)

    def _post(
        self,
        tx: Transaction,
        mine: Sequence[Subscription],
        found: Sequence[Report],
        week: datetime,
        now: datetime,
    ) -> None:
        wanted = [one for one in found if any(self._wants(each, one) for each in mine)]
        if not wanted:
            return
        ref = mine[0].ref
        body = self.write(wanted, chats.find(tx, ref.room).language)
        at = self._free_day(tx, mine[0].chat, ref, now)
        message = Outgoing(f"digest:{week:%Y-%m-%d}:{ref}", ref, body, Kind.NOTICE, not_before=at)
        outbox.put(tx, message, now)

    def _wants(self, one: Subscription, report: Report) -> bool:
        if one.place in (EVERYWHERE, report.place):
            return True
        place = self.places.get(report.place)
        return one.towns and place is not None and place.district == one.place

    def _free_day(self, tx: Transaction, chat: int, ref: ChatRef, now: datetime) -> datetime:
        """Now, or the same time on the next day without a reminder: one post a day is enough."""
        for days in range(5):
            wall = now.astimezone(self.zone).replace(tzinfo=None) + timedelta(days=days)
            start, end = day_span(wall.date(), self.zone)
            if not reminders.posted_between(tx, chat, ref.thread, start, end):
                return now if not days else instant(wall, self.zone)
        return now


def _by_chat(subscriptions: Iterable[Subscription]) -> Iterable[list[Subscription]]:
    found: dict[ChatRef, list[Subscription]] = defaultdict(list)
    for one in subscriptions:
        found[one.ref].append(one)
    return found.values()
