"""Stretches of time as people name them, for /termine and /vorschau."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.span_words import read_span

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "first", "last", "rest"),
    [
        ("Dezember", (2026, 12, 1), (2026, 12, 31), ""),
        ("Januar", (2027, 1, 1), (2027, 1, 31), ""),
        ("Rostock im November", (2026, 11, 1), (2026, 11, 30), "Rostock"),
        ("Februar 2028", (2028, 2, 1), (2028, 2, 29), ""),
        ("nächste Woche", (2026, 11, 30), (2026, 12, 6), ""),
        ("diese Woche Wismar", (2026, 11, 23), (2026, 11, 29), "Wismar"),
        ("nächsten Monat", (2026, 12, 1), (2026, 12, 31), ""),
        ("dieses Jahr", (2026, 1, 1), (2026, 12, 31), ""),
        ("2027", (2027, 1, 1), (2027, 12, 31), ""),
        ("im Jahr 2027 Rostock", (2027, 1, 1), (2027, 12, 31), "Rostock"),
        ("14 Tage", (2026, 11, 23), (2026, 12, 7), ""),
        ("die nächsten zwei Wochen", (2026, 11, 23), (2026, 12, 7), "die"),
        ("1.12. bis 15.1.", (2026, 12, 1), (2027, 1, 15), ""),
        ("morgen", (2026, 11, 24), (2026, 11, 24), ""),
        ("15.12.", (2026, 12, 15), (2026, 12, 15), ""),
    ],
)
def test_stretches(text: str, first: tuple[int, int, int], last: tuple[int, int, int], rest: str) -> None:
    found = read_span(text, MONDAY, BERLIN)
    assert found is not None
    assert (found.first, found.last, found.rest) == (date(*first), date(*last), rest)


# The budget of a year is debated before it; a number alone is a debate's.
@pytest.mark.parametrize("text", ["Haushalt 2027 in Rostock", "Rostock", "alle", "17", "irgendwann", ""])
def test_no_stretches(text: str) -> None:
    assert read_span(text, MONDAY, BERLIN) is None


@given(st.text(max_size=300))
def test_any_text_is_a_stretch_or_none(text: str) -> None:
    found = read_span(text, MONDAY, BERLIN)
    assert found is None or found.first <= found.last


def test_bounds_are_whole_local_days() -> None:
    found = read_span("März 2027", MONDAY, BERLIN)
    assert found is not None
    begin, end = found.bounds(BERLIN)
    assert (begin, end) == (
        datetime(2027, 2, 28, 23, tzinfo=UTC),
        datetime(2027, 3, 31, 22, tzinfo=UTC),
    )
