"""What a person reads on a screen ends its lines between words."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.markup import coloured, plain
from bot.transports.terminal import Printer
from bot.transports.wrapping import wrapped
from store.messages import ChatRef, Choice, Outgoing

ADDRESS = "https://beispiel.org/" + "x" * 60


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@given(st.text(), st.integers(20, 120))
def test_no_row_is_too_wide_and_no_letter_is_lost(text: str, width: int) -> None:
    rows = wrapped(text, width).split("\n")
    assert all(len(row) <= width or " " not in row.strip() for row in rows)
    assert "".join(wrapped(text, width).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        ("Das Geld kommt aus vielen Töpfen.", ["Das Geld kommt", "aus vielen", "Töpfen."]),
        ("- Zimmer in neun Häusern", ["- Zimmer in neun", "  Häusern"]),
        (f"Siehe {ADDRESS} dort", ["Siehe", ADDRESS, "dort"]),
    ],
)
def test_lines_end_between_words_and_addresses_stay_whole(body: str, rows: list[str]) -> None:
    assert wrapped(plain(body), 16).split("\n") == rows


def test_colours_take_no_room() -> None:
    assert wrapped(coloured("**vier Wörter in Fett**"), 22).count("\n") == 0


@pytest.mark.parametrize(("out", "rows"), [(Screen(), 3), (io.StringIO(), 1)])
def test_only_a_screen_has_a_width(out: io.StringIO, rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    choices = (Choice("Eins", "/eins"),)
    message = Outgoing("k", ChatRef("terminal", "ich"), "Wort " * 15, choices=choices)
    Printer(out).show(message)
    assert out.getvalue().split("\n\n")[0].count("\n") == rows - 1
