"""Compiled rules: the tree leaves out only what cannot hold, keeps the order, and tries few of many rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.policies.decisions.compiled import compile_rules, demands, texts_in
from apps.policies.decisions.conditions import compile_condition
from apps.policies.decisions.reading import read_condition
from apps.policies.terms import ConditionBroken

VALUES = st.sampled_from(["a", "A ", "b", "ab", "a b", "", True, False, 0, 1, 1.0, 2])
FIELDS = st.sampled_from(["service", "zip", "words", "fit"])
FACT = VALUES | st.none() | st.lists(VALUES, max_size=3) | st.floats() | st.just(["a", "b"])


def one(field: str, op: str, value: object = None) -> dict[str, object]:
    return {"field": field, "op": op, "value": value}


TESTS = (
    st.builds(one, FIELDS, st.sampled_from(["is", "is_not", "contains_word", "starts_with"]), VALUES)
    | st.builds(one, FIELDS, st.sampled_from(["in", "not_in", "contains_word"]), st.lists(VALUES, max_size=40))
    | st.builds(one, FIELDS, st.sampled_from(["is_known", "is_unknown"]))
    | st.builds(one, FIELDS, st.just("at_least"), st.integers(0, 2))
)
CONDITIONS = st.recursive(
    TESTS | st.just({"always": True}) | st.just({"bad": 1}),
    lambda inner: (
        st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=4)})
        | st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=3)})
        | st.fixed_dictionaries({"not": inner})
    ),
    max_leaves=6,
)


def tried_one_by_one(rules: list[dict[str, object]], facts: dict[str, object]) -> list[int]:
    found = []
    for place, rule in enumerate(rules):
        try:
            if compile_condition(rule["when"])(facts):
                found.append(place)
        except ConditionBroken:
            continue
    return found


@given(st.lists(CONDITIONS, max_size=30), st.dictionaries(FIELDS, FACT))
def test_the_tree_finds_exactly_what_trying_each_rule_finds(conditions: list[object], facts: dict[str, object]) -> None:
    rules = [{"when": each} for each in conditions]
    compiled = compile_rules(rules)
    assert [each.place for each in compiled.holding(facts)] == tried_one_by_one(rules, facts)
    broken = {each.place for each in compiled.rules if each.test is None}
    assert broken <= {each.place for each in compiled.candidates(facts)}


def many(count: int) -> list[dict[str, object]]:
    """Rules as a large tenant has them: a service, a ZIP, some a campaign, all of them while a desk is open."""
    return [
        {
            "when": {
                "all": [
                    one("is_open", "is", True),
                    one("service", "is", f"service-{n % 20}"),
                    one("zip", "starts_with", f"{600 + n % 90}"),
                    one("campaign", "in", [f"campaign-{n % 50}", f"campaign-{n % 49}"]),
                ]
            }
        }
        for n in range(count)
    ]


@pytest.mark.parametrize(("count", "most"), [(50, 10), (500, 20), (5000, 60)])
def test_a_lead_meets_few_of_many_rules(count: int, most: int) -> None:
    compiled = compile_rules(many(count))
    facts = {"is_open": True, "service": "service-7", "zip": "60714", "campaign": "campaign-7"}
    assert len(compiled.candidates(facts)) <= most
    assert [each.place for each in compiled.holding(facts)] == tried_one_by_one(many(count), facts)


def test_what_a_condition_demands() -> None:
    narrow = {"all": [one("service", "is", "b"), one("fit", "is", 1)]}
    node = read_condition({"any": [one("service", "is", "A"), narrow]})
    assert node.node is not None
    assert demands(node.node) == {("service", "value"): {("text", "a"), ("text", "b")}}
    assert texts_in({"a": ["b", {"c": 1}], "d": ("e",)}) == {"a", "b", "c", "d", "e"}
