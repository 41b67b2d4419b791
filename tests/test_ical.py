"""Council calendars: broken ones are read as far as they can be, and nothing is invented."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import SourceError
from scheduler.agendas.ical import MOST_REPETITIONS, read_ical
from scheduler.agendas.meetings import FoundMeeting, Harvest, without_cancellation
from scheduler.agendas.text import decode, tidy, web_address

BERLIN = ZoneInfo("Europe/Berlin")
SINCE = datetime(2026, 9, 1, tzinfo=UTC)
UNTIL = datetime(2027, 1, 31, tzinfo=UTC)
FIXTURE = Path(__file__).parent / "data" / "ratskalender.ics"


def read(data: bytes) -> Harvest:
    return read_ical(data, "kalender.ics", BERLIN, SINCE, UNTIL)


def calendar(*events: str) -> bytes:
    bodies = "".join(f"BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\n" for event in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{bodies}END:VCALENDAR\r\n".encode()


def only(*events: str) -> FoundMeeting:
    harvest = read(calendar(*events))
    assert harvest.problems == ()
    (meeting,) = harvest.meetings
    return meeting


@pytest.fixture
def harvest() -> Harvest:
    return read(FIXTURE.read_bytes())


@pytest.fixture
def found(harvest: Harvest) -> dict[str, FoundMeeting]:
    return {meeting.key: meeting for meeting in harvest.meetings}


def test_an_end_at_midnight_is_no_end(found: dict[str, FoundMeeting]) -> None:
    meeting = found["Sitzung-1"]
    assert meeting.starts == datetime(2026, 12, 15, 16, tzinfo=UTC)
    assert meeting.time_known
    assert (meeting.ends, meeting.location) == (None, None)
    assert meeting.url == "https://rat.example.org/termin?tag=15&monat=12"


def test_a_meeting_called_off_in_its_title_is_cancelled(found: dict[str, FoundMeeting]) -> None:
    meeting = found["Sitzung-2"]
    assert meeting.cancelled
    assert meeting.title == "Ausschuss für Wiesen und Wege"
    assert meeting.ends == datetime(2026, 12, 10, 18, 45, tzinfo=UTC)
    assert meeting.location == "Altes Rathaus, Saal 2"
    assert meeting.url is None


def test_a_whole_day_or_midnight_means_that_the_time_is_unknown(found: dict[str, FoundMeeting]) -> None:
    assert not found["Sitzung-3"].time_known
    assert not found["Sitzung-4"].time_known
    assert found["Sitzung-4"].cancelled
    assert found["Sitzung-3"].starts == datetime(2026, 12, 11, 23, tzinfo=UTC)
    assert found["Sitzung-3"].ends is None


def test_a_broken_event_is_named_and_harms_no_other(harvest: Harvest) -> None:
    (problem,) = harvest.problems
    assert problem.key == "agendas.event_bad_time"
    assert (problem.details["entry"], problem.details["property"]) == (5, "DTSTART")
    assert problem.place == f"VEVENT[5]:{problem.details['line']}"


def test_dummies_are_left_out(harvest: Harvest) -> None:
    assert "Kalender" not in {meeting.title for meeting in harvest.meetings}


def test_repetitions_follow_their_exceptions(found: dict[str, FoundMeeting]) -> None:
    series = {key: meeting for key, meeting in found.items() if key.startswith("Serie-7/")}
    assert set(series) == {
        "Serie-7/20261005T160000Z",
        "Serie-7/20261102T170000Z",
        "Serie-7/20270104T170000Z",
    }
    moved = series["Serie-7/20261102T170000Z"]
    assert moved.starts == datetime(2026, 11, 3, 18, tzinfo=UTC)
    assert (moved.cancelled, moved.title) == (True, "Finanzausschuss")


def test_reading_twice_gives_the_same(harvest: Harvest) -> None:
    assert read(FIXTURE.read_bytes()) == harvest


@pytest.mark.parametrize(
    "rewritten",
    [
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.decode().encode("latin-1"),
        lambda data: data.decode().encode("utf-16"),
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: data.replace(b"\nUID", b"\r\nUID"),
        lambda data: data.replace(b"SUMMARY", b"\x00SUMMARY"),
        lambda data: b"\n\n" + data,
    ],
    ids=["bom", "latin-1", "utf-16", "crlf", "mixed ends", "nul", "blank lines"],
)
def test_the_bytes_may_come_in_any_dress(harvest: Harvest, rewritten: object) -> None:
    assert callable(rewritten)
    assert read(rewritten(FIXTURE.read_bytes())).meetings == harvest.meetings


@pytest.mark.parametrize("data", [b"", b"<html>Zu viele Zugriffe</html>", b"\x00\xff\x89PNG", b"VCALENDAR"])
def test_what_is_no_calendar_is_refused(data: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        read(data)
    assert caught.value.key == "agendas.no_calendar"
    assert caught.value.details["name"] == "kalender.ics"


def test_a_calendar_beyond_eight_megabytes_is_refused() -> None:
    with pytest.raises(SourceError) as caught:
        read(b" " * 8_000_001)
    assert caught.value.key == "agendas.too_big"


def test_a_calendar_with_more_events_than_any_council_has_is_refused() -> None:
    with pytest.raises(SourceError) as caught:
        read(b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\n" * 20_001)
    assert caught.value.key == "agendas.too_many_events"


def test_an_empty_calendar_is_a_calendar() -> None:
    assert read(calendar()) == Harvest((), ())


def test_a_calendar_whose_end_never_came_says_so_and_an_empty_one_is_fine() -> None:
    begin, end = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", b"END:VCALENDAR\r\n"
    assert read(begin + end) == Harvest((), ())
    torn = read(begin)
    assert not torn.complete
    assert [problem.key for problem in torn.problems] == ["agendas.calendar_torn"]


def test_a_file_cut_off_in_the_middle_keeps_what_is_whole() -> None:
    data = calendar(
        "UID:a\nDTSTART:20261201T180000\nSUMMARY:Rat", "UID:b\nDTSTART:20261202T180000\nSUMMARY:Amt"
    )
    harvest = read(data[: data.index(b"SUMMARY:Amt")])
    assert [meeting.key for meeting in harvest.meetings] == ["a"]
    assert [problem.key for problem in harvest.problems] == ["agendas.event_torn"]


def test_a_lost_end_line_costs_only_its_own_event() -> None:
    text = calendar(
        "UID:a\nDTSTART:20261201T180000\nSUMMARY:Rat", "UID:b\nDTSTART:20261202T180000\nSUMMARY:Amt"
    )
    harvest = read(text.replace(b"END:VEVENT\r\n", b"", 1))
    assert [meeting.key for meeting in harvest.meetings] == ["b"]
    assert [problem.key for problem in harvest.problems] == ["agendas.event_torn"]


@pytest.mark.parametrize(
    ("event", "key"),
    [
        ("UID:a\nSUMMARY:Rat", "agendas.event_no_start"),
        ("UID:a\nDTSTART:20261201T180000", "agendas.event_no_title"),
        ("UID:a\nDTSTART:20260231T180000\nSUMMARY:Rat", "agendas.event_bad_time"),
        ("UID:a\nDTSTART:20261201T180000\nSUMMARY:Rat\nRRULE:FREQ=SECONDLY", "agendas.event_rule"),
        ("UID:a\nDTSTART:20261201T180000\nSUMMARY:Rat\nRRULE:FREQ=DAILY;INTERVAL=0", "agendas.event_rule"),
        ("UID:a\nDTSTART:20261201T180000\nSUMMARY:Rat\nRRULE:FREQ=DAILY;BYHOUR=1,2", "agendas.event_rule"),
        ("UID:a\nDTSTART:20261201T180000\nSUMMARY:Rat\nRRULE:FREQ=DAILY;BYSETPOS=5", "agendas.event_rule"),
        ("UID:a\nDTSTART:00010101T000000\nSUMMARY:Rat\nRRULE:FREQ=DAILY", "agendas.event_rule"),
        ("UID:a\nDTSTART:20261201T180000\nSUMMARY:Rat\nRRULE:FREQ=DAILY;UNTIL=x", "agendas.event_unreadable"),
        ("UID:a\nDTSTART:00010101T000000\nSUMMARY:Rat", "agendas.event_unreadable"),
    ],
)
def test_the_reason_is_told_for_each_refused_event(event: str, key: str) -> None:
    harvest = read(calendar(event, "UID:b\nDTSTART:20261201T180000\nSUMMARY:Amt"))
    assert [problem.key for problem in harvest.problems] == [key]
    assert [meeting.key for meeting in harvest.meetings] == ["b"]


def test_an_endless_rule_stops_at_a_bound() -> None:
    event = "UID:a\nDTSTART:19700101T180000\nSUMMARY:Rat\nRRULE:FREQ=DAILY"
    harvest = read_ical(calendar(event), "k.ics", BERLIN, SINCE, SINCE + timedelta(days=3000))
    assert len(harvest.meetings) == MOST_REPETITIONS
    assert harvest.meetings[0].starts == datetime(2026, 9, 1, 16, tzinfo=UTC)


def test_only_so_many_series_are_expanded() -> None:
    events = [f"UID:s{n}\nDTSTART:20261201T180000\nSUMMARY:Rat\nRRULE:FREQ=YEARLY" for n in range(101)]
    harvest = read(calendar(*events))
    assert len(harvest.meetings) == 100
    assert [problem.key for problem in harvest.problems] == ["agendas.too_many_series"]


def test_a_series_keeps_its_wall_time_across_the_clock_change() -> None:
    event = "UID:a\nDTSTART:20261018T180000\nSUMMARY:Rat\nRRULE:FREQ=WEEKLY;COUNT=2"
    hours = [meeting.starts.hour for meeting in read(calendar(event)).meetings]
    assert hours == [16, 17]


@pytest.mark.parametrize(
    ("line", "hour"),
    [
        ("DTSTART:20261201T180000", 17),
        ("DTSTART:20261201T180000Z", 18),
        ("DTSTART;TZID=Europe/London:20261201T180000", 18),
        ('DTSTART;TZID="W. Europe Standard Time":20261201T180000', 17),
        ("DTSTART;TZID=/freeassociation.sourceforge.net/Europe/London:20261201T180000", 18),
        ("DTSTART;TZID=Musterzeit:20261201T180000", 17),
        ("DTSTART;TZID=../../etc/passwd:20261201T180000", 17),
    ],
)
def test_zones_are_understood_by_any_of_their_names(line: str, hour: int) -> None:
    assert only(f"UID:a\n{line}\nSUMMARY:Rat").starts.hour == hour


def test_a_duration_gives_the_end_and_a_broken_end_costs_nothing() -> None:
    start = "UID:a\nDTSTART:20261201T180000\nSUMMARY:Rat\n"
    assert only(start + "DURATION:PT2H").ends == datetime(2026, 12, 1, 19, tzinfo=UTC)
    assert only(start + "DURATION:zwei Stunden").ends is None
    assert only(start + "DTEND:20261201T170000").ends is None
    assert only(start + "DTEND:bald").ends is None


def test_lines_folded_wrongly_are_joined() -> None:
    assert only("UID:a\nDTSTART:20261201T180000\nSUMMARY:Rat der\n  Stadt\n Musterstadt").title == (
        "Rat der StadtMusterstadt"
    )
    assert only("UID:a\nDTSTART:20261201T180000\nSUMMARY:Rat \nder Stadt").title == "Rat der Stadt"


def test_a_fold_inside_a_letter_and_old_line_ends_are_mended() -> None:
    event = "UID:1\r\nDTSTART:20261215T170000\r\nSUMMARY:Ausschuss für Grünflächen"
    torn = calendar(event).replace("ü".encode(), b"\xc3\r\n \xbc")
    for data in (torn, torn.replace(b"\r\n", b"\r"), torn.replace(b"\r\n", b"\n")):
        (meeting,) = read(data).meetings
        assert meeting.title == "Ausschuss für Grünflächen"


def test_printable_letters_of_old_calendars_are_read() -> None:
    title = "SUMMARY;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Rat f=C3=BCr Gr=\r\n=C3=BCnes =3D Wiesen"
    assert only(f"UID:1\r\nDTSTART:20261215T170000\r\n{title}").title == "Rat für Grünes = Wiesen"


def test_a_calendar_that_calls_off_calls_off_its_own_meetings_only() -> None:
    event = "UID:{}\r\nDTSTART:20261215T170000\r\nSUMMARY:Ausschuss"
    off = calendar(event.format(1)).replace(b"VERSION:2.0", b"METHOD:CANCEL\r\nVERSION:2.0")
    found = {meeting.key: meeting.cancelled for meeting in read(off + calendar(event.format(2))).meetings}
    assert found == {"1": True, "2": False}


def test_meetings_that_share_a_uid_are_told_apart_by_their_start() -> None:
    events = [f"UID:gleich\nDTSTART:2026120{day}T180000\nSUMMARY:Rat" for day in (1, 2)]
    assert [meeting.key for meeting in read(calendar(*events)).meetings] == [
        "gleich/20261201T170000Z",
        "gleich/20261202T170000Z",
    ]


def test_the_newer_version_of_an_event_wins() -> None:
    old = "UID:a\nSEQUENCE:1\nDTSTART:20261201T180000\nSUMMARY:Alt"
    new = "UID:a\nSEQUENCE:2\nDTSTART:20261202T180000\nSUMMARY:Neu"
    assert only(new, old).title == "Neu"


def test_an_event_without_uid_still_has_a_stable_key() -> None:
    event = "DTSTART:20261201T180000\nSUMMARY:Rat"
    assert only(event).key == only(event).key
    assert only(event).key != only("DTSTART:20261202T180000\nSUMMARY:Rat").key


def test_a_changed_repetition_whose_series_is_missing_is_kept() -> None:
    event = "UID:a\nRECURRENCE-ID:20261201T180000\nDTSTART:20261202T180000\nSUMMARY:Rat"
    assert only(event).key == "a/20261201T170000Z"


def test_meetings_outside_the_span_are_left_out() -> None:
    assert read(calendar("UID:a\nDTSTART:20250101T180000\nSUMMARY:Rat")) == Harvest((), ())


@pytest.mark.parametrize(
    ("title", "bare", "cancelled"),
    [
        ("ENTFÄLLT - Sportausschuss", "Sportausschuss", True),
        ("entfaellt: Kreistag", "Kreistag", True),
        ("ABGESAGT! Kreistag", "Kreistag", True),
        ("(abgesagt) Kreistag", "Kreistag", True),
        ("Kreistag (fällt aus)", "Kreistag", True),
        ("Kreistag fällt leider aus", "Kreistag", True),
        ("Kreistag ENTFÄLLT wegen Sturm", "Kreistag ENTFÄLLT wegen Sturm", True),
        ("ENTFÄLLT", "ENTFÄLLT", True),
        ("Kreistag", "Kreistag", False),
        ("Ausschuss für Abfallwirtschaft", "Ausschuss für Abfallwirtschaft", False),
    ],
)
def test_cancellation_is_read_from_the_title(title: str, bare: str, cancelled: bool) -> None:
    assert without_cancellation(title) == (bare, cancelled)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("Haushalts-\nsicherungskonzept", "Haushaltssicherungskonzept"),
        ("Müller-\r\nMeier-Straße", "Müller-Meier-Straße"),
        ("Haushalts-\nund Finanzausschuss", "Haushalts- und Finanzausschuss"),
        ("<b>Rat</b> &amp; Tat<br/>heute", "Rat & Tat heute"),
        ("vor<script>alert(1)</script>nach", "vor nach"),
        ("5 < 6 und 7 > 3", "5 < 6 und 7 > 3"),
        ("Ra\u202et\u0000  der\u200b\tStadt", "Rat der Stadt"),
        ("u\u0308ber", "über"),
        ("x" * 300, "x" * 249 + "…"),
    ],
)
def test_foreign_text_is_tidied(raw: str, clean: str) -> None:
    assert tidy(raw) == clean


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "ftp://example.org",
        "https://",
        "https://a b",
        "http://[",
        "https://me@example.org",
    ],
)
def test_only_plain_web_addresses_are_kept(address: str) -> None:
    assert web_address(address) is None
    assert web_address(" https://example.org/x?y=1 ") == "https://example.org/x?y=1"


@given(st.text(), st.integers(2, 300))
def test_tidied_text_is_one_short_line_without_controls(text: str, limit: int) -> None:
    clean = tidy(text, limit)
    assert len(clean) <= limit
    assert clean == clean.strip()
    assert not any(sign in clean for sign in "\n\r\t\x00\u202e\u200b")
    clean.encode("utf-8")


@pytest.mark.parametrize("part", ["<script>", "<", "-\n", "&amp;", "a-\n\n", "<a ", "ENTFÄLLT ", "fällt "])
def test_hostile_lengths_end_quickly(part: str) -> None:
    hostile = part * (100_000 // len(part))
    assert len(tidy(hostile)) <= 250
    assert len(without_cancellation(tidy(hostile))[0]) <= 250


LINES = st.sampled_from(
    [
        "BEGIN:VEVENT",
        "END:VEVENT",
        "BEGIN:VALARM",
        "END:VALARM",
        "UID:a",
        "DTSTART:20261201T180000",
        "DTSTART;VALUE=DATE:20261201",
        "DTSTART;TZID=Europe/Berlin:20261201T180000",
        "DTEND:20261201T200000",
        "SUMMARY:Rat",
        "RRULE:FREQ=WEEKLY",
        "RRULE:FREQ=MONTHLY;BYDAY=-1TU;UNTIL=20270101",
        "RDATE:20261203T180000,20261204",
        "EXDATE:20261208",
        "RECURRENCE-ID:20261208T180000",
        "RECURRENCE-ID;VALUE=DATE:20261208",
        "DURATION:P1D",
        " gefaltet",
    ]
)


@given(st.lists(st.one_of(LINES, st.text(max_size=40)), max_size=40), st.sampled_from(["\n", "\r\n"]))
def test_any_calendar_is_read_without_an_exception(lines: list[str], newline: str) -> None:
    text = newline.join(["BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR"])
    harvest = read(text.encode("utf-8", "replace"))
    assert harvest == read(text.encode("utf-8", "replace"))
    assert len({meeting.key for meeting in harvest.meetings}) == len(harvest.meetings)
    assert all(meeting.ends is None or meeting.ends > meeting.starts for meeting in harvest.meetings)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_calendar_or_refused_with_a_reason(data: bytes) -> None:
    assert isinstance(decode(data), str)
    try:
        read(data)
    except SourceError as error:
        assert error.key == "agendas.no_calendar"


@pytest.mark.parametrize(
    ("title", "cancelled"),
    [
        ("Stadtvertretung (verschoben auf den 16.12.2026)", True),
        ("Stadtvertretung, verlegt auf Mittwoch, den 16.12.", True),
        ("Stadtvertretung (verschoben auf den 15.12.)", False),
        ("Stadtvertretung (verschoben vom 01.12.)", False),
    ],
)
def test_what_is_moved_to_another_day_does_not_take_place(title: str, cancelled: bool) -> None:
    meeting = only(f"UID:1\r\nDTSTART:20261215T170000\r\nSUMMARY:{title}")
    assert (meeting.cancelled, meeting.title) == (cancelled, title)
