"""Inference from words: what calls and chats tell that their sender left open, with its mark, until it is stated."""

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.capture.inference import check_document, infer
from apps.capture.terms import Answer, Draft
from apps.flows.transfer import Transfer, transfer_lead
from apps.leads.models import InferredValue, Lead, TimelineEntry
from apps.policies import actions as rules
from apps.policies.terms import Known
from apps.routing.queries import latest_decision
from apps.tenancy.clock import travelling
from apps.tenancy.errors import Invalid
from tests.cast import Tenant
from tests.connectors.senders import connect, sample
from tests.connectors.signing import push
from tests.doors import ask
from tests.leads_made import TUESDAY_NINE, inquiry, make_lead, processed, reload, send_in

KNEE = "knee pain since Monday"
MINUTES_AGO = (TUESDAY_NINE - timedelta(minutes=2)).isoformat()
RULES: dict[str, Any] = {
    "rules": [
        {"id": "KW-1", "meaning": "m", "words": ["knee pain"], "unless": ["knee pads"], "infers": {"service": "ortho"}},
        {"id": "KW-2", "meaning": "m", "words": ["pain"], "infers": {"service": "other", "timeframe": "asap"}},
        {"id": "KW-3", "meaning": "m", "words": ["seen me before"], "infers": {"patient_type": "established"}},
        {"id": "KW-4", "meaning": "m", "words": ["pain"], "infers": {"location": "elm"}, "is_active": False},
    ]
}


def spoken(tenant: Tenant, message: str, *, method: str = "call", **changes: Any) -> Lead:
    """Return the lead of a call or chat whose sender named nothing but the person."""
    request = {"message": message, **changes.pop("request", {})}
    return make_lead(tenant, source="chat", capture_method=method, request=request, **changes)


def marks(tenant: Tenant, lead: Lead) -> dict[str, tuple[str, bool]]:
    """Return by field the rule of each mark and whether it stands."""
    with tenant.scope():
        rows = InferredValue.rows().filter(lead=lead)
        return {each.field: (each.rule_id, each.ended_at is None) for each in rows}


@pytest.mark.parametrize(
    ("draft", "found"),
    [
        (Draft(capture_method="chat", message="KNEE  pain!"), {"service": "KW-1", "timeframe": "KW-2"}),
        (Draft(capture_method="call", message="Knee pain and knee pads"), {"service": "KW-2", "timeframe": "KW-2"}),
        (Draft(capture_method="web_form", message="knee pain"), {}),
        (Draft(capture_method="chat", message="knee painting"), {}),
        (Draft(capture_method="chat", message="pain", service_key="imaging"), {"timeframe": "KW-2"}),
        (Draft(capture_method="chat", message="pain", typed={"service": "qqq"}), {"timeframe": "KW-2"}),
        (
            Draft(
                capture_method="call",
                answers=(Answer("Transcription", "", ("Agent: Any knee pain?\nCaller: No, you have seen me before",)),),
            ),
            {"patient_type": "KW-3"},
        ),
    ],
)
def test_the_first_rule_whose_words_stand_there_tells_an_open_field(draft: Draft, found: dict[str, str]) -> None:
    assert {each.field: each.rule_id for each in infer(draft, RULES)} == found


def test_the_document_says_which_channels_are_listened_to() -> None:
    draft = Draft(capture_method="chat", message="knee pain")
    assert infer(draft, {**RULES, "channels": ["call"]}) == ()
    assert infer(draft, {**RULES, "channels": []}) == ()
    assert infer(draft, {"rules": "nonsense", "channels": 3}) == ()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"id": ""}, "id_missing"),
        ({"meaning": " "}, "meaning_missing"),
        ({"words": []}, "words_missing"),
        ({"words": ["!!"]}, "no_word"),
        ({"infers": {}}, "infers_missing"),
        ({"infers": {"payer": "x"}}, "unknown_field"),
        ({"infers": {"service": "nowhere"}}, "unknown_value"),
        ({"infers": {"timeframe": "soonish"}}, "unknown_value"),
        ({"word": ["x"]}, "unknown_key"),
    ],
)
def test_a_wrong_rule_is_named(change: dict[str, Any], code: str) -> None:
    known = Known(services=frozenset({"ortho"}))
    rule = {"id": "KW-1", "meaning": "m", "words": ["knee"], "infers": {"service": "ortho"}}
    assert check_document({"rules": [rule]}, {}, known) == []
    assert [each.code for each in check_document({"rules": [rule | change]}, {}, known)] == [code]
    assert [each.code for each in check_document({"rules": [rule, rule]}, {}, known)] == ["duplicate_id"]
    assert [each.code for each in check_document({"channels": ["fax"]}, {}, known)] == ["unknown_channel"]


