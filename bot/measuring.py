"""The numbers that Prometheus asks for. No label tells of a person or a chat."""

from collections import Counter
from collections.abc import Iterator, Mapping
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
    queues, sources = one.queues.items(), one.sources
    waiting = {name: queue.waiting for name, queue in queues}
    yield _labelled("saeulenbot_waiting", "Messages that wait to be sent", "platform", waiting)
    oldest = {name: _age(queue.oldest, now) for name, queue in queues}
    what = "How long the oldest could have gone out"
    yield _labelled("saeulenbot_oldest_waiting_seconds", what, "platform", oldest)
    yield GaugeMetricFamily("saeulenbot_lost", "Messages given up, or perhaps sent", value=one.lost)
    yield GaugeMetricFamily("saeulenbot_groups", "Groups the bot is in", value=one.groups)
    yield GaugeMetricFamily("saeulenbot_paused", "Whether posting is paused", value=float(one.paused))
    ages = {source.name: _age(source.last_success or source.first_try, now) for source in sources}
    yield _labelled("saeulenbot_source_age_seconds", "Since a source could be read", "source", ages)
    if one.backup is not None:
        age = _age(one.backup, now)
        yield GaugeMetricFamily("saeulenbot_backup_age_seconds", "Since the last backup", value=age)


def _of_program(pulse: Pulse, sends: Counter[tuple[str, str]], now: datetime) -> Iterator[Metric]:
    yield GaugeMetricFamily("saeulenbot_up_seconds", "Since the bot is ready", value=_age(pulse.since, now))
    silent = {platform: pulse.silent_for(platform, now) for platform in pulse.begun}
    what = "Since a platform was heard, or first tried"
    yield _labelled("saeulenbot_silent_seconds", what, "platform", silent)
    answers = CounterMetricFamily("saeulenbot_answers", "Answers to questions", labels=["kind"])
    for kind, count in pulse.answers.items():
        answers.add_metric([kind], count)
    what = "Sends by what became of them"
    sent = CounterMetricFamily("saeulenbot_sends", what, labels=["platform", "result"])
    for (platform, result), count in sends.items():
        sent.add_metric([platform, result], count)
    yield from (answers, sent)


def _labelled(name: str, what: str, label: str, values: Mapping[str, float]) -> Metric:
    """One number for each platform or source."""
    family = GaugeMetricFamily(name, what, labels=[label])
    for whose, value in values.items():
        family.add_metric([whose], value)
    return family


def _age(at: datetime | None, now: datetime) -> float:
    return 0.0 if at is None else max(0.0, (now - at).total_seconds())
