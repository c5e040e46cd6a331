"""Rows of exceptions: typed, with a handler, a deadline and an approver; contact goes on; decided with a reason."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from apps.accounts.notices import notices_of
from apps.audit.models import AuditEntry
from apps.catalog.models import Offering
from apps.exceptions.models import ExceptionItem
from apps.leads.models import Lead, Task, TimelineEntry
from apps.ownership.models import Spell
from apps.sla.models import Escalation
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, inquiry, make_lead, processed, reload, send_in
from tests.rows.arranging import OpenBrowser, ask, change_rules, chicago, is_, page

#: Oak Park and the ZIP of Evanston.
CONFLICT = {"person__city": "Oak Park", "person__postal_code": "60201", "request__location": ""}
NO_LOCATION = {
    "source": "landing-pages",
    "person__city": "",
    "person__postal_code": "",
    "person__region": "",
    "request__location": "",
    "request__timeframe": "",
}
FAR = {
    "person__city": "Los Angeles",
    "person__postal_code": "90001",
    "person__region": "CA",
    "request__location": "",
}


def open_item(tenant: Tenant, lead: Lead) -> ExceptionItem:
    """Return the one open exception of a lead."""
    with tenant.scope():
        rows = ExceptionItem.rows().select_related("queue", "approver", "version", "decided_by__user")
        found: ExceptionItem = rows.get(lead=lead, state__in=["open", "waiting_approval"])
        return found


def item_by_id(tenant: Tenant, item: ExceptionItem) -> ExceptionItem:
    with tenant.scope():
        found: ExceptionItem = ExceptionItem.rows().select_related("approved_by__user").get(id=item.id)
        return found


def decide(client: Client, item: ExceptionItem, at: Any, **body: str) -> HttpResponse:
    """Decide on the page, as a person does."""
    with travelling(to=at):
        answer: HttpResponse = client.post(f"/exceptions/{item.id}/", body)
    return answer


@pytest.mark.row("EX-01")
@pytest.mark.row("EX-08")
def test_a_zip_that_names_another_town_is_a_conflict_and_ewa_redirects_it(
    harbor: Tenant, client_as: OpenBrowser
) -> None:
    lead = make_lead(harbor, **CONFLICT, at=chicago("2026-12-01 10:20"))
    item = open_item(harbor, lead)
    assert (item.type, item.get_type_display(), lead.exception) == (
        "conflicting_location",
        "Conflicting location",
        "conflicting_location",
    )
    assert item.guess == {"field": "location", "value": "evanston", "confidence": 75}
    ewa, at = client_as("ewa"), chicago("2026-12-01 10:31")
    shown = page(ewa, "/exceptions/", at=at)
    assert "Conflicting location" in shown and "City and ZIP name two places." in shown
    assert re.search(r"Best guess: Location <strong>Evanston</strong>, 75 % sure", shown)
    silent = decide(ewa, item, at, decision="redirect", queue="oak-calls")
    assert silent.status_code == 422 and "Say why" in silent.content.decode()
    answer = decide(ewa, item, at, decision="redirect", queue="oak-calls", reason="ZIP typo")
    assert answer.status_code == 303
    lead = reload(harbor, lead.id)
    assert (lead.exception, lead.queue.key, lead.owner_team.key, lead.stage.key) == (
        "",
        "oak-calls",
        "oak-calls",
        "routed",
    )
    with harbor.scope():
        entry = TimelineEntry.rows().get(lead=lead, kind="exception")
    assert (entry.actor_label, entry.at, entry.sentence) == (
        "Ewa Nowak",
        at,
        "Conflicting location: redirect to Oak Calls, “ZIP typo”.",
    )
    assert decide(ewa, item, at, decision="close", closure="out_of_coverage", reason="late").status_code == 303
    assert item_by_id(harbor, item).decision == "redirect", "the first decision stands"


@pytest.mark.row("EX-01")
def test_each_cause_has_its_type(harbor: Tenant) -> None:
    told = {
        "missing_fields": make_lead(harbor, request__preferred_channel=""),
        "unmapped_value": make_lead(harbor, request__service="orthapedics"),
        "incomplete_form": make_lead(harbor, request__service=""),
        "outside_coverage": make_lead(harbor, **FAR),
        "no_rule": make_lead(harbor, **NO_LOCATION),
    }
    found = {open_item(harbor, lead).type for name, lead in told.items() if name != "no_rule"}
    assert found == set(told) - {"no_rule"}
    nowhere = open_item(harbor, told["no_rule"])
    assert (nowhere.type, nowhere.code) == ("missing_fields", "location_missing")


@pytest.mark.row("EX-01")
def test_no_rule_and_an_unavailable_service_are_told_apart(harbor: Tenant, client_as: OpenBrowser) -> None:
    def without_the_usual_way(document: dict[str, Any]) -> None:
        layer = next(each for each in document["layers"] if each["key"] == "location")
        next(each for each in layer["rules"] if each["id"] == "R-43")["when"] = is_("service", "bariatrics")

    with harbor.scope():
        Offering.rows().filter(service__key="cardiology").delete()
    change_rules(harbor, client_as, "routing", without_the_usual_way)
    leads = [
        make_lead(harbor, source="landing-pages", request__service=service) for service in ("imaging", "cardiology")
    ]
    items = [open_item(harbor, lead) for lead in leads]
    assert [each.type for each in items] == ["no_rule", "unavailable_service"]
    listed = ask(client_as("ewa"), "GET", "/exceptions", at=TUESDAY_NINE).json()["exceptions"]
    found = {each["lead"]: (each["title"], each["queue"], each["allowed"]) for each in listed}
    assert found[str(leads[0].id)][:2] == ("No rule", "general-intake")
    assert found[str(leads[1].id)][0] == "Unavailable service" and "accept" not in found[str(leads[1].id)][2]


@pytest.mark.row("EX-02")
@pytest.mark.row("EX-10")
@pytest.mark.row("EX-09")
def test_accepting_from_outside_needs_ewas_approval_and_a_closure_is_counted(
    harbor: Tenant, client_as: OpenBrowser
) -> None:
    lead, other = make_lead(harbor, **FAR), make_lead(harbor, **FAR)
    item, closed = open_item(harbor, lead), open_item(harbor, other)
    assert (item.queue.key, item.approver.key, item.approves) == ("general-intake", "central-intake", ["accept"])
    assert item.due_at == TUESDAY_NINE + timedelta(minutes=30)
    gus, ewa, at = client_as("gus"), client_as("ewa"), TUESDAY_NINE + timedelta(minutes=6)
    assert decide(gus, item, at, decision="accept", reason="She moves to Chicago in May").status_code == 303
    assert item_by_id(harbor, item).state == "waiting_approval"
    assert reload(harbor, lead.id).exception == "out_of_area"
    path = f"/exceptions/{item.id}/decision"
    assert ask(gus, "POST", path, {"decision": "approve"}, at=at).status_code == 403
    with harbor.scope():
        assert any("waits for your approval" in each.sentence for each in notices_of(harbor.actor("ewa")))
    approved = ask(ewa, "POST", path, {"decision": "approve"}, at=at)
    assert (approved.status_code, approved.json()["state"], approved.json()["decided_by"]) == (
        200,
        "resolved",
        "Gus Park",
    )
    assert item_by_id(harbor, item).approved_by.user.name == "Ewa Nowak"
    assert (reload(harbor, lead.id).exception, reload(harbor, lead.id).stage.key) == ("", "routed")
    body = {"decision": "close", "closure": "out_of_coverage", "reason": "Lives in Los Angeles, cannot come"}
    assert ask(gus, "POST", f"/exceptions/{closed.id}/decision", body, at=at).status_code == 200
    gone = reload(harbor, other.id)
    assert (gone.closure_reason, gone.stage.key) == ("out_of_coverage", "closed")
    story = page(ewa, f"/leads/{other.id}/", at=at)
    for event in ("Asked for imaging", "General Intake", "Outside coverage", "closed as out of coverage", "Closed"):
        assert event in story, event
    with harbor.scope():
        told = set(TimelineEntry.rows().filter(lead=other).values_list("kind", flat=True))
        ledger = set(AuditEntry.rows().filter(object_id=other.id).values_list("action", flat=True))
    assert len(told) + len(ledger - {"lead.read"}) >= 6, (told, ledger)
    assert {"lead.open", "lead.assign", "exception.decide", "lead.close"} <= ledger
    counted = page(client_as("lena"), "/reports/drops.csv?since=2026-12-01&until=2026-12-01", at=at)
    assert "Closed: out of coverage,1" in counted


@pytest.mark.row("EX-07")
@pytest.mark.row("EX-12")
@pytest.mark.row("EX-06")
def test_a_lead_without_location_is_called_at_minute_four_and_then_waits_for_nobody(
    harbor: Tenant, client_as: OpenBrowser
) -> None:
    lead = make_lead(harbor, **NO_LOCATION)
    assert (lead.exception, lead.stage.key, lead.queue.key) == ("location_missing", "new", "general-intake")
    with harbor.scope():
        spell = Spell.rows().get(lead=lead, ended_at__isnull=True)
        tasks = set(Task.rows().filter(lead=lead, state="open").values_list("kind", flat=True))
    assert (spell.trigger, tasks) == ("interim", {"clarify_place", "call"})
    assert lead.acknowledged_at is not None
    ewa, four = client_as("ewa"), TUESDAY_NINE + timedelta(minutes=4)
    assert lead.ref in page(ewa, "/queue/?queue=general-intake", at=four)
    assert "Interim owner General Intake" in page(ewa, f"/leads/{lead.id}/", at=four)
    call = {
        "kind": "call",
        "outcome": "voicemail",
        "started_at": four.isoformat(),
        "next_action_at": (four + timedelta(hours=1)).isoformat(),
    }
    assert ask(ewa, "POST", f"/leads/{lead.id}/activities", call, at=four).status_code == 201
    assert (reload(harbor, lead.id).stage.key, reload(harbor, lead.id).exception) == ("attempting", "location_missing")
    harbor.drain(TUESDAY_NINE + timedelta(minutes=30))
    item = open_item(harbor, lead)
    assert item.escalated_at == TUESDAY_NINE + timedelta(minutes=30)
    with harbor.scope():
        alert = Escalation.rows().get(timer__lead=lead, timer__kind="exception", do="alert", step=1)
        assert alert.member.user.name == "Ewa Nowak"
    fixed = decide(ewa, item, four + timedelta(hours=1), decision="fix", fix="location:evanston", reason="She said so")
    assert fixed.status_code == 303
    lead = reload(harbor, lead.id)
    assert (lead.exception, lead.queue.key, lead.location.key, lead.stage.key) == (
        "",
        "evanston-calls",
        "evanston",
        "attempting",
    )


@pytest.mark.row("EX-12")
def test_what_was_missing_ends_the_interim_owner(harbor: Tenant) -> None:
    lead = make_lead(harbor, **NO_LOCATION, person__phone="+13125550191", person__email="ines@example.com")
    later = TUESDAY_NINE + timedelta(minutes=9)
    again = inquiry(person__phone="+13125550191", person__email="ines@example.com", request__location="evanston")
    processed(harbor, send_in(harbor, again, at=later), at=later)
    lead = reload(harbor, lead.id)
    assert (lead.exception, lead.queue.key) == ("", "evanston-calls")
    with harbor.scope():
        item = ExceptionItem.rows().get(lead=lead)
        assert (item.state, item.decision, item.decided_at) == ("resolved", "released", later)


@pytest.mark.row("EX-11")
def test_a_referral_of_an_unknown_doctor_is_escalated_after_a_day(harbor: Tenant, client_as: OpenBrowser) -> None:
    referral = {"provider": "Dr Kim", "reason": "knee", "contact_phone": "+13125550177"}
    lead = make_lead(harbor, source="referral", capture_method="referral", referral=referral)
    item = open_item(harbor, lead)
    assert (item.type, item.queue.key, item.due_at) == (
        "referral_to_verify",
        "referral-desk",
        TUESDAY_NINE + timedelta(days=1),
    )
    assert item.detail.startswith("Dr Kim is no partner on file")
    harbor.drain(TUESDAY_NINE + timedelta(days=1, seconds=-1))
    assert open_item(harbor, lead).escalated_at is None
    harbor.drain(TUESDAY_NINE + timedelta(days=1))
    assert open_item(harbor, lead).escalated_at == TUESDAY_NINE + timedelta(days=1)


@pytest.mark.row("EX-13")
def test_volume_and_age_stand_on_page_board_file_and_api(harbor: Tenant, client_as: OpenBrowser) -> None:
    make_lead(harbor, **NO_LOCATION)
    for minute in range(13):
        body = inquiry(**NO_LOCATION)
        send_in(harbor, body, at=TUESDAY_NINE + timedelta(minutes=1 + minute))
    harbor.drain(TUESDAY_NINE + timedelta(minutes=14))
    at = TUESDAY_NINE + timedelta(minutes=22)
    ewa = client_as("ewa")
    for path in ("/exceptions/", "/board/"):
        assert "Missing location 14, oldest 22 min" in page(ewa, path, at=at), path
    assert "Missing location,Missing fields,14,22" in page(ewa, "/board/exceptions.csv", at=at)
    assert "2026-12-01,14,14" in page(ewa, "/board/causes.csv", at=at)
    answer = ask(ewa, "GET", "/exceptions?type=missing_fields&page_size=10", at=at).json()
    (volume,) = answer["volumes"]
    assert (volume["title"], volume["count"], volume["oldest_seconds"]) == ("Missing location", 14, 22 * 60)
    assert (len(answer["exceptions"]), answer["next_cursor"]) == (10, "10")
    assert len(ask(ewa, "GET", "/exceptions?cursor=10", at=at).json()["exceptions"]) == 4


def test_an_exception_survives_the_sweep_of_mismatches_and_nothing_waits_is_said(
    harbor: Tenant, client_as: OpenBrowser
) -> None:
    from apps.flows.sweeps import sweep

    ewa = client_as("ewa")
    assert "No exceptions." in page(ewa, "/exceptions/", at=TUESDAY_NINE)
    lead = make_lead(harbor, **CONFLICT)
    with harbor.scope():
        Task.rows().filter(lead=lead, channel="").update(team=harbor.team("elm-calls"))
        sweep(harbor.organization_id, TUESDAY_NINE)
        types = set(ExceptionItem.rows().filter(lead=lead, state="open").values_list("type", flat=True))
    assert types == {"conflicting_location", "owner_mismatch"}
    assert reload(harbor, lead.id).exception == "conflicting_location"
    with harbor.scope():
        Task.rows().filter(lead=lead).update(team=lead.owner_team)
        sweep(harbor.organization_id, TUESDAY_NINE)
    assert open_item(harbor, lead).type == "conflicting_location"
    assert reload(harbor, lead.id).exception == "conflicting_location"
