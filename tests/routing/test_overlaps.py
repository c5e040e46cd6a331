"""Rules of one layer that get in each other's way: which pairs are named, and which are left in peace."""

import pytest

from apps.routing.decisions.overlaps import overlapping


def asks(field, *values):
    """Return a test of a field for one or several values."""
    if len(values) == 1:
        return {"field": field, "op": "is", "value": values[0]}
    return {"field": field, "op": "in", "value": list(values)}


def both(*tests):
    """Return a condition that needs all tests."""
    return {"all": list(tests)}


def found(*conditions, **more):
    """Return the problems of rules with these conditions, as (rule, code)."""
    rules = [{"id": f"R-{number}", "when": when, **more} for number, when in enumerate(conditions)]
    return [(each.path, each.code) for each in overlapping(rules, "/layers/0")]


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        (asks("service", "knee"), both(asks("service", "knee"), asks("location", "elm-st")), "unreachable"),
        (asks("service", "knee", "hip"), asks("service", "hip"), "unreachable"),
        (asks("service", "knee", "hip"), asks("service", "hip", "spine"), "overlapping"),
        (
            both(asks("service", "knee", "hip"), asks("location", "elm-st")),
            both(asks("location", "elm-st", "oak"), asks("service", "hip")),
            "overlapping",
        ),
    ],
)
def test_the_later_rule_is_named(first, second, code):
    assert found(first, second) == [("/layers/0/rules/1", code)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (asks("service", "knee"), asks("service", "hip")),
        (both(asks("service", "knee"), asks("location", "elm-st")), asks("service", "knee")),
        (asks("service", "knee"), asks("location", "elm-st")),
        (asks("service", "knee"), {"any": [asks("service", "knee"), asks("service", "hip")]}),
        ({"field": "hour_of_day", "op": "at_least", "value": 8}, {"field": "hour_of_day", "op": "is", "value": 9}),
        (asks("service", "knee"), None),
        ("nonsense", {"all": "nonsense"}),
    ],
)
def test_rules_that_may_live_side_by_side_are_left_in_peace(first, second):
    assert found(first, second) == []


def test_a_rule_that_is_off_takes_nothing():
    assert found(asks("service", "knee"), asks("service", "knee", "hip"), is_active=False) == []
