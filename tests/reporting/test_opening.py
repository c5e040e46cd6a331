"""Whether a queue was open when an inquiry came: the turns of a period say the same as the clock on the wall."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from apps.catalog.business_hours import Hours, OpeningSpan, is_open
from apps.reporting.queries import Period
from apps.reporting.speed_queries import is_open_by, turns_of

CHICAGO = "America/Chicago"
WEEK = tuple(OpeningSpan(day, time(8), time(17, 30)) for day in range(5))
NIGHT = (OpeningSpan(5, time(20), time(0)), OpeningSpan(6, time(0), time(3)))


@pytest.mark.parametrize(
    "hours",
    [
        Hours(CHICAGO, WEEK),
        Hours(CHICAGO, NIGHT),
        Hours(CHICAGO, WEEK, frozenset({date(2026, 3, 10), date(2026, 11, 2)})),
        Hours("Asia/Kathmandu", WEEK),
        Hours(CHICAGO, always_open=True),
        Hours(CHICAGO),
    ],
    ids=["office", "over midnight", "holidays", "another zone", "always", "never"],
)
@pytest.mark.parametrize("first", [date(2026, 3, 2), date(2026, 10, 26)], ids=["spring", "autumn"])
def test_turns_say_what_the_wall_clock_says(hours: Hours, first: date) -> None:
    period = Period(first, first + timedelta(days=13), CHICAGO)
    turns = turns_of(hours, period)
    at = period.starts_at.astimezone(UTC)
    while at < period.ends_at:
        assert is_open_by(turns, at.timestamp()) is is_open(hours, at), at
        at += timedelta(minutes=10)


def test_an_opening_begins_with_its_first_instant_and_ends_before_its_last() -> None:
    period = Period(date(2026, 3, 2), date(2026, 3, 3), CHICAGO)
    turns = turns_of(Hours(CHICAGO, WEEK), period)
    opens, closes = datetime(2026, 3, 2, 14, tzinfo=UTC), datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    tick = timedelta(microseconds=1)
    found = [is_open_by(turns, at.timestamp()) for at in (opens - tick, opens, closes - tick, closes)]
    assert found == [False, True, True, False]
