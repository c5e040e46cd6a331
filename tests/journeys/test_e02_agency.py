"""E-02: an agency delivers to central intake."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from apps.audit.models import AuditEntry
from apps.catalog.models import Queue
from apps.consent.models import ConsentEvent
from apps.leads.models import Lead
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, consent, inquiry
from tests.live import Live
from tests.program import Program


@pytest.mark.journey("E-02")
def test_an_agency_delivers_and_only_intake_qualifies(
    live: Live, harbor: Tenant, program: Callable[[str], Program], page_as: Callable[[str], Page]
) -> None:
    live.start(at=TUESDAY_NINE)
    agency = program("bp-1")
    body = inquiry(
        source="imaging-spring",
        external_id="bp-9001",
        attribution={"utm_campaign": "imaging-spring"},
        consent=[consent("call"), consent("email")],
    )

    # 1. A status cannot be delivered.
    refused = agency.post("/leads", {**body, "status": "qualified"})
    assert (refused.status, refused.body["errors"][0]["pointer"]) == (422, "/status")

    # 2. A correct post is owned by Central Intake.
    taken = agency.post("/leads", body, Prefer="wait=10")
    assert (taken.status, taken.body["verdict"]) == (201, "new"), taken.body
    assert taken.body["lead"]["owner_team"] == "central-intake"
    lead_id = taken.body["lead"]["id"]
    with harbor.scope():
        lead = Lead.rows().select_related("campaign").get(id=lead_id)
        assert (lead.status, lead.campaign.key) == ("new", "imaging-spring")

    # 3. Four attempts that are not the agency's, four entries in the ledger.
    other = program("northlight-1").post(
        "/leads", inquiry(source="derm-winter", request__service="dermatology"), Prefer="wait=10"
    )
    attempts = [
        agency.post(
            f"/leads/{lead_id}/consents",
            {
                "channel": "text",
                "state": "granted",
                "evidence_kind": "form",
                "evidence_ref": "x",
                "reason": "they said so",
            },
        ),
        agency.post(f"/leads/{lead_id}/stage", {"to": "qualified", "reason": "good lead"}),
        agency.post(f"/leads/{lead_id}/notes", {"text": "a clinical note"}),
    ]
    assert [each.status for each in attempts] == [403, 403, 403], attempts
    stranger = agency.get(f"/leads/{other.body['lead']['id']}")
    missing = agency.get("/leads/01900000-0000-7000-8000-000000000000")
    assert (stranger.status, stranger.body) == (404, missing.body)
    with harbor.scope():
        noted = AuditEntry.rows().filter(action__startswith="refused:", party_id__isnull=False)
        assert noted.count() == 4

    # 4. Its own verdicts and attribution it may read; no health text is in them.
    assert agency.get(f"/leads/{lead_id}").status == 200
    rows = agency.get("/attribution").body["results"]
    assert [row["campaign"] for row in rows] == ["imaging-spring"]
    assert "message" not in str(agency.get("/deliveries").body)

    # 5. Ewa takes it, talks with Maria, and confirms the qualification; the agency could not.
    ewa = page_as("ewa")
    ewa.goto(f"/leads/{lead_id}/log-call/")
    ewa.check("input[name=outcome][value=connected]")
    ewa.fill("input[name=next_at]", "2026-12-02T10:00")
    ewa.click("main button[type=submit]")
    ewa.wait_for_url(f"**/leads/{lead_id}/")
    with harbor.scope():
        assert Lead.rows().get(id=lead_id).stage.key == "contacted"
    ewa.goto(f"/leads/{lead_id}/verify/")
    for question, answer in (("V-2", "has a referral"), ("V-3", "yes"), ("V-4", "first visit")):
        ewa.check(f"input[name={question}][value='{answer}']")
    ewa.click("main button[type=submit]")
    ewa.wait_for_url(f"**/leads/{lead_id}/")
    assert "by Ewa" in ewa.inner_text("main")
    ewa.goto(f"/leads/{lead_id}/qualify/")
    ewa.check("input[name=verdict][value=qualified]")
    ewa.fill("[name=reason]", "Wants this service, and the location is near")
    ewa.click("main button[type=submit]")
    ewa.wait_for_url(f"**/leads/{lead_id}/")
    with harbor.scope():
        assert Lead.rows().get(id=lead_id).stage.key == "qualified"

    # 7. The same person again is a duplicate, and is not counted as delivered.
    again = agency.post("/leads", {**body, "external_id": "bp-9002"}, Prefer="wait=10")
    assert again.body["verdict"] in ("duplicate", "resubmit")
    assert again.body["counted_as_delivered"] is False
    with harbor.scope():
        assert Queue.rows().filter(key="central-intake").exists()
        assert ConsentEvent.rows().filter(channel="text").count() == 0
