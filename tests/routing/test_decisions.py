"""Choosing a queue: the walk over the layers, its effects, the fallback and the hours."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.policies.decisions.differences import differences
from apps.policies.decisions.fields import FIELDS
from apps.policies.terms import Known
from apps.routing.decisions.checks import check_document
from apps.routing.decisions.choosing import choose
from apps.routing.decisions.records import network_as_json, network_from_json
from apps.routing.terms import LAYERS, Network
from tests.routing.network import ALWAYS, OPENS_AT, document, is_, network, rule

RULES = document(
    consent_safety=[rule("R-1", is_("consent_any", False), {"queue": "general-intake"}, stop=True)],
    urgency=[
        rule("R-2", is_("timeframe", "within_24h"), {"priority": "P1"}),
        rule("R-3", {"field": "message_words", "op": "contains_word", "value": ["urgent"]}, {"priority": "P1"}),
    ],
    service=[rule("R-4", is_("landing_page", "SCR-01"), {"workflow": "screening", "queue_tag": "screening"})],
    location=[
        rule(
            "R-5",
            {"field": "service", "op": "is_known"},
            {"office": "requested_or_nearest", "queue_tag": "calls"},
        )
    ],
    patient_type=[rule("R-6", is_("patient_type", "established"), {"queue_tag": "recall"})],
    distribution=[rule("R-7", is_("priority", "P1"), {"method": "shared"})],
)
LABELS = {"patient_type": {"established": "Established"}}


def test_layers_add_up() -> None:
    facts = {"service": "derm", "timeframe": "within_24h", "consent_any": True}
    verdict = choose(facts, RULES, network())
    assert (verdict.queue_key, verdict.priority, verdict.office_key) == ("oak-calls", "P1", "oak-park")
    assert (verdict.method, verdict.rule_id, verdict.is_fallback) == ("shared", "R-5", False)
    assert [step.layer for step in verdict.path] == list(LAYERS)
    assert [step.rule_id for step in verdict.path] == ["", "", "R-2", "", "R-5", "", "R-7"]
    assert verdict.reason == "Oak Calls: R-5 Rule R-5: Service is known"
    assert verdict.path[4].effect == "office Oak Park (nearest, 1.2 km); queue Oak Calls (tagged calls)"
    assert verdict.max_wait_seconds == 900


def test_an_established_patient_goes_to_the_recall_queue() -> None:
    verdict = choose({"service": "derm", "patient_type": "established"}, RULES, network(), labels=LABELS)
    assert (verdict.queue_key, verdict.rule_id, verdict.priority) == ("oak-recall", "R-6", "P3")
    assert verdict.reason == "Oak Recall: R-6 Rule R-6: Patient type is Established"
    replaced = [a for a in verdict.alternatives if a.kind == "queue"]
    assert [(a.key, a.why_not) for a in replaced] == [("oak-calls", "replaced by R-6")]


def test_the_landing_page_chooses_the_workflow() -> None:
    verdict = choose({"landing_page": "SCR-01"}, RULES, network())
    assert (verdict.workflow, verdict.queue_key, verdict.rule_id) == ("screening", "screening", "R-4")


def test_the_first_match_of_a_layer_takes_effect_and_others_are_named() -> None:
    verdict = choose({"timeframe": "within_24h", "message_words": "it is urgent"}, RULES, network())
    assert ("rule", "R-3", "R-2 comes first in Urgency") in {(a.kind, a.key, a.why_not) for a in verdict.alternatives}


def test_stop_ends_the_walk_except_for_the_distribution() -> None:
    facts = {"consent_any": False, "service": "derm", "priority": "P1"}
    verdict = choose(facts, RULES, network())
    assert (verdict.queue_key, verdict.rule_id, verdict.method) == ("general-intake", "R-1", "shared")
    assert not verdict.is_fallback
    assert verdict.path[4].sentence == "Not asked: R-1 ended the walk"


@pytest.mark.parametrize(
    ("rules", "reason", "queue_key"),
    [
        ({}, "General Intake: no rule named a queue", "general-intake"),
        (
            document(service=[rule("R-1", ALWAYS, {"queue": "nowhere"})]),
            "General Intake: R-1 names the queue “nowhere”, which does not exist",
            "general-intake",
        ),
        (
            document(service=[rule("R-1", ALWAYS, {"queue": "elm-calls"})]),
            "General Intake: R-1 names the queue “Elm Calls”, which is not active",
            "general-intake",
        ),
        (document("screening"), "Screening: no rule named a queue", "screening"),
        (
            document(service=[rule("R-1", {"bad": 1}, {"queue": "night"})]),
            "General Intake: no rule",
            "general-intake",
        ),
        ({"layers": "x", "fallback": 3}, "General Intake: no rule named a queue", "general-intake"),
    ],
)
def test_the_fallback_takes_what_no_rule_places(rules: dict[str, object], reason: str, queue_key: str) -> None:
    verdict = choose({}, rules, network(elm_calls={"is_active": False}))
    assert verdict.reason.startswith(reason)
    assert (verdict.queue_key, verdict.is_fallback, verdict.rule_id) == (queue_key, True, "")
    assert verdict.path[-1].layer == "fallback"
    assert verdict.max_wait_seconds == (1800 if rules.get("fallback") not in (None, 3) else 900)


def test_a_broken_rule_is_passed_over_and_named() -> None:
    rules = document(
        service=[rule("R-1", {"field": 1}, {"queue": "night"}), rule("R-2", ALWAYS, {"queue": "elm-calls"})]
    )
    verdict = choose({}, rules, network())
    assert verdict.queue_key == "elm-calls"
    assert [(s.rule_id, s.effect) for s in verdict.path if s.layer == "service"] == [
        ("R-1", "passed over"),
        ("R-2", "queue Elm Calls"),
    ]


def test_without_any_active_queue_the_key_is_empty() -> None:
    verdict = choose({}, RULES, Network((), ()))
    assert (verdict.queue_key, verdict.is_fallback) == ("", True)
    assert verdict.reason.startswith("No active queue")


def test_a_closed_queue_hands_over_and_is_kept_for_the_day() -> None:
    closed = {"is_open": False, "opens_at": OPENS_AT, "after_hours_key": "night"}
    verdict = choose({"service": "imaging"}, RULES, network(elm_calls=closed))
    assert (verdict.queue_key, verdict.day_queue_key) == ("night", "elm-calls")
    assert verdict.path[-1].sentence == "Elm Calls is closed until 2026-11-23 14:00 UTC"
    assert verdict.reason.endswith("Elm Calls is closed now and takes over when it opens")


@pytest.mark.parametrize(
    "changes",
    [
        {"elm_calls": {"is_open": False}},
        {"elm_calls": {"is_open": False, "after_hours_key": "night"}, "night": {"is_active": False}},
        {"elm_calls": {"is_open": False, "after_hours_key": "elm-calls"}},
    ],
)
def test_a_closed_queue_without_usable_stand_in_keeps_the_lead(changes: dict[str, dict[str, object]]) -> None:
    verdict = choose({"service": "imaging"}, RULES, network(**changes))
    assert (verdict.queue_key, verdict.day_queue_key) == ("elm-calls", None)


def test_effects_that_cannot_be_carried_out_say_so() -> None:
    then = {"priority": "P9", "office": "mars", "queue_tag": "fax", "method": "lottery", "workflow": ""}
    verdict = choose({}, document(service=[rule("R-1", ALWAYS, then)]), network())
    assert verdict.path[3].effect == (
        "priority “P9” is not known; no workflow named; no office: there is no office “mars”; "
        "no queue tagged “fax”; method “lottery” is not known"
    )
    assert verdict.is_fallback


def test_an_inactive_rule_does_nothing() -> None:
    rules = document(service=[rule("R-1", ALWAYS, {"queue": "night"}, is_active=False)])
    assert choose({}, rules, network()).is_fallback


def test_a_stored_decision_replays() -> None:
    facts = {"service": "derm", "patient_type": "established"}
    place = network(oak_recall={"is_open": False, "opens_at": OPENS_AT, "after_hours_key": "night"})
    stored = json.loads(
        json.dumps({"network": network_as_json(place), "verdict": choose(facts, RULES, place).as_json()})
    )
    restored = network_from_json(stored["network"])
    assert restored == place
    replayed = choose(facts, RULES, restored).as_json()
    assert replayed == stored["verdict"]
    assert differences(stored["verdict"], replayed).same


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.sampled_from(list(LAYERS)),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["key", "rules", "when", "then", "id", "queue", "always", "office"]), inner)
    ),
    max_leaves=20,
)
_THEN = st.dictionaries(st.sampled_from(["priority", "queue", "office", "queue_tag", "workflow", "method"]), _JSON)
_RULE = st.fixed_dictionaries({"when": st.just(ALWAYS) | _JSON, "then": _THEN | _JSON, "stop": _JSON})
_LAYER = st.fixed_dictionaries({"key": st.sampled_from(list(LAYERS)), "rules": st.lists(_RULE, max_size=3)})
_DOCUMENT = st.fixed_dictionaries({"layers": st.lists(_LAYER, max_size=5) | _JSON, "fallback": _JSON})


@given(st.dictionaries(st.sampled_from(["service", "priority", "requested_location", "fit"]), _JSON), _DOCUMENT)
def test_every_lead_gets_an_active_queue_whatever_the_document(
    facts: dict[str, object], rules: dict[str, object]
) -> None:
    place = network()
    verdict = choose(facts, rules, place)
    assert verdict.queue_key in {queue.key for queue in place.queues}
    assert verdict.priority in {"P1", "P2", "P3"}
    assert verdict == choose(facts, rules, network_from_json(network_as_json(place)))
    wordless = choose(facts, rules, place, tells=False)
    assert wordless == replace(verdict, reason="", path=(), alternatives=())
    json.dumps(verdict.as_json())
    check_document(rules, FIELDS, Known())
