"""The report of a year as one HTML page: everything inside, no scripts, to be read aloud and printed."""

import base64
from collections.abc import Iterator, Sequence
from html import escape

from bot.outcomes import BY_KEY, measure_name
from bot.pictures import Board, draw, ink_on
from bot.texts import Texts
from bot.yearly import Year
from bot.yearly_words import Words
from knowledge.resolution import resolution
from store.reports import Cell, Report

# Nothing is fetched and nothing runs, whatever people wrote into a report.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { font: 1.0625rem/1.5 system-ui, sans-serif; color: #1d1d1b; background: #fbfaf6; margin: 0 auto;
  max-width: 60rem; padding: 1.5rem 1rem 4rem; overflow-wrap: break-word; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { margin: 3rem 0 1rem; border-bottom: 3px solid #1d1d1b; }
h3 { margin: 2rem 0 .5rem; }
a { color: #0b5394; overflow-wrap: anywhere; }
a:focus-visible { outline: 3px solid #d55e00; outline-offset: 2px; }
.skip:focus { position: static; }
img { display: block; width: 100%; max-width: 34rem; height: auto; border: 1px solid #d8d5cb; }
blockquote { margin: .5rem 0 1rem; padding-left: 1rem; border-left: 4px solid #d8d5cb; color: #4d4c48; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem; }
caption, .skip { position: absolute; left: -100rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem .4rem 0;
  border-bottom: 1px solid #d8d5cb; }
thead th { font-size: .875rem; color: #4d4c48; }
tbody th { font-weight: 600; }
td:last-child { overflow-wrap: anywhere; width: 34%; }
td { white-space: nowrap; } td:last-child { white-space: normal; }
.counts { display: flex; flex-wrap: wrap; gap: .4rem 1.2rem; list-style: none; padding: 0; }
.tag { display: inline-block; white-space: nowrap; padding: 0 .5rem; border-radius: .3rem; }
ul { padding-left: 1.2rem; }
nav ul { columns: 2; list-style: none; padding: 0; }
@media (max-width: 40rem) {
  nav ul { columns: 1; }
  thead { position: absolute; left: -100rem; }
  table, tbody, tr, th, td { display: block; border: 0; padding: 0; }
  tr { padding: .6rem 0; border-bottom: 1px solid #d8d5cb; }
  td:empty { display: none; } td, td:last-child { white-space: normal; width: auto; }
  td[data-name]::before { content: attr(data-name) ": "; color: #4d4c48; }
}
@media print {
  body { background: none; max-width: none; padding: 0; font-size: 10pt; }
  nav, .skip { display: none; }
  h2 { break-before: page; } h2, h3, h4 { break-after: avoid; }
  tr, img, li { break-inside: avoid; }
  .tag { border: 1px solid #1d1d1b; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  a[href^="http"]::after { content: none; }
}
"""


def write(year: Year, texts: Texts, language: str, board: Board | None) -> str:
    """The whole page; `board` is what the picture shows, None where there is nothing to show."""
    return "\n".join(_page(Words(texts, language, year), board)) + "\n"


def _page(words: Words, board: Board | None) -> Iterator[str]:
    year, title = words.year, escape(words.get("yearly.title", year=words.year.year))
    yield f'<!DOCTYPE html>\n<html lang="{escape(words.language)}">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>"
    yield f'<a class="skip" href="#main">{escape(words.get("yearly.skip"))}</a>'
    yield f'<header><h1>{title}</h1>\n<p>{escape(words.summary())}</p></header>\n<main id="main">'
    yield from _overview(words, board)
    yield from _contents(words)
    yield f"<h2>{escape(words.get('yearly.by_measure'))}</h2>"
    for measure in resolution().measures:
        name = f"{measure.roman} {measure.short}"
        yield f'<section id="m{measure.code}"><h3>{escape(name)}</h3>'
        yield f"<blockquote>{escape(measure.text)}</blockquote>"
        rows = [(cell.report.place, cell) for cell in year.of_measure(measure.code)]
        yield from _table(words, name, words.get("yearly.place"), rows)
        yield "</section>"
    yield f"<h2>{escape(words.get('yearly.by_place'))}</h2>"
    for number, place in enumerate(year.places):
        yield f'<section id="o{number}"><h3>{escape(place)}</h3>'
        yield from _place(words, place)
        yield "</section>"
    yield f"</main>\n<footer><p>{escape(words.get('yearly.about'))}</p></footer>\n</body>\n</html>"


def _overview(words: Words, board: Board | None) -> Iterator[str]:
    if board is None:
        return
    counts = ", ".join(f"{words.get(f'outcome.{key}')} {count}" for key, count in words.year.counts.items())
    data = base64.b64encode(draw(board)).decode()
    alt = escape(words.get("yearly.alt", counts=counts), quote=True)
    yield f'<img alt="{alt}" src="data:image/png;base64,{data}">'
    yield '<ul class="counts">'
    for key, count in words.year.counts.items():
        yield f"<li>{_tag(key, words)} {count}</li>"
    yield "</ul>"


def _contents(words: Words) -> Iterator[str]:
    yield f'<nav aria-label="{escape(words.get("yearly.contents"))}"><ul>'
    for measure in resolution().measures:
        yield f'<li><a href="#m{measure.code}">{measure.roman} {escape(measure.short)}</a></li>'
    for number, place in enumerate(words.year.places):
        yield f'<li><a href="#o{number}">{escape(place)}</a></li>'
    yield "</ul></nav>"


def _tag(key: str, words: Words) -> str:
    outcome, name = BY_KEY[key], escape(words.get(f"outcome.{key}"))
    style = f"background:{outcome.colour};color:{ink_on(outcome.colour)}"
    return f'<span class="tag" style="{style}"><span aria-hidden="true">{outcome.sign}</span> {name}</span>'


def _place(words: Words, place: str) -> Iterator[str]:
    rows = [(measure_name(cell.report.measure), cell) for cell in words.year.of_place(place)]
    yield from _table(words, place, words.get("yearly.measure"), rows)
    held = words.year.debates_at(place)
    if held:
        yield f"<h4>{escape(words.get('yearly.debates'))}</h4><ul>"
    for one in held:
        told = "".join(
            f"<br>{escape(report.measure)} {_tag(report.outcome, words)}"
            for report in words.year.outcomes_of(one)
        )
        yield f"<li>{_linked(words.debate(one), one.url)}{told}</li>"
    if held:
        yield "</ul>"


def _table(words: Words, caption: str, first: str, rows: Sequence[tuple[str, Cell]]) -> Iterator[str]:
    if not rows:
        yield f"<p>{escape(words.get('stand.no_report'))}</p>"
        return
    heads = [first, *(words.get(f"yearly.{name}") for name in ("outcome", "votes", "day", "text"))]
    yield f"<table><caption>{escape(caption)}</caption><thead><tr>"
    yield "".join(f'<th scope="col">{escape(head)}</th>' for head in heads) + "</tr></thead><tbody>"
    for name, cell in rows:
        for one in cell.reports:
            yield _row(words, name, one)
    yield "</tbody></table>"


def _row(words: Words, name: str, one: Report) -> str:
    votes = words.votes(one)
    text = escape(one.text) + (f" {_linked(one.link, one.link)}" if one.link else "")
    label = escape(words.get("yearly.votes"), quote=True)
    return (
        f'<tr><th scope="row">{escape(name)}</th><td>{_tag(one.outcome, words)}</td>'
        + (f'<td data-name="{label}">{escape(votes)}</td>' if votes != "–" else "<td></td>")
        + f"<td>{words.day(one)}</td><td>{text}</td></tr>"
    )


def _linked(text: str, url: str) -> str:
    """A link where the address is one of the web; else the text alone."""
    if not url.lower().startswith(("http://", "https://")):
        return escape(text)
    return f'<a href="{escape(url, quote=True)}" rel="noreferrer">{escape(text)}</a>'
