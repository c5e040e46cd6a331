"""Ownership policies: which one rules, whose the lead is by it, and what keeps one from ruling."""

from dataclasses import replace
from typing import Any

import pytest

from apps.ownership.decisions import check_document
from apps.ownership.policy import (
    at_stage,
    expected_team,
    first_team,
    is_shared,
    number_of,
    on_event,
    policy_for,
    read_policies,
    recorded_events,
)
from apps.ownership.terms import SECTIONS, STEPS, Handover, Where
from apps.policies.terms import FieldKind, FieldSpec, Known, Severity

TEAMS = ("intake", "elm", "tele", "marketing", "lake", "scheduling")
KNOWN = Known(
    teams=frozenset(TEAMS),
    stages=frozenset({"new", "routed", "contacted", "qualified", "scheduled", "closed"}),
    pipelines=frozenset({"patient", "partnership"}),
    sources=frozenset({"call"}),
)
FIELDS = {"campaign": FieldSpec("campaign", "Campaign", FieldKind.CHOICE, ("knees", "imaging"))}
ORDER = ("new", "routed", "contacted", "qualified", "scheduled", "closed")
WHOLE = {"responsibility": dict.fromkeys(STEPS, "intake"), "sections": dict.fromkeys(SECTIONS, "As agreed.")}


def policy(**parts: Any) -> dict[str, Any]:
    return {"id": "P-1", "name": "P", "model": "territory", "pipelines": ["patient"], **WHOLE, **parts}


def document(*policies: dict[str, Any]) -> dict[str, Any]:
    scheduled = {"stage": "scheduled", "team": "scheduling", "keeps_view": True}
    return {"consent": {"team": "intake"}, "stages": [scheduled], "policies": list(policies)}


SINGLE = policy(id="S", model="single_owner", team="intake", pipelines=["partnership"])
TELE = policy(id="T", model="channel", sources=["call"], pipelines=[], channels=[{"channel": "call", "team": "tele"}])
KNEES = policy(id="K", model="partnership", campaigns=["knees"], pipelines=[], delivery="marketing", outcome="lake")
EVERY = document(policy(), SINGLE, TELE, KNEES)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (Where("patient"), "P-1"),
        (Where("patient", source="call"), "T"),
        (Where("patient", campaign="knees", source="call"), "K"),
        (Where("partnership"), "S"),
        (Where("recruitment", campaign="imaging"), ""),
    ],
)
def test_the_most_specific_policy_rules(where: Where, expected: str) -> None:
    assert policy_for(read_policies(EVERY), where).id == expected


def test_each_model_has_its_owner_at_the_arrival_in_a_stage_and_after_an_event() -> None:
    territory, single, tele, knees = read_policies(EVERY).named
    assert [first_team(each, "call") for each in (territory, single, tele, knees)] == [
        "",
        "intake",
        "tele",
        "marketing",
    ]
    assert first_team(tele, "web_form") == ""
    to_scheduling = Handover("scheduling", True)
    assert [at_stage(each, "scheduled") for each in (territory, single, tele)] == [to_scheduling, None, to_scheduling]
    assert at_stage(knees, "scheduled") == Handover("lake", True)
    expected = [[expected_team(each, stage, ORDER) for stage in ORDER[1:5]] for each in (single, knees, territory)]
    assert expected[0] == ["intake"] * 4
    assert expected[1] == ["marketing", "marketing", "marketing", "lake"]
    assert expected[2] == ["", "", "", "scheduling"]
    own = policy(
        triggers=[
            {"event": "qualified", "team": "elm", "keeps_view": True},
            {"event": "terms_approved", "team": "lake"},
            {"event": "custom", "name": "signed", "team": "tele"},
            {"event": "no_valid_contact", "team": "intake"},
        ],
        shared={"until": "qualified", "teams": ["elm"], "agency": True},
    )
    (read,) = read_policies(document(own)).named
    assert at_stage(read, "qualified") == Handover("elm", True) and at_stage(read, "scheduled") == to_scheduling
    assert on_event(read, "signed") == Handover("tele", False) and on_event(read, "custom") is None
    assert recorded_events(read) == ("terms_approved", "signed")
    assert [is_shared(read, stage, ORDER) for stage in ("contacted", "qualified", "nurture")] == [True, False, False]


