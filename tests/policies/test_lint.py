"""Rules that get in each other's way: which are named, and which are left in peace."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.policies.decisions.conditions import compile_condition
from apps.policies.decisions.demands import boxes, is_inside
from apps.policies.decisions.fields import FIELDS
from apps.policies.decisions.lint import Wins, lint, lint_stops, read_rules
from apps.policies.decisions.reading import read_condition


def asks(field, *values):
    """Return a test of a field for one or several values."""
    if len(values) == 1:
        return {"field": field, "op": "is", "value": values[0]}
    return {"field": field, "op": "in", "value": list(values)}


def tries(field, op, *value):
    """Return a test with an operator."""
    return {"field": field, "op": op} | ({"value": value[0]} if value else {})


def both(*tests):
    """Return a condition that needs all tests."""
    return {"all": list(tests)}


def either(*tests):
    """Return a condition that needs one of the tests."""
    return {"any": list(tests)}


def no(test):
    """Return a condition that needs a test to fail."""
    return {"not": test}


ALWAYS = {"always": True}
KNEE, HIP, ELM = asks("service", "knee"), asks("service", "hip"), asks("location", "elm-st")


def rules_of(*conditions, **more):
    """Return rules R-1, R-2, ... that each do something else."""
    return [{"id": f"R-{n}", "when": when, "then": n, **more} for n, when in enumerate(conditions, start=1)]


def linted(*conditions, wins=Wins.FIRST, **more):
    """Return the findings of a list of rules."""
    rules = read_rules(rules_of(*conditions, **more), "/rules", FIELDS, does="then")
    return lint(rules, FIELDS, wins, "/rules")


def found(*conditions, **more):
    """Return the findings as (place, code)."""
    return [(each.path, each.code) for each in linted(*conditions, **more)]


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        (KNEE, both(KNEE, ELM), "unreachable"),
        (asks("service", "knee", "hip"), HIP, "unreachable"),
        (ALWAYS, HIP, "unreachable"),
        (either(KNEE, ELM), both(ELM, HIP), "unreachable"),
        (no(KNEE), HIP, "unreachable"),
        (no(either(KNEE, ELM)), both(HIP, asks("location", "oak")), "unreachable"),
        (tries("hour_of_day", "at_least", 8), tries("hour_of_day", "between", [9, 12]), "unreachable"),
        (no(tries("age", "at_least", 18)), tries("age", "at_most", 17), "unreachable"),
        (no(tries("age", "between", [18, 64])), tries("age", "at_least", 65), "unreachable"),
        (tries("postal_code", "starts_with", "606"), asks("postal_code", "60614"), "unreachable"),
        (tries("postal_code", "starts_with", "606"), tries("postal_code", "starts_with", "6061"), "unreachable"),
        (
            tries("keyword", "contains_word", ["knee", "hip"]),
            tries("keyword", "contains_word", "Knee"),
            "unreachable",
        ),
        (tries("service", "is_known"), HIP, "unreachable"),
        (asks("is_open", True), no(asks("is_open", False)), "contradictory"),
        (both(KNEE, ELM), both(ELM, KNEE), "contradictory"),
        (asks("service", "knee", "hip"), asks("service", "hip", "spine"), "overlapping"),
        (KNEE, either(KNEE, HIP), "overlapping"),
        (tries("age", "between", [1, 20]), tries("age", "between", [18, 30]), "overlapping"),
        (
            both(asks("service", "knee", "hip"), ELM),
            both(asks("location", "elm-st", "oak"), HIP),
            "overlapping",
        ),
    ],
)
def test_the_later_rule_is_named_with_the_earlier_one(first, second, code):
    (problem,) = linted(first, second)
    assert (problem.path, problem.code) == ("/rules/1", code)
    assert "R-1" in problem.sentence and "R-2" in problem.sentence


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (KNEE, HIP),
        (both(KNEE, ELM), KNEE),
        (KNEE, ELM),
        (tries("hour_of_day", "between", [9, 12]), tries("hour_of_day", "at_least", 8)),
        (tries("keyword", "contains_word", "knee"), tries("keyword", "contains_word", "hip")),
        (tries("service", "is_unknown"), no(KNEE)),
        (tries("postal_code", "starts_with", "606"), asks("postal_code", "60714")),
        (KNEE, None),
        ("nonsense", {"all": "nonsense"}),
    ],
)
def test_rules_that_may_live_side_by_side_are_left_in_peace(first, second):
    assert [code for _, code in found(first, second) if code != "contradictory"] == []


def test_two_rules_that_take_a_third_one_s_leads_together_are_both_named():
    (problem,) = linted(KNEE, HIP, asks("service", "knee", "hip"))
    assert problem.sentence == (
        "R-3 is never reached: R-1 and R-2 come first, and one of them holds whenever R-3 does."
    )


@pytest.mark.parametrize(
    "condition",
    [
        both(KNEE, HIP),
        both(KNEE, no(KNEE)),
        both(tries("age", "at_least", 65), tries("age", "at_most", 18)),
        both(KNEE, tries("service", "is_unknown")),
        both(tries("city", "starts_with", "oak"), tries("city", "starts_with", "elm")),
        both(tries("postal_code", "starts_with", "606"), asks("postal_code", "60714")),
        both(asks("is_open", True), asks("is_open", False)),
        both(either(KNEE, HIP), asks("service", "spine")),
    ],
)
def test_a_rule_that_can_never_hold_is_named(condition):
    problems = [each for each in linted(condition) if each.code == "contradictory"]
    assert [each.path for each in problems] == ["/rules/0/when"]
    assert "R-1 can never hold" in problems[0].sentence


def test_a_rule_that_is_off_takes_nothing():
    assert found(KNEE, asks("service", "knee", "hip"), is_active=False) == []


def test_of_the_narrowest_and_of_all_that_hold_no_rule_stands_in_the_way_by_its_place():
    assert found(ALWAYS, both(KNEE, ELM), KNEE, wins=Wins.NARROWEST) == []
    assert found(KNEE, asks("service", "knee", "hip"), wins=Wins.ALL) == []
    assert found(both(KNEE, ELM), both(asks("location", "elm-st"), KNEE), wins=Wins.ALL) == [
        ("/rules/1", "contradictory")
    ]


def test_words_that_people_typed_are_named():
    (problem,) = linted(tries("message_words", "contains_word", "pain"))
    assert (problem.code, "Message" in problem.sentence) == ("free_text", True)


def layered(*layers):
    """Return what stops hide, of layers of (condition, stops)."""
    read = [
        read_rules(
            [{"id": f"L{place}-{n}", "when": when, "stop": stop} for n, (when, stop) in enumerate(layer)],
            f"/layers/{place}",
            FIELDS,
            does="then",
        )
        for place, layer in enumerate(layers)
    ]
    return [(each.path, each.sentence) for each in lint_stops(read, frozenset({"priority"}))]


def test_a_stop_in_an_earlier_layer_hides_a_rule():
    ((path, sentence),) = layered([(KNEE, True)], [(both(KNEE, ELM), False), (HIP, False)])
    assert path == "/layers/1/0" and "L1-0" in sentence and "L0-0" in sentence


@pytest.mark.parametrize(
    "layers",
    [
        ([(KNEE, False)], [(KNEE, False)]),
        ([(KNEE, True), (HIP, True)], [(ELM, False)]),
        ([(asks("location", "elm-st"), False), (KNEE, True)], [(KNEE, False)]),
        ([(asks("priority", "P1"), True)], [(asks("priority", "P1"), False)]),
    ],
)
def test_a_stop_hides_nothing_where_another_rule_may_win_or_a_value_changes_on_the_way(layers):
    assert layered(*layers) == []


FIELDS_TRIED = {
    "service": [None, "knee", "hip", "Knee"],
    "age": [None, 5, 18, 40.5],
    "is_open": [None, True, False],
    "city": [None, "Oak Park", "oak", "elm oak"],
}
TESTS = st.one_of(
    st.builds(asks, st.just("service"), st.sampled_from(["knee", "hip"])),
    st.just(asks("service", "knee", "hip")),
    st.builds(tries, st.just("service"), st.just("is_not"), st.sampled_from(["knee", "hip"])),
    st.builds(tries, st.just("age"), st.sampled_from(["at_least", "at_most"]), st.sampled_from([5, 18, 40])),
    st.builds(tries, st.just("age"), st.just("between"), st.sampled_from([[5, 18], [18, 40], [18, 18]])),
    st.builds(asks, st.just("is_open"), st.booleans()),
    st.builds(tries, st.just("city"), st.just("starts_with"), st.sampled_from(["oak", "oak p", "e"])),
    st.builds(tries, st.just("city"), st.just("contains_word"), st.sampled_from(["oak", "oak park", ["elm", "x"]])),
    st.builds(tries, st.sampled_from(sorted(FIELDS_TRIED)), st.sampled_from(["is_known", "is_unknown"])),
)
CONDITIONS = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        st.builds(no, inner),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
    ),
    max_leaves=5,
)
LEADS = [dict(zip(FIELDS_TRIED, values, strict=True)) for values in product(*FIELDS_TRIED.values())]


@given(CONDITIONS, CONDITIONS)
def test_what_is_said_of_two_conditions_is_true_of_every_lead(one, other):
    ways, theirs = (boxes(read_condition(each).node, FIELDS) for each in (one, other))
    if ways is None or theirs is None:
        return
    holds, takes = compile_condition(one), compile_condition(other)
    hidden = all(any(is_inside(box, wider) for wider in theirs) for box in ways)
    for lead in LEADS:
        assert not (holds(lead) and not ways), (one, lead)
        assert not (hidden and holds(lead) and not takes(lead)), (one, other, lead)


def test_thousands_of_rules_are_compared_and_the_hidden_one_is_found():
    many = [both(asks("service", f"s{n % 50}"), asks("campaign", f"c{n}")) for n in range(2000)]
    assert found(*many, both(asks("campaign", "c7"), asks("service", "s7"), ELM)) == [("/rules/2000", "unreachable")]
