"""Routing as the rows ask for it: layers, conditions, targets, offices, urgency, and the reason in words."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from apps.catalog.models import Location, Queue
from apps.flows.tasks import sweep
from apps.leads.guards import acting_as_system
from apps.leads.models import Lead, Task
from apps.policies.decisions.fields import FIELDS
from apps.routing.models import RoutingDecision
from apps.routing.terms import LAYERS
from apps.tenancy.clock import travelling
from tests.leads_made import TUESDAY_NINE, consent, inquiry, make_lead, processed, reload, send_in
from tests.rows.arranging import (
    add_location_rules,
    add_queue,
    ask,
    change_rules,
    draft_rules,
    is_,
    page,
    rule,
)

SOON = TUESDAY_NINE + timedelta(minutes=4)
DERM_OAK = {"request__service": "dermatology", "request__location": "oak-park"}
SLOW = {"request__timeframe": "", "request__preferred_channel": "email", "consent": [consent("email")]}
#: Each condition of row RT-02, and the field that a rule asks.
CONDITIONS = {
    "service": "service",
    "reason": "message_words",
    "location": "requested_location",
    "patient type": "patient_type",
    "program indicator": "program",
    "eligibility": "eligibility",
    "channel": "channel",
    "source": "source",
    "party": "party",
    "landing page": "landing_page",
    "campaign": "campaign",
    "ad group": "ad_group",
    "score": "fit",
    "stage": "stage",
    "urgency": "timeframe",
    "insurance": "payer",
}


def decision_of(tenant, lead):
    """Return the routing that holds for a lead, with its version."""
    with tenant.scope():
        rows = RoutingDecision.rows().filter(lead=lead).select_related("version", "queue")
        return rows.order_by("decided_at").last()


def both(*conditions):
    """Return a condition that needs all of these."""
    return {"all": list(conditions)}


def from_zip(code, city, **changes):
    """Return a request that names no office, from a place."""
    return {"request__location": "", "person__postal_code": code, "person__city": city, **changes}


@pytest.mark.row("RT-01")
def test_layers_are_walked_in_order_important_first_one_rule_each(harbor):
    lead = make_lead(harbor, request__timeframe="within_24h", **DERM_OAK)
    assert (lead.priority, lead.queue.key, lead.owner_team.key) == ("P1", "oak-calls", "oak-calls")
    path = decision_of(harbor, lead).verdict["path"]
    assert [step["layer"] for step in path] == list(LAYERS)
    fired = {step["layer"]: step["rule_id"] for step in path if step["rule_id"]}
    assert fired == {"urgency": "R-20", "location": "R-43", "distribution": "R-60"}
    others = decision_of(harbor, lead).verdict["alternatives"]
    assert {
        "kind": "rule",
        "key": "R-21",
        "name": "High intent",
        "why_not": "R-20 comes first in Urgency",
    } in others


@pytest.mark.row("RT-01")
def test_consent_and_safety_come_before_urgency_and_service(harbor):
    lead = make_lead(harbor, request__timeframe="within_24h", request__message="I have chest pain", **DERM_OAK)
    assert (lead.priority, lead.queue.key) == ("P1", "nurse-line")
    path = decision_of(harbor, lead).verdict["path"]
    assert path[0]["rule_id"] == "R-01"
    asked = {step["layer"] for step in path if not step["sentence"].startswith("Not asked")}
    assert asked == {"consent_safety", "distribution"}


@pytest.mark.row("RT-02")
def test_payer_acme_and_service_cardiology_hits_only_such_leads(harbor, client_as):
    when = both(is_("payer", "Acme"), is_("service", "cardiology"))
    change_rules(harbor, client_as, "routing", add_location_rules(rule("R-39", when, {"queue": "partnerships-desk"})))
    cases = [("Acme", "cardiology"), ("Acme", "orthopedics"), ("Blue", "cardiology"), ("", "cardiology")]
    hits = [
        decision_of(harbor, make_lead(harbor, insurance={"payer": payer}, request__service=service)).rule_id == "R-39"
        for payer, service in cases
    ]
    assert hits == [True, False, False, False]


@pytest.mark.row("RT-02")
def test_program_eligibility_and_stage_are_known_when_a_lead_arrives(harbor, client_as):
    program = both(is_("program", "bariatrics"), is_("eligibility", "eligible"), is_("stage", "new"))
    too_young = both(is_("program", "bariatrics"), is_("eligibility", "ineligible"))
    rules = (
        rule("R-37", program, {"queue": "referral-desk"}),
        rule("R-36", too_young, {"queue": "general-intake"}),
    )
    change_rules(harbor, client_as, "routing", add_location_rules(*rules))
    asked = {"request__service": "bariatrics", "request__location": "oak-park"}
    born = ["1990-05-03", "2010-12-02", ""]
    leads = [make_lead(harbor, person__date_of_birth=each, **asked) for each in born]
    assert [decision_of(harbor, lead).rule_id for lead in leads] == ["R-37", "R-36", "R-44"]
    other = make_lead(harbor, person__date_of_birth="1990-05-03")
    assert decision_of(harbor, other).rule_id == "R-43"


@pytest.mark.row("RT-02")
def test_every_condition_of_the_row_can_stand_in_a_rule(harbor, client_as):
    tests = [{"field": field, "op": "is_known"} for field in CONDITIONS.values()]
    every = add_location_rules(rule("R-38", both(*tests), {"queue": "general-intake"}))
    assert draft_rules(harbor, client_as, "routing", every).status_code == 302
    unknown = add_location_rules(rule("R-37", {"field": "shoe_size", "op": "is_known"}, {"queue": "general-intake"}))
    saved = draft_rules(harbor, client_as, "routing", unknown)
    refused = client_as("dev").post(saved["Location"].replace("/change/", "/approve/"))
    assert refused.status_code == 422 and "There is no field" in refused.content.decode()
    assert set(CONDITIONS.values()) <= set(FIELDS)


@pytest.mark.row("RT-04")
def test_follow_ups_go_to_the_workflow_recall(harbor):
    lead = make_lead(harbor, request__patient_type="established")
    assert (lead.workflow, lead.queue.key) == ("recall", "elm-recall")


@pytest.mark.row("RT-04")
def test_a_rule_may_name_a_target_of_every_kind(harbor, client_as):
    kinds = {
        "office": "elm-calls",
        "specialty_practice": "ortho-elm",
        "internal_queue": "central-intake",
        "scheduling_team": "scheduling-desk",
        "specialty_coordinator": "referral-desk",
        "follow_up_workflow": "elm-recall",
        "affiliate": "lake-ortho",
    }
    add_queue(harbor, client_as, "lake-ortho", "Lake Ortho", "partnerships", target_kind="affiliate")
    rules = [rule(f"T-{n}", is_("landing_page", kind), {"queue": key}) for n, (kind, key) in enumerate(kinds.items())]
    change_rules(harbor, client_as, "routing", add_location_rules(*rules))
    for kind, key in kinds.items():
        lead = make_lead(harbor, attribution={"landing_page": kind})
        assert lead.queue.key == key
        with harbor.scope():
            assert Queue.rows().get(key=key).target_kind == kind
            assert Task.rows().get(lead=lead, state="open").team_id == lead.owner_team_id


@pytest.mark.row("RT-05")
def test_the_closest_office_that_offers_the_service(harbor, client_as):
    near = make_lead(harbor, **from_zip("60302", "Oak Park", request__service="orthopedics"))
    assert (near.location.key, near.queue.key) == ("oak-park", "oak-calls")
    imaging = make_lead(harbor, **from_zip("60302", "Oak Park", request__service="imaging"))
    assert (imaging.location.key, imaging.queue.key) == ("elm-st", "elm-calls")
    verdict = decision_of(harbor, imaging).verdict
    passed = {each["key"]: each["why_not"] for each in verdict["alternatives"] if each["kind"] == "office"}
    assert passed["oak-park"] == "does not offer the service"
    assert passed["evanston"].endswith("km")
    step = next(each for each in verdict["path"] if each["layer"] == "location")
    assert "office Elm St (nearest, 12." in step["effect"]
    shown = page(client_as("ewa"), f"/leads/{imaging.id}/why/", at=SOON)
    assert "does not offer the service" in shown and "nearest, 12." in shown


@pytest.mark.row("RT-05")
def test_an_office_that_is_not_available_is_passed_over_and_a_tie_goes_by_key(harbor):
    request = from_zip("60614", "Chicago", request__service="orthopedics")
    assert make_lead(harbor, **request).location.key == "elm-st"
    with harbor.scope():
        elm = Location.rows().get(key="elm-st")
        Location.rows().filter(key="elm-st").update(is_available=False)
        Location.rows().filter(key__in=["oak-park", "evanston"]).update(latitude=elm.latitude, longitude=elm.longitude)
    tie = make_lead(harbor, **request)
    assert tie.location.key == "evanston"
    others = {each["key"]: each["why_not"] for each in decision_of(harbor, tie).verdict["alternatives"]}
    assert others["elm-st"] == "is not available"


@pytest.mark.row("RT-07")
def test_new_and_established_patients_go_to_different_queues_of_the_office(harbor):
    new = make_lead(harbor, request__patient_type="new", **DERM_OAK)
    established = make_lead(harbor, request__patient_type="established", **DERM_OAK)
    assert (new.queue.key, new.owner_team.key) == ("oak-calls", "oak-calls")
    assert (established.queue.key, established.owner_team.key) == ("oak-recall", "patient-services")
    assert decision_of(harbor, established).rule_id == "R-50"


@pytest.mark.row("RT-08")
def test_landing_page_campaign_and_ad_group_choose_the_workflow(harbor, client_as):
    def add(document):
        layer = next(each for each in document["layers"] if each["key"] == "service")
        layer["rules"] += [
            rule("R-32", is_("campaign", "derm-winter"), {"workflow": "consult"}),
            rule("R-33", is_("ad_group", "follow-ups"), {"workflow": "follow_up"}),
        ]

    change_rules(harbor, client_as, "routing", add)
    cases = [{"landing_page": "SCR-01"}, {"utm_campaign": "derm-winter"}, {"ad_group": "follow-ups"}, {}]
    leads = [make_lead(harbor, attribution=attribution) for attribution in cases]
    assert [lead.workflow for lead in leads] == ["screening", "consult", "follow_up", ""]
    assert "workflow screening" in str(decision_of(harbor, leads[0]).verdict["path"])


@pytest.mark.row("RT-09")
def test_urgency_comes_from_timeframe_choice_of_line_and_words(harbor, client_as):
    hotline = rule("R-19", both(is_("channel", "call"), is_("ad_group", "urgent-line")), {"priority": "P1"})

    def add(document):
        next(each for each in document["layers"] if each["key"] == "urgency")["rules"].insert(0, hotline)

    change_rules(harbor, client_as, "routing", add)
    slow = {**SLOW, "request__service": "orthopedics"}
    cases = [
        ({"request__timeframe": "within_24h"}, "P1"),
        ({"request__timeframe": "within_week"}, "P2"),
        ({"capture_method": "call", "attribution": {"ad_group": "urgent-line"}}, "P1"),
        ({"capture_method": "call", "attribution": {"ad_group": "billing-line"}}, "P3"),
        ({"request__message": "Chest pain, please call"}, "P1"),
        ({"request__message": "No hurry"}, "P3"),
    ]
    assert [make_lead(harbor, **slow | changes).priority for changes, _ in cases] == [each for _, each in cases]


@pytest.mark.row("RT-09")
def test_a_held_lead_gets_its_urgency_when_it_is_released(harbor):
    phone = "+13125550145"
    held = make_lead(harbor, person__phone=phone, consent=[], request__timeframe="within_24h", **DERM_OAK)
    assert (held.queue.key, held.priority) == ("consent-desk", "P3")
    again = inquiry(person__phone=phone, consent=[consent("call")], request__timeframe="", **DERM_OAK)
    processed(harbor, send_in(harbor, again, at=SOON), at=SOON)
    lead = reload(harbor, held.id)
    assert (lead.queue.key, lead.priority, lead.validity) == ("oak-calls", "P1", "valid")


@pytest.mark.row("RT-13")
def test_referrals_advertisements_forms_and_calls_have_rules_and_workflows_of_their_own(harbor, client_as):
    def add(document):
        layer = next(each for each in document["layers"] if each["key"] == "service")
        layer["rules"].append(rule("R-37", is_("channel", "call"), {"workflow": "phone"}))

    change_rules(harbor, client_as, "routing", add)
    ad = {"gclid": "CjwK", "utm_source": "google", "utm_campaign": "imaging-spring"}
    unplaced = {"request__location": "", "person__postal_code": "", "person__city": "", "person__region": ""}
    cases = [
        ({"source": "referral", "capture_method": "referral"}, "referral-desk", "R-12", ""),
        ({"source": "web-imaging", "attribution": ad}, "elm-calls", "R-43", ""),
        ({"source": "web-ortho", "request__service": "orthopedics"}, "ortho-elm", "R-41", ""),
        ({"source": "call", "capture_method": "call"}, "elm-calls", "R-43", "phone"),
        ({"source": "chat", "capture_method": "chat", **unplaced}, "tele-sales", "R-42", ""),
    ]
    for changes, queue, rule_id, workflow in cases:
        lead = make_lead(harbor, **changes)
        found = (lead.queue.key, decision_of(harbor, lead).rule_id, lead.workflow)
        assert found == (queue, rule_id, workflow), changes


@pytest.mark.row("RT-16")
def test_a_decision_keeps_rule_version_inputs_alternatives_and_time_and_says_them(harbor, client_as):
    change = add_location_rules(
        rule("R-12B", both(is_("service", "imaging"), is_("postal_code", "60614")), {"queue": "elm-calls"})
    )
    change_rules(harbor, client_as, "routing", change)
    lead = make_lead(harbor)
    row = decision_of(harbor, lead)
    assert (row.rule_id, row.version.number, row.queue.key, row.decided_at) == (
        "R-12B",
        2,
        "elm-calls",
        TUESDAY_NINE,
    )
    assert (row.facts["service"], row.facts["postal_code"]) == ("imaging", "60614")
    assert "message_words" not in row.facts
    assert row.verdict["reason"] == "Elm Calls: R-12B R-12B: Service is Imaging and ZIP is 60614"
    assert "R-43" in {each["key"] for each in row.verdict["alternatives"]}
    shown = page(client_as("ana"), f"/leads/{lead.id}/why/", at=SOON)
    for words in (
        row.verdict["reason"],
        "Routing rules, version 2",
        "60614",
        "1 Dec 2026, 09:00",
        "R-12B comes first in Location",
    ):
        assert words in shown
    assert "R-12B" in page(client_as("ana"), f"/leads/{lead.id}/", at=SOON)


@pytest.mark.row("RT-17")
def test_owner_task_and_queue_are_set_together_and_a_mismatch_is_listed(harbor, client_as, capsys, only_harbor):
    lead, other = make_lead(harbor), make_lead(harbor)
    with harbor.scope():
        task, queue = Task.rows().get(lead=lead, state="open"), Queue.rows().get(key="elm-calls")
        oak = Queue.rows().get(key="oak-calls")
    assert lead.owner_team_id == queue.team_id == task.team_id and lead.queue_id == queue.id
    assert task.assignee_id == lead.owner_id
    with harbor.scope(), acting_as_system():
        Lead.rows().filter(id=lead.id).update(queue=oak)
    with pytest.raises(SystemExit):
        call_command("invariants", tenant=harbor.slug)
    said = capsys.readouterr().err
    assert "R17 agreement" in said and str(lead.id) in said and str(other.id) not in said
    with travelling(to=SOON):
        sweep()
    ewa = client_as("ewa")
    listed = page(ewa, "/queue/?view=exceptions", at=SOON)
    assert f"lead-{lead.ref}" in listed and f"lead-{other.ref}" not in listed
    assert ask(ewa, "GET", f"/leads/{lead.id}", at=SOON).json()["exception"] == "owner_mismatch"
    with harbor.scope(), acting_as_system():
        Lead.rows().filter(id=lead.id).update(queue=queue)
    with travelling(to=SOON + timedelta(minutes=1)):
        sweep()
    assert reload(harbor, lead.id).exception == ""
    with harbor.scope():
        Task.rows().filter(id=task.id).update(team_id=oak.team_id)
    with travelling(to=SOON + timedelta(minutes=2)):
        sweep()
    assert reload(harbor, lead.id).exception == "owner_mismatch"
