"""Arms, scopes and plans of experiments, by table; no database."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from apps.policies.decisions.experiments import (
    Arm,
    Counted,
    Period,
    Says,
    Scope,
    arm_of,
    plan_faults,
    refusal_alarm,
    verdict_of,
)
from apps.policies.decisions.watch import Watch, interval_of

NOW = datetime(2026, 12, 1, tzinfo=UTC)
FORTNIGHT = Period(NOW, NOW + timedelta(days=14))
DERM = Scope(("dermatology",))


@pytest.mark.parametrize("percent", [1, 20, 50, 99])
def test_so_many_of_a_hundred_leads_are_in_arm_b_and_always_the_same(percent: int) -> None:
    experiment, leads = UUID(int=7), [UUID(int=n) for n in range(4000)]
    arms = [arm_of(experiment, each, percent) for each in leads]
    assert abs(100 * Counter(arms)[Arm.CANDIDATE] / 4000 - percent) < 2.5
    assert arms == [arm_of(experiment, each, percent) for each in leads]
    # A larger share keeps everybody who was in it, and another experiment draws anew.
    assert all(arm_of(experiment, each, 100) is Arm.CANDIDATE for each in leads)
    if percent == 50:
        assert arms != [arm_of(UUID(int=8), each, percent) for each in leads]


@pytest.mark.parametrize(
    ("scope", "facts", "holds"),
    [
        (Scope(), {}, True),
        (DERM, {"service": "dermatology"}, True),
        (DERM, {"service": "imaging"}, False),
        (DERM, {"service": None}, False),
        (DERM, {}, False),
        (Scope(("dermatology",), ("web_form",)), {"service": "dermatology", "channel": "call"}, False),
        (Scope((), ("web_form",)), {"service": None, "channel": "web_form"}, True),
    ],
)
def test_a_lead_is_part_only_where_it_is_known_to_be(scope: Scope, facts: dict[str, object], holds: bool) -> None:
    assert scope.holds(facts) is holds


@pytest.mark.parametrize(
    ("mine", "other", "meets"),
    [
        (Scope(), DERM, True),
        (DERM, Scope(("imaging",)), False),
        (DERM, Scope(("imaging", "dermatology")), True),
        (Scope(("dermatology",), ("call",)), Scope(("dermatology",), ("chat",)), False),
        (DERM, Scope((), ("chat",)), True),
    ],
)
def test_two_scopes_meet_where_one_lead_could_be_part_of_both(mine: Scope, other: Scope, meets: bool) -> None:
    assert mine.meets(other) is other.meets(mine) is meets


def test_a_period_ends_right_before_its_end() -> None:
    assert FORTNIGHT.covers(NOW) and not FORTNIGHT.covers(FORTNIGHT.ends_at)
    after = Period(FORTNIGHT.ends_at, FORTNIGHT.ends_at + timedelta(days=1))
    assert not FORTNIGHT.meets(after) and after.meets(Period(NOW, after.ends_at))


@pytest.mark.parametrize(
    ("percent", "is_pilot", "scope", "period", "fields"),
    [
        (20, False, DERM, FORTNIGHT, set()),
        (100, True, DERM, FORTNIGHT, set()),
        (100, False, DERM, FORTNIGHT, {"percent"}),
        (0, False, DERM, FORTNIGHT, {"percent"}),
        (20, True, DERM, FORTNIGHT, {"percent"}),
        (100, True, Scope(), FORTNIGHT, {"services"}),
        (20, False, DERM, Period(NOW, NOW), {"ends_at"}),
        (20, False, DERM, Period(NOW - timedelta(days=3), NOW - timedelta(days=1)), {"ends_at"}),
    ],
)
def test_a_plan_with_gaps_is_told_by_field(
    percent: int, is_pilot: bool, scope: Scope, period: Period, fields: set[str]
) -> None:
    assert set(plan_faults(percent=percent, is_pilot=is_pilot, scope=scope, period=period, now=NOW)) == fields


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"), [(0, 0, 0, 100), (0, 10, 0, 27.8), (8, 100, 4.1, 15.0), (10, 10, 72.2, 100)]
)
def test_an_interval_is_wide_where_little_is_known(part: int, whole: int, low: float, high: float) -> None:
    found = interval_of(part, whole)
    assert (round(found.low, 1), round(found.high, 1)) == (low, high)


@pytest.mark.parametrize(
    ("leads", "torn", "lost", "usual", "codes"),
    [
        (0, 0, 0, 0, set()),
        (100, 2, 2, 0, set()),
        (100, 3, 0, 0, {"mismatch"}),
        (100, 0, 12, 10, set()),
        (100, 0, 13, 10, {"fallback"}),
        (1, 1, 1, 0, {"mismatch", "fallback"}),
    ],
)
def test_an_alarm_is_what_goes_beyond_its_bound(
    leads: int, torn: int, lost: int, usual: float, codes: set[str]
) -> None:
    assert set(Watch(NOW, NOW, leads, torn, lost, usual).alarms) == codes


@pytest.mark.parametrize(
    ("control", "candidate", "wanted", "says"),
    [
        ((0, 0), (0, 0), 0, Says.TOO_FEW),
        ((8, 100), (50, 99), 0, Says.TOO_FEW),
        ((8, 100), (11, 100), 2, Says.SAME),
        ((80, 1000), (110, 1000), 2, Says.WANTED),
        ((80, 1000), (110, 1000), 5, Says.BETTER),
        ((110, 1000), (80, 1000), 0, Says.WORSE),
    ],
)
def test_a_verdict_is_offered_when_both_arms_have_enough(
    control: tuple[int, int], candidate: tuple[int, int], wanted: int, says: Says
) -> None:
    found = verdict_of(Counted(*control), Counted(*candidate), least=100, wanted_points=wanted, called="visitors")
    assert found.says is says
    assert ("Too few to say: 100 visitors" in found.sentence) is (says is Says.TOO_FEW)


@pytest.mark.parametrize(
    ("control", "candidate", "is_told"),
    [((1, 50), (6, 50), False), ((1, 50), (7, 50), True), ((0, 0), (9, 9), False), ((0, 0), (9, 10), True)],
)
def test_more_refused_than_allowed_is_told_unless_there_are_too_few(
    control: tuple[int, int], candidate: tuple[int, int], is_told: bool
) -> None:
    assert bool(refusal_alarm(Counted(*control), Counted(*candidate), most_points=10, called="Opt-outs")) is is_told
