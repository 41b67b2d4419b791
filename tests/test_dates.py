"""The German date grammar: what people type, what is asked back, and any text in, never an exception."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.date_words import Unclear
from scheduler.dates import When, read_when
from scheduler.offset_words import read_offsets
from scheduler.shown_dates import show_when

BERLIN = ZoneInfo("Europe/Berlin")
SUNDAY_MORNING = datetime(2026, 11, 22, 9, 0, tzinfo=BERLIN)


def when(text: str, now: datetime = SUNDAY_MORNING) -> When:
    found = read_when(text, now, BERLIN)
    assert isinstance(found, When), found
    return found


def local(text: str, now: datetime = SUNDAY_MORNING) -> str:
    return f"{when(text, now).start.astimezone(BERLIN):%Y-%m-%d %H:%M}"


def unclear(text: str, now: datetime = SUNDAY_MORNING) -> Unclear:
    found = read_when(text, now, BERLIN)
    assert isinstance(found, Unclear), found
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("15.12. 18 Uhr", "2026-12-15 18:00"),
        ("15.dezember2026 18uhr", "2026-12-15 18:00"),
        ("15/12/26 18:30", "2026-12-15 18:30"),
        ("15 dez 1830 uhr", "2026-12-15 18:30"),
        ("15.12 18 Uhr", "2026-12-15 18:00"),
        ("15.12.2026 um 18:30", "2026-12-15 18:30"),
        ("15.12.26, 18.30 Uhr", "2026-12-15 18:30"),
        ("15.12.18 Uhr", "2026-12-15 18:00"),
        ("15.12. 1830 Uhr", "2026-12-15 18:30"),
        ("15.12. 18.30", "2026-12-15 18:30"),
        ("15. 12. 2026 18h30", "2026-12-15 18:30"),
        ("15/12/2026 18:00", "2026-12-15 18:00"),
        ("15. Dezember 2026 18 Uhr", "2026-12-15 18:00"),
        ("15 Dez 18h", "2026-12-15 18:00"),
        ("3. Maerz '27 18 Uhr", "2027-03-03 18:00"),
        ("Di., 15.12.2026, 18 Uhr 30", "2026-12-15 18:30"),
        ("2026-12-15 18:00", "2026-12-15 18:00"),
        ("2026-12-15T18:00", "2026-12-15 18:00"),
        ("2026/12/15 18:00", "2026-12-15 18:00"),
        ("in 48h", "2026-11-24 09:00"),
        ("2026-12-15T18:00:00Z", "2026-12-15 19:00"),
        ("2026-12-15T18:00-05:00", "2026-12-16 00:00"),
        ("15.12. achtzehn Uhr", "2026-12-15 18:00"),
        ("24.12. mittags", "2026-12-24 12:00"),
        ("31.12. 24 Uhr", "2027-01-01 00:00"),
        ("2.1. 18 Uhr", "2027-01-02 18:00"),
        ("29.2. 18 Uhr", "2028-02-29 18:00"),
        ("22.11. 8 Uhr", "2027-11-22 08:00"),
        ("morgen 18 Uhr", "2026-11-23 18:00"),
        ("MORGEN FRÜH", "2026-11-23 08:00"),
        ("morgen um sieben früh", "2026-11-23 07:00"),
        ("morgen abend um 7", "2026-11-23 19:00"),
        ("übermorgen um halb sieben", "2026-11-24 18:30"),
        ("uebermorgen halb neun", "2026-11-24 08:30"),
        ("heute Abend", "2026-11-22 18:00"),
        ("heute Mitternacht", "2026-11-23 00:00"),
        ("viertel nach sieben", "2026-11-22 19:15"),
        ("dreiviertel sieben", "2026-11-22 18:45"),
        ("18 Uhr", "2026-11-22 18:00"),
        ("8 Uhr", "2026-11-23 08:00"),
        ("18:30", "2026-11-22 18:30"),
        ("mittags", "2026-11-22 12:00"),
        ("Dienstag 19 Uhr", "2026-11-24 19:00"),
        ("Sonntag 19 Uhr", "2026-11-22 19:00"),
        ("Sonntag 8 Uhr", "2026-11-29 08:00"),
        ("nächsten Sonntag 19 Uhr", "2026-11-29 19:00"),
        ("naechsten dienstag 19 uhr", "2026-11-24 19:00"),
        ("übernächsten Dienstag 19 Uhr", "2026-12-01 19:00"),
        ("nächste Woche Freitag 19 Uhr", "2026-11-27 19:00"),
        ("Dienstagabend", "2026-11-24 18:00"),
        ("Dienstag in einer Woche 18 Uhr", "2026-12-01 18:00"),
        ("in 3 Tagen 18 Uhr", "2026-11-25 18:00"),
        ("in 2 Stunden", "2026-11-22 11:00"),
        ("in einer halben Stunde", "2026-11-22 09:30"),
        ("tomorrow 6 pm", "2026-11-23 18:00"),
        ("next tuesday 7pm", "2026-11-24 19:00"),
        ("Dec 15 at 6:30 pm", "2026-12-15 18:30"),
        ("15th of December 2026, 12 am", "2026-12-15 00:00"),
    ],
)
def test_dates_and_times_are_read_as_people_mean_them(text: str, expected: str) -> None:
    assert local(text) == expected
    assert when(text).time_known


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Di. 15.12.2026", "2026-12-15"),
        ("am 15.12", "2026-12-15"),
        ("kommenden Freitag", "2026-11-27"),
        ("Sonntag", "2026-11-22"),
        ("heute in 14 Tagen", "2026-12-06"),
        ("in zwei Wochen", "2026-12-06"),
        ("in einem Monat", "2026-12-22"),
    ],
)
def test_a_day_without_a_time_begins_at_midnight(text: str, day: str) -> None:
    assert local(text) == f"{day} 00:00"
    assert not when(text).time_known


@pytest.mark.parametrize(
    "text",
    [
        "",
        "19 zu 12",
        "2.1",
        "2.1.",
        "3.2 vertagt",
        "II.1 vertagt",
        "bericht 2.1 beschlossen: drei Plätze mehr",
        "Guten Morgen, wann tagt der Kreistag?",
        "Raum 2.11",
        "12.500 Euro",
        "das ist so",
    ],
)
def test_numbers_of_measures_votes_and_rooms_are_no_dates(text: str) -> None:
    assert unclear(text).key == "dates.none"


@pytest.mark.parametrize(
    ("text", "key", "details"),
    [
        ("15.12.2025 18 Uhr", "dates.past", {"date": "15.12.2025, 18:00"}),
        ("heute 8 Uhr", "dates.past", {"date": "22.11.2026, 08:00"}),
        ("gestern", "dates.past", {"date": "21.11.2026"}),
        ("31.2. 18 Uhr", "dates.no_such_day", {"date": "31.2."}),
        ("15.13.2026", "dates.no_such_day", {"date": "15.13.2026"}),
        ("15.12. 25 Uhr", "dates.no_such_time", {"time": "25 Uhr"}),
        ("15.12. 18:75", "dates.no_such_time", {"time": "18:75"}),
        ("15.12.1999", "dates.bad_year", {"date": "15.12.1999"}),
        ("15.12.2032", "dates.too_far", {"date": "15.12.2032", "years": 3}),
        ("Mittwoch, 15.12.2026 18 Uhr", "dates.weekday", {"weekday": "Mittwoch", "date": "15.12.2026"}),
    ],
)
def test_what_cannot_be_is_named(text: str, key: str, details: dict[str, object]) -> None:
    found = unclear(text)
    assert (found.key, dict(found.details)) == (key, details)


def test_two_days_or_two_times_are_offered_as_a_choice() -> None:
    days = unclear("15.12. oder 16.12. 18 Uhr")
    assert days.key == "dates.two_dates"
    assert [f"{at.astimezone(BERLIN):%d %H}" for at in days.options] == ["15 18", "16 18"]
    times = unclear("15.12. 17 Uhr Einlass, 18 Uhr Beginn")
    assert times.key == "dates.two_times"
    assert len(times.options) == 2


@pytest.mark.parametrize(
    "text", ["14.-15.12. 18 Uhr", "14-15.12.2026", "14./15.12.", "14. und 15.12.26", "14. bis 15. Dezember"]
)
def test_a_range_of_days_asks_which_one_counts(text: str) -> None:
    found = unclear(text)
    assert found.key == "dates.two_dates"
    assert str(found.details["first"]).startswith("14.12.")


def test_a_time_that_the_clocks_skip_is_asked_about() -> None:
    found = unclear("28.03.2027 02:30")
    assert found.key == "dates.skipped"
    assert found.options == (datetime(2027, 3, 28, 1, 30, tzinfo=UTC),)


@pytest.mark.parametrize("year", [2026, 2027])
def test_a_time_that_exists_twice_is_offered_twice_and_told_apart(year: int) -> None:
    day = {2026: "25.10.2026", 2027: "31.10.2027"}[year]
    found = unclear(f"{day} 02:30", datetime(2026, 10, 1, 9, tzinfo=BERLIN))
    assert found.key == "dates.twice"
    assert found.options[1] - found.options[0] == timedelta(hours=1)
    shown = [show_when(at, True, BERLIN, "de") for at in found.options]
    assert shown == [f"So., {day}, 02:30 Uhr (Sommerzeit)", f"So., {day}, 02:30 Uhr (Winterzeit)"]


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Haushalt am 15.12. um 18 Uhr im Rathaus", "Haushalt im Rathaus"),
        ("Rostock Haushaltsberatung 15.12.2026, 18-20 Uhr", "Rostock Haushaltsberatung"),
        ("15.12. 18 Uhr: Haushalt (2. Lesung)", "Haushalt (2. Lesung)"),
        ("TOP 3 am 15.12. um 18 Uhr", "TOP 3"),
        ("Dienstag, den 15. Dezember 2026, 17:00 Uhr, Rathaus, Saal 2.11", "Rathaus, Saal 2.11"),
        ("Rostock 2.1 morgen 18 Uhr", "Rostock 2.1"),
    ],
)
def test_the_rest_is_the_text_without_date_and_time(text: str, rest: str) -> None:
    assert when(text).rest == rest


def test_until_when_is_understood_too() -> None:
    found = when("15.12. 18:00-20:30 Uhr")
    assert found.end is not None
    assert found.end - found.start == timedelta(hours=2, minutes=30)
    assert when("15.12. 18 Uhr").end is None


def test_a_moment_is_shown_in_both_languages() -> None:
    start = datetime(2026, 12, 15, 17, tzinfo=UTC)
    assert show_when(start, True, BERLIN, "de") == "Di., 15.12.2026, 18:00 Uhr"
    assert show_when(start, True, BERLIN, "en") == "Tue, 15 Dec 2026, 18:00"
    assert show_when(start, False, BERLIN, "de") == "Di., 15.12.2026"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("3 Tage, 1 Stunde", ["3d", "1h"]),
        ("7 und 1 Tage", ["7d", "1d"]),
        ("1 woche", ["7d"]),
        ("eine Stunde vorher", ["1h"]),
        ("einen Tag und zwei Stunden vorher", ["1d", "2h"]),
        ("7d 1h", ["7d", "1h"]),
        ("am Vortag", ["1d"]),
        ("1 Tag, 1 Tag", ["1d"]),
        ("2 weeks and 1 day before", ["14d", "1d"]),
    ],
)
def test_reminder_times_are_read(text: str, codes: list[str]) -> None:
    found = read_offsets(text)
    assert not isinstance(found, Unclear)
    assert [offset.code for offset in found] == codes


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "offsets.none"),
        ("vorher", "offsets.none"),
        ("bald", "offsets.unclear"),
        ("1,5 Tage", "offsets.unclear"),
        ("x" * 100_000, "offsets.unclear"),
        ("3", "offsets.unit"),
        ("30 Minuten", "offsets.minutes"),
        ("eine halbe Stunde", "offsets.minutes"),
        ("0 Tage", "offsets.zero"),
        ("61 Tage", "offsets.too_long"),
        ("1 2 3 4 5 6 Tage", "offsets.too_many"),
    ],
)
def test_reminder_times_that_cannot_be_are_refused(text: str, key: str) -> None:
    found = read_offsets(text)
    assert isinstance(found, Unclear)
    assert found.key == key


@pytest.mark.parametrize(
    "text",
    ["15." * 40_000, "um " * 40_000, "1" * 100_000, "in " * 30_000, "\x1f" * 100_000, "nächsten " * 10_000],
)
def test_hostile_length_is_harmless(text: str) -> None:
    assert isinstance(read_when(text, SUNDAY_MORNING, BERLIN), When | Unclear)


WORDS = st.sampled_from(
    [
        "am",
        "um",
        "in",
        "den",
        "nächsten",
        "nächste",
        "Woche",
        "Dienstag",
        "di.",
        "so",
        "15.12.",
        "31.2.",
        "15.12.2026",
        "2.1",
        "2.1.",
        "18",
        "Uhr",
        "18:30",
        "25",
        "99:99",
        "halb",
        "viertel",
        "nach",
        "vor",
        "sieben",
        "zwei",
        "9999",
        "Wochen",
        "Tagen",
        "Stunden",
        "Monaten",
        "morgen",
        "heute",
        "abend",
        "früh",
        "Mitternacht",
        "12",
        "am",
        "pm",
        "Dezember",
        "Feb",
        "29",
        "30",
        "2027",
        "'27",
        "2026-02-30",
        "T18:00+99:99",
        "bis",
        "-",
        "–",
        ",",
        ".",
        "(",
        ")",
        "\x1f",
        "\x00",
        "�",
        "ü",
    ]
)
HOSTILE = st.one_of(
    st.text(max_size=80), st.lists(WORDS, max_size=9).map(" ".join), st.lists(WORDS, max_size=9).map("".join)
)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2096, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


@given(HOSTILE, MOMENTS)
def test_any_text_is_read_or_asked_about(text: str, now: datetime) -> None:
    found = read_when(text, now, BERLIN)
    if isinstance(found, When):
        assert found.start.utcoffset() == timedelta(0)
        assert found.start > now or not found.time_known
        assert found.start - now < timedelta(days=3 * 366 + 2)
        assert "\x1f" not in found.rest
    else:
        assert found.key.startswith("dates.")


@given(st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=8).map(" ".join)))
def test_any_text_is_an_offset_or_asked_about(text: str) -> None:
    found = read_offsets(text)
    if isinstance(found, Unclear):
        assert found.key.startswith("offsets.")
    else:
        assert 1 <= len(found) <= 5


@given(st.datetimes(datetime(2026, 11, 23), datetime(2029, 11, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis adds the zone
def test_what_is_shown_is_read_back(at: datetime) -> None:
    at = at.replace(second=0, microsecond=0)
    shown = show_when(at, True, BERLIN, "de")
    found = read_when(shown, SUNDAY_MORNING, BERLIN)
    assert (found.start if isinstance(found, When) else found.key) in {at, "dates.twice"}


def test_every_sentence_exists_in_both_languages_and_fits_its_details() -> None:
    locale = Path(__file__).parents[1] / "bot" / "locale"
    for language in ("de", "en"):
        catalogue = (locale / language / "dates.po").read_text(encoding="utf-8")
        for text in (
            "",
            "gestern",
            "31.2.",
            "25 Uhr",
            "28.3.2027 2:30",
            "1.5. 2.5.",
            "Mo. 15.12.",
            "1.1.1999",
            "1.1.2050",
        ):
            found = unclear(text)
            sentence = catalogue.split(f'msgid "{found.key}"\nmsgstr "')[1].split('"\n')[0]
            filled = sentence.format(**found.details)
            assert all(str(value) in filled for value in found.details.values())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("am fünfzehnten Dezember um achtzehn Uhr dreißig", "2026-12-15 18:30"),
        ("einunddreißigster Dezember 18 Uhr", "2026-12-31 18:00"),
        ("15. dez 26 18h30", "2026-12-15 18:30"),
        ("15.12.'26 18 Uhr", "2026-12-15 18:00"),
        ("Di., den 15.12.2026, um 18.00 Uhr", "2026-12-15 18:00"),
        ("am Dienstag, dem 15., 18 Uhr", "2026-12-15 18:00"),
        ("am 5. um 18 Uhr", "2026-12-05 18:00"),
        ("am 31. nächsten Monats 18 Uhr", "2026-12-31 18:00"),
        ("nächsten Monat am 5. um 18 Uhr", "2026-12-05 18:00"),
        ("nächstes Jahr am 15.12. 18 Uhr", "2027-12-15 18:00"),
        ("in zwei Wochen am Mittwoch 19 Uhr", "2026-12-09 19:00"),
        ("Dienstag KW 50 18 Uhr", "2026-12-08 18:00"),
        ("KW 2 Mittwoch 17 Uhr", "2027-01-13 17:00"),
        ("Donnerstags 18 Uhr", "2026-11-26 18:00"),
        ("donerstag 18 uhr", "2026-11-26 18:00"),
        ("15. Dezembr 18 Uhr", "2026-12-15 18:00"),
        ("3. Febuar 17 Uhr", "2027-02-03 17:00"),
        ("Montage am 15.12. 18 Uhr", "2026-12-15 18:00"),
        ("fünf vor halb sieben Dienstag", "2026-11-24 18:25"),
        ("zehn vor 18 Uhr am 15.12.", "2026-12-15 17:50"),
        ("15.12.26, 1830", "2026-12-15 18:30"),
        ("Di 15.12. 18", "2026-12-15 18:00"),
        ("15.12. 18 00 Uhr", "2026-12-15 18:00"),
        ("15.12. 18°° Uhr", "2026-12-15 18:00"),
        ("15 . 12 . 2026 18 : 00", "2026-12-15 18:00"),
        ("heute Nacht um 2:15", "2026-11-23 02:15"),
        ("Schwerin 3.1. Haushalt", "2027-01-03 00:00"),
    ],
)
def test_dates_as_people_say_and_misspell_them(text: str, expected: str) -> None:
    assert local(text) == expected


@pytest.mark.parametrize(("text", "ends"), [("zwischen 17 und 19 Uhr am 7.1.", 19), ("7.1. 17h bis 19h", 19)])
def test_ends_in_other_words(text: str, ends: int) -> None:
    found = when(text)
    assert found.end is not None
    assert found.end.astimezone(BERLIN).hour == ends


@pytest.mark.parametrize("text", ["letzten Dienstag 18 Uhr", "letzte Woche Freitag", "vorigen Montag"])
def test_what_is_over_is_never_the_next_one(text: str) -> None:
    assert unclear(text).key == "dates.past"


@pytest.mark.parametrize(
    ("text", "rest", "understood"),
    [
        ("Rostock 31.11. 18 Uhr Haushalt", "Rostock Haushalt", "18 Uhr"),
        ("Rostock 15.12. 25:00 Haushalt", "Rostock Haushalt", "15.12."),
        ("gestern 18 Uhr Haushalt", "Haushalt", "18 Uhr"),
    ],
)
def test_what_was_right_is_kept_beside_what_was_wrong(text: str, rest: str, understood: str) -> None:
    found = unclear(text)
    assert (found.rest, found.understood) == (rest, understood)


def test_a_time_alone_may_mean_a_given_day_and_a_date_a_given_year() -> None:
    found = read_when("20 Uhr", SUNDAY_MORNING, BERLIN, day=date(2026, 12, 16))
    assert isinstance(found, When)
    assert (f"{found.start.astimezone(BERLIN):%Y-%m-%d %H}", found.day_known) == ("2026-12-16 20", False)
    found = read_when("9.12. 17 Uhr", SUNDAY_MORNING, BERLIN, year=2027)
    assert isinstance(found, When)
    assert (found.start.astimezone(BERLIN).year, found.year_known) == (2027, False)
