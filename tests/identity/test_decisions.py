"""Deciding who arrives and what the arrival is (rows DU-01, DU-03, DU-04, DU-08, DU-09, DU-12)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.identity.decisions.arrivals import judge_arrival
from apps.identity.decisions.documents import check_document
from apps.identity.decisions.people import match_person
from apps.identity.names import first_name_relation, last_name_relation, name_key, name_sound, similarity
from apps.identity.terms import (
    CandidatePerson,
    DraftIdentity,
    LeadAction,
    LeadVerdict,
    PersonMatch,
    PriorLead,
    Verdict,
)
from apps.policies.terms import Known, Severity

PHONE, OTHER_PHONE, EMAIL = "+13125550142", "+13125550199", "maria@example.com"
AT = datetime(2026, 11, 20, 15, tzinfo=UTC)
BORN = date(1980, 3, 4)


def number(value: int) -> UUID:
    return UUID(int=value)


DRAFT = DraftIdentity("Maria", "Lopez", phones=(PHONE,), emails=(EMAIL,))
MARIA = CandidatePerson(number(1), "Maria", "Lopez", phones=frozenset({PHONE}))


@pytest.mark.parametrize(
    ("a", "b", "relation"),
    [
        ("Maria", "MARÍA", "same"),
        ("Mary Ann", "Maryann", "same"),
        ("Ann", "Ann Marie", "same"),
        ("Ann M.", "Ann Marie", "same"),
        ("Bill", "William", "nickname"),
        ("Bob", "robert", "nickname"),
        ("Daneil", "Daniel", "typo"),
        ("Jonh", "John", "typo"),
        ("M", "Maria", "initial"),
        ("", "Maria", "missing"),
        ("Mario", "Maria", "different"),
        ("Daniel", "Daniela", "different"),
        ("Joan", "John", "different"),
        ("Maria Jose", "Maria Elena", "different"),
        ("L", "Maria", "different"),
    ],
)
def test_first_names_are_compared(a: str, b: str, relation: str) -> None:
    assert first_name_relation(a, b) == first_name_relation(b, a) == relation


@pytest.mark.parametrize(
    ("a", "b", "relation"),
    [
        ("O'Brien", "OBRIEN", "same"),
        ("Lopez", "Lopez-Garcia", "same"),
        ("Lopez", "Lopes", "typo"),
        ("Schmidt", "Schmitt", "typo"),
        ("Phillips", "Filips", "typo"),
        ("L.", "Lopez", "initial"),
        ("Lopez", "Chen", "different"),
        ("Lee", "Li", "different"),
    ],
)
def test_last_names_are_compared(a: str, b: str, relation: str) -> None:
    assert last_name_relation(a, b) == last_name_relation(b, a) == relation


def test_keys_of_names_are_folded() -> None:
    assert name_key(" María ", "LÓPEZ") == "maria lopez"
    assert name_sound("Schmidt") == name_sound("Shmitt")
    assert name_sound("") == ""
    assert similarity("Lopez Maria", "maria lopez") == 100


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"first_name": "", "last_name": ""},
        {"first_name": "M"},
        {"last_name": "Lopes"},
        {"date_of_birth": BORN},
        {"postal_code": "60614"},
    ],
)
def test_the_same_phone_and_a_name_that_fits_is_the_same_person(changes: dict[str, Any]) -> None:
    verdict = match_person(replace(DRAFT, **changes), [MARIA])
    assert (verdict.match, verdict.person_id, verdict.keys) == (PersonMatch.SAME, number(1), ("phone",))
    assert verdict.reason == "Same phone, and the name fits."


def test_two_people_who_share_a_phone_stay_two() -> None:
    verdict = match_person(replace(DRAFT, first_name="Luis"), [MARIA])
    assert (verdict.match, verdict.person_id, verdict.keys) == (PersonMatch.NEW, None, ())
    assert [(miss.person_id, miss.why) for miss in verdict.near] == [(number(1), "same phone, different name")]


def test_dates_of_birth_that_differ_make_two_people() -> None:
    on_file = replace(MARIA, date_of_birth=BORN, external_ids=frozenset({"mrn-1"}))
    draft = replace(DRAFT, date_of_birth=date(2008, 3, 4), external_ids=("mrn-1",))
    assert match_person(draft, [on_file]).match is PersonMatch.NEW
    swapped = replace(DRAFT, date_of_birth=date(1980, 4, 3))
    assert match_person(swapped, [on_file]).match is PersonMatch.SAME


def test_another_last_name_needs_more_than_one_key() -> None:
    draft = replace(DRAFT, last_name="Chen", date_of_birth=BORN)
    verdict = match_person(draft, [MARIA])
    assert (verdict.match, verdict.near[0].why) == (PersonMatch.NEW, "same phone, different last name")
    assert match_person(draft, [replace(MARIA, date_of_birth=BORN)]).match is PersonMatch.SAME
    assert match_person(draft, [replace(MARIA, emails=frozenset({EMAIL}))]).keys == ("phone", "email")


def test_a_shared_value_needs_both_names() -> None:
    desk = replace(MARIA, shared_values=frozenset({PHONE}))
    assert match_person(DRAFT, [desk]).match is PersonMatch.SAME
    assert match_person(replace(DRAFT, last_name=""), [desk]).match is PersonMatch.NEW
    assert match_person(replace(DRAFT, last_name="Chen"), [desk]).match is PersonMatch.NEW


def test_an_external_id_decides_by_itself() -> None:
    on_file = CandidatePerson(number(4), "Mary", "Chen", external_ids=frozenset({"mrn-1"}))
    verdict = match_person(replace(DRAFT, external_ids=("mrn-1",)), [on_file])
    assert (verdict.person_id, verdict.keys, verdict.score) == (number(4), ("external_id",), 100)


def test_name_alone_never_joins_but_is_worth_a_look() -> None:
    draft = DraftIdentity("Maria", "Lopez", BORN, postal_code="60614")
    on_file = CandidatePerson(number(5), "Maria", "Lopez", BORN)
    verdict = match_person(draft, [on_file, CandidatePerson(number(6), "Maria", "Lopez", postal_code="60614")])
    assert verdict.match is PersonMatch.NEW
    assert [miss.why for miss in verdict.near] == ["same name and date of birth", "same name and postal code"]


def test_among_several_most_keys_then_likest_name_then_lowest_id() -> None:
    two_keys = replace(MARIA, person_id=number(9), first_name="M", emails=frozenset({EMAIL}))
    initial = replace(MARIA, person_id=number(2), first_name="M")
    twin = replace(MARIA, person_id=number(3))
    assert match_person(DRAFT, [initial, twin, MARIA, two_keys]).person_id == number(9)
    verdict = match_person(DRAFT, [initial, twin, MARIA])
    assert verdict.person_id == number(1)
    assert [miss.person_id for miss in verdict.near] == [number(2), number(3)]


def test_blank_values_match_nobody() -> None:
    blank = CandidatePerson(number(7), phones=frozenset({""}), emails=frozenset({""}))
    assert match_person(DraftIdentity(phones=("",), emails=("",)), [blank]).match is PersonMatch.NEW


NAMES = st.sampled_from(["", "Maria", "Mario", "M", "Luis", "Lopez", "Lopes", "Chen"]) | st.text(max_size=8)
PEOPLE = st.builds(
    CandidatePerson,
    person_id=st.integers(1, 99).map(number),
    first_name=NAMES,
    last_name=NAMES,
    date_of_birth=st.sampled_from([None, BORN, date(2008, 3, 4)]),
    phones=st.frozensets(st.sampled_from([PHONE, OTHER_PHONE])),
    emails=st.frozensets(st.just(EMAIL)),
    shared_values=st.frozensets(st.sampled_from([PHONE, EMAIL])),
)


@given(first=NAMES, last=NAMES, people=st.lists(PEOPLE, max_size=4, unique_by=lambda one: one.person_id))
def test_the_verdict_does_not_depend_on_the_order_of_candidates(
    first: str, last: str, people: list[CandidatePerson]
) -> None:
    draft = replace(DRAFT, first_name=first, last_name=last)
    verdict = match_person(draft, people)
    assert verdict.person_id == match_person(draft, people[::-1]).person_id
    assert verdict.near == match_person(draft, people[::-1]).near
    assert (verdict.match is PersonMatch.SAME) == bool(verdict.keys)
    assert 0 <= verdict.score <= 100


RULE: dict[str, Any] = {
    "id": "D-1",
    "name": "Same phone within 72 hours",
    "meaning": "A second form within three days is the same wish.",
    "keys": ["phone"],
    "window_hours": 72,
    "scope": "service",
    "inside": "merge",
    "outside": "link",
}
PRIOR = PriorLead(number(50), "imaging", "spring", "brightpath", True, AT)


def judged(priors: list[PriorLead], *rules: dict[str, Any], **changes: Any) -> LeadVerdict:
    facts: dict[str, Any] = {
        "keys": ("phone",),
        "service": "imaging",
        "campaign": "spring",
        "party": None,
        "at": AT + timedelta(hours=1),
    }
    return judge_arrival(**(facts | changes), priors=priors, document={"rules": list(rules) or [RULE]})


def test_the_first_inquiry_is_new() -> None:
    verdict = judged([])
    assert (verdict.action, verdict.verdict, verdict.lead_id) == (LeadAction.NEW, Verdict.NEW, None)


@pytest.mark.parametrize(
    ("hours", "action", "verdict"),
    [
        (0, LeadAction.MERGE, Verdict.DUPLICATE),
        (-2, LeadAction.MERGE, Verdict.DUPLICATE),
        (72, LeadAction.MERGE, Verdict.DUPLICATE),
        (73, LeadAction.LINK, Verdict.NEW),
        (-73, LeadAction.LINK, Verdict.NEW),
    ],
)
def test_the_window_decides(hours: int, action: LeadAction, verdict: Verdict) -> None:
    got = judged([PRIOR], at=AT + timedelta(hours=hours))
    assert (got.action, got.verdict, got.lead_id, got.rule_id) == (action, verdict, number(50), "D-1")


@pytest.mark.parametrize(
    ("inside", "action", "verdict"),
    [
        ("merge", LeadAction.MERGE, Verdict.DUPLICATE),
        ("update", LeadAction.UPDATE, Verdict.UPDATE),
        ("link", LeadAction.LINK, Verdict.DUPLICATE),
        ("nonsense", LeadAction.LINK, Verdict.DUPLICATE),
    ],
)
def test_the_rule_says_what_happens_inside(inside: str, action: LeadAction, verdict: Verdict) -> None:
    got = judged([PRIOR], RULE | {"inside": inside})
    assert (got.action, got.verdict) == (action, verdict)


def test_after_closure_it_is_a_resubmission() -> None:
    got = judged([replace(PRIOR, is_open=False, closed_at=AT)])
    assert (got.action, got.verdict, got.lead_id) == (LeadAction.LINK, Verdict.RESUBMIT, number(50))


def test_the_same_party_after_the_window_resubmits_and_another_does_not() -> None:
    late = AT + timedelta(hours=100)
    assert judged([PRIOR], party="brightpath", at=late).verdict is Verdict.RESUBMIT
    assert judged([PRIOR], party="other", at=late).verdict is Verdict.NEW
    assert judged([replace(PRIOR, party=None)], at=late).verdict is Verdict.NEW


def test_another_service_is_a_new_inquiry_linked() -> None:
    got = judged([PRIOR], service="bariatrics")
    assert (got.action, got.verdict, got.lead_id, got.rule_id) == (
        LeadAction.LINK,
        Verdict.NEW,
        number(50),
        "",
    )
    assert "another service" in got.reason


def test_scope_widens_or_narrows_what_is_compared() -> None:
    assert judged([PRIOR], service=None).action is LeadAction.MERGE
    assert judged([replace(PRIOR, service=None)]).action is LeadAction.MERGE
    assert judged([PRIOR], RULE | {"scope": "tenant"}, service="bariatrics").action is LeadAction.MERGE
    assert judged([PRIOR], RULE | {"scope": "campaign"}, campaign="autumn").action is LeadAction.LINK


def test_the_first_rule_with_a_matched_key_decides() -> None:
    by_email = RULE | {"id": "D-2", "keys": ["email"], "inside": "update"}
    assert judged([PRIOR], RULE, by_email, keys=("email",)).rule_id == "D-2"
    assert judged([PRIOR], RULE, by_email, keys=("phone", "email")).rule_id == "D-1"
    assert judged([PRIOR], RULE, keys=("email",)).reason.startswith("No duplicate rule covers this")


def test_an_open_recent_lead_is_taken_before_a_closed_later_one() -> None:
    closed = replace(PRIOR, lead_id=number(60), is_open=False, captured_at=AT + timedelta(minutes=30))
    assert judged([closed, PRIOR]).lead_id == number(50)
    earlier = replace(PRIOR, lead_id=number(40), captured_at=AT - timedelta(hours=5))
    assert judged([earlier, PRIOR]).lead_id == number(50)


def test_a_good_document_has_no_problem() -> None:
    assert check_document({"rules": [RULE]}, {}, Known()) == []


def test_a_bad_document_is_told_what_is_wrong() -> None:
    bad = {"id": "D-1", "keys": ["shoe"], "window_hours": 0, "scope": "moon", "inside": "eat", "wehn": 1}
    codes = {problem.code for problem in check_document({"rules": [RULE, bad]}, {}, Known())}
    assert codes == {
        "unknown_key",
        "name_missing",
        "meaning_missing",
        "bad_keys",
        "bad_window",
        "bad_scope",
        "bad_inside",
        "bad_outside",
        "duplicate_id",
    }
    (warning,) = check_document({}, {}, Known())
    assert warning.severity is Severity.WARNING


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["phone", "merge", "tenant"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["rules", *RULE]), inner, max_size=4),
    max_leaves=10,
)


@given(document=JSON, keys=st.sampled_from([("phone",), ("phone", "email"), ()]))
def test_any_document_gives_a_verdict(document: Any, keys: tuple[str, ...]) -> None:
    verdict = judge_arrival(
        keys=keys, service="imaging", campaign=None, party=None, at=AT, priors=[PRIOR], document=document
    )
    assert verdict.lead_id == number(50)
    check_document(document, {}, Known())
