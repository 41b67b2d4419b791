"""How long each kind of data is kept: as configured, within what the program can keep to."""

from datetime import timedelta

from bot.config_model import Config
from scheduler.housekeeping import Retention
from store.outbox import CHOICES_KEPT

# Marks of handled messages outlive every platform's own memory of them.
SEEN_AT_LEAST = timedelta(days=7)
FOREVER = timedelta(days=36_500)


def retention(config: Config) -> Retention:
    """What the clock carries out."""
    kept = config.retention
    return Retention(
        seen=max(_days(kept.seen) or FOREVER, SEEN_AT_LEAST),
        failed=_days(kept.sent),
        questions=_days(kept.questions),
        chats=_days(kept.chats),
        debates=_days(kept.debates),
        reports=_days(kept.reports),
        choices=min(_days(kept.choices) or CHOICES_KEPT, CHOICES_KEPT),
    )


def kept_days(config: Config) -> dict[str, int | None]:
    """Days each kind of data is kept, None for as long as nobody deletes it."""
    kept = retention(config)
    spans = {
        "seen": None if kept.seen == FOREVER else kept.seen,
        "choices": kept.choices,
        "failed": kept.failed,
        "questions": kept.questions,
        "chats": kept.chats,
        "logs": log_key_kept(config),
        "debates": kept.debates,
        "reports": kept.reports,
    }
    return {name: None if span is None else span.days for name, span in spans.items()}


def log_key_kept(config: Config) -> timedelta:
    """How long the key lives under which logs tell people apart; it is never written down."""
    return _days(config.retention.logs) or FOREVER


def _days(days: int | None) -> timedelta | None:
    return None if days is None else timedelta(days=days)
