"""Deadlines and pauses from 2026 to 2028 in six zones, over every change of their clocks (rows SL-03, SL-10, SL-14)."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.catalog.business_hours import Hours, OpeningSpan, add_open_seconds, is_open, open_seconds_between
from apps.sla.decisions import attempt_deadline, deadlines, read_policy, resume
from apps.sla.terms import Deadline

ZONES = (
    *("America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "Pacific/Honolulu"),
    "Europe/Berlin",
)
FIRST, LAST = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 12, 31, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOLIDAYS = frozenset({date(2026, 11, 26), date(2027, 1, 1), date(2027, 3, 15), date(2028, 7, 4)})
WEEK = tuple(OpeningSpan(day, time(8), time(17)) for day in range(5))
#: A desk that is open over the hours at which clocks change, and on Sundays, when they do.
NIGHTS = tuple(OpeningSpan(day, time(0), time(4)) for day in range(7))

instants = st.integers(0, int((LAST - FIRST).total_seconds())).map(lambda seconds: FIRST + seconds * SECOND)
hours = st.builds(
    Hours,
    st.sampled_from(ZONES),
    st.sampled_from([WEEK, NIGHTS, WEEK + NIGHTS]),
    st.sampled_from([HOLIDAYS, frozenset()]),
)
modes = st.sampled_from(["business", "always"])
limits = st.integers(1, 20 * 3600)


def clock_of(place: Hours, at: datetime, seconds: int, mode: str) -> Deadline:
    clock = {"kind": "first_contact", "limit_seconds": seconds, "clock": mode, "starts": "owned"}
    ladder = [{"after_seconds": each, "do": "alert", "who": "owner"} for each in (0, 300, 7200)]
    row = {"id": "S", "name": "S", "meaning": "m", "when": {"always": True}, "clocks": [clock], "ladder": ladder}
    return deadlines(read_policy(row), place, captured_at=at, owned_at=at)[0]


def run_of(place: Hours, mode: str) -> Hours:
    return place if mode == "business" else replace(place, always_open=True)


@given(place=hours, at=instants, seconds=limits, mode=modes)
def test_a_deadline_lies_in_open_time_exactly_its_limit_away(
    place: Hours, at: datetime, seconds: int, mode: str
) -> None:
    made, run = clock_of(place, at, seconds, mode), run_of(place, mode)
    assert open_seconds_between(run, at, made.due_at) == seconds
    assert is_open(run, made.due_at - timedelta(microseconds=1)), "the last moment before the deadline is an open one"
    assert at <= made.at_risk_at <= made.due_at
    assert [step.at for step in made.ladder] == sorted(step.at for step in made.ladder)
    assert all(open_seconds_between(run, made.due_at, step.at) in (0, 300, 7200) for step in made.ladder)


@given(
    place=hours, at=instants, later=st.integers(0, 14 * 86_400), seconds=limits, more=st.integers(0, 7200), mode=modes
)
def test_later_starts_and_longer_limits_are_never_due_earlier(
    place: Hours, at: datetime, later: int, seconds: int, more: int, mode: str
) -> None:
    first = clock_of(place, at, seconds, mode).due_at
    assert clock_of(place, at + later * SECOND, seconds, mode).due_at >= first
    assert clock_of(place, at, seconds + more, mode).due_at >= first


@given(
    place=hours,
    at=instants,
    seconds=limits,
    spans=st.lists(st.tuples(st.integers(0, 40_000), st.integers(0, 10 * 86_400)), min_size=1, max_size=3),
    mode=modes,
)
def test_pauses_shift_a_deadline_by_the_paused_time_of_its_own_clock(
    place: Hours, at: datetime, seconds: int, spans: list[tuple[int, int]], mode: str
) -> None:
    made, run = clock_of(place, at, seconds, mode), run_of(place, mode)
    now, paused, moved = at, 0, made
    for wait, stand in spans:
        begins = now + wait * SECOND
        if begins >= moved.due_at:
            assert resume(moved, begins, begins + stand * SECOND, place).due_at == moved.due_at
            return
        now = begins + stand * SECOND
        paused += open_seconds_between(run, begins, now)
        moved = resume(moved, begins, now, place)
    assert open_seconds_between(run, at, moved.due_at) == seconds + paused
    assert moved.due_at >= made.due_at


@given(place=hours, at=instants, a=st.integers(0, 90_000), b=st.integers(0, 90_000))
def test_open_time_adds_up(place: Hours, at: datetime, a: int, b: int) -> None:
    whole, step = add_open_seconds(place, at, a + b), add_open_seconds(place, at, a)
    assert add_open_seconds(place, step, b) == whole
    assert open_seconds_between(place, at, whole) == a + b


@given(place=hours, at=instants, times=st.integers(2, 8), days=st.integers(1, 15), mode=modes)
def test_attempts_are_due_in_order_and_the_last_with_the_last_day(
    place: Hours, at: datetime, times: int, days: int, mode: str
) -> None:
    row = {"id": "S", "name": "S", "clocks": [], "attempts": {"times": times, "days": days, "clock": mode}}
    policy = read_policy(row)
    due = [attempt_deadline(policy, number, place, at) for number in range(1, times + 1)]
    found = [each.due_at for each in due if each is not None]
    assert len(found) == times and found == sorted(found) and found[0] >= at
    if mode == "always":
        assert found[-1] == at + timedelta(days=days)
    assert attempt_deadline(policy, times + 1, place, at) is None


@pytest.mark.parametrize(
    ("zone", "saturday", "hours_between"),
    [
        ("America/New_York", datetime(2026, 3, 7, 12, tzinfo=UTC), 23),
        ("America/Chicago", datetime(2027, 11, 6, 12, tzinfo=UTC), 25),
        ("America/Denver", datetime(2028, 3, 11, 12, tzinfo=UTC), 23),
        ("America/Phoenix", datetime(2026, 3, 7, 12, tzinfo=UTC), 24),
        ("Pacific/Honolulu", datetime(2027, 11, 6, 12, tzinfo=UTC), 24),
        ("Europe/Berlin", datetime(2028, 10, 28, 12, tzinfo=UTC), 25),
    ],
)
def test_the_sunday_on_which_clocks_change_has_its_own_length(
    zone: str, saturday: datetime, hours_between: int
) -> None:
    round_the_clock = Hours(zone, tuple(OpeningSpan(day, time(0), time(0)) for day in (6,)))
    assert open_seconds_between(round_the_clock, saturday, saturday + timedelta(days=3)) == hours_between * 3600
