"""The quality card: each aspect passed, failed or unclear, and what to ask (row SC-11)."""

import pytest

from apps.qualification.card import Aspect, Seen, card_of
from apps.qualification.eligibility import Judged
from apps.qualification.terms import Eligibility

GREEN = {
    "service": "orthopedics",
    "can_schedule": True,
    "timeframe": "within_month",
    "eligibility": "eligible",
    "consent_call": "granted",
    "phone_validity": "valid",
    "has_decision_maker": True,
}


def seen(facts, **more):
    """Return what the card looks at, with the eligibility that these facts give."""
    result = "ineligible" if facts.get("verified_eligibility") == "not_met" else facts.get("eligibility")
    return Seen(facts, eligibility=Judged(Eligibility(result or "needs_info")), **more)


@pytest.mark.parametrize(
    ("aspect", "changes", "standing", "asks"),
    [
        ("service_fit", {"service": None}, "unclear", "seen for"),
        ("service_fit", {"can_schedule": False}, "fail", ""),
        ("service_fit", {"can_schedule": None}, "pass", ""),
        ("intent", {"timeframe": None}, "unclear", "When"),
        ("intent", {"timeframe": "later"}, "fail", ""),
        ("eligibility", {"eligibility": "ineligible"}, "fail", ""),
        ("eligibility", {"eligibility": "needs_info"}, "unclear", "date of birth"),
        ("eligibility", {"eligibility": "needs_info", "verified_eligibility": "met"}, "pass", ""),
        ("eligibility", {"verified_eligibility": "not_met"}, "fail", ""),
        ("eligibility", {"consent_call": "unknown"}, "unclear", "May we"),
        ("eligibility", {"consent_call": "denied"}, "fail", ""),
        ("reachability", {"phone_validity": "invalid"}, "fail", ""),
        ("reachability", {"phone_validity": "unverified"}, "unclear", "Which number"),
        ("decision_maker", {"has_decision_maker": None}, "unclear", "Who decides"),
    ],
)
def test_an_aspect_stands_as_its_facts_say(aspect, changes, standing, asks):
    marks = {each.aspect: each for each in card_of(seen(GREEN | changes))}
    assert list(marks) == list(Aspect)
    assert (marks[aspect].standing, bool(marks[aspect].ask)) == (standing, bool(asks))
    assert asks in marks[aspect].ask and marks[aspect].evidence
    assert {each.standing for name, each in marks.items() if name != aspect} == {"pass"}


def test_what_disagrees_and_who_may_be_on_file_twice_are_seen():
    marks = {each.aspect: each for each in card_of(seen(GREEN, flags=["Elm has no MRI."], may_be_double=True))}
    assert (marks["consistency"].standing, marks["consistency"].evidence) == ("fail", "Elm has no MRI.")
    assert marks["uniqueness"].standing == "unclear" and marks["uniqueness"].ask
    assert card_of(seen(GREEN, is_duplicate=True))[-1].standing == "fail"
