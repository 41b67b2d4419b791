"""The report of a year as Markdown, for everyone who writes on with it."""

from collections.abc import Iterator, Sequence

from bot.markup import escape
from bot.outcomes import measure_name
from bot.texts import Texts
from bot.yearly import Year
from bot.yearly_words import Words
from knowledge.resolution import resolution
from store.reports import Cell, Report


def write(year: Year, texts: Texts, language: str) -> str:
    """The whole report."""
    words = Words(texts, language, year)
    return "\n".join(_lines(words)).rstrip() + "\n"


def _lines(words: Words) -> Iterator[str]:
    year = words.year
    yield from (f"# {words.get('yearly.title', year=year.year)}", "", words.summary(), "")
    for key, count in year.counts.items():
        yield f"- {words.get(f'outcome.{key}')}: {count}"
    yield from ("", f"## {words.get('yearly.by_measure')}", "")
    for measure in resolution().measures:
        yield from (f"### {measure.roman} {measure.short}", "", f"> {escape(measure.text)}", "")
        rows = [(cell.report.place, cell) for cell in year.of_measure(measure.code)]
        yield from _table(words, words.get("yearly.place"), rows)
    yield from (f"## {words.get('yearly.by_place')}", "")
    for place in year.places:
        yield from (f"### {escape(place)}", "")
        yield from _place(words, place)
    yield words.get("yearly.about")


def _place(words: Words, place: str) -> Iterator[str]:
    rows = [(measure_name(cell.report.measure), cell) for cell in words.year.of_place(place)]
    yield from _table(words, words.get("yearly.measure"), rows)
    held = words.year.debates_at(place)
    if held:
        yield from (f"**{words.get('yearly.debates')}**", "")
    for one in held:
        told = "; ".join(
            f"{report.measure} {words.outcome(report)}" for report in words.year.outcomes_of(one)
        )
        yield f"- {escape(words.debate(one))}{f' – {escape(told)}' if told else ''}"
    if held:
        yield ""


def _table(words: Words, first: str, rows: Sequence[tuple[str, Cell]]) -> Iterator[str]:
    if not rows:
        yield from (words.get("stand.no_report"), "")
        return
    heads = [first, *(words.get(f"yearly.{name}") for name in ("outcome", "votes", "day", "text"))]
    yield f"| {' | '.join(heads)} |"
    yield f"|{' --- |' * len(heads)}"
    for name, cell in rows:
        for one in cell.reports:
            cells = [name, words.outcome(one), words.votes(one), words.day(one), _text(one)]
            yield "| " + " | ".join(_cell(cell) for cell in cells) + " |"
    yield ""


def _text(one: Report) -> str:
    return " ".join(part for part in (one.text, one.link) if part)


def _cell(text: str) -> str:
    return escape(text).replace("|", "\\|").replace("\n", " ")