def transcribed(harbor: Tenant, provider: str) -> Lead:
    """Return the lead of a transcript with the row's words, of CallRail after a call, of tawk.to after a chat."""
    if provider == "callrail":
        body = sample(provider, "post_call") | dict.fromkeys(("timestamp", "start_time", "created_at"), MINUTES_AGO)
        body["transcription"] = f"Agent: Harbor Health, hello? Hip pain again?\nCaller: No, {KNEE}."
    else:
        body = copy.deepcopy(sample(provider, "lead"))
        said = [("a", "Hello, is it your hip pain again?"), ("v", f"No, {KNEE}"), ("v", "305 555 0142")]
        lines = [{"sender": {"t": who}, "type": "msg", "msg": text, "time": MINUTES_AGO} for who, text in said]
        body["time"], body["chat"]["messages"] = MINUTES_AGO, lines
    sender = connect(harbor, provider, source="call" if provider == "callrail" else "chat")
    with travelling(to=TUESDAY_NINE):
        assert push(sender, body).status_code == 200
    harbor.drain(TUESDAY_NINE)
    return reload(harbor, sender.lead().id)


@pytest.mark.row("CP-11")
@pytest.mark.parametrize("provider", ["callrail", "tawk"])
def test_knee_pain_since_monday_in_a_transcript_is_orthopedics_by_kw_12_and_the_owner_may_change_it(
    harbor: Tenant, client_as: Callable[..., Client], provider: str
) -> None:
    lead = transcribed(harbor, provider)
    assert lead.service.key == "orthopedics" and marks(harbor, lead) == {"service": ("KW-12", True)}
    with harbor.scope():
        decision = latest_decision(lead)
        story = [each.sentence for each in TimelineEntry.rows().filter(lead=lead)]
        assert decision is not None and decision.facts["service"] == "orthopedics"
    assert "Service Orthopedics: inferred by KW-12 (version 1)." in story
    assert not any("Monday" in each for each in story)
    ewa = client_as("ewa")
    page = ewa.get(f"/leads/{lead.id}/").content.decode()
    assert "inferred by KW-12, version 1" in page
    seen = ask(ewa, "GET", f"/leads/{lead.id}").json()
    assert seen["inferred"] == [{"field": "service", "value": "orthopedics", "rule": "KW-12", "version": 1}]
    form = {"service": "imaging", "initial-service": "orthopedics", "version": lead.version, "idempotency_key": "k-1"}
    assert ewa.post(f"/leads/{lead.id}/edit/", form).status_code == 303
    after = reload(harbor, lead.id)
    assert after.service.key == "imaging" and after.queue == lead.queue
    assert marks(harbor, lead) == {"service": ("KW-12", False)}
    assert "inferred by KW-12, version" not in ewa.get(f"/leads/{lead.id}/").content.decode()
    assert ask(ewa, "GET", f"/leads/{lead.id}").json()["inferred"] == []


@pytest.mark.row("CP-11")
def test_location_and_urgency_are_inferred_and_used_by_the_router(harbor: Tenant) -> None:
    known = {"patient_type": "new", "preferred_channel": "call"}
    words = "I need an MRI, it is getting worse. The office on Elm please"
    lead = spoken(harbor, words, method="chat", request=known)
    assert (lead.service.key, lead.location.key, lead.timeframe) == ("imaging", "elm-st", "asap")
    assert {name: rule for name, (rule, _) in marks(harbor, lead).items()} == {
        "service": "KW-13",
        "location": "KW-30",
        "timeframe": "KW-20",
    }
    with harbor.scope():
        decision = latest_decision(lead)
        assert decision is not None
        assert (decision.facts["requested_location"], decision.facts["timeframe"]) == ("elm-st", "asap")
    silent = spoken(harbor, "Good morning", method="chat", request=known)
    assert lead.queue.key == "elm-calls" != silent.queue.key


