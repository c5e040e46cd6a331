"""Conditions: what they hold for, what is unknown, what is refused, and that they never raise."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.policies.decisions.conditions import (
    check_condition,
    compile_condition,
    compile_test,
    fields_used,
    specificity,
)
from apps.policies.decisions.fields import FIELDS, with_choices
from apps.policies.terms import LIMITS, OPERATORS_BY_KIND, ConditionBroken, Operator


def one(field: str, op: str, value: object = None) -> dict[str, object]:
    return {"field": field, "op": op, "value": value}


IMAGING = one("service", "is", "imaging")

TRUTHS = [
    (IMAGING, {"service": "imaging"}, True),
    (IMAGING, {"service": " IMAGING "}, True),
    (IMAGING, {"service": "derm"}, False),
    (IMAGING, {}, None),
    (IMAGING, {"service": ""}, None),
    (IMAGING, {"service": 7}, None),
    (IMAGING, {"service": ["derm", "imaging"]}, True),
    (IMAGING, {"service": []}, None),
    (one("service", "is_not", "imaging"), {"service": "derm"}, True),
    (one("service", "is_not", "imaging"), {}, None),
    ({"not": IMAGING}, {}, None),
    ({"not": IMAGING}, {"service": "derm"}, True),
    (one("service", "in", ["derm", "imaging"]), {"service": "imaging"}, True),
    (one("service", "not_in", ["derm"]), {"service": "derm"}, False),
    (one("fit", "at_least", 70), {"fit": 70}, True),
    (one("fit", "at_least", 70), {"fit": Decimal("69.9")}, False),
    (one("fit", "at_least", 70), {"fit": "70"}, None),
    (one("fit", "at_least", 0), {"fit": True}, None),
    (one("fit", "at_most", 39), {"fit": 39.5}, False),
    (one("age", "between", [18, 64]), {"age": 64}, True),
    (one("age", "between", [18, 64]), {"age": 65}, False),
    (one("age", "is", 1), {"age": True}, None),
    (one("fit", "at_least", 1), {"fit": float("nan")}, None),
    (one("postal_code", "starts_with", "606"), {"postal_code": "60614"}, True),
    (one("postal_code", "starts_with", "606"), {"postal_code": "60302"}, False),
    (one("message_words", "contains_word", "today"), {"message_words": "Can I come TODAY?"}, True),
    (one("message_words", "contains_word", "day"), {"message_words": "today"}, False),
    (one("message_words", "contains_word", ["chest pain"]), {"message_words": "chest, pain"}, True),
    (one("is_open", "is", False), {"is_open": False}, True),
    (one("is_open", "is", True), {"is_open": 1}, None),
    (one("payer", "is_known"), {"payer": "Acme"}, True),
    (one("payer", "is_known"), {"payer": "  "}, False),
    (one("payer", "is_unknown"), {}, True),
    ({"always": True}, {}, True),
    ({"all": [IMAGING, one("fit", "at_least", 70)]}, {"fit": 10}, False),
    ({"all": [IMAGING, one("fit", "at_least", 70)]}, {"fit": 90}, None),
    ({"any": [IMAGING, one("fit", "at_least", 70)]}, {"fit": 90}, True),
    ({"any": [IMAGING, one("fit", "at_least", 70)]}, {"fit": 10}, None),
]


@pytest.mark.parametrize(("condition", "facts", "truth"), TRUTHS)
def test_a_test_is_true_false_or_unknown(condition: object, facts: dict[str, object], truth: bool) -> None:
    assert compile_test(condition)(facts) is truth
    assert compile_condition(condition)(facts) is (truth is True)


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        (None, "not_a_condition"),
        ({}, "not_a_condition"),
        ({"all": []}, "empty_group"),
        ({"always": False}, "bad_value"),
        ({"all": [IMAGING], "any": [IMAGING]}, "not_a_condition"),
        ({**IMAGING, "valeu": 1}, "unknown_key"),
        (one("servise", "is", "imaging"), "unknown_field"),
        (one("", "is", "imaging"), "unknown_field"),
        (one("service", "equals", "imaging"), "unknown_operator"),
        (one("service", "at_least", 3), "operator_misfit"),
        (one("service", "is", "imagin"), "not_in_picklist"),
        (one("service", "in", ["imaging", 3]), "bad_value"),
        (one("fit", "is", "70"), "bad_value"),
        (one("fit", "at_least", "70"), "bad_value"),
        (one("age", "between", [64, 18]), "bad_value"),
        (one("is_open", "is", "yes"), "bad_value"),
        (one("payer", "is_known", "x"), "bad_value"),
        (one("postal_code", "starts_with", 606), "bad_value"),
        (one("message_words", "contains_word", "!!"), "bad_value"),
        ({"all": [IMAGING] * (LIMITS.tests + 1)}, "too_many_tests"),
        ({"not": {"not": {"not": {"not": {"not": {"not": IMAGING}}}}}}, "too_deep"),
    ],
)
def test_a_broken_condition_is_named(condition: object, code: str) -> None:
    fields = with_choices({"service": ["imaging", "derm"]})
    assert code in {problem.code for problem in check_condition(condition, fields)}


def test_problems_point_at_their_place() -> None:
    condition = {"all": [IMAGING, {"any": [one("fitt", "is", 1)]}]}
    assert [p.path for p in check_condition(condition, FIELDS, "/when")] == ["/when/all/1/any/0/field"]


def test_an_unreadable_condition_does_not_compile() -> None:
    with pytest.raises(ConditionBroken, match="operator"):
        compile_condition({"field": "service", "op": "near"})


def test_what_a_condition_looks_at() -> None:
    condition = {"all": [IMAGING, {"not": one("fit", "at_most", 3)}]}
    assert fields_used(condition) == {"service", "fit"}
    assert (specificity(condition), specificity({"always": True}), specificity("broken")) == (2, 0, 0)


def test_choices_go_to_choice_fields_only() -> None:
    fields = with_choices({"service": ["imaging"], "fit": ["1"]})
    assert fields["service"].choices == ("imaging",)
    assert fields["fit"].choices == ()
    assert {spec.kind for spec in FIELDS.values()} == set(OPERATORS_BY_KIND)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
_TESTS = st.builds(one, st.sampled_from(sorted(FIELDS)), st.sampled_from([op.value for op in Operator]), _JSON)
_CONDITIONS = st.recursive(
    _TESTS | _JSON,
    lambda inner: (
        st.fixed_dictionaries({"all": st.lists(inner, max_size=3)})
        | st.fixed_dictionaries({"any": st.lists(inner, max_size=3)})
        | st.fixed_dictionaries({"not": inner})
    ),
    max_leaves=8,
)
_FACTS = st.dictionaries(st.sampled_from(sorted(FIELDS)), _JSON, max_size=8)


@given(_CONDITIONS, _FACTS)
def test_whatever_compiles_answers_for_any_facts(condition: object, facts: dict[str, object]) -> None:
    problems = check_condition(condition, FIELDS)
    try:
        test = compile_test(condition)
    except ConditionBroken:
        assert problems
        return
    assert test(facts) in (True, False, None)


@given(_TESTS, _FACTS)
def test_never_both_a_condition_and_its_negation(condition: object, facts: dict[str, object]) -> None:
    try:
        holds = compile_condition(condition)
    except ConditionBroken:
        return
    assert not (holds(facts) and compile_condition({"not": condition})(facts))
