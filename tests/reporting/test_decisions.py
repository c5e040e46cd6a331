"""The formulas of the reports, by table, and what must hold for any numbers."""

import csv
import io
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.reporting.board_terms import BULK, AlarmKind, QueueHealth
from apps.reporting.decisions import (
    alarms,
    by_need,
    curve,
    drops,
    funnel,
    funnels,
    joined,
    nearest_rank,
    percent,
    rates,
    speed,
    target,
)
from apps.reporting.pictures import HEIGHT, LEFT, TOP, WIDTH, Series, curve_picture
from apps.reporting.staffing import staffing
from apps.reporting.terms import ENOUGH, ClockTally, SpeedFacts, Step, Tally
from apps.reporting.web.grids import Pen
from leadcrm.http.csv_file import csv_text, safe_cell
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
    assert [each.count for each in found.steps] == [100, 90, 90, 60, 60, 24, 24, 0, 0]
    assert [each.of_previous for each in found.steps] == [None, 90, 100, 67, 100, 40, 100, 0, None]
    assert [(each.segment, each.n) for each in funnels(tallies)] == [("web", 76), ("call", 24)]


def test_no_leads_have_no_shares():
    found = funnel("All", [])
    assert (found.n, found.is_enough) == (0, False)
    assert {each.of_all for each in found.steps} == {None}


@pytest.mark.parametrize(("n", "enough"), [(10, False), (11, True)])
def test_a_share_needs_eleven(n, enough):
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


@given(st.lists(times.filter(bool), min_size=1, max_size=3), st.integers(1, 10**6))
def test_every_mark_of_the_picture_lies_on_its_axis(groups, limit):
    series = [
        Series(str(at), tuple(own), nearest_rank(own, 50), nearest_rank(own, 90)) for at, own in enumerate(groups)
    ]
    picture = curve_picture(series, (limit, "SLA"))
    points = [point for curve in picture.curves for point in (*curve.points, curve.name)]
    assert all(LEFT <= each.x <= LEFT + WIDTH for each in [*points, *picture.ticks, picture.target])
    assert all(TOP <= each.y <= TOP + HEIGHT + 4 for each in points)
    assert len({curve.name.y for curve in picture.curves}) == len(groups)


tallies_ = st.lists(
    st.builds(
        Tally,
        st.sampled_from(["web", "call", "agency"]),
        st.sampled_from(list(Step)),
        st.integers(0, 200),
        st.sampled_from(["", "closed:spam", "visit:no_show"]),
    ),
    max_size=40,
)


@given(tallies_)
def test_a_funnel_never_widens_and_its_segments_and_drops_add_up(tallies):
    whole, parts = funnel("All", tallies), funnels(tallies)
    counts = [each.count for each in whole.steps]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] == whole.n == sum(each.count for each in tallies)
    for at in range(len(counts)):
        assert counts[at] == sum(part.steps[at].count for part in parts)
    stopped = drops(tallies)
    for at, step in enumerate(list(Step)[:-1]):
        assert sum(each.count for each in stopped if each.step is step) == counts[at] - counts[at + 1]
    for rate in rates(whole):
        assert rate.percent is None or 0 <= rate.percent <= 100
        assert (rate.percent is None) == (rate.n < ENOUGH)


@given(times, times, st.integers(0, 50))
def test_business_hours_and_after_hours_are_all_hours(day, night, more):
    sides = [SpeedFacts(len(own) + more, tuple(own), (), (ClockTally(60, 1, 2, 3),)) for own in (day, night)]
    found = speed(joined(sides))
    assert found.leads == sum(each.leads for each in sides)
    assert found.p50 == nearest_rank(sorted([*day, *night]), 50)
    assert (found.judged, found.target_seconds) == (6, 60)


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
    crowd = queue("crowd", at_risk=BULK, available=1)
    assert [each.kind for each in alarms([crowd], TUESDAY_NINE)] == [AlarmKind.ABOUT_TO_FAIL]
    assert [each.key for each in by_need([calm, bad], TUESDAY_NINE)] == ["bad", "calm"]


@pytest.mark.parametrize(
    ("leads", "people", "target", "handled", "share", "short"),
    [
        (60, 2, 300, 24, 0, True),
        (24, 2, 300, 24, 0, True),
        (12, 2, 300, 24, 88, False),
        (20, 2, 300, 24, 46, True),
        (6, 1, 300, 12, 70, False),
        (0, 2, 300, 24, 100, False),
        (60, 9, 300, 108, 100, False),
    ],
)
def test_load_is_compared_with_the_people_who_are_there(leads, people, target, handled, share, short):
    found = staffing(leads, people, target_seconds=target, seconds_per_lead=300)
    assert (found.handled, found.share, found.is_short) == (handled, share, short)
    full = queue("full", arrivals=leads, available=people, target_seconds=target)
    assert [each.kind for each in alarms([full], TUESDAY_NINE)] == [AlarmKind.UNDERSTAFFED] * short


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", " \t=1", "\n=1", "\u00a0=1"])
def test_no_cell_is_a_formula(text):
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("value", ["Elm Calls", "a=b", 12, "3 %", "", None, "Not enough data (n = 3)"])
def test_plain_cells_stay_as_they_are(value):
    assert safe_cell(value) == ("" if value is None else str(value))


STARTS = ("=", "+", "-", "@", "\t", "\r", "\t\t", "\r\n")
SPACES = ("", " ", "  ", "\u00a0", "\n")
PREFIXES = [f"{space}{start}" for space in SPACES for start in STARTS]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_forty_ways_to_begin_a_formula_begin_none(prefix):
    assert len(PREFIXES) == 40
    held = list(csv.reader(io.StringIO(csv_text(["A"], [[f"{prefix}cmd|'/C calc'!A0"]]).removeprefix("\ufeff"))))[1][0]
    assert held.startswith("'")
    assert held[1:].replace("\r\n", "\n") == f"{prefix}cmd|'/C calc'!A0".replace("\r\n", "\n")


@pytest.mark.parametrize(("count", "seen"), [(0, "0"), (1, "< 11"), (10, "< 11"), (11, "11"), (240, "240")])
def test_small_cells_are_withheld_from_who_reads_no_health_data(count, seen):
    assert Pen(hides_small=True).count(count) == seen
    assert Pen().count(count) == str(count)
    assert Pen(hides_small=True).share(5, 200, count) == ("" if seen == "< 11" else "5 %")


@pytest.mark.row("PH-15")
def test_one_withheld_part_of_a_sum_takes_another_one_with_it():
    pen = Pen(hides_small=True, limit=5)
    assert pen.column([2, 30, 12]) == ["< 5", "30", "withheld"], "30 + 12 would tell of the 2"
    assert pen.column([2, 3, 12, 0]) == ["< 5", "< 5", "12", "0"]
    assert pen.column([2, 30, 12], blank=[2]) == ["< 5", "30", "12"], "what the table leaves empty is missing already"
    assert pen.column([40, 30]) == ["40", "30"]
    assert Pen().column([2, 30]) == ["2", "30"]
    assert pen.columns([(2, 9), (30, 8)]) == [["< 5", "9"], ["withheld", "8"]]


def test_the_file_quotes_what_a_reader_would_split():
    assert csv_text(["A", "B"], [["x, y", '"q"'], ["=1", 2]]) == '\ufeffA,B\r\n"x, y","""q"""\r\n\'=1,2\r\n'
