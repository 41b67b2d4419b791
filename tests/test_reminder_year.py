"""A simulated year of reminders, with crashes, downtime and both changes of the clock.

What the planner puts into the outbox is compared with a reference that keeps everything in plain lists:
not one post more, not one less, none at another time.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from knowledge.places import load_places
from scheduler import calendar
from scheduler.calendar import Offset, Quiet
from scheduler.reminders import Composed, Planner, over_at
from store import chats, debates, outbox, reminders
from store.database import Database, Transaction, open_database
from store.debates import Debate
from store.messages import ChatRef

ZONE = ZoneInfo("Europe/Berlin")
QUIET = Quiet(time(21), time(8))
BEGIN, END = datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
# Around the changes of 28 March and 31 October 2027 something always happens.
CHANGES = (datetime(2027, 3, 28, 0, 30, tzinfo=UTC), datetime(2027, 10, 31, 0, 30, tzinfo=UTC))
PLACES = ("Rostock", "Schwerin", "Wismar")
OFFSETS = ("7d,1d", "3d,1h", "1d", "14d,7d,2h", "30d,36h")


@dataclass(frozen=True)
class Happening:
    """Something a person does: a debate (by its index) becomes known, moves, or is cancelled."""

    at: datetime
    kind: str
    debate: int
    starts: datetime


@dataclass(frozen=True)
class Subscribed:
    name: str
    private: bool
    place: str
    offsets: str


@dataclass(frozen=True)
class Year:
    """A script: what happens, who is subscribed, and when the bot is down (from, to)."""

    chats: tuple[Subscribed, ...]
    places: tuple[str, ...]
    happenings: tuple[Happening, ...]
    down: tuple[tuple[datetime, datetime], ...]


# When, where, and what: each as (debate index, offset code).
Post = tuple[datetime, str, tuple[tuple[int, str], ...]]


def a_year(seed: int, many: int, people: int) -> Year:
    chance = random.Random(seed)  # noqa: S311 - a script, not a secret

    def moment(start: datetime, end: datetime) -> datetime:
        minutes = int((end - start) / timedelta(minutes=1))
        return start + timedelta(minutes=chance.randrange(max(minutes, 1)))

    happenings = []
    for number in range(many):
        near = chance.choice([*CHANGES, None, None])
        starts = near + timedelta(hours=chance.randrange(-60, 60)) if near else moment(BEGIN, END)
        starts = starts.replace(minute=chance.choice([0, 30]))
        known = max(BEGIN, starts - timedelta(hours=chance.choice([2, 20, 100, 400, 2000])))
        happenings.append(Happening(known, "new", number, starts))
        for _ in range(chance.choice([0, 0, 1, 2])):
            starts = max(known, starts + timedelta(hours=chance.choice([-30, -3, 1, 24, 170])))
            known = moment(known, max(starts, known + timedelta(minutes=2)))
            happenings.append(
                Happening(known, chance.choice(["moved", "moved", "cancelled"]), number, starts)
            )
    down = []
    at = BEGIN
    while at < END:
        at = moment(at, at + timedelta(days=20))
        until = at + timedelta(minutes=chance.choice([1, 10, 60, 600, 4000]))
        down.append((at, until))
        at = until
    shared = tuple(
        Subscribed(f"chat{n}", n % 2 == 0, chance.choice([*PLACES, "*"]), chance.choice(OFFSETS))
        for n in range(people)
    )
    places = tuple(chance.choice(PLACES) for _ in range(many))
    return Year(shared, places, tuple(sorted(happenings, key=lambda one: (one.at, one.debate))), tuple(down))


# --- the reference ----------------------------------------------------------------------------------


@dataclass
class Row:
    """One reminder that somebody should get."""

    chat: Subscribed
    debate: int
    offset: str
    due: datetime


@dataclass
class Reference:
    """The same promises in plain lists."""

    year: Year
    rows: list[Row] = field(default_factory=list)
    starts: dict[int, datetime] = field(default_factory=dict)
    posted: dict[str, date] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)

    def run(self) -> list[Post]:
        waiting = list(self.year.happenings)
        now = BEGIN
        while True:
            # The next thing that happens: somebody does something, or a reminder falls due.
            times = [one.at for one in waiting[:1]] + [row.due for row in self.rows]
            if not times:
                return self.posts
            now = awake(self.year, max(now, min(times)))
            while waiting and waiting[0].at <= now:
                self.take(waiting.pop(0), now)
            self.look(now)

    def take(self, one: Happening, now: datetime) -> None:
        fresh = one.kind == "new"
        if not fresh and one.debate not in self.starts:
            return
        if not fresh and one.kind == "moved" and self.starts[one.debate] == one.starts:
            return
        waiting = {(row.chat.name, row.offset) for row in self.rows if row.debate == one.debate}
        self.rows = [row for row in self.rows if row.debate != one.debate]
        if one.kind == "cancelled":
            del self.starts[one.debate]
            return
        self.starts[one.debate] = one.starts
        if one.starts + timedelta(hours=3) <= now:
            return
        for chat in self.year.chats:
            if chat.place in ("*", self.year.places[one.debate]):
                lost = {offset for name, offset in waiting if name == chat.name}
                self.plan(chat, one, now, fresh, lost)

    def plan(self, chat: Subscribed, one: Happening, now: datetime, fresh: bool, lost: set[str]) -> None:
        dues = {
            code: calendar.due_at(one.starts, None, Offset.parse(code), ZONE, QUIET)
            for code in chat.offsets.split(",")
        }
        ahead = {code: due for code, due in dues.items() if due > now}
        # Whoever was told hears of the move; whoever was about to be told hears of it at once.
        heard = any(
            name == chat.name and one.debate in {number for number, _ in told} for _, name, told in self.posts
        )
        if not heard and (set(dues) if fresh else lost) - set(ahead):
            ahead["late"] = now
        self.rows += [Row(chat, one.debate, code, due) for code, due in ahead.items()]

    def look(self, now: datetime) -> None:
        for chat in self.year.chats:
            if any(row.chat == chat and row.due <= now for row in self.rows):
                self.tell(chat, now)

    def tell(self, chat: Subscribed, now: datetime) -> None:
        today = now.astimezone(ZONE).date()
        mine = [row for row in self.rows if row.chat == chat]
        taken = [
            row
            for row in mine
            if row.due <= now or (row.due.astimezone(ZONE).date() <= today and not row.offset.endswith("h"))
        ]
        self.rows = [row for row in self.rows if row not in taken]
        latest: dict[int, Row] = {}
        for row in sorted(taken, key=lambda row: row.due):
            if self.starts[row.debate] + timedelta(hours=3) > now:
                latest[row.debate] = row
        told = list(latest.values())
        if not chat.private and self.posted.get(chat.name) == today:
            told = self.put_off(told, today)
        if told:
            self.posts.append((now, chat.name, tuple(sorted((row.debate, row.offset) for row in told))))
            self.posted[chat.name] = today

    def put_off(self, told: list[Row], today: date) -> list[Row]:
        morning = datetime.combine(today + timedelta(days=1), time(8), ZONE).astimezone(UTC)
        now_or_never = [row for row in told if self.starts[row.debate] + timedelta(hours=3) <= morning]
        self.rows += [replace(row, due=morning) for row in told if row not in now_or_never]
        return now_or_never


def awake(year: Year, at: datetime) -> datetime:
    """The moment itself, or the end of the downtime it falls into."""
    for begin, end in year.down:
        if begin <= at < end:
            return end
    return at


# --- the real thing ---------------------------------------------------------------------------------


class Crash(Exception):
    """The power goes off in the middle of a transaction."""


def composed(_: Transaction, __: object) -> Composed:
    return Composed("post")


@dataclass
class Played:
    """Plays a year on a real store, closing it and tearing transactions now and then."""

    year: Year
    folder: Path
    chance: random.Random
    planner: Planner
    ids: dict[int, int] = field(default_factory=dict)

    async def run(self) -> list[Post]:
        database = await self.opened()
        await database.write(self.subscribe)
        waiting, now = list(self.year.happenings), BEGIN
        while True:
            due = await database.read(reminders.next_due)
            times = [one.at for one in waiting[:1]] + ([due] if due else [])
            if not times:
                break
            earlier, now = now, awake(self.year, max(now, min(times)))
            if now > earlier and now > min(times):
                await database.close()
                database = await self.opened()
            while waiting and waiting[0].at <= now:
                await self.durably(database, waiting.pop(0), now)
            database = await self.look(database, now)
        posts = await database.read(self.posts)
        await database.close()
        return posts

    async def opened(self) -> Database:
        return await open_database(None, self.folder)

    def subscribe(self, tx: Transaction) -> None:
        for one in self.year.chats:
            known = chats.keep(tx, ChatRef("terminal", one.name), one.private, "", BEGIN)
            chats.subscribe(tx, known.id, "", one.place, False, one.offsets, BEGIN)

    async def durably(self, database: Database, one: Happening, now: datetime) -> None:
        """A happening, perhaps torn at first: then it is done again, as a message is."""
        if self.chance.random() < 0.1:
            with pytest.raises(Crash):
                await database.write(lambda tx: torn(self.take(tx, one, now)))
        number = await database.write(lambda tx: self.take(tx, one, now))
        self.ids[one.debate] = number

    def take(self, tx: Transaction, one: Happening, now: datetime) -> int:
        if one.kind == "new":
            place = self.year.places[one.debate]
            fresh = debates.add(tx, Debate(place, f"Haushalt {one.debate}", one.starts, "hand"), now)
            self.planner.plan_debate(tx, fresh, now, fresh=True)
            return fresh.id
        before = debates.get(tx, self.ids[one.debate])
        assert before is not None
        state = "cancelled" if one.kind == "cancelled" else before.state
        after = replace(before, starts=one.starts if state == "planned" else before.starts, state=state)
        if after != before and before.state == "planned":
            after = debates.change(tx, after, now)
            self.planner.plan_debate(tx, after, now)
        return before.id

    async def look(self, database: Database, now: datetime) -> Database:
        if self.chance.random() < 0.1:
            with pytest.raises(Crash):
                await database.write(lambda tx: torn(self.planner.tell_due(tx, now)))
            await database.close()
            database = await self.opened()
        while await database.write(lambda tx: self.planner.tell_due(tx, now)):
            pass
        return database

    def posts(self, tx: Transaction) -> list[Post]:
        numbers = {number: index for index, number in self.ids.items()}
        found = outbox.waiting(tx, "terminal", END + timedelta(days=1000), 100_000)
        return [
            (
                one.outgoing.not_before or BEGIN,
                one.outgoing.chat.chat,
                tuple(sorted(told_in(one.outgoing.key, numbers))),
            )
            for one in found
        ]


def told_in(key: str, numbers: dict[int, int]) -> Iterable[tuple[int, str]]:
    for part in key.rsplit(":", 1)[1].split(","):
        debate, offset, _ = part.split(".")
        yield numbers[int(debate)], offset


def torn(_: object) -> None:
    raise Crash


async def compare(seed: int, many: int, people: int, folder: Path) -> None:
    year = a_year(seed, many, people)
    planner = Planner(ZONE, QUIET, load_places(), composed)
    played = Played(year, folder, random.Random(seed + 1), planner)  # noqa: S311
    got, wanted = sorted(await played.run()), sorted(Reference(year).run())
    assert [one for one in wanted if one not in got] == []
    assert [one for one in got if one not in wanted] == []
    assert len(got) == len(wanted) > many
    assert over_at(Debate("a", "b", BEGIN, "c")) == BEGIN + timedelta(hours=3)


@pytest.mark.parametrize("seed", range(3))
async def test_a_short_year_tells_exactly_what_it_should(seed: int, tmp_path: Path) -> None:
    await compare(seed, many=12, people=6, folder=tmp_path)


@pytest.mark.hard
@pytest.mark.parametrize("seed", range(100, 106))
async def test_a_long_year_tells_exactly_what_it_should(seed: int, tmp_path: Path) -> None:
    await compare(seed, many=60, people=16, folder=tmp_path)
