"""Opening hours: weekly spans, holidays, and sums of open time across changes of the clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.catalog.batches import next_batch
from apps.catalog.business_hours import (
    Hours,
    NeverOpens,
    OpeningSpan,
    add_open_seconds,
    close_of_day,
    closes_at,
    is_open,
    next_opening,
    open_seconds_between,
    wall_intervals,
)

ZONE = "America/Chicago"
CHICAGO = ZoneInfo(ZONE)
OFFICE = Hours(ZONE, tuple(OpeningSpan(day, time(8), time(17)) for day in range(5)))
NIGHTS = Hours(ZONE, tuple(OpeningSpan(day, time(0), time(0)) for day in range(7)))
ALWAYS = Hours(ZONE, always_open=True)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def there(month: int, day: int, hour: int = 0, minute: int = 0, fold: int = 0) -> datetime:
    """An instant of 2026 by the wall clock in Chicago."""
    return datetime(2026, month, day, hour, minute, fold=fold, tzinfo=CHICAGO).astimezone(UTC)


@pytest.mark.parametrize(
    ("day", "hour", "minute", "shown"),
    [(20, 7, 59, False), (20, 8, 0, True), (20, 16, 59, True), (20, 17, 0, False), (21, 12, 0, False)],
)
def test_open_from_the_opening_up_to_the_closing(day: int, hour: int, minute: int, shown: bool) -> None:
    assert is_open(OFFICE, there(11, day, hour, minute)) is shown


def test_five_minutes_from_friday_1658_end_on_monday_0803() -> None:
    assert add_open_seconds(OFFICE, there(11, 20, 16, 58), 300) == there(11, 23, 8, 3)
    assert add_open_seconds(OFFICE, there(11, 20, 16, 58), 120) == there(11, 20, 17, 0)
    assert add_open_seconds(OFFICE, there(11, 20, 19, 0), 0) == there(11, 23, 8, 0)


def test_a_holiday_stands_still() -> None:
    hours = Hours(ZONE, OFFICE.spans, frozenset({date(2026, 12, 25)}))
    assert not is_open(hours, there(12, 25, 10))
    assert add_open_seconds(hours, there(12, 24, 16, 58), 300) == there(12, 28, 8, 3)
    assert next_opening(hours, there(12, 24, 17)) == there(12, 28, 8)
    assert open_seconds_between(hours, there(12, 24, 17), there(12, 28, 8)) == 0
    assert is_open(Hours(ZONE, holidays=hours.holidays, always_open=True), there(12, 25, 10))


def test_in_spring_the_skipped_hour_holds_no_seconds() -> None:
    assert open_seconds_between(NIGHTS, there(3, 8), there(3, 9)) == 23 * 3600
    assert add_open_seconds(NIGHTS, there(3, 8, 1, 30), 3600) == there(3, 8, 3, 30)
    assert wall_intervals(ZONE, date(2026, 3, 8), time(2), time(3)) == ()
    skipped = Hours(ZONE, (OpeningSpan(6, time(2), time(3)),))
    assert next_opening(skipped, there(3, 8)) == there(3, 15, 2)


def test_in_autumn_the_repeated_hour_counts_twice() -> None:
    assert open_seconds_between(NIGHTS, there(11, 1), there(11, 2)) == 25 * 3600
    early = Hours(ZONE, (OpeningSpan(6, time(1), time(1, 30)),))
    first, again = there(11, 1, 1), there(11, 1, 1, fold=1)
    assert wall_intervals(ZONE, date(2026, 11, 1), time(1), time(1, 30)) == (
        (first, first + 30 * MINUTE),
        (again, again + 30 * MINUTE),
    )
    assert add_open_seconds(early, first, 40 * 60) == again + 10 * MINUTE


def test_closing_times() -> None:
    assert closes_at(OFFICE, there(11, 20, 9)) == there(11, 20, 17)
    assert closes_at(OFFICE, there(11, 20, 17)) is None
    assert closes_at(ALWAYS, there(11, 20, 9)) is None
    assert closes_at(NIGHTS, there(11, 20, 9)) is None
    late = Hours(ZONE, (OpeningSpan(4, time(20), time(0)), OpeningSpan(5, time(0), time(2))))
    assert closes_at(late, there(11, 20, 21)) == there(11, 21, 2)


def test_the_same_business_day_and_the_next() -> None:
    assert close_of_day(OFFICE, there(11, 20, 9)) == there(11, 20, 17)
    assert close_of_day(OFFICE, there(11, 20, 18)) == there(11, 23, 17)
    assert close_of_day(OFFICE, there(11, 20, 9), 1) == there(11, 23, 17)
    assert close_of_day(ALWAYS, there(11, 20, 9)) == there(11, 21)
    assert close_of_day(Hours(ZONE), there(11, 20, 9)) is None


def test_hours_that_never_open() -> None:
    never = Hours(ZONE)
    assert next_opening(never, there(11, 20)) is None
    with pytest.raises(NeverOpens):
        add_open_seconds(never, there(11, 20), 1)
    assert open_seconds_between(never, there(11, 20), there(12, 20)) == 0


def test_touching_and_overlapping_spans_are_one() -> None:
    spans = (
        OpeningSpan(0, time(12), time(17)),
        OpeningSpan(0, time(8), time(12)),
        OpeningSpan(0, time(9), time(10)),
    )
    assert Hours(ZONE, spans).spans == (OpeningSpan(0, time(8), time(17)),)
    to_midnight = (OpeningSpan(0, time(8), time(0)), OpeningSpan(0, time(9), time(10)))
    assert Hours(ZONE, to_midnight).spans == (OpeningSpan(0, time(8), time(0)),)


@pytest.mark.parametrize(
    ("weekday", "opens", "closes"),
    [
        (7, time(8), time(9)),
        (0, time(9), time(9)),
        (0, time(22), time(6)),
        (0, time(8, tzinfo=UTC), time(9)),
        (0, time(8, 0, 0, 5), time(9)),
    ],
)
def test_impossible_spans_are_refused(weekday: int, opens: time, closes: time) -> None:
    with pytest.raises(ValueError, match=r"weekday|midnight|zone|seconds"):
        OpeningSpan(weekday, opens, closes)


def test_unknown_zones_naive_instants_and_negative_sums_are_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        Hours("Mars/Olympus")
    with pytest.raises(ValueError, match="naive"):
        is_open(OFFICE, datetime(2026, 11, 20, 9))
    with pytest.raises(ValueError, match="forward"):
        add_open_seconds(OFFICE, there(11, 20), -1)


minutes = st.integers(0, 1439)
spans = st.builds(
    lambda day, ends: OpeningSpan(day, time(ends[0] // 60, ends[0] % 60), time(ends[1] // 60, ends[1] % 60)),
    st.integers(0, 6),
    st.tuples(minutes, minutes).filter(lambda ends: ends[0] < ends[1] or ends[1] == 0),
)
hours_made = st.builds(
    Hours,
    st.sampled_from([ZONE, "America/Phoenix", "Australia/Lord_Howe", "Asia/Kolkata", "America/St_Johns"]),
    st.lists(spans, min_size=1, max_size=6).map(tuple),
    st.frozensets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=5),
)
instants = st.integers(0, 365 * 1440).map(lambda minute: datetime(2026, 1, 1, tzinfo=UTC) + minute * MINUTE)
#: Near both changes of the clock in Chicago, St John's and on Lord Howe.
changes = st.tuples(
    st.sampled_from(
        [
            there(3, 8),
            there(11, 1),
            datetime(2026, 4, 4, 12, tzinfo=UTC),
            datetime(2026, 10, 3, 12, tzinfo=UTC),
        ]
    ),
    st.integers(-600, 1200),
).map(lambda made: made[0] + made[1] * MINUTE)


@settings(deadline=None)
@given(hours_made, instants | changes, st.integers(0, 400_000))
def test_a_sum_holds_as_many_open_seconds_as_asked(hours: Hours, start: datetime, seconds: int) -> None:
    due = add_open_seconds(hours, start, seconds)
    assert due >= start
    assert open_seconds_between(hours, start, due) == seconds
    if seconds:
        assert open_seconds_between(hours, start, due - timedelta(seconds=1)) == seconds - 1
    assert open_seconds_between(hours, due, start) == -seconds


@settings(deadline=None)
@given(hours_made, instants | changes, instants | changes, instants | changes)
def test_open_time_adds_up(hours: Hours, a: datetime, b: datetime, c: datetime) -> None:
    low, middle, high = sorted((a, b, c))
    parts = open_seconds_between(hours, low, middle) + open_seconds_between(hours, middle, high)
    assert parts == open_seconds_between(hours, low, high)
    assert 0 <= parts <= (high - low).total_seconds()


@settings(deadline=None, max_examples=60)
@given(hours_made, instants | changes, st.integers(1, 1600))
def test_the_wall_clock_read_minute_by_minute_agrees(hours: Hours, start: datetime, length: int) -> None:
    def shows_open(at: datetime) -> bool:
        wall = at.astimezone(ZoneInfo(hours.zone))
        return wall.date() not in hours.holidays and any(
            span.weekday == wall.weekday()
            and span.opens <= wall.time()
            and (wall.time() < span.closes or span.closes == time(0))
            for span in hours.spans
        )

    counted = sum(shows_open(start + step * MINUTE) for step in range(length))
    assert open_seconds_between(hours, start, start + length * MINUTE) == 60 * counted


@settings(deadline=None)
@given(hours_made, instants | changes)
def test_openings_and_closings_agree_with_is_open(hours: Hours, at: datetime) -> None:
    opens = next_opening(hours, at)
    assert opens is not None
    assert is_open(hours, opens)
    assert open_seconds_between(hours, at, opens) == 0
    assert (opens == at) is is_open(hours, at)
    closes = closes_at(hours, opens)
    if closes is not None:
        assert not is_open(hours, closes)
        assert open_seconds_between(hours, opens, closes) == (closes - opens).total_seconds()


@pytest.mark.parametrize(
    ("now", "times", "expected"),
    [
        (there(11, 20, 10), (time(16), time(13)), there(11, 20, 13)),
        (there(11, 20, 13), (time(13), time(16)), there(11, 20, 16)),
        (there(11, 20, 16, 30), (time(13),), there(11, 23, 13)),
        (there(3, 6, 14), (time(13),), there(3, 9, 13)),
        (there(11, 20, 10), (time(20),), None),
        (there(11, 20, 10), (), None),
    ],
)
def test_the_next_batch_is_the_first_of_the_times_from_now_on_at_which_the_queue_is_open(now, times, expected):
    assert next_batch(times, OFFICE, now) == expected
