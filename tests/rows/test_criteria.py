"""Criteria through the doors: rows QL-01, QL-02, QL-07, QL-14, SC-11."""

import io

import pytest
from django.core.management import call_command

from apps.catalog.actions import save_service
from apps.catalog.models import Location, Service
from apps.policies.models import RuleSetVersion
from apps.qualification.models import CriteriaResult
from tests.leads_made import TUESDAY_NINE, make_lead
from tests.rows.arranging import ask, change_rules, draft_rules, page
from tests.rows.test_verdicts import ANSWERS, CALLED, CONNECTED, GOOD


def criteria_of(client, lead, at=TUESDAY_NINE):
    answer = ask(client, "GET", f"/leads/{lead.id}/criteria", at=at)
    assert answer.status_code == 200, answer.content
    return answer.json()


def standing(state):
    return {each["id"]: each["standing"] for each in state["criteria"]}


@pytest.mark.row("QL-01")
def test_a_criterion_is_a_sentence_with_a_test_and_a_line_of_the_checklist(harbor, client_as):
    near = make_lead(harbor)
    owner = client_as(near.owner.user.email.partition("@")[0])
    shown = page(owner, f"/leads/{near.id}/", at=TUESDAY_NINE)
    assert "Lives within 25 miles of an open clinic: met" in shown
    assert "from ZIP 60614" in shown
    assert standing(criteria_of(owner, near))["near-clinic"] == "pass"
    with harbor.scope():
        number = RuleSetVersion.rows().get(rule_set__kind="criteria").number

    def untested(document):
        del document["sets"][0]["criteria"][0]["when"]

    def unknown(document):
        document["sets"][0]["criteria"][0]["when"]["field"] = "shoe_size"

    for change, said in ((untested, "needs a test of a field"), (unknown, "There is no field “shoe_size”")):
        refused = draft_rules(harbor, client_as, "criteria", change)
        assert refused.status_code == 422 and said in refused.content.decode()
    change_rules(
        harbor,
        client_as,
        "criteria",
        lambda document: [
            each["when"].update(op="at_least", value=100)
            for row in document["sets"]
            for each in row["criteria"]
            if each["id"] == "near-clinic"
        ],
    )
    state = criteria_of(owner, near)
    assert state["version"] == number + 1 and standing(state)["near-clinic"] == "fail"


@pytest.mark.row("QL-02")
def test_each_kind_of_a_set_is_evaluated_separately(harbor, client_as):
    lead = make_lead(harbor, attribution={"utm_campaign": "imaging-spring"})
    state = criteria_of(client_as(lead.owner.user.email.partition("@")[0]), lead)
    assert state["set"] == "Imaging-2"
    kinds = {each["kind"]: each["standing"] for each in state["criteria"]}
    assert kinds == {
        "service_fit": "pass",
        "location_coverage": "pass",
        "scheduling": "pass",
        "demographics": "unclear",
        "urgency": "pass",
        "consent": "pass",
    }
    (adult,) = (each for each in state["criteria"] if each["id"] == "adult")
    assert (adult["evidence"], adult["ask"]) == ({"age": None}, "What is the date of birth?")


@pytest.mark.row("QL-07")
def test_what_is_unmet_is_named_on_every_path_and_a_verdict_keeps_what_it_rested_on(harbor, client_as):
    lead = make_lead(harbor, request={"service": "imaging", "location": "elm-st", "preferred_channel": "call"})
    owner = client_as(lead.owner.user.email.partition("@")[0])
    for part, body in (("activities", CONNECTED), ("verification", {"answers": ANSWERS})):
        assert ask(owner, "POST", f"/leads/{lead.id}/{part}", body, at=CALLED).status_code == 201
    for part, body in (("qualification", GOOD), ("stage", {"to": "qualified", "reason": GOOD["reason"]})):
        refused = ask(owner, "POST", f"/leads/{lead.id}/{part}", body, at=CALLED)
        assert refused.status_code == 422
        assert refused.json()["detail"] == "Cannot qualify: patient type."
    assert ask(owner, "PATCH", f"/leads/{lead.id}", {"patient_type": "new"}, at=CALLED).status_code == 200
    _close_to_new(harbor, "imaging", "elm-st")
    refused = ask(owner, "POST", f"/leads/{lead.id}/qualification", GOOD, at=CALLED)
    assert refused.json()["detail"] == "Cannot qualify: the office takes such patients for the service now."
    assert refused.json()["errors"][0]["pointer"] == "/criteria/can-schedule"
    _close_to_new(harbor, "imaging", "")
    assert ask(owner, "POST", f"/leads/{lead.id}/qualification", GOOD, at=CALLED).status_code == 200
    with harbor.scope():
        row = CriteriaResult.rows().select_related("version", "qualification").get(lead=lead, moment="verdict")
        assert row.version.rule_set.kind == "criteria" and row.qualification.lead_id == lead.id
        assert {each["standing"] for each in row.verdict["findings"] if each["required"]} == {"pass"}
    said = io.StringIO()
    call_command("replay", "verify", "--tenant", harbor.slug, stdout=said)
    assert "criteria" in said.getvalue()


@pytest.mark.row("QL-14")
def test_an_office_that_is_closed_to_new_patients_fails_can_schedule(harbor, client_as):
    at_oak = {"service": "dermatology", "location": "oak-park", "preferred_channel": "call"}
    new = make_lead(harbor, request={**at_oak, "patient_type": "new"})
    known = make_lead(harbor, request={**at_oak, "patient_type": "established"})
    nobody_said = make_lead(harbor, request=at_oak)
    ewa = client_as("ewa")
    assert standing(criteria_of(ewa, new))["can-schedule"] == "pass"
    _close_to_new(harbor, "dermatology", "oak-park")
    found = [standing(criteria_of(ewa, each))["can-schedule"] for each in (new, known, nobody_said)]
    assert found == ["fail", "pass", "unclear"]


@pytest.mark.row("SC-11")
def test_the_card_says_what_to_ask_where_something_is_unclear(harbor, client_as):
    request = {"service": "orthopedics", "location": "elm-st", "patient_type": "new", "timeframe": "within_month"}
    lead = make_lead(harbor, source="web-ortho", request=request, person__date_of_birth="1980-05-01")
    owner = client_as("ewa")
    marks = {each["aspect"]: each for each in criteria_of(owner, lead)["card"]}
    assert [name for name, each in marks.items() if each["standing"] != "pass"] == ["decision_maker"]
    assert marks["decision_maker"]["ask"] == "Who decides about the visit, and may we speak with them?"
    shown = page(owner, f"/leads/{lead.id}/", at=TUESDAY_NINE)
    assert "Decision maker: not clear yet." in shown and marks["decision_maker"]["ask"] in shown
    holder = client_as(lead.owner.user.email.partition("@")[0]) if lead.owner else owner
    named = {"controls": ["scheduling"], "first_name": "Ann", "role": "daughter", "phone": "+13125550177"}
    said = ask(holder, "POST", f"/leads/{lead.id}/decision-makers", named, at=TUESDAY_NINE)
    assert said.status_code == 200, said.content
    state = criteria_of(owner, lead)
    assert {each["aspect"]: each["standing"] for each in state["card"]}["decision_maker"] == "pass"


def _close_to_new(tenant, service, office):
    """Let an office see only established patients for a service; "" opens it everywhere."""
    with tenant.scope():
        row = Service.rows().get(key=service)
        places = list(Location.rows().filter(offerings__service=row))
        closed = [each for each in places if each.key == office]
        save_service(
            actor=tenant.system, key=service, values={"name": row.name}, locations=places, established_only_at=closed
        )
