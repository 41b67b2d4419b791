"""The weekly digest in words."""

from collections.abc import Sequence

from bot.markup import Markup, bullets, escape
from bot.outcomes import BY_KEY, measure_name
from bot.turn import Services
from bot.voice import Speech
from store.reports import Report

SHOWN = 10


def weekly_digest(services: Services, found: Sequence[Report], language: str | None) -> Markup:
    """A week's reports in words, in the language of a chat."""
    voice, rest = services.voice(language), len(found) - SHOWN
    lines = bullets(_line(voice, one) for one in found[:SHOWN])
    return voice.text("digest.all", lines=lines, more=voice.text("digest.more", n=rest) if rest > 0 else "")


def _line(voice: Speech, one: Report) -> str:
    outcome = f"{BY_KEY[one.outcome].sign} {voice.label(f'outcome.{one.outcome}')}"
    return f"**{escape(one.place)}**, {escape(measure_name(one.measure))}: {escape(outcome)}"
