"""Deciding validity (rows VQ-01, VQ-02, VQ-03, VQ-04, VQ-05, VQ-09)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.capture.decisions import check_document, is_blank, judge
from apps.capture.email_address import read_email
from apps.capture.phone import read_phone
from apps.capture.terms import (
    Answer,
    ConsentClaim,
    Draft,
    PlaceProblem,
    PlaceReading,
    Submitter,
    ValidityState,
    ValidityVerdict,
)
from apps.policies.terms import Known, Severity


def _check(number: int, name: str, result: str) -> dict[str, str]:
    return {"id": f"V-{number}", "check": name, "result": result, "meaning": "Said in words."}


DOCUMENT = {
    "checks": [
        _check(2, "no_contact_point", "held"),
        _check(1, "blank", "excluded"),
        _check(3, "consent_missing", "held"),
        _check(4, "phone_invalid", "note"),
        _check(5, "email_invalid", "note"),
        _check(6, "required_field_missing", "held"),
        _check(7, "place_unclear", "exception"),
        _check(8, "channel_unreachable", "exception"),
    ],
    "test_traffic": {"email_tags": ["test"], "email_domains": ["test.example"]},
}
MARIA = Draft(
    first_name="Maria",
    phone=read_phone("(312) 555-0142", "US"),
    email=read_email("maria@example.com"),
    service_typed="MRI",
    preferred_channel="call",
    consents=(ConsentClaim("call", state="granted"),),
)


def verdict_on(draft: Draft, *required: str, states: dict[str, str] | None = None) -> ValidityVerdict:
    return judge(draft, DOCUMENT, required=required, consent_states=states or {})


def test_a_whole_lead_is_valid() -> None:
    assert verdict_on(MARIA, "phone", "service") == ValidityVerdict(ValidityState.VALID, False, ())


def test_a_blank_submission_is_excluded_and_looked_at_no_further() -> None:
    verdict = verdict_on(Draft(attribution={"utm_source": "google"}), "phone")
    assert verdict.state is ValidityState.EXCLUDED
    assert [(finding.check_id, finding.code) for finding in verdict.findings] == [("V-1", "blank")]


@pytest.mark.parametrize(
    "draft",
    [
        Draft(message="help"),
        Draft(answers=(Answer("a", "A?", ("yes",)),)),
        Draft(on_behalf_of=Submitter(phone=read_phone("312-555-0142", "US"))),
        Draft(organization_name="Acme Corp"),
    ],
)
def test_anything_said_is_not_blank(draft: Draft) -> None:
    assert not is_blank(draft)
    assert is_blank(Draft())


def test_without_consent_the_lead_is_held_by_the_named_check() -> None:
    verdict = verdict_on(replace(MARIA, consents=(ConsentClaim("call", state="denied"),)))
    assert verdict.state is ValidityState.HELD
    assert [(finding.check_id, finding.code) for finding in verdict.findings] == [("V-3", "consent_missing")]


def test_consent_on_record_counts() -> None:
    verdict = verdict_on(replace(MARIA, consents=()), states={"text": "granted", "call": "unknown"})
    assert verdict.state is ValidityState.VALID


def test_invalid_points_are_named_and_leave_nothing_to_reach() -> None:
    draft = replace(MARIA, phone=read_phone("555-01", "US"), email=read_email("a@nodomain.invalid"))
    verdict = verdict_on(draft)
    assert verdict.state is ValidityState.HELD
    found = {finding.code: finding.pointer for finding in verdict.findings}
    assert found == {
        "no_contact_point": "/person",
        "phone_invalid": "/person/phone",
        "email_invalid": "/person/email",
        "channel_unreachable": "/request/preferred_channel",
    }


def test_the_wished_channel_needs_a_point() -> None:
    verdict = verdict_on(replace(MARIA, phone=None))
    assert (verdict.state, verdict.exception) == (ValidityState.VALID, "channel_unreachable")
    assert verdict_on(replace(MARIA, phone=None, preferred_channel="email")).exception == ""


def test_the_number_of_the_one_who_asks_is_a_contact_point() -> None:
    son = Submitter("Luis", "Lopez", "family", phone=read_phone("312-555-0150", "US"))
    assert verdict_on(replace(MARIA, phone=None, email=None, on_behalf_of=son), "phone").findings == ()


def test_required_fields_are_those_of_the_source() -> None:
    verdict = verdict_on(MARIA, "date_of_birth", "had_mri_before", "service")
    assert verdict.state is ValidityState.HELD
    assert [finding.pointer for finding in verdict.findings] == ["/person/date_of_birth", "/answers"]
    answered = replace(MARIA, answers=(Answer("had_mri_before", "", ("no",)),))
    assert verdict_on(answered, "had_mri_before").state is ValidityState.VALID


def test_an_unclear_place_is_an_exception_and_stays_valid() -> None:
    place = PlaceReading("Springfield", problem=PlaceProblem.AMBIGUOUS_CITY)
    verdict = verdict_on(replace(MARIA, place=place))
    assert (verdict.state, verdict.exception) == (ValidityState.VALID, "ambiguous_city")


@pytest.mark.parametrize(
    ("address", "is_test"),
    [
        ("jane+test@harbor.example", True),
        ("jane+News+TEST@harbor.example", True),
        ("jane@test.example", True),
        ("jane+latest@harbor.example", False),
        ("test@harbor.example", False),
    ],
)
def test_test_traffic_is_marked_and_judged_like_any_other(address: str, is_test: bool) -> None:
    verdict = verdict_on(replace(MARIA, email=read_email(address)))
    assert (verdict.is_test, verdict.state) == (is_test, ValidityState.VALID)
    assert verdict_on(replace(MARIA, is_test=True)).is_test


def test_the_document_says_what_follows() -> None:
    document = {"checks": [_check(4, "phone_invalid", "held"), _check(5, "email_invalid", "excluded")]}
    draft = replace(MARIA, phone=read_phone("555-01", "US"))
    assert judge(draft, document, required=(), consent_states={}).state is ValidityState.HELD
    draft = replace(draft, email=read_email("x@mailinator.com"))
    assert judge(draft, document, required=(), consent_states={}).state is ValidityState.EXCLUDED


def test_a_good_document_has_no_problem() -> None:
    assert check_document(DOCUMENT, {}, Known()) == []


def test_a_bad_document_is_told_what_is_wrong() -> None:
    bad = {
        "checks": [
            {"id": "V-1", "check": "moon_phase", "result": "held", "meaning": "x"},
            {"id": "V-1", "check": "blank", "result": "shrug", "wehn": 1},
        ],
        "test_traffic": {"tags": []},
    }
    problems = check_document(bad, {}, Known())
    assert {problem.code for problem in problems if problem.severity is Severity.ERROR} == {
        "bad_check",
        "bad_result",
        "duplicate_id",
        "meaning_missing",
        "unknown_key",
    }
    assert [p.code for p in problems if p.severity is Severity.WARNING] == ["check_absent"] * 2


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["blank", "held", "V-1", "test"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["checks", "check", "result", "id", "test_traffic", "email_tags"]), inner)
    ),
    max_leaves=10,
)


@given(JSON)
def test_any_document_gives_a_verdict(document: object) -> None:
    assert isinstance(judge(MARIA, document, required=("phone",), consent_states={}), ValidityVerdict)
    check_document(document, {}, Known())