def problems(*policies: dict[str, Any]) -> list[tuple[str, str, Severity]]:
    found = check_document(document(*policies), FIELDS, KNOWN)
    return [(each.path, each.code, each.severity) for each in found]


def test_a_gap_in_a_policy_keeps_it_from_ruling_and_names_what_is_missing() -> None:
    assert problems(policy(), SINGLE, TELE, KNEES) == []
    steps = {key: team for key, team in WHOLE["responsibility"].items() if key != "closure_notes"}
    texts = {key: text for key, text in WHOLE["sections"].items() if key != "disputes"} | {"triggers": " "}
    found = check_document(document(policy(responsibility=steps, sections=texts)), FIELDS, KNOWN)
    assert {each.severity for each in found} == {Severity.BLOCKS}
    assert [each.sentence for each in found] == [
        "“P”: no team answers for closure notes.",
        "“P”: section triggers missing.",
        "“P”: section disputes missing.",
    ]


@pytest.mark.parametrize(
    ("parts", "path", "code"),
    [
        ({"pipelines": []}, "/policies/0/pipelines", "applies_nowhere"),
        ({"campaigns": ["gone"]}, "/policies/0/campaigns", "unknown_campaign"),
        ({"model": "nobody"}, "/policies/0/model", "unknown_model"),
        ({"model": "single_owner"}, "/policies/0/team", "team_missing"),
        ({"model": "partnership", "delivery": "elm", "outcome": "elm"}, "/policies/0/outcome", "same_team"),
        ({"delivery": "elm"}, "/policies/0/delivery", "other_model"),
        ({"first_outreach": "gone"}, "/policies/0/first_outreach", "unknown_team"),
        ({"triggers": [{"event": "custom", "team": "elm"}]}, "/policies/0/triggers/0/name", "name_missing"),
        ({"triggers": [{"event": "moon", "team": "elm"}]}, "/policies/0/triggers/0/event", "unknown_event"),
        ({"stages": [{"stage": "gone", "team": "elm"}]}, "/policies/0/stages/0/stage", "unknown_stage"),
        ({"shared": {"until": "qualified"}}, "/policies/0/shared/teams", "nobody_shares"),
        (
            {"model": "single_owner", "team": "elm", "triggers": [{"event": "contacted", "team": "elm"}]},
            "/policies/0/triggers",
            "single_owner_moves",
        ),
    ],
)
def test_what_is_wrong_in_a_policy_is_named_at_its_place(parts: dict[str, Any], path: str, code: str) -> None:
    assert (path, code, Severity.ERROR) in problems(policy(**parts))


def test_a_team_without_a_queue_that_a_lead_would_go_to_is_warned_of() -> None:
    known = replace(KNOWN, queueless_teams=frozenset({"marketing", "lake"}))
    moved = policy(id="M", triggers=[{"event": "contacted", "team": "lake"}, {"event": "qualified", "team": "elm"}])
    found = check_document(document(moved, KNEES), FIELDS, known)
    assert {each.severity for each in found} == {Severity.WARNING}
    places = ["/policies/0/triggers/0/team", "/policies/1/delivery", "/policies/1/outcome"]
    assert [each.path for each in found] == places
    assert "“lake” has no queue" in found[0].sentence


def test_two_policies_for_the_same_leads_clash_and_a_policy_counts_its_own_versions() -> None:
    assert problems(policy(), policy(id="P-2")) == [("/policies/1/pipelines", "policies_clash", Severity.ERROR)]
    other = document(policy(name="Q"), SINGLE)
    so_far = [document(), document(policy()), document(policy(), SINGLE), other]
    assert [number_of(key, so_far) for key in ("P-1", "S", "K")] == [2, 1, 0]
