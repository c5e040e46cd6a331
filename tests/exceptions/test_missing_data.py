"""Pure rules of missing data: which rule holds, what is asked, what a document may say, what a link still opens."""

from datetime import timedelta
from typing import Any

import pytest

from apps.exceptions.decisions import asked_by_hand, asked_unbidden, check_document, plan_for, sentences
from apps.exceptions.terms import Decision, ItemType, MissingData
from apps.outreach.decisions import link_standing
from apps.outreach.terms import LinkStanding
from apps.policies.terms import Known
from tests.leads_made import TUESDAY_NINE

KNOWN = Known(queues=frozenset({"general-intake"}), teams=frozenset({"central-intake"}))
RULES: list[dict[str, Any]] = [
    {"type": "missing_fields", "causes": ["service_missing"], "missing_data": "general_team"},
    {"type": "missing_fields", "missing_data": "collect"},
    {"type": "wrong_number", "missing_data": "collect"},
]


@pytest.mark.parametrize(
    ("kind", "cause", "policy"),
    [
        (ItemType.MISSING_FIELDS, "service_missing", MissingData.GENERAL_TEAM),
        (ItemType.MISSING_FIELDS, "location_missing", MissingData.COLLECT),
        (ItemType.MISSING_FIELDS, "", MissingData.COLLECT),
        (ItemType.CONFLICTING_LOCATION, "conflicting_location", MissingData.HOLD),
        # Nothing that a person tells ends it, whatever a document says.
        (ItemType.WRONG_NUMBER, "no_valid_contact", MissingData.HOLD),
    ],
)
def test_the_rule_of_a_cause_comes_before_the_rule_of_its_type(kind: ItemType, cause: str, policy: MissingData) -> None:
    assert plan_for(kind, {"types": RULES}, cause).missing_data is policy


def test_asking_is_offered_where_a_person_can_tell() -> None:
    assert Decision.ASK in plan_for(ItemType.MISSING_FIELDS, {}).actions
    assert Decision.ASK not in plan_for(ItemType.SYNC_ERROR, {}).actions


@pytest.mark.parametrize(
    ("row", "codes"),
    [
        ({"type": "missing_fields", "missing_data": "collect"}, []),
        ({"type": "missing_fields", "missing_data": "perhaps"}, ["unknown_policy"]),
        ({"type": "missing_fields", "missing_data": 7}, ["unknown_policy"]),
        ({"type": "wrong_number", "missing_data": "collect"}, ["policy_does_not_fit"]),
        ({"type": "wrong_number", "missing_data": "hold"}, []),
        ({"type": "missing_fields", "causes": ["unmapped_value"]}, ["other_type"]),
        ({"type": "missing_fields", "missing_data": "general_team", "approver": "central-intake"}, ["approval_unused"]),
    ],
)
def test_what_a_rule_may_say(row: dict[str, Any], codes: list[str]) -> None:
    assert [each.code for each in check_document({"types": [row]}, {}, KNOWN)] == codes


def test_a_cause_is_ruled_once_and_the_rules_are_read_aloud() -> None:
    twice = [RULES[0], {**RULES[0], "missing_data": "hold"}]
    (problem,) = check_document({"types": twice}, {}, KNOWN)
    assert (problem.path, problem.code) == ("/types/1/type", "duplicate_type")
    general, collect, *_ = sentences({"types": RULES}, {}, {})
    assert general.startswith("Missing fields (missing service): ") and "general team that goes on" in general
    assert "asked for it by a link" in collect


@pytest.mark.parametrize(
    ("cause", "missing", "has_place", "asked"),
    [
        ("location_missing", ("location",), False, ("location",)),
        ("location_missing", ("location", "patient_type", "phone"), False, ("location",)),
        ("service_missing", ("service", "location"), True, ("service",)),
        ("service_missing", ("service", "location"), False, ("service", "location")),
        ("conflicting_location", ("location",), True, ("location",)),
        ("preferred_channel_missing", ("location", "preferred_channel"), True, ("preferred_channel",)),
        ("location_missing", (), False, ()),
    ],
)
def test_only_what_decides_the_way_is_asked_unbidden(
    cause: str, missing: tuple[str, ...], has_place: bool, asked: tuple[str, ...]
) -> None:
    assert asked_unbidden(cause, missing, has_place=has_place) == asked


def test_by_hand_what_is_known_is_never_asked() -> None:
    assert asked_by_hand((), ("phone", "service")) == ("service", "phone")
    assert asked_by_hand(("location", "phone"), ("phone", "service")) == ("phone",)


@pytest.mark.parametrize(
    ("state", "hours", "missing", "is_closed", "standing"),
    [
        ("open", 1, ("location",), False, LinkStanding.LIVE),
        ("open", 0, ("location",), False, LinkStanding.EXPIRED),
        ("open", None, ("location",), False, LinkStanding.EXPIRED),
        ("open", 1, (), False, LinkStanding.SETTLED),
        ("open", 1, ("location",), True, LinkStanding.SETTLED),
        ("answered", 1, ("location",), False, LinkStanding.ANSWERED),
        ("replaced", 1, ("location",), False, LinkStanding.REPLACED),
        ("locked", 1, ("location",), False, LinkStanding.LOCKED),
    ],
)
def test_what_a_link_still_opens(
    state: str, hours: int | None, missing: tuple[str, ...], is_closed: bool, standing: LinkStanding
) -> None:
    until = None if hours is None else TUESDAY_NINE + timedelta(hours=hours)
    assert (
        link_standing(state=state, expires_at=until, missing=missing, is_closed=is_closed, now=TUESDAY_NINE) is standing
    )
