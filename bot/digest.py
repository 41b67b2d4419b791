"""The weekly digest in words."""

from collections.abc import Sequence

from bot.config_model import Config
from bot.markup import Markup, escape
from bot.outcomes import BY_KEY
from bot.texts import Texts
from knowledge.resolution import resolution
from scheduler.digest import Write
from store.reports import Report

SHOWN = 10


def digest_writer(texts: Texts, config: Config) -> Write:
    """The function that puts a week's reports into words."""

    def write(found: Sequence[Report], language: str | None) -> str:
        spoken = language or config.language
        lines = "\n".join(f"- {_line(texts, spoken, one)}" for one in found[:SHOWN])
        rest = len(found) - SHOWN
        more = texts.get(spoken, "digest.more", n=rest) if rest > 0 else ""
        return texts.get(spoken, "digest.all", lines=Markup(lines), more=more)

    return write


def _line(texts: Texts, language: str, one: Report) -> str:
    measure = resolution().measure(one.measure)
    name = f"{measure.roman} {measure.short}" if measure else one.measure
    outcome = f"{BY_KEY[one.outcome].sign} {texts.get(language, f'outcome.{one.outcome}')}"
    return f"**{escape(one.place)}**, {escape(name)}: {escape(outcome)}"
