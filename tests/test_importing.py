"""Importing: the same twice changes nothing, changes are taken over, and people are not overruled."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, func, select

from knowledge.places import load_places
from scheduler.agendas.meetings import FoundItem, FoundMeeting
from scheduler.importing import Imported, Source, bring_in
from scheduler.reminders import Composed, Planner
from store import chats, debates, reminders
from store.debates import Debate
from store.messages import ChatRef
from store.tables import debates as table
from store.tables import outbox
from tests.conftest import NOW

DAY = timedelta(days=1)
CURATED, SERVER = Source("termine.yaml", True), Source("rat.ics", False)
MEETING = FoundMeeting(
    key="1",
    place="Rostock",
    title="Haushaltssatzung 2027",
    council="Bürgerschaft",
    starts=NOW + 20 * DAY,
    time_known=True,
    ends=None,
    location="Rathaus",
    url="https://rat.example.org/1",
    cancelled=False,
    items=(FoundItem("1", "Haushaltssatzung 2027", True), FoundItem("2", "Grundstücke", False)),
)


class Office:
    """One store in memory with somebody subscribed to Rostock."""

    def __init__(self, tx: Connection) -> None:
        self.tx, self.now = tx, NOW
        compose = lambda _, post: Composed(" ".join(note.offset for note in post.notes))  # noqa: E731
        self.planner = Planner(ZoneInfo("Europe/Berlin"), None, load_places(), compose)
        mia = chats.keep(tx, ChatRef("terminal", "mia"), True, "terminal:mia", NOW)
        chats.subscribe(tx, mia.id, "", "Rostock", False, "7d,1d", NOW)

    def bring(self, *meetings: FoundMeeting, source: Source = CURATED) -> Imported:
        placed = [(one, one.place or "Rostock") for one in meetings]
        return bring_in(self.tx, placed, source, self.planner, self.now)

    def known(self) -> list[Debate]:
        states = ("planned", "cancelled", "wrong")
        return debates.between(self.tx, NOW - 1000 * DAY, states=states)

    def tell_until(self, days: int) -> list[str]:
        self.now = NOW + days * DAY
        while self.planner.tell_due(self.tx, self.now):
            pass
        return self.bodies()

    def bodies(self) -> list[str]:
        return list(self.tx.execute(select(outbox.c.body).order_by(outbox.c.id)).scalars())

    def dues(self) -> Sequence[object]:
        return reminders.due(self.tx, NOW + 1000 * DAY, 100)


@pytest.fixture
def office(tx: Connection) -> Office:
    return Office(tx)


def test_a_meeting_becomes_a_debate_with_its_public_items(office: Office) -> None:
    assert office.bring(MEETING) == Imported(new=1, announced=1)
    (debate,) = office.known()
    assert (debate.place, debate.council, debate.level, debate.state) == (
        "Rostock",
        "Bürgerschaft",
        "budget",
        "planned",
    )
    assert [item.title for item in debate.items] == ["Haushaltssatzung 2027"]


@pytest.mark.parametrize("source", [CURATED, SERVER])
def test_the_same_twice_changes_nothing(office: Office, source: Source) -> None:
    meetings = [replace(MEETING, key=str(number), starts=NOW + number * DAY) for number in range(5, 10)]
    office.bring(*meetings, source=source)
    known, dues = office.known(), office.dues()
    assert office.bring(*meetings, source=source) == Imported(same=5, announced=5)
    assert (office.known(), office.dues()) == (known, dues)


def test_the_same_twice_in_one_source_is_one(office: Office) -> None:
    assert office.bring(MEETING, MEETING) == Imported(new=1, same=1, announced=2)
    assert len(office.known()) == 1


@pytest.mark.parametrize(
    ("change", "version"),
    [
        ({"title": "Haushalt 2027/2028"}, 1),
        ({"url": "https://rat.example.org/2"}, 1),
        ({"items": ()}, 1),
        ({"location": "Stadthalle"}, 2),
        ({"starts": NOW + 21 * DAY}, 2),
        ({"cancelled": True}, 2),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_changed_field_is_taken_over(office: Office, change: dict[str, object], version: int) -> None:
    office.bring(MEETING)
    changed = replace(MEETING, **change)  # type: ignore[arg-type]
    done = office.bring(changed)
    (debate,) = office.known()
    assert (done.changed, done.new, done.cancelled) == (1, 0, int("cancelled" in change))
    assert debate.version == version
    assert office.bring(changed).same == 1


def test_those_who_were_told_hear_of_a_cancellation_once(office: Office) -> None:
    office.bring(MEETING)
    assert office.tell_until(14) == ["7d"]
    for _ in range(2):
        office.bring(replace(MEETING, cancelled=True))
    assert office.bodies() == ["7d", "cancelled"]
    assert office.tell_until(30) == ["7d", "cancelled"]
    assert office.dues() == []


def test_a_meeting_that_moves_keeps_its_number_and_is_reminded_of_anew(office: Office) -> None:
    office.bring(MEETING)
    (before,) = office.known()
    office.tell_until(14)
    office.bring(replace(MEETING, starts=NOW + 30 * DAY))
    (after,) = office.known()
    assert after.id == before.id
    assert office.tell_until(23) == ["7d", "moved", "7d"]


def test_what_people_said_was_wrong_stays_wrong(office: Office) -> None:
    office.bring(MEETING)
    (debate,) = office.known()
    debates.change(office.tx, replace(debate, state="wrong"), NOW)
    for change in ({}, {"title": "Haushaltssatzung 2028"}, {"starts": NOW + 21 * DAY}):
        office.bring(replace(MEETING, **change))  # type: ignore[arg-type]
        assert [one.state for one in office.known()] == ["wrong"]
    assert office.tell_until(30) == []


def test_one_meeting_known_from_two_sources_is_one(office: Office) -> None:
    office.bring(MEETING)
    twin = replace(
        MEETING, key="other-7", title="Beratung der Haushaltssatzung 2027", url="https://other.example.org"
    )
    assert office.bring(twin, source=SERVER).new == 0
    (debate,) = office.known()
    assert debate.source == "termine.yaml"
    assert office.bring(twin, source=SERVER).same == 1
    assert office.bring(MEETING).same == 1


@pytest.mark.parametrize(
    "by_hand",
    [
        {"title": "Haushaltssatzung 2027"},
        {"title": "Haushalt", "council": "Bürgerschaft"},
        {"title": "Sitzung der Bürgerschaft"},
        {"title": "Bürgerschaft", "starts": NOW + 20 * DAY - timedelta(hours=9), "time_known": False},
    ],
)
def test_what_an_organiser_entered_is_recognised_in_a_source(
    office: Office, by_hand: dict[str, object]
) -> None:
    entered = Debate(**{"place": "Rostock", "starts": NOW + 20 * DAY, "source": "hand", **by_hand})
    debates.add(office.tx, entered, NOW)
    agenda = (FoundItem("Ö 4", "Haushaltssatzung 2027", True),)
    office.bring(replace(MEETING, title="12. Sitzung der Bürgerschaft", items=agenda), source=SERVER)
    (debate,) = office.known()
    assert (debate.starts, debate.time_known) == (NOW + 20 * DAY, True)
    assert office.bring(replace(MEETING, time_known=False), source=SERVER).changed == 1
    assert office.known()[0].time_known


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Ausschuss für Umwelt", "items": ()},
        {"starts": NOW + 20 * DAY + timedelta(hours=1)},
        {"place": "Wismar"},
    ],
)
def test_another_meeting_is_another(office: Office, change: dict[str, object]) -> None:
    office.bring(MEETING)
    office.bring(replace(MEETING, key="2", **change), source=SERVER)  # type: ignore[arg-type]
    assert office.tx.execute(select(func.count()).select_from(table)).scalar_one() == 2


def test_a_source_may_not_hide_what_an_organiser_entered(office: Office) -> None:
    by_hand = Debate(
        "Rostock", "Sitzung der Bürgerschaft", NOW + 20 * DAY, "hand", created_by="terminal:anna"
    )
    debates.add(office.tx, by_hand, NOW)
    twin = replace(MEETING, title="Sitzung der Bürgerschaft", items=())
    office.bring(twin, source=SERVER)
    (debate,) = office.known()
    assert (debate.announced, debate.created_by, debate.source) == (True, "terminal:anna", "hand")


def test_meetings_of_a_server_are_announced_only_when_they_matter(office: Office) -> None:
    dull = replace(MEETING, key="2", title="Ausschuss für Umwelt", items=(), starts=NOW + 22 * DAY)
    done = office.bring(MEETING, dull, source=SERVER)
    assert (done.new, done.announced) == (2, 1)
    assert office.tell_until(19) == ["1d"]
    assert {one.title for one in office.known() if one.announced} == {"Haushaltssatzung 2027"}


def test_a_meeting_of_the_past_reminds_nobody(office: Office) -> None:
    office.bring(replace(MEETING, starts=NOW - DAY))
    assert office.tell_until(1) == []
