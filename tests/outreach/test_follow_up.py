"""What follows on an outcome, and when somebody is tried next: tables, and properties over random histories."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.catalog.business_hours import Hours, OpeningSpan, is_open
from apps.consent.quiet_hours import is_quiet
from apps.consent.terms import Whereabouts
from apps.outreach.follow_up import FollowUp, check_document, follow_up_of, read, sentences
from apps.outreach.spreading import Callee, next_try, wanted_half
from apps.policies.terms import Known

CHICAGO = ZoneInfo("America/Chicago")
WEEK = Hours("America/Chicago", tuple(OpeningSpan(day, time(8), time(18)) for day in range(5)))
RULES = {"quiet_hours": {"from": "21:00", "until": "08:00"}}
NEXT_DAY = {"id": "F-1", "name": "n", "meaning": "m", "outcome": "no_answer", "days": 1}


def at(text: str, zone: ZoneInfo = CHICAGO) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def callee(*tries: str, zone: str = "America/Chicago", best: str = "", hours: Hours = WEEK) -> Callee:
    place = Whereabouts((zone,))
    return Callee(zone, tuple(at(each, ZoneInfo(zone)) for each in tries), best, RULES, place, hours)


def rule(**more: object) -> FollowUp:
    return read({**NEXT_DAY, "channel": "call", **more})


@pytest.mark.parametrize(
    ("tries", "half"),
    [
        ((), "morning"),
        (("2026-12-01T10:04",), "afternoon"),
        (("2026-12-01T14:04",), "morning"),
        (("2026-12-01T10:04", "2026-12-02T14:00"), "morning"),
        (("2026-12-01T14:04", "2026-12-02T10:00"), "afternoon"),
        (("2026-12-01T10:04", "2026-12-02T10:00", "2026-12-03T15:00"), "afternoon"),
    ],
)
def test_the_half_day_that_was_tried_less_is_next(tries, half):
    assert wanted_half([at(each) for each in tries], "America/Chicago") == half


@pytest.mark.parametrize(
    ("given_rule", "who", "now", "wanted"),
    [
        # The first try was in the morning: the second is in the afternoon, and the other way round.
        (rule(), callee("2026-12-01T10:04"), "2026-12-01T10:05", "2026-12-02T14:15"),
        (rule(), callee("2026-12-01T15:04"), "2026-12-01T15:05", "2026-12-02T10:15"),
        # An hour that was tried already comes last in its half-day.
        (rule(), callee("2026-12-01T10:04", "2026-12-02T14:20"), "2026-12-02T14:21", "2026-12-03T09:15"),
        # A best time beats the half-days; one of the same hour as the try begins later in it.
        (rule(), callee("2026-12-01T10:04", best="9-12"), "2026-12-01T10:05", "2026-12-02T09:00"),
        (rule(), callee("2026-12-01T09:04", best="mornings"), "2026-12-01T09:05", "2026-12-02T08:00"),
        # A time in the rule beats both.
        (rule(at="14:00"), callee("2026-12-01T10:04"), "2026-12-01T10:05", "2026-12-02T14:00"),
        # Friday's next day is Monday: the team is away.
        (rule(at="14:00"), callee("2026-12-04T10:04"), "2026-12-04T10:05", "2026-12-07T14:00"),
        (rule(days=None, weekday="thu", at="10:00"), callee(), "2026-12-01T10:06", "2026-12-03T10:00"),
        (rule(days=None, weekday="tue", at="10:00"), callee(), "2026-12-01T10:06", "2026-12-08T10:00"),
        (rule(days=None, after_seconds=1800), callee(), "2026-12-01T10:05", "2026-12-01T10:35"),
        (rule(days=None, after_seconds=7200), callee(), "2026-12-01T17:05", "2026-12-02T08:00"),
    ],
)
def test_when_the_next_try_is_due(given_rule, who, now, wanted):
    assert next_try(given_rule, who, at(now)) == at(wanted)


def test_their_clock_counts_and_our_hours_too():
    """In Los Angeles half past eight in the morning of Chicago is half past six: nobody calls then."""
    west = callee("2026-12-01T14:00", zone="America/Los_Angeles")
    found = next_try(rule(), west, at("2026-12-01T16:10"))
    assert found == at("2026-12-02T10:15", ZoneInfo("America/Los_Angeles"))
    # Two in the afternoon of Honolulu is six in the evening here, when we are closed: the nearest hour is taken.
    far = next_try(rule(at="14:00"), callee(zone="Pacific/Honolulu"), at("2026-12-01T16:10"))
    assert far == at("2026-12-02T13:45", ZoneInfo("Pacific/Honolulu"))


def test_a_rule_without_a_date_leaves_it_to_whoever_logs():
    assert next_try(rule(days=None), callee(), at("2026-12-01T10:05")) is None


def test_the_first_rule_for_an_outcome_and_kind_holds():
    mail = {**NEXT_DAY, "id": "F-2", "outcome": "delivered", "kinds": ["email"], "days": 2}
    off = {**NEXT_DAY, "id": "F-0", "is_active": False}
    document = {"outcomes": [off, NEXT_DAY, mail]}
    found = follow_up_of(document, kind="call", outcome="no_answer")
    assert found is not None and found.id == "F-1"
    assert follow_up_of(document, kind="text", outcome="delivered") is None
    assert follow_up_of({}, kind="call", outcome="no_answer") is None


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"outcome": "gone"}, "/outcomes/0/outcome", "unknown_outcome"),
        ({"outcome": "do_not_contact"}, "/outcomes/0/outcome", "stops"),
        ({"weekday": "thu"}, "/outcomes/0/weekday", "two_dates"),
        ({"days": -1}, "/outcomes/0/days", "bad_value"),
        ({"at": "25:00"}, "/outcomes/0/at", "bad_time"),
        ({"channel": "pigeon"}, "/outcomes/0/channel", "unknown_channel"),
        ({"kinds": ["fax"]}, "/outcomes/0/kinds/0", "unknown_kind"),
        ({"text_after_seconds": 60}, "/outcomes/0/text", "text_missing"),
        ({"colour": "red"}, "/outcomes/0/colour", "unknown_key"),
        ({"name": ""}, "/outcomes/0/name", "name_missing"),
    ],
)
def test_what_is_wrong_with_a_document_is_named(change, path, code):
    document = {"outcomes": [{**NEXT_DAY, **change}]}
    assert (path, code) in [(each.path, each.code) for each in check_document(document, {}, Known())]


def test_a_rule_is_read_aloud():
    told = sentences({**NEXT_DAY, "at": "14:00", "channel": "call", "text": "missed-call", "text_after_seconds": 7200})
    assert told == [
        "After “no answer”: the next call is made the next day, at 14:00, on their clock and in our hours.",
        "The text “missed-call” goes 2 hours later, where they permit texts.",
    ]


ZONES = ["America/Chicago", "America/New_York", "America/Los_Angeles", "America/Phoenix", "Pacific/Honolulu"]
MOMENTS = st.datetimes(datetime(2026, 3, 1), datetime(2026, 12, 1)).map(lambda each: each.replace(tzinfo=UTC))


@given(
    now=MOMENTS,
    before=st.lists(st.integers(1, 10 * 24 * 60), max_size=5),
    zone=st.sampled_from(ZONES),
    best=st.sampled_from(["", "mornings", "9-11", "evening", "12-14", "whenever"]),
    days=st.integers(0, 5),
)
def test_the_next_try_is_later_in_our_hours_and_outside_theirs_that_are_quiet(now, before, zone, best, days):
    tries = tuple(now - timedelta(minutes=each) for each in before)
    who = Callee(zone, tries, best, RULES, Whereabouts((zone,)), WEEK)
    found = next_try(rule(days=days), who, now)
    assert found is not None and found > now
    assert is_open(WEEK, found)
    assert not is_quiet(found.astimezone(ZoneInfo(zone)), RULES, who.place)


@given(day=st.dates(date(2026, 1, 5), date(2026, 12, 20)), hour=st.integers(8, 17), minute=st.integers(0, 59))
def test_the_second_try_lies_in_the_other_half_day(day, hour, minute):
    first = datetime.combine(day, time(hour, minute), CHICAGO)
    who = Callee("America/Chicago", (first,), "", RULES, Whereabouts(("America/Chicago",)), WEEK)
    found = next_try(rule(), who, first + timedelta(minutes=1))
    assert found is not None
    assert (found.astimezone(CHICAGO).hour < 12) is (first.hour >= 12)
