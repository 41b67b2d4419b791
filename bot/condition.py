"""How the bot is: what the store and the running program tell, and what of it somebody should mend.

Pure but for reading the store; `saeulenbot status`, /status, /healthz and /metrics say the same.
"""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.config_model import Config
from bot.pulse import Pulse
from bot.retention import kept_days
from store import chats, outbox, reminders, schema, sources
from store.database import Transaction
from store.outbox import Queue
from store.sources import SourceState

BACKUP = "backup"
TERMINAL = "terminal"
# A long poll lasts half a minute; after ten of them without an answer nobody listens any more.
SILENT_SECONDS = 300.0
OLDEST_WAITING = timedelta(minutes=15)
SOURCE_SILENT = timedelta(days=3)
BACKUP_OLD = timedelta(days=8)


class Weight(StrEnum):
    """What a finding asks for: `bad` now, `warn` some time soon."""

    BAD = "bad"
    WARN = "warn"


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be: the key of a sentence that says what to do, and its details."""

    weight: Weight
    key: str
    details: Mapping[str, object]


@dataclass(frozen=True)
class Condition:
    """What the store tells at one instant. `backup` is when the last backup was made."""

    schema: str | None
    groups: int
    admitted: int
    queues: Mapping[str, Queue]
    lost: int
    next_reminder: datetime | None
    paused: bool
    sources: tuple[SourceState, ...]
    backup: datetime | None

    @property
    def waiting(self) -> int:
        return sum(one.waiting for one in self.queues.values())


def look(tx: Transaction, now: datetime) -> Condition:
    """The condition of the store."""
    known = [one for one in chats.every(tx) if not one.private]
    backup = chats.setting(tx, BACKUP)
    return Condition(
        schema.current(tx),
        len(known),
        sum(one.admitted for one in known),
        outbox.queues(tx, now),
        outbox.count_lost(tx),
        reminders.next_due(tx),
        chats.setting(tx, chats.PAUSE) is not None,
        tuple(sources.every(tx)),
        datetime.fromisoformat(backup) if backup else None,
    )


def findings(one: Condition, now: datetime, platforms: Container[str]) -> Iterator[Finding]:
    """What of the store's condition somebody should look after. `platforms` are those in use."""
    for platform, queue in one.queues.items():
        if platform not in platforms:
            yield from _unused(platform, queue)
        elif not one.paused and queue.oldest is not None and now - queue.oldest > OLDEST_WAITING:
            minutes = int((now - queue.oldest).total_seconds() // 60)
            yield Finding(Weight.BAD, "finding.queue", {"platform": platform, "minutes": minutes})
    if one.paused:
        yield Finding(Weight.WARN, "finding.paused", {})
    if one.lost:
        yield Finding(Weight.WARN, "finding.lost", {"n": one.lost})
    for source in one.sources:
        silent = now - (source.last_success or source.first_try)
        if silent > SOURCE_SILENT:
            yield Finding(Weight.WARN, "finding.source", {"source": source.name, "days": silent.days})
    if one.backup is None or now - one.backup > BACKUP_OLD:
        yield Finding(Weight.WARN, "finding.backup" if one.backup else "finding.no_backup", {})


def _unused(platform: str, queue: Queue) -> Iterator[Finding]:
    """A platform that was taken out of the configuration; a terminal shows what waits when it opens."""
    if platform != TERMINAL:
        yield Finding(Weight.WARN, "finding.unused", {"platform": platform, "waiting": queue.waiting})


def troubles(pulse: Pulse, now: datetime) -> Iterator[Finding]:
    """What of the running program somebody should look after: a platform that nobody hears."""
    if pulse.since is None:
        yield Finding(Weight.BAD, "finding.not_ready", {})
    for platform in pulse.begun:
        seconds = pulse.silent_for(platform, now)
        if seconds > SILENT_SECONDS:
            details = {"platform": platform, "minutes": int(seconds // 60)}
            yield Finding(Weight.BAD, "finding.silent", details)
        elif platform not in pulse.heard:
            yield Finding(Weight.BAD, "finding.connecting", {"platform": platform})


def as_object(one: Condition, config: Config, now: datetime) -> dict[str, object]:
    """The condition as JSON promises it. Instants are ISO 8601 with offset, ages whole seconds."""
    return {
        "schema": one.schema,
        "groups": one.groups,
        "waiting": one.waiting,
        "next_reminder": _instant(one.next_reminder),
        "pause": one.paused,
        "retention": kept_days(config),
        "queues": {
            name: {"waiting": queue.waiting, "oldest_seconds": _age(queue.oldest, now)}
            for name, queue in one.queues.items()
        },
        "lost": one.lost,
        "sources": [
            {"source": source.name, "last_success": _instant(source.last_success), "problem": source.problem}
            for source in one.sources
        ],
        "backup": _instant(one.backup),
    }


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")


def _age(at: datetime | None, now: datetime) -> int | None:
    return None if at is None else max(0, int((now - at).total_seconds()))
