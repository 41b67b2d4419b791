"""Brings what a source announced into the store: the same twice changes nothing."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from knowledge.relevance import TOLD_LEVELS, Level, is_budget_session, judge, judge_meeting
from knowledge.slips import same_words
from scheduler.agendas.discreet import safe_location, without_addresses
from scheduler.agendas.meetings import FoundMeeting
from scheduler.calendar import day_span, local_day
from scheduler.reminders import Planner, moved, over_at, unheard
from store import debates
from store.database import Transaction
from store.debates import Debate, Item

# Titles this alike, at the same place and time, are one meeting known from two sources.
SAME_TITLE_PERCENT = 80.0
# What an organiser entered in a chat; sources may add to it, but not hide it.
BY_HAND = "hand"
DAY = timedelta(days=1)
# In place of what a source said last of a meeting that it has deleted since.
GONE = "gone"


@dataclass(frozen=True)
class Source:
    """Where meetings come from. `curated`: written by people who know, so every meeting is announced.

    `automatic`: hits count at once; otherwise they are proposed to organisers first.
    """

    name: str
    curated: bool
    associations: Sequence[str] = ()
    automatic: bool = True


@dataclass
class Imported:
    """What an import did, counted; `proposed` are debates for organisers to accept."""

    new: int = 0
    changed: int = 0
    same: int = 0
    cancelled: int = 0
    announced: int = 0
    proposed: list[Debate] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """The numbers alone, for a summary."""
        numbers = {name: value for name, value in vars(self).items() if name != "proposed"}
        return {**numbers, "proposed": len(self.proposed)}


def bring_in(
    tx: Transaction,
    meetings: Iterable[tuple[FoundMeeting, str]],
    source: Source,
    planner: Planner,
    now: datetime,
    gone: Iterable[str] = (),
) -> Imported:
    """Store meetings, each with its canonical place; plan reminders, tell changes to those who know.

    `gone` are keys of meetings that the source has deleted: they count as cancelled.
    """
    done = Imported()
    for meeting, place in meetings:
        debate = as_debate(meeting, place, source)
        done.announced += debate.announced
        outcome = _bring_in_one(tx, debate, meeting.key, source, planner, now, done)
        setattr(done, outcome, getattr(done, outcome) + 1)
        done.cancelled += debate.state == "cancelled" and outcome != "same"
    for key in gone:
        known = debates.known_from(tx, source.name, key)
        if known is not None and known[0].source == source.name and known[0].state in ("planned", "proposed"):
            before = known[0]
            _update(tx, before, replace(before, state="cancelled"), planner, now)
            debates.remember_source(tx, source.name, key, before.id, GONE)
            planner.plan_debate(tx, replace(before, state="cancelled"), now)
            done.cancelled += 1
    return done


def as_debate(meeting: FoundMeeting, place: str, source: Source) -> Debate:
    """A meeting as the store keeps it, judged by its title and its public items."""
    public = [item for item in meeting.items if item.public is not False]
    items = tuple(
        Item(
            without_addresses(item.title),
            item.number or "",
            judge(item.title, meeting.title, source.associations).level,
        )
        for item in public
    )
    level = level_of(meeting.title, [item.title for item in public], source.associations)
    hit = level in TOLD_LEVELS
    state = "planned" if source.curated or source.automatic or not hit else "proposed"
    return Debate(
        place=place,
        council=meeting.council or "",
        title=without_addresses(meeting.title),
        starts=meeting.starts,
        time_known=meeting.time_known,
        ends=meeting.ends,
        location=safe_location(
            meeting.location or "", " ".join([meeting.title, *(one.title for one in items)])
        ),
        url=meeting.url or "",
        items=items,
        level=level,
        announced=source.curated or hit,
        state="cancelled" if meeting.cancelled else state,
        source=source.name,
    )


def level_of(title: str, items: Sequence[str], associations: Sequence[str]) -> Level:
    """How much a meeting matters, by its agenda, or by its name while there is none."""
    level = judge_meeting(title, items, associations).level
    return Level.BUDGET if level is Level.NONE and not items and is_budget_session(title) else level


def _bring_in_one(
    tx: Transaction,
    debate: Debate,
    key: str,
    source: Source,
    planner: Planner,
    now: datetime,
    done: Imported,
) -> str:
    known = debates.known_from(tx, source.name, key)
    mark = _fingerprint(debate)
    if known is not None and known[1] == mark:
        return "same"
    before = known[0] if known is not None else twin(tx, debate, source.name, planner.zone)
    if before is None and debate.state == "proposed" and over_at(debate) <= now:
        # Nobody need decide about what is over.
        debate = replace(debate, state="planned")
    after = debates.add(tx, debate, now) if before is None else _update(tx, before, debate, planner, now)
    debates.remember_source(tx, source.name, key, after.id, mark)
    planner.plan_debate(tx, after, now, fresh=unheard(before))
    if after.state == "proposed" and (before is None or before.state != "proposed"):
        done.proposed.append(after)
    if before is None:
        return "new"
    return "same" if after == before else "changed"


def _update(tx: Transaction, before: Debate, said: Debate, planner: Planner, now: datetime) -> Debate:
    if before.state == "wrong":
        # A person said so; a source does not overrule people.
        return before
    by_hand = before.source == BY_HAND
    if before.time_known and not said.time_known and abs(before.starts - said.starts) < DAY:
        # That a source does not know the time is no news.
        said = replace(said, starts=before.starts, time_known=True, ends=before.ends)
    after = replace(
        said,
        id=before.id,
        version=before.version,
        created_by=before.created_by,
        source=before.source,
        announced=said.announced or by_hand,
        state=_state(before, said),
        # What people wrote stays where a source has nothing to say.
        council=said.council or before.council,
        location=said.location or before.location,
        url=said.url or before.url,
        level=before.level if by_hand and not said.items else said.level,
    )
    if after == before:
        return before
    kind = change_kind(before, after) if over_at(before) > now else None
    after = debates.change(tx, after, now, tell=kind is not None)
    if kind is not None:
        planner.tell_change(tx, before, after, kind, now)
    return after


def _state(before: Debate, said: Debate) -> str:
    """What an organiser has accepted need not be proposed again, unless it was no hit then."""
    if said.state == "proposed" and before.state == "planned" and before.announced:
        return "planned"
    return said.state


def change_kind(before: Debate, after: Debate) -> str | None:
    """What those who know a debate must hear: cancelled, again (after all), moved, or nothing."""
    if "proposed" in (before.state, after.state):
        return None
    if after.state != before.state:
        return "cancelled" if after.state == "cancelled" else "again"
    return "moved" if after.state == "planned" and moved(before, after) else None


def twin(tx: Transaction, debate: Debate, source: str, zone: ZoneInfo) -> Debate | None:
    """The same meeting, already known from somewhere else; one source tells its own meetings apart."""
    begin, end = day_span(local_day(debate.starts, zone), zone)
    for other in debates.alike(tx, debate, begin, end, source):
        same_time = other.starts == debate.starts or not (other.time_known and debate.time_known)
        if same_time and _same_meeting(other, debate):
            return other
    return None


def _same_meeting(one: Debate, other: Debate) -> bool:
    """Whether two at the same place and time are one: alike by title, or one is named after what the
    other is a meeting of, or has on its agenda."""
    if _alike(one.title, other.title):
        return True
    named = [(a.title, name) for a, b in ((one, other), (other, one)) for name in _called(b)]
    return any(name and _alike(title, name) for title, name in named)


def _called(debate: Debate) -> list[str]:
    return [debate.council, *(item.title for item in debate.items if item.level != Level.NONE)]


def _alike(one: str, other: str) -> bool:
    return same_words(one.casefold(), other.casefold()) >= SAME_TITLE_PERCENT


def _fingerprint(debate: Debate) -> str:
    return hashlib.sha256(repr(debate).encode("utf-8", "replace")).hexdigest()[:32]
