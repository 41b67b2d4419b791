"""Meetings written down by people: every mistake is named with its entry, nothing is guessed."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import SourceError
from scheduler.agendas.meetings import FoundItem, FoundMeeting, Harvest
from scheduler.agendas.yamlfile import read_yaml

BERLIN = ZoneInfo("Europe/Berlin")
FIXTURE = Path(__file__).parent / "data" / "termine.yaml"


def read(text: str | bytes, place: str | None = None) -> Harvest:
    data = text.encode() if isinstance(text, str) else text
    return read_yaml(data, "termine.yaml", BERLIN, place=place)


def record(**values: str) -> str:
    given = {"place": "Musterstadt", "starts": "2026-12-15 18:00", "title": "Rat"} | values
    return "- {" + ", ".join(f"{key}: {value}" for key, value in given.items()) + "}\n"


def only(text: str) -> FoundMeeting:
    harvest = read(text)
    assert harvest.problems == ()
    (meeting,) = harvest.meetings
    return meeting


def problem_of(text: str) -> tuple[str, object]:
    (problem,) = read(text).problems
    return problem.key, problem.details["field"]


def test_a_full_record_is_read_as_written() -> None:
    meeting = read(FIXTURE.read_bytes()).meetings[0]
    assert meeting == FoundMeeting(
        key="https://rat.example.org/1",
        place="Musterstadt",
        title="Haushaltsberatung",
        council="Stadtvertretung",
        starts=datetime(2026, 12, 15, 17, tzinfo=UTC),
        time_known=True,
        ends=datetime(2026, 12, 15, 20, tzinfo=UTC),
        location="Rathaus, Saal 1",
        url="https://rat.example.org/1",
        cancelled=False,
        items=(
            FoundItem(None, "Haushaltssatzung 2027", None),
            FoundItem("2.10", "Zuschuss für die Beratungsstelle", False),
        ),
    )


def test_good_records_come_through_and_bad_ones_are_named() -> None:
    harvest = read(FIXTURE.read_bytes())
    assert [meeting.title for meeting in harvest.meetings] == [
        "Haushaltsberatung",
        "Kreistag",
        "Stadtvertretung",
    ]
    assert harvest.meetings[1].cancelled
    assert [(problem.place, problem.key) for problem in harvest.problems] == [
        ("[3].starts:14", "agendas.entry_skipped_hour"),
        ("[4].starts:17", "agendas.entry_bad_time"),
        ("[5].place:20", "agendas.entry_missing"),
        ("[6].titel:22", "agendas.entry_unknown_key"),
    ]


def test_a_place_from_outside_fills_in() -> None:
    (meeting,) = read("- {starts: 2026-12-17, title: Rat}", place="Musterstadt").meetings
    assert (meeting.place, meeting.time_known) == ("Musterstadt", False)
    assert meeting.starts == datetime(2026, 12, 16, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "hour", "minute"),
    [
        ("2026-12-15 18:00", 17, 0),
        ("2026-12-15T18:00", 17, 0),
        ("2026-12-15T18:00:00+00:00", 18, 0),
        ("2026-12-15T18:00Z", 18, 0),
        ("2026-12-15 18:00 -0130", 19, 30),
        ("15.12.2026 18:30", 17, 30),
        ("15.12.2026 um 18 Uhr", 17, 0),
        ("'15.12.2026, 18.30 Uhr'", 17, 30),
    ],
)
def test_times_may_be_written_in_any_usual_way(written: str, hour: int, minute: int) -> None:
    quoted = written if written.startswith("'") else f'"{written}"'
    assert only(record(starts=quoted)).starts == datetime(2026, 12, 15, hour, minute, tzinfo=UTC)


def test_seconds_count() -> None:
    starts = only(record(starts='"2026-12-15 18:00:30"')).starts
    assert starts == datetime(2026, 12, 15, 17, 0, 30, tzinfo=UTC)


def test_the_hour_that_exists_twice_is_the_first_one() -> None:
    assert only(record(starts="2026-10-25 02:30")).starts == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("values", "key", "field"),
    [
        ({"starts": "2026-02-30 18:00"}, "agendas.entry_bad_time", "starts"),
        ({"starts": "9999-12-31T23:00-23:00"}, "agendas.entry_bad_time", "starts"),
        ({"starts": "2026-12-15 18:00+99:00"}, "agendas.entry_bad_time", "starts"),
        ({"starts": "2026-03-29 02:30"}, "agendas.entry_skipped_hour", "starts"),
        ({"starts": "[1]"}, "agendas.entry_no_text", "starts"),
        ({"starts": "~"}, "agendas.entry_missing", "starts"),
        ({"title": "null"}, "agendas.entry_missing", "title"),
        ({"place": "''"}, "agendas.entry_missing", "place"),
        ({"ends": "17:00"}, "agendas.entry_end_first", "ends"),
        ({"ends": "spät"}, "agendas.entry_bad_time", "ends"),
        ({"url": "rathaus"}, "agendas.entry_bad_url", "url"),
        ({"items": "Haushalt"}, "agendas.entry_no_list", "items"),
        ({"items": "[{number: 1}]"}, "agendas.entry_bad_item", "items[1]"),
        ({"items": "[a, [b]]"}, "agendas.entry_bad_item", "items[2]"),
        ({"items": "[{title: a, titel: b}]"}, "agendas.entry_unknown_item_key", "items[1]"),
        ({"items": "[{title: a, public: vielleicht}]"}, "agendas.entry_bad_public", "items[1].public"),
    ],
)
def test_each_mistake_names_its_key(values: dict[str, str], key: str, field: str) -> None:
    assert problem_of(record(**values)) == (key, field)
    assert read(record(**values)).meetings == ()


def test_words_stay_words() -> None:
    meeting = only(record(title="no", location="'12'", council="~"))
    assert (meeting.title, meeting.location, meeting.council) == ("no", "12", None)


@pytest.mark.parametrize(("word", "public"), [("true", True), ("ja", True), ("no", False), ("~", None)])
def test_publicity_is_told_in_both_languages(word: str, public: bool | None) -> None:
    assert only(record(items=f"[{{title: a, public: {word}}}]")).items[0].public is public


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        ("a: 1", "agendas.yaml_no_list", None),
        ("- [", "agendas.yaml_broken", 2),
        ("- a\n- b: c: d", "agendas.yaml_broken", 2),
        ("- a\n\x07", "agendas.yaml_broken", 2),
        ("- &x [1]\n- *x", "agendas.yaml_alias", 2),
        ("- a\n- " + "[" * 100_000, "agendas.yaml_deep", 2),
    ],
)
def test_what_is_no_list_of_meetings_is_refused_as_a_whole(text: str, key: str, line: int | None) -> None:
    with pytest.raises(SourceError) as caught:
        read(text)
    assert caught.value.key == key
    assert caught.value.details.get("line") == line


def test_a_file_beyond_eight_megabytes_is_refused() -> None:
    with pytest.raises(SourceError) as caught:
        read(b"#" * 8_000_001)
    assert caught.value.key == "agendas.too_big"


@pytest.mark.parametrize("text", ["", "# noch leer", "[]"])
def test_an_empty_file_holds_no_meetings(text: str) -> None:
    assert read(text) == Harvest((), ())


def test_old_encodings_are_understood() -> None:
    (meeting,) = read(record(place="Mühlenhagen").encode("latin-1")).meetings
    assert meeting.place == "Mühlenhagen"


def test_keys_survive_another_time_of_day_and_a_shared_page() -> None:
    page = "https://rat.example.org/termine"
    first = read(record(url=page) + record(url=page, title="Kreistag"))
    later = read(record(url=page, starts="2026-12-15 19:00") + record(url=page, title="Kreistag"))
    assert [meeting.key for meeting in first.meetings] == [meeting.key for meeting in later.meetings]
    assert len({meeting.key for meeting in first.meetings}) == 2


def test_a_record_that_is_there_twice_is_told() -> None:
    harvest = read(record() + record(title="RAT"))
    assert len(harvest.meetings) == 1
    assert [(problem.key, problem.details["first"]) for problem in harvest.problems] == [
        ("agendas.entry_twice", 1)
    ]


@given(
    st.one_of(
        st.text(),
        st.lists(st.text(alphabet="-: {}[]&*!|>'\"#~%@\n abc0129.+TZ", max_size=60)).map("\n- ".join),
    )
)
def test_any_text_is_read_or_refused_with_a_reason(text: str) -> None:
    try:
        harvest = read(text.encode("utf-8", "replace"))
    except SourceError as error:
        assert error.key.startswith("agendas.yaml_")
    else:
        assert len({meeting.key for meeting in harvest.meetings}) == len(harvest.meetings)


@given(st.text(alphabet="0123456789-.: TZ+Uhrum", max_size=30))
def test_any_time_is_read_or_named(written: str) -> None:
    harvest = read("- {place: a, title: b, starts: '" + written + "'}")
    assert len(harvest.meetings) + len(harvest.problems) == 1
