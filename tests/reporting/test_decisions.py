"""The formulas of the reports, by table, and what must hold for any numbers."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.reporting.csv_file import csv_text, safe_cell
from apps.reporting.decisions import alarms, by_need, curve, funnel, funnels, nearest_rank, percent, speed, target
from apps.reporting.pictures import LEFT, WIDTH, curve_picture
from apps.reporting.terms import AlarmKind, ClockTally, QueueHealth, SpeedFacts, Step, Tally
from tests.leads_made import TUESDAY_NINE

times = st.lists(st.floats(0, 10**7), max_size=60).map(sorted)


@pytest.mark.parametrize(
    ("part", "whole", "expected"), [(0, 0, None), (1, 3, 33), (2, 3, 67), (1, 8, 13), (5, 5, 100), (0, 9, 0)]
)
def test_shares_are_whole_percent_halves_up(part, whole, expected):
    assert percent(part, whole) == expected


def test_a_lead_counts_at_every_step_up_to_its_furthest():
    tallies = [
        Tally("web", Step.CAPTURED, 10),
        Tally("web", Step.ROUTED, 30),
        Tally("web", Step.CONTACTED, 36),
        Tally("call", Step.BOOKED, 24),
    ]
    found = funnel("All", tallies)
    assert [each.count for each in found.steps] == [100, 90, 90, 60, 60, 24, 24]
    assert [each.of_previous for each in found.steps] == [None, 90, 100, 67, 100, 40, 100]
    assert [(each.segment, each.n) for each in funnels(tallies)] == [("web", 76), ("call", 24)]


def test_no_leads_have_no_shares():
    found = funnel("All", [])
    assert (found.n, found.is_enough) == (0, False)
    assert {each.of_all for each in found.steps} == {None}


@pytest.mark.parametrize(("n", "enough"), [(4, False), (5, True)])
def test_a_share_needs_five(n, enough):
    assert funnel("x", [Tally("x", Step.VALID, n)]).is_enough is enough


@pytest.mark.parametrize(
    ("values", "rank", "expected"),
    [
        ([], 50, None),
        ([7], 50, 7),
        ([7], 90, 7),
        ([1, 2], 50, 1),
        ([1, 2, 3], 50, 2),
        (list(range(1, 11)), 50, 5),
        (list(range(1, 11)), 90, 9),
        (list(range(1, 12)), 90, 10),
    ],
)
def test_percentiles_are_nearest_ranks(values, rank, expected):
    assert nearest_rank(values, rank) == expected


@given(times, st.integers(1, 100))
def test_a_percentile_occurred_and_covers_its_share(values, rank):
    found = nearest_rank(values, rank)
    if not values:
        assert found is None
        return
    assert found in values
    assert 100 * sum(each <= found for each in values) >= rank * len(values)
    assert 100 * sum(each < found for each in values) < rank * len(values)


@given(times)
def test_the_curve_never_falls_and_counts_within(values):
    points = curve(values)
    counts = [each.count for each in points]
    assert counts == sorted(counts)
    assert all(each.count == sum(value <= each.seconds for value in values) for each in points)


@pytest.mark.parametrize(
    ("clocks", "expected"),
    [
        ((), None),
        ((ClockTally(300, 1, 0, 1), ClockTally(1800, 2, 0, 2)), 1800),
        ((ClockTally(1800, 1, 1, 2), ClockTally(300, 2, 0, 2)), 300),
    ],
)
def test_the_line_stands_at_the_most_frequent_limit(clocks, expected):
    assert target(clocks) == expected


def test_each_clock_is_judged_by_its_own_limit_and_running_ones_not_at_all():
    clocks = (ClockTally(300, 3, 1, 6), ClockTally(1800, 4, 2, 6))
    found = speed(SpeedFacts(12, (370.0, 20.0, 100.0, 370.0, 400.0), (20.0, 5.0, 40.0), clocks))
    assert (found.judged, found.within_percent) == (10, 70)
    assert (found.reached, found.p50, found.p90) == (5, 370.0, 400.0)
    assert (found.ack_p50, found.ack_p90) == (20.0, 40.0)


@given(times.filter(bool), st.integers(1, 10**6))
def test_every_mark_of_the_picture_lies_on_its_axis(values, limit):
    marks = [(nearest_rank(values, 50), "p50"), (nearest_rank(values, 90), "p90")]
    picture = curve_picture(tuple(values), marks, (limit, "SLA"))
    places = [*picture.percentiles, *picture.ticks, picture.target]
    assert all(LEFT <= each.x <= LEFT + WIDTH for each in places)


def queue(name, **more):
    return QueueHealth(name, name.title(), "Calls", 900, **more)


def test_alarms_name_nobody_there_waits_over_the_limit_and_late_leads():
    long_ago, just_now = TUESDAY_NINE - timedelta(minutes=16), TUESDAY_NINE - timedelta(minutes=15)
    calm = queue("calm", unassigned=2, oldest_since=just_now, available=1)
    bad = queue("bad", unassigned=1, oldest_since=long_ago, late=3)
    found = alarms([calm, bad], TUESDAY_NINE)
    assert [(each.kind, each.queue.key, each.number) for each in found] == [
        (AlarmKind.NOBODY_AVAILABLE, "bad", 1),
        (AlarmKind.WAITS_TOO_LONG, "bad", 960),
        (AlarmKind.LATE, "bad", 3),
    ]
    assert [each.key for each in by_need([calm, bad], TUESDAY_NINE)] == ["bad", "calm"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", " \t=1", "\n=1", "\u00a0=1"])
def test_no_cell_is_a_formula(text):
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("value", ["Elm Calls", "a=b", 12, "3 %", "", None, "Not enough data (n = 3)"])
def test_plain_cells_stay_as_they_are(value):
    assert safe_cell(value) == ("" if value is None else str(value))


def test_the_file_quotes_what_a_reader_would_split():
    assert csv_text(["A", "B"], [["x, y", '"q"'], ["=1", 2]]) == '\ufeffA,B\r\n"x, y","""q"""\r\n\'=1,2\r\n'
