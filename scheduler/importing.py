"""Brings what a source announced into the store: the same twice changes nothing."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from rapidfuzz.fuzz import token_set_ratio

from knowledge.relevance import TOLD_LEVELS, Level, is_budget_session, judge, judge_meeting
from scheduler.agendas.meetings import FoundMeeting
from scheduler.reminders import Planner, moved
from store import debates
from store.database import Transaction
from store.debates import Debate, Item

# Titles this alike, at the same place and time, are one meeting known from two sources.
SAME_TITLE_PERCENT = 80.0
# What an organiser entered in a chat; sources may add to it, but not hide it.
BY_HAND = "hand"


@dataclass(frozen=True)
class Source:
    """Where meetings come from. `curated`: written by people who know, so every meeting is announced."""

    name: str
    curated: bool
    associations: Sequence[str] = ()


@dataclass
class Imported:
    """What an import did, counted."""

    new: int = 0
    changed: int = 0
    same: int = 0
    cancelled: int = 0
    announced: int = 0


def bring_in(
    tx: Transaction,
    meetings: Iterable[tuple[FoundMeeting, str]],
    source: Source,
    planner: Planner,
    now: datetime,
) -> Imported:
    """Store meetings, each with its canonical place; plan reminders, tell changes to those who know."""
    done = Imported()
    for meeting, place in meetings:
        debate = as_debate(meeting, place, source)
        done.announced += debate.announced
        outcome = _bring_in_one(tx, debate, meeting.key, source, planner, now)
        setattr(done, outcome, getattr(done, outcome) + 1)
        done.cancelled += debate.state == "cancelled" and outcome != "same"
    return done


def as_debate(meeting: FoundMeeting, place: str, source: Source) -> Debate:
    """A meeting as the store keeps it, judged by its title and its public items."""
    public = [item for item in meeting.items if item.public is not False]
    items = tuple(
        Item(item.title, item.number or "", judge(item.title, meeting.title, source.associations).level)
        for item in public
    )
    level = level_of(meeting.title, [item.title for item in public], source.associations)
    return Debate(
        place=place,
        council=meeting.council or "",
        title=meeting.title,
        starts=meeting.starts,
        time_known=meeting.time_known,
        ends=meeting.ends,
        location=meeting.location or "",
        url=meeting.url or "",
        items=items,
        level=level,
        announced=source.curated or level in TOLD_LEVELS,
        state="cancelled" if meeting.cancelled else "planned",
        source=source.name,
    )


def level_of(title: str, items: Sequence[str], associations: Sequence[str]) -> Level:
    """How much a meeting matters, by its agenda, or by its name while there is none."""
    level = judge_meeting(title, items, associations).level
    return Level.BUDGET if level is Level.NONE and not items and is_budget_session(title) else level


def _bring_in_one(
    tx: Transaction, debate: Debate, key: str, source: Source, planner: Planner, now: datetime
) -> str:
    known = debates.known_from(tx, source.name, key)
    mark = _fingerprint(debate)
    if known is not None and known[1] == mark:
        return "same"
    before = known[0] if known is not None else _twin(tx, debate)
    after = debates.add(tx, debate, now) if before is None else _update(tx, before, debate, planner, now)
    debates.remember_source(tx, source.name, key, after.id, mark)
    planner.plan_debate(tx, after, now, fresh=before is None)
    if before is None:
        return "new"
    return "same" if after == before else "changed"


def _update(tx: Transaction, before: Debate, said: Debate, planner: Planner, now: datetime) -> Debate:
    if before.state == "wrong":
        # A person said so; a source does not overrule people.
        return before
    after = replace(
        said,
        id=before.id,
        version=before.version,
        created_by=before.created_by,
        source=before.source,
        announced=said.announced or before.source == BY_HAND,
    )
    if after == before:
        return before
    kind = change_kind(before, after)
    after = debates.change(tx, after, now, tell=kind is not None)
    if kind is not None:
        planner.tell_change(tx, before, after, kind, now)
    return after


def change_kind(before: Debate, after: Debate) -> str | None:
    """What those who know a debate must hear: cancelled, again (after all), moved, or nothing."""
    if after.state != before.state:
        return "cancelled" if after.state == "cancelled" else "again"
    return "moved" if after.state == "planned" and moved(before, after) else None


def _twin(tx: Transaction, debate: Debate) -> Debate | None:
    """The same meeting, already known from somewhere else."""
    for other in debates.alike(tx, debate.place, debate.starts):
        if token_set_ratio(other.title.casefold(), debate.title.casefold()) >= SAME_TITLE_PERCENT:
            return other
    return None


def _fingerprint(debate: Debate) -> str:
    return hashlib.sha256(repr(debate).encode("utf-8", "replace")).hexdigest()[:32]
