"""Reminders: planned as a small reference says, told once, shared by day, and corrected to who was told."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from knowledge.places import load_places
from scheduler import calendar
from scheduler.importing import change_kind
from scheduler.reminders import Composed, Note, Planner, Post, unheard
from store import chats, debates, reminders
from store.debates import Debate, Item
from store.messages import ChatRef, Kind
from store.tables import outbox, subscriptions
from store.tables import reminders as reminder_table
from tests.conftest import NOW, memory

ZONE = ZoneInfo("Europe/Berlin")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Districts and towns in it: who subscribes to a district with its towns hears of both.
PLACES = ("Rostock", "Landkreis Rostock", "Güstrow")


class World:
    """Chats, debates and a clock in memory, with everything that was ever posted."""

    def __init__(self, tx: Connection, now: datetime = NOW) -> None:
        self.tx, self.now = tx, now
        self.planner = Planner(ZONE, None, load_places(), self._compose)
        self.posts: list[tuple[datetime, Post]] = []
        self.debates: list[Debate] = []

    def _compose(self, _: object, post: Post) -> Composed:
        self.posts.append((self.now, post))
        return Composed(" ".join(f"{note.debate.id}:{note.offset}" for note in post.notes))

    def chat(self, name: str) -> int:
        return chats.keep(self.tx, ChatRef("terminal", name), True, f"terminal:{name}", self.now).id

    def subscribe(
        self, name: str, place: str = "Rostock", offsets: str = "7d,1d", towns: bool = False
    ) -> None:
        chats.subscribe(self.tx, self.chat(name), "", place, towns, offsets, self.now)
        self.planner.plan_chat(self.tx, self.chat(name), self.now)
        self.tick()

    def unsubscribe(self, name: str, place: str | None = None) -> None:
        chats.unsubscribe(self.tx, self.chat(name), "", place)
        self.planner.plan_chat(self.tx, self.chat(name), self.now)
        self.tick()

    def enter(self, starts: datetime, place: str = "Rostock", **more: object) -> Debate:
        debate = debates.add(self.tx, Debate(place, "Haushalt", starts, "hand", **more), self.now)  # type: ignore[arg-type]
        self.debates.append(debate)
        self.planner.plan_debate(self.tx, debate, self.now, fresh=True)
        self.tick()
        return debate

    def change(self, number: int, **values: object) -> list[str]:
        """Change a debate as the commands do; the chats that were told of it."""
        before, posted = self.debates[number], len(self.posts)
        after = replace(before, **values)  # type: ignore[arg-type]
        kind = "wrong" if after.state == "wrong" else change_kind(before, after)
        self.debates[number] = debates.change(self.tx, after, self.now, tell=kind is not None)
        self.planner.plan_debate(self.tx, self.debates[number], self.now, unheard(before))
        if kind is not None:
            self.planner.tell_change(self.tx, before, self.debates[number], kind, self.now)
        told = [post.chat.chat for _, post in self.posts[posted:]]
        self.tick()
        return told

    def tick(self) -> None:
        while self.planner.tell_due(self.tx, self.now):
            pass

    def run_until(self, to: datetime) -> None:
        """Let time go by as the alarm does: awake at every instant something is due."""
        while (at := reminders.next_due(self.tx)) is not None and at <= to:
            self.now = max(at, self.now)
            self.tick()
        self.now = to

    def sleep_until(self, to: datetime) -> None:
        """Let time go by while the program is down."""
        self.now = to
        self.tick()

    def dues(self) -> dict[str, datetime]:
        """When which offset is due, of all that is still to be told."""
        rows = self.tx.execute(select(reminder_table).where(reminder_table.c.state == "due"))
        return {row.offset: row.due_at for row in rows}

    def said(self) -> list[tuple[str, str]]:
        """What was posted since the last time, as (chat, "debate:offset …")."""
        found = [
            (post.chat.chat, " ".join(f"{note.debate.id}:{note.offset}" for note in post.notes))
            for _, post in self.posts
        ]
        self.posts.clear()
        return found


@pytest.fixture
def world(tx: Connection) -> World:
    return World(tx)


def at(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=ZONE).astimezone(UTC)


def test_a_subscriber_is_reminded_at_each_offset_and_never_again(world: World) -> None:
    world.subscribe("mia")
    world.enter(at("2026-12-15 18:00"))
    said = []
    for moment in (
        "2026-12-08 17:59",
        "2026-12-08 18:00",
        "2026-12-14 17:59",
        "2026-12-14 18:00",
        "2026-12-20 00:00",
    ):
        world.run_until(at(moment))
        said.append(world.said())
    assert said == [[], [("mia", "1:7d")], [], [("mia", "1:1d")], []]


def test_who_subscribes_to_a_district_hears_of_its_towns_when_asked(world: World) -> None:
    world.subscribe("with", "Landkreis Rostock", towns=True)
    world.subscribe("without", "Landkreis Rostock")
    world.subscribe("all", chats.EVERYWHERE)
    world.enter(NOW + 10 * DAY, "Güstrow")
    world.run_until(NOW + 4 * DAY)
    assert sorted(world.said()) == [("all", "1:7d"), ("with", "1:7d")]


def test_a_debate_known_late_is_told_at_once_and_once(world: World) -> None:
    world.subscribe("mia")
    world.enter(NOW + 3 * DAY)
    assert world.said() == [("mia", "1:late")]
    world.run_until(NOW + 10 * DAY)
    assert world.said() == [("mia", "1:1d")]


def test_a_debate_that_is_over_or_not_announced_is_told_to_nobody(world: World) -> None:
    world.subscribe("mia")
    world.enter(NOW - DAY)
    world.enter(NOW + 3 * DAY, announced=False)
    world.run_until(NOW + 10 * DAY)
    assert world.said() == []


def test_debates_of_one_day_share_a_post_by_their_time(world: World) -> None:
    world.subscribe("mia")
    world.enter(at("2026-12-15 19:00"))
    world.enter(at("2026-12-15 17:00"))
    world.enter(at("2026-12-16 17:00"))
    world.run_until(at("2026-12-31 00:00"))
    assert world.said() == [
        ("mia", "2:7d 1:7d"),
        ("mia", "3:7d"),
        ("mia", "2:1d 1:1d"),
        ("mia", "3:1d"),
    ]


def test_what_was_asked_for_by_the_hour_comes_at_its_hour(world: World) -> None:
    world.subscribe("mia", offsets="1d,2h")
    world.enter(at("2026-12-15 18:00"))
    world.enter(at("2026-12-16 10:00"))
    world.run_until(at("2026-12-14 18:00"))
    world.said()
    world.run_until(at("2026-12-15 15:59"))
    assert world.said() == [("mia", "2:1d")]
    world.run_until(at("2026-12-15 16:00"))
    assert world.said() == [("mia", "1:2h")]


def test_two_subscriptions_that_fit_remind_once(world: World) -> None:
    world.subscribe("mia", "Rostock", "1d")
    world.subscribe("mia", chats.EVERYWHERE, "1d,2d")
    world.enter(NOW + 10 * DAY)
    world.run_until(NOW + 20 * DAY)
    assert world.said() == [("mia", "1:2d"), ("mia", "1:1d")]


def test_after_a_downtime_what_is_still_ahead_is_told_late_and_once(world: World) -> None:
    world.subscribe("mia")
    world.enter(NOW + 10 * DAY)
    world.sleep_until(NOW + 9 * DAY + HOUR)
    ((_, post),) = world.posts
    assert [(note.offset, note.late) for note in post.notes] == [("1d", True)]
    world.run_until(NOW + 20 * DAY)
    assert len(world.posts) == 1


def test_after_a_downtime_what_is_over_is_not_told(world: World) -> None:
    world.subscribe("mia")
    world.enter(NOW + 10 * DAY)
    world.sleep_until(NOW + 11 * DAY)
    assert world.said() == []
    assert reminders.next_due(world.tx) is None


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"state": "cancelled"}, "cancelled"),
        ({"state": "wrong"}, "wrong"),
        ({"starts": NOW + 12 * DAY}, "moved"),
        ({"location": "Rathaus"}, "moved"),
    ],
)
def test_exactly_those_who_were_told_hear_of_a_change(
    world: World, change: dict[str, object], kind: str
) -> None:
    world.subscribe("mia")
    world.subscribe("left")
    world.subscribe("ben", offsets="1d")
    world.enter(NOW + 10 * DAY)
    world.run_until(NOW + 4 * DAY)
    world.unsubscribe("left")
    world.said()
    assert world.change(0, **change) == ["mia", "left"]
    rows = world.tx.execute(select(outbox.c.chat, outbox.c.kind).order_by(outbox.c.id.desc()).limit(2))
    assert sorted(tuple(row) for row in rows) == [("left", Kind.NOTICE), ("mia", Kind.NOTICE)]
    assert [text for _, text in world.said()] == [f"1:{kind}"] * 2


def test_a_change_nobody_needs_to_hear_is_told_to_nobody(world: World) -> None:
    world.subscribe("mia")
    world.enter(NOW + 10 * DAY)
    world.run_until(NOW + 4 * DAY)
    assert world.change(0, url="https://example.org", level="budget") == []


def test_a_moved_debate_is_reminded_of_anew(world: World) -> None:
    world.subscribe("mia")
    world.enter(NOW + 10 * DAY)
    world.run_until(NOW + 4 * DAY)
    world.change(0, starts=NOW + 20 * DAY)
    world.said()
    world.run_until(NOW + 30 * DAY)
    assert world.said() == [("mia", "1:7d"), ("mia", "1:1d")]


def test_a_cancelled_debate_reminds_nobody_and_one_that_takes_place_after_all_does(world: World) -> None:
    world.subscribe("mia")
    world.enter(NOW + 10 * DAY)
    world.run_until(NOW + 4 * DAY)
    world.change(0, state="cancelled")
    world.run_until(NOW + 5 * DAY)
    assert [text for _, text in world.said()] == ["1:7d", "1:cancelled"]
    assert world.change(0, state="planned") == ["mia"]
    world.run_until(NOW + 20 * DAY)
    assert [text for _, text in world.said()] == ["1:again", "1:1d"]


def test_the_preview_is_what_will_be_told(world: World) -> None:
    for name, offsets in (("mia", "7d,1d"), ("ben", "3d,2h")):
        world.subscribe(name, offsets=offsets)
    for days in (10, 12):
        world.enter(NOW + days * DAY + HOUR)
    seen = world.planner.preview(world.tx, NOW, NOW + 30 * DAY)
    world.run_until(NOW + 30 * DAY)
    told = [
        (when, post.chat.chat, note.debate.id, note.offset)
        for when, post in world.posts
        for note in post.notes
    ]
    assert sorted((one.at, one.chat.chat, one.debate.id, one.offset.code) for one in seen) == sorted(told)


def test_a_debate_nobody_knew_yet_is_told_once_when_it_moves_near(world: World) -> None:
    world.subscribe("mia")
    world.subscribe("ben", offsets="14d,2d")
    world.enter(NOW + 20 * DAY)
    world.run_until(NOW + 7 * DAY)
    assert world.said() == [("ben", "1:14d")]
    assert world.change(0, starts=NOW + 7 * DAY + 5 * HOUR) == ["ben"]
    assert world.said() == [("ben", "1:moved"), ("mia", "1:late")]
    world.run_until(NOW + 30 * DAY)
    assert world.said() == []


def test_what_takes_place_after_all_is_told_to_those_who_never_heard_of_it(world: World) -> None:
    world.subscribe("mia")
    world.enter(NOW + 10 * DAY)
    world.change(0, state="cancelled")
    world.run_until(NOW + 9 * DAY + HOUR)
    world.change(0, state="planned")
    assert world.said() == [("mia", "1:late")]


def test_a_muted_debate_stays_muted_when_it_moves(world: World) -> None:
    world.subscribe("mia")
    world.enter(NOW + 10 * DAY)
    world.run_until(NOW + 4 * DAY)
    reminders.mute(world.tx, 1, world.chat("mia"), "", world.now)
    world.change(0, starts=NOW + 20 * DAY)
    assert world.planner.preview(world.tx, world.now, NOW + 30 * DAY) == []
    world.run_until(NOW + 30 * DAY)
    assert [text for _, text in world.said()] == ["1:7d", "1:moved"]


def test_what_waited_for_a_quieter_day_does_not_call_itself_late(world: World) -> None:
    ref = ChatRef("terminal", "gruppe")
    group = chats.keep(world.tx, ref, False, "", world.now)
    chats.subscribe(world.tx, group.id, "", "Rostock", False, "36h", world.now)
    world.enter(NOW + 36 * HOUR + HOUR)
    world.enter(NOW + 36 * HOUR + 4 * HOUR)
    world.run_until(NOW + 5 * DAY)
    first, second = world.posts
    assert [[(one.debate.id, one.late) for one in post.notes] for _, post in (first, second)] == [
        [(1, False)],
        [(2, False)],
    ]


def items(*titles: str) -> tuple[Item, ...]:
    return tuple(Item(title, level="shelter_money") for title in titles)


def test_an_item_that_wanders_through_committees_is_told_as_one_thing(world: World) -> None:
    world.subscribe("mia")
    grant, other = "Zuschuss für das Frauenhaus 2031", "Zuschuss für die Beratungsstelle 2031"
    world.enter(NOW + 20 * DAY, items=items(f"{grant}: Vorberatung"))
    world.enter(NOW + 27 * DAY, items=items(grant))
    world.enter(NOW + 27 * DAY, "Schwerin", items=items(grant))
    world.enter(NOW + 30 * DAY, items=items(grant, "Verschiedenes"))
    world.enter(NOW + 30 * DAY, items=items(other))
    world.enter(NOW + 300 * DAY, items=items(grant))
    seen = world.planner.preview(world.tx, NOW, NOW + 40 * DAY)
    world.run_until(NOW + 13 * DAY)
    ((_, post),) = world.posts
    assert [(note.debate.id, [one.id for one in note.then]) for note in post.notes] == [(1, [2, 4])]
    world.run_until(NOW + 40 * DAY)
    told = [note for _, text in world.said() for note in text.split()]
    assert told == ["1:7d", "1:1d", "5:7d", "2:1d", "4:1d", "5:1d"]
    assert [f"{one.debate.id}:{one.offset.code}" for one in seen] == told
    assert world.change(3, location="Rathaus") == ["mia"]


def test_an_item_known_in_two_committees_at_once_is_one_note(world: World) -> None:
    world.subscribe("mia")
    world.now = NOW
    grant = items("Zuschuss für das Frauenhaus 2031")
    for days in (2, 4):
        starts = NOW + days * DAY
        debate = debates.add(world.tx, Debate("Rostock", "Sitzung", starts, "x", items=grant), NOW)
        world.debates.append(debate)
        world.planner.plan_debate(world.tx, debate, NOW, fresh=True)
    world.tick()
    assert world.said() == [("mia", "1:late")]
    world.run_until(NOW + 5 * DAY)
    assert world.said() == [("mia", "1:1d"), ("mia", "2:1d")]


# Random histories against a small reference.

NAMES = st.sampled_from(["mia", "ben", "eve"])
OFFSETS = st.lists(
    st.sampled_from(["14d", "7d", "1d", "1h", "30h"]), min_size=1, max_size=3, unique=True
).map(",".join)
HOURS = st.integers(1, 24 * 20)
STEPS = st.one_of(
    st.tuples(st.just("subscribe"), NAMES, st.sampled_from([*PLACES, "*"]), OFFSETS, st.booleans()),
    st.tuples(st.just("unsubscribe"), NAMES, st.sampled_from([*PLACES, "*", None])),
    st.tuples(st.just("enter"), HOURS, st.sampled_from(PLACES)),
    st.tuples(st.just("move"), st.integers(0, 9), HOURS),
    st.tuples(st.just("state"), st.integers(0, 9), st.sampled_from(["planned", "cancelled", "wrong"])),
    st.tuples(st.just("run"), st.integers(1, 100)),
    st.tuples(st.just("sleep"), st.integers(1, 100)),
)
Row = tuple[int, int, str, int, datetime]


def reference(world: World) -> set[Row]:
    """Every reminder that lies ahead, from debates and subscriptions alone."""
    district = {"Güstrow": "Landkreis Rostock"}
    wishes = world.tx.execute(select(subscriptions)).all()
    found: set[Row] = set()
    for debate in world.debates:
        if debate.state != "planned":
            continue
        for wish in wishes:
            if wish.place in (debate.place, "*") or (wish.towns and wish.place == district.get(debate.place)):
                for code in wish.offsets.split(","):
                    due = _due(debate.starts, code)
                    if due > world.now:
                        found.add((debate.id, wish.chat, code, debate.version, due))
    return found


def _due(starts: datetime, code: str) -> datetime:
    amount = int(code[:-1])
    if code.endswith("h"):
        return starts - amount * HOUR
    wall = starts.astimezone(ZONE).replace(tzinfo=None) - amount * DAY
    return wall.replace(tzinfo=ZONE).astimezone(UTC)


def rows(world: World, *states: str) -> set[Row]:
    table = reminder_table.c
    query = select(table.debate, table.chat, table.offset, table.version, table.due_at, table.state)
    return {tuple(row)[:5] for row in world.tx.execute(query) if row.state in states}  # type: ignore[misc]


def told_of(world: World, number: int) -> set[str]:
    return {
        post.chat.chat
        for _, post in world.posts
        for note in post.notes
        if note.debate.id == world.debates[number].id
    }


def check(world: World) -> None:
    """What must hold after every step."""
    settled = {row[:4] for row in rows(world, "told", "missed")}
    ahead = {row for row in reference(world) if row[:4] not in settled}
    assert rows(world, "due") == ahead
    notes = Counter(
        (post.chat, note.debate.id, note.debate.version, note.offset)
        for _, post in world.posts
        for note in post.notes
    )
    assert max(notes.values(), default=1) == 1


def _notes(world: World) -> Iterator[tuple[datetime, Note]]:
    for when, post in world.posts:
        for note in post.notes:
            yield when, note


@given(st.lists(STEPS, min_size=3, max_size=20))
def test_any_history_is_told_as_the_reference_says(steps: list[tuple]) -> None:  # type: ignore[type-arg]
    connection = memory()
    try:
        _play(World(connection), steps)
    finally:
        connection.close()
        connection.engine.dispose()


def _play(world: World, steps: list[tuple]) -> None:  # type: ignore[type-arg]
    for kind, *details in steps:
        _step(world, kind, details)
        check(world)
    for when, note in _notes(world):
        if note.offset not in ("moved", "cancelled", "wrong", "again"):
            assert note.debate.state == "planned"
            assert when < calendar.over_at(note.debate.starts, note.debate.ends)


def _step(world: World, kind: str, details: list) -> None:  # type: ignore[type-arg]
    if kind == "subscribe":
        name, place, offsets, towns = details
        world.subscribe(name, place, offsets, towns)
    elif kind == "unsubscribe":
        world.unsubscribe(*details)
    elif kind == "enter":
        world.enter(world.now + details[0] * HOUR, details[1])
    elif kind == "run":
        world.run_until(world.now + details[0] * HOUR)
    elif kind == "sleep":
        world.sleep_until(world.now + details[0] * HOUR)
    elif details[0] < len(world.debates):
        _change(world, kind, *details)


def _change(world: World, kind: str, number: int, value: object) -> None:
    knew, before = told_of(world, number), world.debates[number]
    starts = world.now + value * HOUR if kind == "move" else before.starts  # type: ignore[operator]
    change = {"state": value} if kind == "state" else {"starts": starts}
    told = world.change(number, **change)
    silent = value == before.state or (
        kind == "move" and (before.state != "planned" or starts == before.starts)
    )
    assert sorted(told) == ([] if silent else sorted(knew))


def test_new_quiet_hours_move_what_is_planned_already(world: World) -> None:
    world.subscribe("a", offsets="7d,3h")
    world.enter(world.now + 9 * DAY)
    planned = {
        one.offset.code: one.at for one in world.planner.preview(world.tx, world.now, world.now + 9 * DAY)
    }
    begins = planned["7d"].astimezone(ZONE).time()
    over = (planned["7d"].astimezone(ZONE) + 2 * HOUR).time()
    for quiet in (calendar.Quiet(begins, over), None):
        world.planner = replace(world.planner, quiet=quiet)
        world.planner.keep_hours(world.tx, world.now)
        assert world.dues() == {"7d": planned["7d"] + (2 * HOUR if quiet else 0 * HOUR), "3h": planned["3h"]}
        assert world.dues() == {
            one.offset.code: one.at for one in world.planner.preview(world.tx, world.now, world.now + 9 * DAY)
        }
