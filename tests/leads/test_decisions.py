"""Moves between stages with their events and gates, closing, and completing tasks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.leads.decisions import (
    check_document,
    default_gates,
    default_pipeline,
    may_complete,
    may_move,
    missing_fields,
    possible_moves,
)
from apps.leads.terms import LeadEvent, MoveVerdict, StageKey
from apps.policies.terms import FieldKind, FieldSpec, Known

GATES = default_gates()
STAGES = [str(key) for key in StageKey]
NAMES = ("service", "patient_type", "location", "consent_any", "preferred_channel")
FIELDS = {name: FieldSpec(name, name, FieldKind.TEXT) for name in NAMES}
KNOWN = Known(stages=frozenset(STAGES))
READY = {
    "service": "imaging",
    "patient_type": "new",
    "location": "elm",
    "consent_any": True,
    "preferred_channel": "call",
    "phone_validity": "valid",
}

json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from([*STAGES, "*"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["moves", "gates", "from", "to", "event", "meaning", "closed_stages", "routed"]),
            inner,
        )
    ),
    max_leaves=16,
)


def moved(start: str, to: str, *events: str, document: object = GATES, **facts: object) -> MoveVerdict:
    return may_move(from_stage=start, to_stage=to, events=events, facts=READY | facts, document=document)


def test_contacted_needs_a_conversation_on_record() -> None:
    refused = moved("routed", "contacted", "attempt_logged", "automatic_message_sent")
    assert (refused.allowed, refused.code) == (False, "event_missing")
    assert refused.sentence.startswith("Routed → Contacted needs this on record first: call connected or")
    allowed = moved("routed", "contacted", "call_connected")
    assert (allowed.allowed, allowed.event) == (True, "call_connected")


def test_a_pair_off_the_list_is_refused_whatever_happened() -> None:
    assert moved("new", "in_treatment", *LeadEvent).code == "unknown_move"
    assert moved("routed", "routed", *LeadEvent).code == "unknown_move"
    assert moved("somewhere", "routed", *LeadEvent).code == "unknown_move"
    assert moved("new", "routed", *LeadEvent, document=None).code == "unknown_move"


def test_a_closed_lead_moves_only_by_reopening() -> None:
    assert moved("closed", "contacted", *LeadEvent).code == "closed"
    assert moved("closed", "not_qualified", *LeadEvent).code == "closed"
    assert moved("closed", "routed", "routing_decided").code == "event_missing"
    assert moved("closed", "routed", "reopened").allowed


def test_qualified_lists_every_field_that_is_missing() -> None:
    event = "qualification_confirmed"
    verdict = moved("contacted", "qualified", event, consent_any=False, patient_type=" ", location="unknown")
    assert verdict.code == "fields_missing"
    assert verdict.missing == ("patient_type", "location", "consent_any")
    assert verdict.sentence == "Qualified needs: patient type, location, consent."
    assert moved("contacted", "qualified", event).allowed


@pytest.mark.parametrize(
    ("facts", "missing"),
    [
        ({"preferred_channel": "call", "phone_validity": "valid"}, ()),
        ({"preferred_channel": "text", "phone_validity": "valid"}, ()),
        ({"preferred_channel": "email", "email_validity": "valid"}, ()),
        ({"preferred_channel": "email", "phone_validity": "valid"}, ()),
        ({"preferred_channel": "call", "email_validity": "valid"}, ("reachable_point",)),
        ({"preferred_channel": "email", "email_validity": "invalid"}, ("reachable_point",)),
        ({"preferred_channel": "call", "phone_validity": "unverified"}, ("reachable_point",)),
        ({"phone_validity": "valid"}, ("preferred_channel",)),
        ({}, ("preferred_channel", "reachable_point")),
    ],
)
def test_routed_needs_a_preference_and_a_way_to_reach(facts: dict[str, object], missing: tuple[str, ...]) -> None:
    assert missing_fields("routed", facts, GATES) == missing


def test_the_default_pipeline() -> None:
    stages = default_pipeline()
    assert [stage.key for stage in stages] == STAGES
    assert [stage.position for stage in stages] == list(range(1, 12))
    assert {stage.key for stage in stages if not stage.is_open} == {"closed", "not_qualified"}
    assert all(stage.label for stage in stages)


def test_every_open_stage_has_a_way_out_and_every_stage_a_way_in() -> None:
    for stage in STAGES:
        assert possible_moves(stage, GATES)
    reached = {move.to_stage for stage in STAGES for move in possible_moves(stage, GATES)}
    assert reached == set(STAGES) - {"new"}


def test_an_inserted_stage_needs_no_code() -> None:
    step = {"from": ["contacted"], "to": "records", "event": "reply_received", "meaning": "Records came."}
    document = {"moves": [step]}
    assert moved("contacted", "records", "reply_received", document=document).sentence.startswith("Contacted → Rec")


def complete(kind: str, *, stays: bool = True, **entries: object) -> list[str]:
    verdict = may_complete(kind=kind, entries=entries, lead_stays_open=stays)
    assert verdict.allowed is not bool(verdict.problems)
    return [problem.path for problem in verdict.problems]


def test_a_task_states_its_result_and_the_next_date() -> None:
    assert complete("call", outcome="voicemail") == ["/next_action_at"]
    assert complete("call", outcome="voicemail", next_action_at="2026-11-23T15:00:00Z") == []
    assert complete("call", stays=False) == ["/outcome"]
    assert complete("email", stays=False) == ["/delivery_status"]
    assert complete("meeting", stays=False, outcome="held", notes=" ") == ["/notes"]
    assert complete("records_request", stays=False) == []


def test_the_default_gates_have_no_problems() -> None:
    assert check_document(GATES, FIELDS, KNOWN) == []


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({"moves": [{"from": ["new"], "to": "mql", "event": "score_reached"}]}, ["meaning_missing"]),
        (
            {"moves": [{"from": ["new"], "to": "mql", "event": "felt_right", "meaning": "m"}]},
            ["unknown_event"],
        ),
        ({"moves": [{"from": ["x"], "to": "mql", "event": "reopened", "meaning": "m"}]}, ["unknown_stage"]),
        ({"moves": [{"to": "mql", "event": "reopened", "meaning": "m"}]}, ["from_missing"]),
        ({"gates": {"routed": ["shoe_size"]}}, ["unknown_field"]),
        ({"gates": {"gone": []}}, ["unknown_stage"]),
        ({"closed_stages": ["gone"]}, ["unknown_stage"]),
        ({"gate": {}}, ["unknown_key"]),
    ],
)
def test_faults_are_named(change: dict[str, object], codes: list[str]) -> None:
    assert [problem.code for problem in check_document(GATES | change, FIELDS, KNOWN)] == codes


@given(document=json, start=st.sampled_from(STAGES), to=st.sampled_from(STAGES))
def test_any_document_is_answered_and_no_move_is_free(document: object, start: str, to: str) -> None:
    check_document(document, FIELDS, KNOWN)
    assert not moved(start, to, document=document).allowed
    assert moved(start, to, *LeadEvent, document=document).sentence
