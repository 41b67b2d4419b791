"""How far the resolution has come, as one picture: places by measures, a colour and a sign per outcome.

Up to a few dozen places are a table that can be read on a phone; more are first summed up by measure,
and the table stands below in columns, to be zoomed into. The background is opaque, so that it looks the
same in dark and light chats. Colours are told apart with any common colour blindness; the signs say the
same without them.
"""

import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from bot.outcomes import BY_KEY, OUTCOMES
from knowledge.resolution import resolution

if TYPE_CHECKING:
    from PIL import Image as Images
    from PIL.ImageFont import FreeTypeFont

# Pixels, of which a phone shows about a thousand side by side.
WIDTH = 1080
MARGIN = 40
ROW = 46
COLUMN = 62
HEAD = 150
SMALL_ROW = 34
MOST_ROWS = 44
BLOCKS = 2
# From a ground to the ink on it: so few colours make a small file, and are drawn as their numbers.
STEPS = 12
PAPER, INK, PALE, EMPTY = "#FBFAF6", "#1D1D1B", "#6B6A66", "#E9E7E0"
Cells = Mapping[tuple[str, str], tuple[str, ...]]


@dataclass(frozen=True)
class Board:
    """What is drawn: cells by place and measure hold one outcome, or two that contradict each other."""

    title: str
    subtitle: str
    outcomes: Mapping[str, str]
    no_report: str
    contradicted: str
    cells: Cells

    @cached_property
    def places(self) -> tuple[str, ...]:
        return tuple(sorted({place for place, _ in self.cells}))

    @property
    def used(self) -> list[str]:
        """The outcomes that occur, in their own order."""
        there = {key for keys in self.cells.values() for key in keys}
        return [one.key for one in OUTCOMES if one.key in there]


def draw(board: Board) -> bytes:
    """The picture as PNG. Takes tens of milliseconds: not for the event loop's own thread."""
    paper = _Paper(_height(board))
    _title(paper, board)
    if len(board.places) > MOST_ROWS:
        _summary(paper, board)
        _blocks(paper, board)
    else:
        _table(paper, board, board.places, TABLE)
        paper.y += len(board.places) * ROW + 24
        _measure_names(paper)
    _legend(paper, board)
    return paper.png()


