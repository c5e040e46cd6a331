"""Criteria: how a lead stands to each, which set counts, and what is refused in a document (rows QL-01, QL-02)."""

import pytest

from apps.policies.decisions.fields import FIELDS
from apps.policies.terms import Known
from apps.qualification.criteria import compile_criteria, evaluate, facts_read, fitting_set
from apps.qualification.criteria_document import check_document, sentences

NEAR = {"field": "miles_to_open_clinic", "op": "at_most", "value": 25}
OPEN = {"field": "can_schedule", "op": "is", "value": True}


def one(when, **more):
    """Return a document of one criterion."""
    row = {"id": "c", "kind": "service_fit", "sentence": "Says something", "when": when, **more}
    return {"sets": [{"id": "S", "criteria": [row]}]}


def found(document, facts):
    (made,) = compile_criteria(document)
    return evaluate(facts, made.criteria)


@pytest.mark.parametrize(
    ("when", "facts", "standing"),
    [
        (NEAR, {"postal_code": "60614", "miles_to_open_clinic": 2.3}, "pass"),
        (NEAR, {"postal_code": "61820", "miles_to_open_clinic": 120.0}, "fail"),
        (NEAR, {}, "unclear"),
        (OPEN, {"can_schedule": False}, "fail"),
        (OPEN, {"can_schedule": None}, "unclear"),
        ({"field": "timeframe", "op": "is_known"}, {}, "unclear"),
        ({"field": "timeframe", "op": "is_known"}, {"timeframe": "later"}, "pass"),
        ({"all": [NEAR, OPEN]}, {"can_schedule": False}, "fail"),
        ({"all": [NEAR, OPEN]}, {"can_schedule": True}, "unclear"),
        ({"nonsense": 1}, {"can_schedule": True}, "unclear"),
    ],
)
def test_a_missing_fact_makes_a_criterion_unclear_and_not_failed(when, facts, standing):
    assert found(one(when), facts).findings[0].standing == standing


def test_the_evidence_names_what_a_fact_was_computed_from():
    facts = {"postal_code": "60614", "city": "Chicago", "miles_to_open_clinic": 2.3, "payer": "Blue"}
    made = found(one(NEAR), facts)
    assert made.findings[0].evidence == (("postal_code", "60614"), ("miles_to_open_clinic", 2.3))
    kept = facts_read(facts, made.set)
    assert "payer" not in kept and evaluate(kept, made.set).as_json() == made.as_json()


@pytest.mark.parametrize(
    ("contact", "marketing", "expected"),
    [
        ({"phone_validity": "valid"}, True, True),
        ({"phone_validity": "invalid", "email_validity": "valid"}, True, True),
        ({"phone_validity": "invalid", "email_validity": "invalid"}, True, False),
        ({"phone_validity": "valid"}, False, False),
    ],
)
def test_marketing_qualifies_by_its_target_and_a_valid_way_to_reach_them(contact, marketing, expected):
    document = one(NEAR, marketing=marketing)
    assert found(document, {"miles_to_open_clinic": 2, **contact}).is_marketing_qualified is expected
    assert not found(document, {"miles_to_open_clinic": 40, **contact}).is_marketing_qualified


def test_the_set_that_names_most_of_a_lead_counts_and_one_that_is_off_does_not():
    rows = [{"id": "c", "sentence": "S", "kind": "consent", "when": NEAR}]
    sets = [
        {"id": "all", "criteria": rows},
        {"id": "patients", "pipeline": "patient", "criteria": rows},
        {"id": "spring", "pipeline": "patient", "campaign": "spring", "criteria": rows},
        {
            "id": "off",
            "pipeline": "patient",
            "campaign": "spring",
            "service": "mri",
            "criteria": rows,
            "is_active": False,
        },
    ]
    made = compile_criteria({"sets": sets})
    chosen = [
        fitting_set(made, {"pipeline": pipeline, "campaign": campaign, "service": "mri"}).id
        for pipeline, campaign in (("patient", "spring"), ("patient", ""), ("recruitment", ""))
    ]
    assert chosen == ["spring", "patients", "all"]


@pytest.mark.parametrize(
    ("document", "codes"),
    [
        (one(NEAR), set()),
        (one({"always": True}), {"test_missing"}),
        (one({"all": []}), {"empty_group"}),
        (
            {"sets": [{"id": "S", "criteria": [{"id": "c", "kind": "consent", "sentence": "Only said"}]}]},
            {"test_missing"},
        ),
        (one({"field": "shoe_size", "op": "is_known"}), {"unknown_field"}),
        (one({"field": "message_words", "op": "contains_word", "value": ["mri"]}), {"unknown_field"}),
        (one({"field": "age", "op": "contains_word", "value": ["mri"]}), {"operator_misfit"}),
        (one(NEAR, kind="mood"), {"unknown_kind"}),
        (one(NEAR, sentence=" "), {"sentence_missing"}),
        (one(NEAR, colour="red"), {"unknown_key"}),
        ({"sets": [{"id": "S", "criteria": []}]}, {"criteria_missing"}),
        ({"sets": [one(NEAR)["sets"][0], one(NEAR)["sets"][0] | {"id": "T"}]}, {"same_scope"}),
        (
            {"sets": [one(NEAR)["sets"][0] | {"pipeline": "moon", "who_may_qualify": ["poets"]}]},
            {"unknown_pipeline", "unknown_function"},
        ),
    ],
)
def test_a_sentence_without_a_test_and_a_test_of_an_unknown_field_are_errors(document, codes):
    problems = check_document(document, FIELDS, Known(pipelines=frozenset({"patient"})))
    assert {each.code for each in problems if each.severity == "error"} == codes


def test_criteria_are_read_aloud():
    said = sentences(one(NEAR, required=False, sentence="Lives near"), FIELDS, {})
    assert said[:2] == (
        "S: for every lead.",
        "c · Service fit: Lives near: Miles to the nearest open clinic is at most 25 (counts, not required).",
    )
