"""`saeulenbot status`: how the bot is, in words and colours, and what to do about it."""

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from bot import condition
from bot.app import locked
from bot.cli.common import app, configured, counted, read_store, say, say_json, sentence
from bot.cli.options import ConfigOption, DataOption, JsonOption
from bot.condition import Condition, Finding, Weight
from bot.config_model import Config
from bot.retention import kept_days
from errors import DataLocked
from scheduler.clock import SystemClock
from scheduler.shown_dates import show_when

ANSWER_SECONDS = 3
LARGEST_ANSWER = 100_000
GREEN, YELLOW, RED = "32", "33", "31"
SIGNS = {Weight.BAD: ("✗", RED), Weight.WARN: ("!", YELLOW)}


@app.command()
def status(as_json: JsonOption = False, config: ConfigOption = None, data: DataOption = None) -> None:
    """How the bot is, and what to do about what is not right."""
    settings = configured(config, data)
    now = SystemClock().now()
    found = read_store(settings, lambda tx: condition.look(tx, now))
    running = runs(settings.data_dir)
    health = asked(settings) if running else None
    findings = [*condition.findings(found, now, settings.platforms), *_of_program(running, health)]
    if as_json:
        say_json(
            {
                **condition.as_object(found, settings, now),
                "running": running,
                "heard": (health or {}).get("heard", {}),
                "findings": [{"weight": one.weight, "key": one.key, **one.details} for one in findings],
            }
        )
    else:
        say("\n".join(_shown(settings, found, running, health, findings)))


def runs(data_dir: Path) -> bool:
    """Whether a bot holds the data directory."""
    try:
        with locked(data_dir):
            return False
    except DataLocked:
        return True


def asked(settings: Config) -> dict[str, Any] | None:
    """What the running bot says of itself; None where it has no web server or does not answer."""
    address = settings.http.address
    if address is None:
        return None
    host = "127.0.0.1" if address[0] in ("0.0.0.0", "::", "localhost") else address[0]  # noqa: S104
    host = f"[{host}]" if ":" in host else host
    try:
        with urlopen(f"http://{host}:{address[1]}/healthz", timeout=ANSWER_SECONDS) as answer:
            return _read(answer.read(LARGEST_ANSWER))
    except HTTPError as error:
        return _read(error.read(LARGEST_ANSWER))
    except (URLError, OSError):
        return None


def _read(answer: bytes) -> dict[str, Any] | None:
    """The answer, unless another program lives at this address."""
    try:
        told = json.loads(answer)
    except ValueError:
        return None
    return told if isinstance(told, dict) and {"heard", "problems"} <= told.keys() else None


def _of_program(running: bool, health: dict[str, Any] | None) -> Iterator[Finding]:
    if not running:
        yield Finding(Weight.BAD, "finding.not_running", {})
    for one in (health or {}).get("problems", []):
        if one["key"] in ("finding.silent", "finding.connecting", "finding.not_ready"):
            details = {name: value for name, value in one.items() if name not in ("key", "weight")}
            yield Finding(Weight(one["weight"]), one["key"], details)


def _shown(
    settings: Config,
    found: Condition,
    running: bool,
    health: dict[str, Any] | None,
    findings: list[Finding],
) -> Iterator[str]:
    """The whole page, line by line: first how it is, then what to do, then how long things are kept."""
    yield from (f"{_coloured('✓', GREEN)} {line}" for line in _fine(settings, found, running, health))
    for one in findings:
        yield f"{_coloured(*SIGNS[one.weight])} {sentence(one.key, **one.details)}"
    yield ""
    yield sentence("status.retention")
    for name, days in kept_days(settings).items():
        span = sentence("kept.until_deleted") if days is None else counted("kept.days", days)
        yield f"  {sentence(f'kept.{name}')}: {span}"


def _fine(settings: Config, found: Condition, running: bool, health: dict[str, Any] | None) -> Iterable[str]:
    def when(at: datetime | None) -> str:
        return show_when(at, True, settings.zone, settings.language) if at else sentence("status.none")

    if running:
        yield sentence("status.runs")
    for platform, at in (health or {}).get("heard", {}).items():
        yield sentence("status.heard", platform=platform, when=when(datetime.fromisoformat(at)))
    yield sentence("status.groups", groups=found.groups, admitted=found.admitted)
    for platform, queue in found.queues.items():
        yield sentence("status.queue", platform=platform, waiting=queue.waiting)
    yield sentence("status.next_reminder", when=when(found.next_reminder))
    for source in found.sources:
        yield sentence("status.source", source=source.name, when=when(source.last_success))
    if found.backup is not None:
        yield sentence("status.backup", when=when(found.backup))
    yield sentence("status.schema", schema=found.schema)


def _coloured(sign: str, colour: str) -> str:
    return f"\x1b[{colour}m{sign}\x1b[0m" if sys.stdout.isatty() else sign