def _height(board: Board) -> int:
    places, measures = len(board.places), len(resolution().measures)
    legend = 30 + 42 * -(-(len(board.used) + 2) // 2)
    if places > MOST_ROWS:
        return HEAD + 80 * measures + 70 + SMALL_ROW * -(-places // BLOCKS) + legend + MARGIN
    return HEAD + 60 + places * ROW + 24 + 36 * measures + legend + MARGIN


def _parts(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


@lru_cache(maxsize=32)
def ink_on(colour: str) -> str:
    """Black or white, whichever stands out more (WCAG relative luminance)."""
    parts = [part / 255 for part in _parts(colour)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    light = sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return INK if (light + 0.05) / 0.05 > 1.05 / (light + 0.05) else "#FFFFFF"


def _palette() -> Iterator[int]:
    """Red, green and blue of every colour there is: of each blend the ground, and on to the ink."""
    for ground, ink in BLENDS:
        for step in range(STEPS):
            for one, other in zip(_parts(ground), _parts(ink), strict=True):
                yield round(one + (other - one) * step / (STEPS - 1))


# The number of each ground's colour; those behind it lead to the ink on it.
_ON_GROUND = ((EMPTY, INK), *((one.colour, ink_on(one.colour)) for one in OUTCOMES))
BLENDS = {pair: STEPS * at for at, pair in enumerate(((PAPER, INK), (PAPER, PALE), *_ON_GROUND))}
PALETTE = bytes(_palette())


class _Paper:
    """A drawing surface in pixels from the top left; `y` is how far down it is filled."""

    def __init__(self, height: int) -> None:
        # Needed only when a picture is drawn.
        from PIL import Image

        self._image = Image.new("L", (WIDTH, height), BLENDS[PAPER, INK])
        self._stamps: dict[tuple[tuple[str, ...], int, int], Images.Image] = {}
        self.y = 0

    def write(
        self, x: float, y: float, text: str, size: int, ink: str = INK, bold: bool = False, at: str = "l"
    ) -> None:
        """Text on paper whose small letters have their middle at y; `at`: x is its left (l) or middle (m)."""
        letters, left, top = _lettered(text, size, bold, at, BLENDS[PAPER, ink])
        self._image.paste(letters, (round(x) + left, round(y + size * 0.36) + top))

    def mark(self, x: float, y: float, text: str, size: int, ground: str, bold: bool = True) -> None:
        """A sign or number on a colour, with its middle at a point."""
        letters, _, _ = _lettered(text, size, bold, "l", BLENDS[ground, ink_on(ground)])
        self._image.paste(letters, (round(x - letters.width / 2), round(y - letters.height / 2)))

    def box(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        edges = (round(x), round(y), round(x + width), round(y + height))
        self._image.paste(BLENDS[colour, ink_on(colour)], edges)

    def cell(self, keys: tuple[str, ...], x: float, y: float, width: int, height: int) -> None:
        """One outcome, or two side by side that contradict each other: drawn once, then stamped."""
        left, top = round(x), round(y)
        stamp = self._stamps.get((keys, width, height))
        if stamp is not None:
            self._image.paste(stamp, (left, top))
            return
        self.box(left, top, width, height, EMPTY)
        part = width / max(len(keys), 1)
        for at, key in enumerate(keys):
            outcome, size = BY_KEY[key], round(min(height * 0.8, part))
            self.box(left + at * part, top, part, height, outcome.colour)
            self.mark(left + (at + 0.5) * part, top + height / 2, outcome.sign, size, outcome.colour)
        self._stamps[keys, width, height] = self._image.crop((left, top, left + width, top + height))

    def png(self) -> bytes:
        self._image.putpalette(PALETTE)
        out = io.BytesIO()
        self._image.save(out, "PNG", compress_level=3)
        return out.getvalue()


@lru_cache(maxsize=512)
def _lettered(text: str, size: int, bold: bool, at: str, blend: int) -> "tuple[Images.Image, int, int]":
    """A text in the colours of a blend, and where its corner lies from its anchor.

    Kept, as names of places come again every time.
    """
    from PIL import Image, ImageDraw

    font = _font(size, bold)
    left, top, right, bottom = (round(edge) for edge in font.getbbox(text, anchor=f"{at}s"))
    mask = Image.new("L", (max(right - left, 1), max(bottom - top, 1)))
    ImageDraw.Draw(mask).text((-left, -top), text, 255, font, anchor=f"{at}s")
    inked = mask.tobytes().translate(bytes(blend + grey * STEPS // 256 for grey in range(256)))
    return Image.frombytes("L", mask.size, inked), left, top


@lru_cache(maxsize=32)
def _font(size: int, bold: bool) -> "FreeTypeFont":
    """DejaVu Sans, which has all the signs; it comes with matplotlib, which takes long to import."""
    from PIL import ImageFont

    home = find_spec("matplotlib")
    assert home is not None and home.origin is not None  # noqa: S101 - it is a dependency
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(Path(home.origin).parent / "mpl-data" / "fonts" / "ttf" / name, size)


def _title(paper: _Paper, board: Board) -> None:
    paper.write(MARGIN, 58, board.title, 46, bold=True)
    paper.write(MARGIN, 110, board.subtitle, 27, PALE)
    paper.y += HEAD


@dataclass(frozen=True)
class _Grid:
    """The measures of one table of places, in pixels; `name` letters of a place's name fit."""

    left: int
    width: int
    row: int
    column: int
    name: int

    def x(self, number: int, pillar: int) -> int:
        """Where a measure's column begins; a gap sets the pillars apart."""
        first = self.left + self.width - self.column * 9 - 18
        return first + number * self.column + (pillar - 1) * 6


TABLE = _Grid(MARGIN, WIDTH - 2 * MARGIN, ROW, COLUMN, 26)


def _table(paper: _Paper, board: Board, places: Sequence[str], grid: _Grid) -> None:
    """Places by measures from the current height on, with the codes above."""
    size = min(round(grid.column * 0.6), 25)
    for number, one in enumerate(resolution().measures):
        middle = grid.x(number, one.pillar) + (grid.column - 5) / 2
        if one.code.endswith(".1"):
            paper.write(middle, paper.y + 14, one.roman.split(".")[0], size, bold=True, at="m")
        paper.write(middle, paper.y + 42, one.code.split(".")[1], size, bold=True, at="m")
    paper.y += 60
    for line, place in enumerate(places):
        y = paper.y + line * grid.row
        paper.write(grid.left, y + grid.row / 2, _short(place, grid.name), round(grid.row * 0.55))
        for number, one in enumerate(resolution().measures):
            x = grid.x(number, one.pillar)
            paper.cell(board.cells.get((place, one.code), ()), x, y + 3, grid.column - 5, grid.row - 6)


def _short(place: str, most: int) -> str:
    """A place's name that fits its column."""
    short = place.replace("Landkreis ", "LK ")
    if len(short) > most:
        short = short.replace("Mecklenburgische", "Mecklenb.").replace("Mecklenburg", "Meckl.")
    return short if len(short) <= most else f"{short[: most - 1].rstrip(' -')}…"


def _measure_names(paper: _Paper) -> None:
    for one in resolution().measures:
        paper.write(MARGIN, paper.y + 18, one.roman, 25, bold=True)
        paper.write(MARGIN + 90, paper.y + 18, one.short, 25)
        paper.y += 36


def _summary(paper: _Paper, board: Board) -> None:
    """One bar per measure: at how many places which outcome."""
    for one in resolution().measures:
        counts = Counter(keys[0] for (_, code), keys in board.cells.items() if code == one.code)
        paper.write(MARGIN, paper.y + 16, one.roman, 25, bold=True)
        paper.write(MARGIN + 90, paper.y + 16, one.short, 25)
        _bar(paper, counts, paper.y + 36, (WIDTH - 2 * MARGIN) / len(board.places))
        paper.y += 80


def _bar(paper: _Paper, counts: Mapping[str, int], y: int, each: float) -> None:
    x: float = MARGIN
    paper.box(x, y, WIDTH - 2 * MARGIN, 34, EMPTY)
    for outcome in OUTCOMES:
        width = each * counts.get(outcome.key, 0)
        if width:
            paper.box(x, y, max(width - 2, 1), 34, outcome.colour)
        if width > 62:
            paper.mark(x + 18, y + 17, outcome.sign, 24, outcome.colour)
            count = str(counts[outcome.key])
            paper.mark(x + 34 + 7.3 * len(count), y + 17, count, 23, outcome.colour, bold=False)
        elif width > 24:
            paper.mark(x + width / 2, y + 17, outcome.sign, 20, outcome.colour)
        x += width


def _blocks(paper: _Paper, board: Board) -> None:
    """The table of many places, in columns side by side."""
    rows = -(-len(board.places) // BLOCKS)
    wide = (WIDTH - 2 * MARGIN - 20) // BLOCKS
    top = paper.y + 10
    for block in range(BLOCKS):
        paper.y = top
        some = board.places[block * rows : (block + 1) * rows]
        _table(paper, board, some, _Grid(MARGIN + block * (wide + 20), wide, SMALL_ROW, 29, 18))
    paper.y = top + 60 + rows * SMALL_ROW


def _legend(paper: _Paper, board: Board) -> None:
    """What the signs mean, two a line."""
    entries: list[tuple[tuple[str, ...], str]] = [((key,), board.outcomes[key]) for key in board.used]
    both = next((keys for keys in board.cells.values() if len(keys) > 1), None)
    more: list[tuple[tuple[str, ...], str]] = [((), board.no_report)]
    more += [(both, board.contradicted)] if both else []
    paper.y += 30
    for number, (keys, name) in enumerate([*entries, *more]):
        x = MARGIN + number % 2 * (WIDTH - 2 * MARGIN) / 2
        y = paper.y + number // 2 * 42
        paper.cell(keys, x, y, 50, 34)
        paper.write(x + 66, y + 17, name, 25)
