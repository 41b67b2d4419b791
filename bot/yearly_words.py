"""What both forms of the report of a year say in words."""

from dataclasses import dataclass

from bot.exports import votes
from bot.outcomes import BY_KEY
from bot.texts import Texts
from bot.yearly import Year
from store.debates import Debate
from store.reports import Report


@dataclass(frozen=True)
class Words:
    """The sentences of one year's report in one language."""

    texts: Texts
    language: str
    year: Year

    def get(self, key: str, /, **details: object) -> str:
        return self.texts.get(self.language, key, **details)

    def outcome(self, one: Report) -> str:
        return f"{BY_KEY[one.outcome].sign} {self.get(f'outcome.{one.outcome}')}"

    def day(self, one: Report) -> str:
        return f"{self.year.day(one.reported_at):%d.%m.%Y}"

    def votes(self, one: Report) -> str:
        return votes(one) or "–"

    def summary(self) -> str:
        return self.get(
            "yearly.summary",
            year=self.year.year,
            reports=len(self.year.reports),
            cells=len(self.year.cells),
            places=len(self.year.places),
            debates=len(self.year.debates),
        )

    def debate(self, one: Debate) -> str:
        """When, what and where: "12.01.2026, Kreistag: Haushalt 2026"."""
        what = ": ".join(part for part in (one.council, one.title) if part)
        gone = f" ({self.get('yearly.cancelled')})" if one.state == "cancelled" else ""
        return f"{self.year.day(one.starts):%d.%m.%Y}, {what}{gone}"
