"""Who may change what: owner, agency, consent maintainer, outreach lock, hand-over by stage."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.ownership.decisions import check_document, may_change, next_owner
from apps.ownership.terms import KEY_FIELDS, ActorFacts, ChangeVerdict, Handover, LeadFacts
from apps.policies.terms import Known

EDIT = frozenset({"lead:edit", "lead:transfer"})
SCHEDULED = {"stage": "scheduled", "team": "scheduling", "keeps_view": True}
DOCUMENT = {
    "locked_fields": ["stage", "status", "outcome", "closure_reason", "owner_team", "queue", "qualification"],
    "consent": {"team": "central-intake"},
    "after_outreach_locks": ["owner_team", "queue"],
    "stages": [
        SCHEDULED,
        {"stage": "in_treatment", "team": "care"},
    ],
}
KNOWN = Known(
    teams=frozenset({"central-intake", "scheduling", "care"}), stages=frozenset({"scheduled", "in_treatment"})
)
LEAD = LeadFacts("L-7", "elm-calls", "Elm Calls", "Ana Ruiz", datetime(2026, 11, 20, 15, 2, tzinfo=UTC))
ANA = ActorFacts("Ana", frozenset({"elm-calls"}), permissions=EDIT)
BEN = ActorFacts("Ben", frozenset({"oak-calls"}), permissions=EDIT)
EWA = ActorFacts("Ewa", frozenset({"central-intake"}), permissions=EDIT | {"consent:widen"})

json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*DOCUMENT, "team", "stage"]), inner, max_size=4)
    ),
    max_leaves=12,
)


def asked(field: str, actor: ActorFacts, lead: LeadFacts = LEAD, document: object = DOCUMENT) -> ChangeVerdict:
    return may_change(field=field, actor=actor, lead=lead, document=document, zone="America/Chicago")


def test_a_stranger_is_refused_with_the_owner_since_and_the_way_to_ask() -> None:
    verdict = asked("status", BEN)
    assert not verdict.allowed
    assert verdict.code == "locked_by_owner"
    assert verdict.sentence == (
        "Status belongs to Elm Calls since 20 Nov, 09:02, because they own this lead. "
        "Use “Ask to change”, or ask for a transfer."
    )


def test_how_to_ask_is_the_tenants_own_sentence() -> None:
    assert asked("stage", BEN, document=DOCUMENT | {"how_to_ask": "Ring Elm."}).sentence.endswith("Ring Elm.")


@pytest.mark.parametrize("field", sorted(KEY_FIELDS))
def test_key_fields_belong_to_the_owner(field: str) -> None:
    assert asked(field, ANA).allowed
    assert not asked(field, BEN).allowed
    assert asked(field, replace(BEN, is_system=True)).allowed


def test_after_the_first_attempt_the_assignment_is_fixed_for_others() -> None:
    called = replace(LEAD, outreach_started_at=datetime(2026, 11, 20, 15, 10, tzinfo=UTC))
    verdict = asked("queue", BEN, called)
    assert verdict.code == "outreach_started"
    assert "outreach started at 20 Nov, 09:10 by Elm Calls" in verdict.sentence
    handed_on = replace(called, owner_team_name="Scheduling", owner_since=datetime(2026, 11, 20, 16, 0, tzinfo=UTC))
    assert (
        "at 20 Nov, 09:10 by another team. Scheduling owns this lead since 20 Nov, 10:00."
        in asked("queue", BEN, handed_on).sentence
    )
    assert asked("queue", BEN).code == "locked_by_owner"
    assert asked("status", BEN, called).code == "locked_by_owner"
    assert asked("queue", ANA, called).allowed


def test_ownership_moves_the_right_to_edit() -> None:
    moved = replace(LEAD, owner_team_key="scheduling", owner_team_name="Scheduling")
    verdict = asked("stage", ANA, moved)
    assert not verdict.allowed
    assert "Scheduling" in verdict.sentence


@pytest.mark.parametrize("field", ["consent", "consent_text"])
def test_only_the_maintaining_team_changes_consent(field: str) -> None:
    assert asked(field, EWA).allowed
    owner = replace(ANA, permissions=ANA.permissions | {"consent:widen", "admin:use"})
    for actor in (owner, replace(EWA, permissions=EDIT)):
        assert asked(field, actor).code == "consent_maintainer"
    assert asked(field, EWA, document={}).code == "consent_maintainer"


def test_an_agency_changes_nothing() -> None:
    agency = ActorFacts("BrightPath", frozenset({"elm-calls"}), is_agency=True, permissions=EDIT)
    assert {asked(field, agency).code for field in ("status", "consent", "best_time")} == {"agency"}


def test_a_free_field_needs_only_the_right_to_edit() -> None:
    assert asked("best_time", BEN).allowed
    assert asked("best_time", replace(BEN, permissions=frozenset())).code == "no_permission"
    assert asked("best_time", BEN, document={"locked_fields": ["best_time"]}).code == "locked_by_owner"
    assert asked("status", replace(ANA, permissions=frozenset())).code == "no_permission"


def test_nobody_owns_it_yet_and_closed_leads_keep_their_owner() -> None:
    verdict = asked("status", BEN, LeadFacts("L-8", "", ""))
    assert (verdict.code, "Claim it first" in verdict.sentence) == ("locked_by_owner", True)
    assert "when it was closed" in asked("status", BEN, replace(LEAD, is_closed=True)).sentence


@given(document=json, field=st.sampled_from([*sorted(KEY_FIELDS), "consent", "payer"]), zone=st.text(max_size=9))
def test_no_document_opens_a_key_field_to_a_stranger(document: object, field: str, zone: str) -> None:
    verdict = may_change(field=field, actor=BEN, lead=LEAD, document=document, zone=zone)
    assert verdict.sentence
    assert not verdict.allowed or field == "payer"
    check_document(document, {}, KNOWN)
    next_owner("scheduled", document)


def test_the_stage_names_the_next_owner() -> None:
    assert next_owner("scheduled", DOCUMENT) == Handover("scheduling", keeps_view=True)
    assert next_owner("in_treatment", DOCUMENT) == Handover("care", keeps_view=False)
    assert next_owner("contacted", DOCUMENT) is None
    assert next_owner("", {"stages": [{"team": "care"}]}) is None


def test_a_good_document_has_no_problems() -> None:
    assert check_document(DOCUMENT, {}, KNOWN) == []


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        ({"consent": {}}, "team_missing", "/consent/team"),
        ({"consent": {"team": "elm"}}, "unknown_team", "/consent/team"),
        ({"locked_fields": ["shoe_size"]}, "unknown_field", "/locked_fields/0"),
        ({"stages": [{"stage": "done", "team": "care"}]}, "unknown_stage", "/stages/0/stage"),
        ({"stages": [{"stage": "scheduled", "team": "x"}]}, "unknown_team", "/stages/0/team"),
        ({"stages": [SCHEDULED] * 2}, "stage_twice", "/stages/1/stage"),
        ({"stages": [SCHEDULED | {"keeps_view": 1}]}, "bad_value", "/stages/0/keeps_view"),
        ({"locks": []}, "unknown_key", "/locks"),
    ],
)
def test_faults_are_named(change: dict[str, object], code: str, path: str) -> None:
    assert [(p.code, p.path) for p in check_document(DOCUMENT | change, {}, KNOWN)] == [(code, path)]
