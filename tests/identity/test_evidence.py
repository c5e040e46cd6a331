"""Weighing weak evidence about two people, and checking the weights (rows DU-02, DU-03, DU-10)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from apps.identity.decisions.arrivals import judge_arrival
from apps.identity.decisions.documents import check_document
from apps.identity.decisions.evidence import weigh, weights_of
from apps.identity.decisions.people import match_person
from apps.identity.filing import keys_of
from apps.identity.names import last_parts
from apps.identity.terms import Band, CandidatePerson, DraftIdentity, PersonMatch, PriorLead
from apps.policies.terms import Known

BORN, ZIP, PHONE, EMAIL = date(1980, 3, 4), "60614", "+13125550142", "maria@example.com"
AT = datetime(2026, 11, 20, 15, tzinfo=UTC)


def on_file(first: str, last: str, **more: Any) -> CandidatePerson:
    return CandidatePerson(UUID(int=7), first, last, **more)


MARIA = on_file("Maria", "Lopez", postal_code=ZIP)


def said(first: str, last: str, candidate: CandidatePerson = MARIA, **more: Any) -> tuple[int, str, list[str]]:
    found = weigh(DraftIdentity(first, last, **{"postal_code": ZIP, **more}), candidate, weights_of({}))
    return found.score, found.band, [line.sentence for line in found.lines]


@pytest.mark.parametrize(
    ("first", "last", "score", "band", "sentence"),
    [
        ("Maria", "Lopez", 65, "review", "Same name."),
        ("M.", "Lopez", 52, "review", "One first name is the other's initial, same last name."),
        ("Maria", "Lopes", 56, "review", "Same first name, last names a slip or a sound apart."),
        ("Lopez", "Maria", 58, "review", "First and last name are swapped."),
        ("Maria", "Lopez Garcia", 60, "review", "Same first name, one last name is part of the other's double name."),
        ("Luis", "Lopez", 35, "none", "Same last name, another first name."),
        ("Wei", "Chen", 20, "none", "Same postal code."),
    ],
)
def test_a_name_and_a_postal_code_are_worth_a_look(first: str, last: str, score: int, band: str, sentence: str) -> None:
    found = said(first, last)
    assert (found[0], found[1], found[2][0]) == (score, band, sentence)
    assert found[2][-1] == "Same postal code."


def test_a_nickname_and_two_double_names_that_begin_alike() -> None:
    bill = on_file("William", "Garcia Ruiz", postal_code=ZIP)
    assert said("Bill", "Garcia Ruiz", bill)[2][0] == (
        "First names that are one name and its short form, same last name."
    )
    assert said("William", "Garcia Torres", bill)[2][0] == ("Same first name, the first of two last names is the same.")


@pytest.mark.parametrize(
    ("born", "score", "sentence"),
    [
        (BORN, 95, "Same date of birth."),
        (date(1980, 4, 3), 89, "Dates of birth with day and month swapped."),
        (date(1980, 3, 5), 80, "Dates of birth that differ in one digit."),
        (date(2008, 11, 21), 35, "Different dates of birth."),
    ],
)
def test_dates_of_birth_add_or_take_away(born: date, score: int, sentence: str) -> None:
    found = said("Maria", "Lopez", replace(MARIA, date_of_birth=BORN), date_of_birth=born)
    assert (found[0], sentence in found[2]) == (score, True)


def test_a_family_behind_one_phone_is_looked_at_and_never_strong() -> None:
    mother = replace(MARIA, phones=frozenset({PHONE}), emails=frozenset({EMAIL}))
    score, band, lines = said("Luis", "Lopez", mother, phones=(PHONE,), emails=(EMAIL,))
    assert (score, band) == (100, "review")
    assert lines[-2:] == ["Same phone.", "Same e-mail."]
    draft = DraftIdentity("Luis", "Lopez", phones=(PHONE,), emails=(EMAIL,))
    assert match_person(draft, [mother]).match is PersonMatch.NEW
    known = replace(mother, shared_values=frozenset({PHONE}))
    assert said("Luis", "Chen", known, phones=(PHONE,), postal_code="")[:2] == (25, "none")


def test_the_weights_are_the_documents() -> None:
    draft = DraftIdentity("Maria", "Lopez", postal_code=ZIP)
    rules = {"evidence": {"weights": {"postal_code": 45}, "strong": 90, "review": 60}}
    assert weigh(draft, MARIA, weights_of(rules)).band is Band.STRONG
    near = match_person(draft, [MARIA], {"evidence": {"weights": {"postal_code": 0}}})
    assert (near.match, near.near[0].likeness.band) == (PersonMatch.NEW, Band.NONE)


TEXTS = st.sampled_from(["", "Maria", "M", "Luis", "Lopez", "Lopez Garcia", "de la Cruz"]) | st.text(max_size=8)


@example("E", "0", "0", "0:E", None)
@given(TEXTS, TEXTS, TEXTS, TEXTS, st.sampled_from([None, BORN, date(1980, 4, 3)]))
def test_a_score_stays_in_bounds_and_looks_both_ways_alike(a: str, b: str, c: str, d: str, born: date | None) -> None:
    one = weigh(DraftIdentity(a, b, BORN), on_file(c, d, date_of_birth=born), weights_of({}))
    two = weigh(DraftIdentity(c, d, born), on_file(a, b, date_of_birth=BORN), weights_of({}))
    assert one.score == two.score
    assert 0 <= one.score <= 100
    assert one.score == max(0, min(100, sum(line.points for line in one.lines)))


def test_names_are_filed_and_asked_under_each_of_their_parts() -> None:
    assert last_parts("de la Cruz Ruiz") == ("cruz", "ruiz")
    assert last_parts("Van") == ("van",)
    filed = keys_of(DraftIdentity(first_name="Maria", last_name="López García", postal_code="60614"))
    for first, last in (("Ana", "Garcia"), ("Ana", "Lopez"), ("Lopez", "Maria")):
        assert set(filed) & set(keys_of(DraftIdentity(first_name=first, last_name=last, postal_code="60614")))
    assert not set(filed) & set(keys_of(DraftIdentity(first_name="Ana", last_name="Kim", postal_code="60614")))
    assert keys_of(DraftIdentity(first_name="", last_name="")) == []


RULE = {"id": "D-1", "name": "n", "meaning": "m", "window_hours": 72, "scope": "service", "outside": "link"}


def codes(document: dict[str, Any]) -> list[str]:
    return [each.code for each in check_document(document, {}, Known())]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"keys": ["name", "postal_code"], "match": "all"}, "weak_keys"),
        ({"keys": ["phone", "name"]}, "weak_keys"),
        ({"match": "some"}, "bad_match"),
        ({"priority": 0}, "bad_priority"),
        ({"priority": True}, "bad_priority"),
        ({"keys": ["shoe"]}, "bad_keys"),
    ],
)
def test_a_rule_with_a_fault_is_refused(change: dict[str, Any], code: str) -> None:
    assert codes({"rules": [{**RULE, "keys": ["phone"], "inside": "merge", **change}]}) == [code]


@pytest.mark.parametrize(
    ("evidence", "code"),
    [
        ({"weights": {"shoe": 4}}, "unknown_key"),
        ({"weights": {"phone": -1}}, "bad_weight"),
        ({"weights": {"date_of_birth_differs": 5}}, "bad_weight"),
        ({"review": 0}, "bad_mark"),
        ({"review": 90}, "marks_turned"),
    ],
)
def test_weights_with_a_fault_are_refused(evidence: dict[str, Any], code: str) -> None:
    rule = {**RULE, "keys": ["phone", "email", "name"], "match": "all", "inside": "merge", "priority": 3}
    assert codes({"rules": [rule], "evidence": evidence}) == [code]
    assert codes({"rules": [rule], "evidence": {"weights": {"phone": 40}, "review": 55, "strong": 90}}) == []


def test_rules_are_asked_by_priority_and_may_want_all_their_keys() -> None:
    strict = {**RULE, "id": "D-9", "keys": ["phone", "name"], "match": "all", "inside": "merge", "priority": 1}
    loose = {**RULE, "id": "D-1", "keys": ["phone"], "inside": "link"}
    prior = PriorLead(UUID(int=1), "imaging", None, None, True, AT - timedelta(hours=1))

    def ruled(*keys: str) -> tuple[str, str]:
        found = judge_arrival(
            keys=keys,
            service="imaging",
            campaign=None,
            party=None,
            at=AT,
            priors=[prior],
            document={"rules": [loose, strict]},
        )
        return found.rule_id, found.action

    assert ruled("phone", "name") == ("D-9", "merge")
    assert ruled("phone") == ("D-1", "link")
