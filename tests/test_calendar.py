"""When reminders are due: wall clocks, quiet hours, missed ones, and both changes of the clocks."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.calendar import (
    DEBATE_LASTS,
    MORNING,
    Offset,
    Quiet,
    after_quiet,
    day_span,
    due_at,
    holiday,
    instant,
    instants,
    local_day,
    next_morning,
    over_at,
    plan,
)

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = Quiet(time(21), time(8))

offsets = st.one_of(
    st.integers(1, 60).map(lambda amount: Offset(amount, "d")),
    st.integers(1, 200).map(lambda amount: Offset(amount, "h")),
)
# Both changes of the clocks fall into every year: 28 March and 31 October 2027 among them.
starts = st.datetimes(datetime(2026, 9, 1), datetime(2028, 5, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
quiets = st.one_of(st.none(), st.builds(Quiet, times, times))
ends = st.one_of(st.none(), st.integers(-60, 600))


def wall(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=BERLIN)


def end_of(start: datetime, minutes: int | None) -> datetime | None:
    return None if minutes is None else start + timedelta(minutes=minutes)


def in_quiet(at: datetime, quiet: Quiet | None) -> bool:
    return quiet is not None and quiet.holds(at.astimezone(BERLIN).time())


def test_seven_days_before_is_the_same_time_on_the_clock_across_both_changes() -> None:
    for start in (wall(2027, 3, 30, 18), wall(2027, 11, 2, 18)):
        due = due_at(start, None, Offset(7, "d"), BERLIN, None).astimezone(BERLIN)
        assert (due.date(), due.time()) == (start.date() - timedelta(days=7), time(18))


def test_hours_elapse_across_both_changes() -> None:
    for start in (wall(2027, 3, 28, 12), wall(2027, 10, 31, 12)):
        assert start - due_at(start, None, Offset(24, "h"), BERLIN, None) == timedelta(hours=24)


def test_a_wall_time_that_is_skipped_moves_forward_and_a_double_one_is_the_first() -> None:
    skipped = due_at(wall(2027, 3, 29, 2, 30), None, Offset(1, "d"), BERLIN, None)
    assert skipped == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    double = due_at(wall(2027, 11, 1, 2, 30), None, Offset(1, "d"), BERLIN, None)
    assert double == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_a_reminder_in_the_night_waits_for_the_morning() -> None:
    start = wall(2026, 12, 15, 23)
    assert due_at(start, None, Offset(1, "d"), BERLIN, NIGHT) == wall(2026, 12, 15, 8)
    early = due_at(wall(2026, 12, 15, 9), None, Offset(3, "h"), BERLIN, NIGHT)
    assert early == wall(2026, 12, 15, 8)


def test_a_reminder_stays_in_the_night_when_the_debate_would_be_over() -> None:
    start, end = wall(2026, 12, 15, 6), wall(2026, 12, 15, 7, 30)
    assert due_at(start, end, Offset(1, "h"), BERLIN, NIGHT) == wall(2026, 12, 15, 5)
    assert due_at(start, None, Offset(1, "h"), BERLIN, NIGHT) == wall(2026, 12, 15, 8)


def test_an_end_before_the_start_says_nothing() -> None:
    start = wall(2026, 12, 15, 18)
    assert over_at(start, wall(2026, 12, 15, 10)) == start + DEBATE_LASTS
    assert over_at(start, wall(2026, 12, 15, 20)) == wall(2026, 12, 15, 20)


def test_holidays_of_the_state_are_named_in_german() -> None:
    assert holiday(date(2027, 3, 8)) == "Frauentag"
    assert holiday(date(2027, 3, 9)) is None
    assert holiday(date(2027, 3, 8), "BY") is None
    with pytest.raises(ValueError, match="XX"):
        holiday(date(2027, 3, 8), "XX")


def test_a_day_of_a_change_has_23_or_25_hours() -> None:
    lengths = [day_span(day, BERLIN) for day in (date(2027, 3, 28), date(2027, 10, 31), date(2027, 12, 1))]
    assert [(end - begin) / timedelta(hours=1) for begin, end in lengths] == [23, 25, 24]


def test_equal_ends_mean_no_quiet_hours_and_a_nap_at_noon_is_possible() -> None:
    noon = wall(2026, 12, 15, 12)
    assert after_quiet(noon, BERLIN, Quiet(time(12), time(12))) == noon
    assert after_quiet(noon, BERLIN, Quiet(time(11), time(14))) == wall(2026, 12, 15, 14)
    assert after_quiet(noon, BERLIN, Quiet(time(12), time(14))) == wall(2026, 12, 15, 14)


def test_a_night_that_ends_in_the_double_hour_ends_each_time_it_is_shown() -> None:
    night = Quiet(time(22), time(2, 30))
    first, again = (datetime(2027, 10, 31, hour, 15, tzinfo=UTC) for hour in (0, 1))
    assert after_quiet(first, BERLIN, night) == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert after_quiet(again, BERLIN, night) == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


def test_a_night_whose_end_is_skipped_ends_with_the_change() -> None:
    night = Quiet(time(22), time(2, 30))
    assert after_quiet(wall(2027, 3, 28, 1), BERLIN, night) == wall(2027, 3, 28, 3, 30)


def test_offsets_read_their_own_code_and_nothing_else() -> None:
    for code in ("x", "d", "7", "7m", "0d", "-1d", "1.5h", "٣d", "99999d"):
        with pytest.raises(ValueError, match=re.escape(code)):
            Offset.parse(code)


@given(offsets)
def test_an_offset_survives_the_store(offset: Offset) -> None:
    assert Offset.parse(offset.code) == offset


@given(starts, ends, offsets, quiets)
def test_a_reminder_is_utc_and_comes_before_the_debate_is_over(
    start: datetime, minutes: int | None, offset: Offset, quiet: Quiet | None
) -> None:
    end = end_of(start, minutes)
    due = due_at(start, end, offset, BERLIN, quiet)
    assert due.utcoffset() == timedelta(0)
    assert due < over_at(start, end)
    assert due == due_at(start.astimezone(BERLIN), end, offset, BERLIN, quiet)


@given(starts, ends, offsets, quiets)
def test_only_a_reminder_that_would_come_too_late_breaks_the_quiet(
    start: datetime, minutes: int | None, offset: Offset, quiet: Quiet | None
) -> None:
    end = end_of(start, minutes)
    due = due_at(start, end, offset, BERLIN, quiet)
    if in_quiet(due, quiet):
        assert after_quiet(due, BERLIN, quiet) >= over_at(start, end)


@given(starts, offsets)
def test_without_quiet_hours_a_reminder_comes_before_the_start(start: datetime, offset: Offset) -> None:
    assert due_at(start, None, offset, BERLIN, None) < start


@given(starts, st.integers(1, 60))
def test_whole_days_keep_the_wall_clock_wherever_that_time_exists(start: datetime, days: int) -> None:
    local = start.astimezone(BERLIN)
    due = due_at(start, None, Offset(days, "d"), BERLIN, None).astimezone(BERLIN)
    wanted = (local - timedelta(days=days)).replace(tzinfo=None)
    if instants(wanted, BERLIN):
        assert due.replace(tzinfo=None) == wanted
        assert due.fold == 0
    else:
        assert due.replace(tzinfo=None) == wanted + timedelta(hours=1)


@given(starts, st.lists(offsets, max_size=6), ends)
def test_a_longer_offset_of_one_unit_is_never_due_later(
    start: datetime, wanted: list[Offset], minutes: int | None
) -> None:
    end = end_of(start, minutes)
    dues = plan(start, end, wanted, BERLIN, NIGHT)
    assert len(dues) == len(set(wanted))
    assert [due.at for due in dues] == sorted(due.at for due in dues)
    for unit in ("d", "h"):
        raw = sorted((due for due in dues if due.offset.unit == unit), key=lambda due: -due.offset.amount)
        quiet_kept = [due.at for due in raw if not in_quiet(due.at, NIGHT)]
        assert quiet_kept == sorted(quiet_kept)


@given(starts, quiets)
def test_what_waits_for_the_morning_leaves_the_quiet_hours(at: datetime, quiet: Quiet | None) -> None:
    moved = after_quiet(at, BERLIN, quiet)
    assert moved >= at
    assert moved - at <= timedelta(hours=26)
    local = moved.astimezone(BERLIN)
    # In the double hour the wall clock may fall back into the quiet hours just as they end.
    if len(instants(local.replace(tzinfo=None, fold=0), BERLIN)) == 1:
        assert not in_quiet(moved, quiet)


@given(starts)
def test_a_moment_lies_within_its_local_day(at: datetime) -> None:
    begin, end = day_span(local_day(at, BERLIN), BERLIN)
    assert begin <= at < end
    assert instant(begin.astimezone(BERLIN).replace(tzinfo=None), BERLIN) == begin


def test_every_moment_is_utc_whatever_zone_the_machine_is_in() -> None:
    start = wall(2026, 12, 15, 18)
    moments = [
        instant(datetime(2026, 12, 15, 18), BERLIN),  # noqa: DTZ001 - a wall time has no zone
        *instants(datetime(2026, 10, 25, 2, 30), BERLIN),  # noqa: DTZ001
        over_at(start, None),
        due_at(start, None, Offset(3, "h"), BERLIN, None),
        due_at(start, None, Offset(7, "d"), BERLIN, None),
    ]
    assert len(moments) == 6
    assert all(one.tzinfo is UTC for one in moments)


def test_the_longest_offset_has_four_digits() -> None:
    assert Offset.parse("9999h") == Offset(9999, "h")
    with pytest.raises(ValueError, match="10000h"):
        Offset.parse("10000h")


def test_the_end_of_a_debate_counts_wherever_it_is_said() -> None:
    end = wall(2026, 12, 16, 9)
    hour = [Offset(12, "h"), Offset(1, "h")]
    assert [due.at for due in plan(wall(2026, 12, 15, 22), end, hour, BERLIN, NIGHT)] == [
        wall(2026, 12, 15, 10),
        wall(2026, 12, 16, 8),
    ]
    assert [due.at for due in plan(wall(2026, 12, 15, 22), None, [Offset(1, "h")], BERLIN, NIGHT)] == [
        wall(2026, 12, 15, 21)
    ]


def test_of_reminders_due_at_once_the_longer_comes_first() -> None:
    start = wall(2026, 12, 15, 18)
    dues = plan(start, None, [Offset(24, "h"), Offset(48, "h"), Offset(1, "d")], BERLIN, None)
    assert [due.offset.code for due in dues] == ["48h", "1d", "24h"]
    night = plan(wall(2026, 12, 15, 9), None, [Offset(2, "h"), Offset(3, "h")], BERLIN, NIGHT)
    assert [due.offset.code for due in night] == ["3h", "2h"]


def test_a_zone_that_is_not_berlin_is_kept_to() -> None:
    lisbon, start = ZoneInfo("Europe/Lisbon"), wall(2026, 12, 15, 18)
    (due,) = plan(start, None, [Offset(9, "h")], lisbon, NIGHT)
    assert due.at.astimezone(lisbon).time() == time(8)


def test_an_end_at_the_start_says_nothing() -> None:
    start = wall(2026, 12, 15, 18)
    assert over_at(start, start) == start + DEBATE_LASTS


def test_a_night_that_ends_with_the_debate_is_too_late() -> None:
    start, end = wall(2026, 12, 15, 22), wall(2026, 12, 16, 8)
    assert due_at(start, end, Offset(1, "h"), BERLIN, NIGHT) == wall(2026, 12, 15, 21)


def test_what_waits_for_a_day_goes_out_in_its_morning() -> None:
    midnight = wall(2026, 12, 16)
    assert next_morning(midnight, BERLIN, NIGHT) == wall(2026, 12, 16, 8)
    assert next_morning(midnight, BERLIN, None) == wall(2026, 12, 16, MORNING.hour)
    nap = Quiet(time(12), time(14))
    assert next_morning(midnight, BERLIN, nap) == wall(2026, 12, 16, MORNING.hour)
    late = Quiet(time(2), time(10))
    assert next_morning(midnight, BERLIN, late) == wall(2026, 12, 16, 10)
    assert next_morning(midnight, BERLIN, Quiet(time(22), time(6))) == wall(2026, 12, 16, 6)
    assert next_morning(midnight, BERLIN, Quiet(time(7), time(9))) == wall(2026, 12, 16, 9)
    lisbon = ZoneInfo("Europe/Lisbon")
    begins = datetime(2026, 12, 16, tzinfo=lisbon)
    assert next_morning(begins, lisbon, NIGHT).astimezone(lisbon) == begins.replace(hour=8)
