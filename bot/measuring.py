"""The numbers that Prometheus asks for. No label tells of a person or a chat."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE

from bot.condition import Condition
from bot.pulse import Pulse

__all__ = ["CONTENT_TYPE", "written"]


def written(one: Condition, pulse: Pulse, sends: Counter[tuple[str, str]], now: datetime) -> bytes:
    """All numbers in the text format, from a registry of their own."""
    registry = CollectorRegistry()
    registry.register(_Told([*_of_store(one, now), *_of_program(pulse, sends, now)]))
    return generate_latest(registry)


class _Told:
    """Hands over numbers that are known already."""

    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        yield from self._metrics


def _of_store(one: Condition, now: datetime) -> Iterator[Metric]:
    waiting = GaugeMetricFamily("saeulenbot_waiting", "Messages that wait to be sent", labels=["platform"])
    oldest = GaugeMetricFamily(
        "saeulenbot_oldest_waiting_seconds", "How long the oldest could have gone out", labels=["platform"]
    )
    for platform, queue in one.queues.items():
        waiting.add_metric([platform], queue.waiting)
        oldest.add_metric([platform], _age(queue.oldest, now))
    yield from (waiting, oldest)
    yield GaugeMetricFamily("saeulenbot_lost", "Messages given up, or perhaps sent", value=one.lost)
    yield GaugeMetricFamily("saeulenbot_groups", "Groups the bot is in", value=one.groups)
    yield GaugeMetricFamily("saeulenbot_paused", "Whether posting is paused", value=float(one.paused))
    sources = GaugeMetricFamily(
        "saeulenbot_source_age_seconds", "Since a source could be read", labels=["source"]
    )
    for source in one.sources:
        sources.add_metric([source.name], _age(source.last_success or source.first_try, now))
    yield sources
    if one.backup is not None:
        yield GaugeMetricFamily(
            "saeulenbot_backup_age_seconds", "Since the last backup", value=_age(one.backup, now)
        )


def _of_program(pulse: Pulse, sends: Counter[tuple[str, str]], now: datetime) -> Iterator[Metric]:
    up = GaugeMetricFamily("saeulenbot_up_seconds", "Since the bot is ready", value=_age(pulse.since, now))
    heard = GaugeMetricFamily(
        "saeulenbot_silent_seconds", "Since a platform was heard, or first tried", labels=["platform"]
    )
    for platform in pulse.begun:
        heard.add_metric([platform], pulse.silent_for(platform, now))
    answers = CounterMetricFamily("saeulenbot_answers", "Answers to questions", labels=["kind"])
    for kind, count in pulse.answers.items():
        answers.add_metric([kind], count)
    sent = CounterMetricFamily(
        "saeulenbot_sends", "Sends by what became of them", labels=["platform", "result"]
    )
    for (platform, result), count in sends.items():
        sent.add_metric([platform, result], count)
    yield from (up, heard, answers, sent)


def _age(at: datetime | None, now: datetime) -> float:
    return 0.0 if at is None else max(0.0, (now - at).total_seconds())