def test_forms_and_stated_values_are_left_alone(harbor: Tenant) -> None:
    stated = spoken(harbor, KNEE, request={"service": "imaging"})
    assert stated.service.key == "imaging" and marks(harbor, stated) == {}
    form = make_lead(harbor, source="landing-pages", request={"message": KNEE})
    assert form.service is None and marks(harbor, form) == {}


def test_a_value_that_is_stated_later_takes_the_inferred_ones_place(harbor: Tenant) -> None:
    body = inquiry(source="chat", capture_method="chat", request={"message": f"{KNEE}. my last visit was in May"})
    first = processed(harbor, send_in(harbor, body, at=TUESDAY_NINE), at=TUESDAY_NINE)
    lead = reload(harbor, first.lead_id)
    assert (lead.service.key, lead.patient_type) == ("orthopedics", "established")
    later = TUESDAY_NINE + timedelta(hours=1)
    again = inquiry(
        source="chat",
        capture_method="chat",
        person=body["person"],
        request={"service": "orthopedics", "patient_type": "new", "message": "been there before"},
    )
    second = processed(harbor, send_in(harbor, again, at=later), at=later)
    assert second.lead_id == lead.id
    after = reload(harbor, lead.id)
    assert (after.service.key, after.patient_type) == ("orthopedics", "new")
    assert marks(harbor, lead) == {"service": ("KW-12", False), "patient_type": ("KW-11", False)}


def test_an_inferred_value_never_takes_a_stated_ones_place(harbor: Tenant) -> None:
    body = inquiry(source="chat", capture_method="chat", request={"service": "imaging", "patient_type": "new"})
    lead_id = processed(harbor, send_in(harbor, body, at=TUESDAY_NINE), at=TUESDAY_NINE).lead_id
    again = inquiry(
        source="chat",
        capture_method="chat",
        person=body["person"],
        request={"service": "imaging", "message": "been there before, getting worse"},
    )
    later = TUESDAY_NINE + timedelta(hours=1)
    assert processed(harbor, send_in(harbor, again, at=later), at=later).lead_id == lead_id
    lead = reload(harbor, lead_id)
    assert (lead.patient_type, lead.timeframe) == ("new", "asap")
    assert marks(harbor, lead) == {"timeframe": ("KW-20", True)}


def test_a_program_states_the_same_value_and_a_transfer_another_and_the_mark_goes(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    lead = spoken(harbor, KNEE)
    ewa = client_as("ewa")
    assert ask(ewa, "PATCH", f"/leads/{lead.id}", {"service": "knitting"}).status_code == 422
    assert marks(harbor, lead)["service"][1]
    assert ask(ewa, "PATCH", f"/leads/{lead.id}", {"service": "orthopedics"}).status_code == 200
    assert marks(harbor, lead) == {"service": ("KW-12", False)}
    other = spoken(harbor, KNEE)
    with harbor.scope():
        wanted = Transfer("tele-sales", "they meant a picture", service_key="imaging")
        owner = harbor.actor(other.owner.user.email.partition("@")[0])
        transfer_lead(actor=owner, lead_id=other.id, transfer=wanted, now=TUESDAY_NINE)
    assert marks(harbor, other) == {"service": ("KW-12", False)}


def test_a_draft_with_a_value_that_no_picklist_has_is_refused(harbor: Tenant) -> None:
    document = {"rules": [{"id": "KW-1", "meaning": "m", "words": ["x"], "infers": {"service": "knitting"}}]}
    with harbor.scope(), pytest.raises(Invalid, match="no value of service"):
        rules.save_draft(
            actor=harbor.actor("cleo"), kind="inference", document=document, reason="test", now=TUESDAY_NINE
        )
