"""What verdicts mean to a sender, how results add up, and what of a body is shown again. No database."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.partners.decisions import by_day, failures, redacted, result_of, summary
from apps.partners.pictures import HEIGHT, TOP, stack_of
from apps.partners.terms import Result, Tally
from apps.partners.wording import headline

MAY = [date(2026, 5, day) for day in range(1, 15)]


@pytest.mark.parametrize(
    ("state", "verdict", "codes", "expected"),
    [
        ("received", "", [], "received"),
        ("processed", "new", ["match_new"], "accepted"),
        ("processed", "duplicate", [], "duplicate"),
        ("processed", "update", [], "duplicate"),
        ("processed", "resubmit", [], "duplicate"),
        ("processed", "held", ["consent_missing"], "held"),
        ("processed", "rejected", ["blank"], "rejected"),
        ("processed", "test", ["match_new", "would_be_new"], "accepted"),
        ("processed", "test", ["would_be_held"], "held"),
        ("processed", "test", [], "accepted"),
    ],
)
def test_each_verdict_has_a_result(state, verdict, codes, expected):
    assert result_of(state, verdict, codes) == expected


def test_a_period_in_one_sentence():
    tallies = [
        Tally(MAY[0], Result.ACCEPTED, "match_new", 30),
        Tally(MAY[1], Result.ACCEPTED, "match_new", 11),
        Tally(MAY[1], Result.DUPLICATE, "phone_invalid", 2),
        Tally(MAY[2], Result.DUPLICATE, "match_merge", 3),
        Tally(MAY[2], Result.REJECTED, "out_of_area", 4),
    ]
    found = summary(tallies)
    assert headline(found) == "41 accepted, 9 rejected (5 duplicate, 4 out of area)"
    assert (found.judged, found.rate_percent) == (50, 82)
    assert failures(tallies) == [(Result.REJECTED, "out_of_area", 4)]
    assert summary([]).rate_percent is None
    assert headline(summary([Tally(MAY[0], Result.HELD, "consent_missing", 1)])) == "0 accepted, 0 rejected, 1 held"


def test_of_a_person_only_that_it_was_sent():
    body = {
        "external_id": "a-1",
        "person": {"first_name": "Maria", "phone": ""},
        "request": {"message": "a lump"},
        "consent": [{"channel": "call", "text": "I agree.", "ip": "192.0.2.1"}],
        "attribution": {"utm_source": "google"},
        "answers": [{"key": "q", "values": ["yes"]}],
    }
    shown = {line.path: (line.value, line.is_hidden) for line in redacted(body)}
    assert shown == {
        "external_id": ("a-1", False),
        "person.first_name": ("", True),
        "request.message": ("", True),
        "consent.0.channel": ("call", False),
        "consent.0.text": ("I agree.", False),
        "consent.0.ip": ("", True),
        "attribution.utm_source": ("google", False),
        "answers": ("", True),
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["person", "request", "insurance", "answers", "consent", "odd"]), JSON))
def test_nothing_outside_the_open_fields_is_ever_shown(body):
    for line in redacted(body):
        if not line.path.startswith("consent"):
            assert (line.value, line.is_hidden) == ("", True)


@given(st.lists(st.tuples(st.sampled_from(MAY), st.sampled_from(Result), st.integers(0, 900)), max_size=40))
def test_the_picture_stands_on_its_ground_and_stays_in_its_frame(drawn):
    days = by_day([Tally(day, result, "", count) for day, result, count in drawn], MAY[0], MAY[-1])
    assert [day for day, _ in days] == MAY
    for column in stack_of(days).columns:
        bottom = float(TOP + HEIGHT)
        for segment in column.segments:
            assert abs(segment.y + segment.height - bottom) <= 0.2
            bottom = segment.y
        assert bottom >= TOP - 0.2
        assert bool(column.total) == bool(column.segments)
