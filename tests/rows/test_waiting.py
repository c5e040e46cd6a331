"""Leads that wait for others: for a service that opens (row QL-15), for an insurer or a practice (row QL-20)."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from apps.catalog.actions import save_service
from apps.catalog.models import Location, Service
from apps.flows.sweeps import sweep
from apps.leads.models import Lead, Task
from apps.tenancy.clock import travelling
from tests.leads_made import TUESDAY_NINE, consent, make_lead, reload
from tests.rows.arranging import ask, page
from tests.rows.test_exceptions import decide, open_item
from tests.words import words_of

LATER = TUESDAY_NINE + timedelta(minutes=10)
FIRST_OF_MONTH = datetime(2027, 1, 1, 15, 5, tzinfo=UTC)
BEFORE = FIRST_OF_MONTH - timedelta(days=1)


def sweep_at(tenant, at):
    with travelling(to=at), tenant.scope():
        sweep(tenant.organization_id, at)


def open_titles(tenant, lead):
    with tenant.scope():
        rows = Task.rows().filter(lead=lead, state__in=["open", "suppressed"]).order_by("due_at")
        return list(words_of(rows, "title"))


@pytest.mark.row("QL-15")
def test_who_wants_podiatry_is_parked_and_listed_when_it_opens_if_they_permit(harbor, client_as):
    """Three wait: by an exception about a word nobody knows, by the API and the page; one takes the consent back."""
    ewa = client_as("ewa")
    asked = {"source": "landing-pages", "request__service": "Podiatry"}
    leads = [make_lead(harbor, **asked, consent=[consent("email")]) for _ in range(3)]
    for lead in leads[:2]:
        item = open_item(harbor, lead)
        assert item.type == "unmapped_value" and lead.validity == "valid"
        unnamed = decide(ewa, item, LATER, decision="park", reason="Not offered here yet", wanted="")
        assert unnamed.status_code == 422 and "Name the service" in unnamed.content.decode()
        said = {"decision": "park", "reason": "Not offered here yet", "wanted": "Podiatry"}
        assert decide(ewa, item, LATER, **said).status_code == 303
    path = f"/leads/{leads[2].id}"
    with travelling(to=LATER):
        sent = {"wanted": "podiatry ", "reason": "Not offered here yet", "version": reload(harbor, leads[2].id).version}
        assert ewa.post(f"{path}/park/", sent | {"idempotency_key": str(uuid4())}).status_code == 303
    offered = ask(ewa, "POST", f"{path}/parking", {"wanted": "Imaging", "reason": "Later"}, at=LATER)
    assert (offered.status_code, offered.json()["code"]) == (422, "service_open")
    for lead in leads:
        row = reload(harbor, lead.id)
        assert (row.stage.key, row.exception, row.owner_team_id is not None) == ("nurture", "", True)
        assert row.next_action_at is not None
    with travelling(to=LATER):
        form = {"channels": ["call", "text", "email"], "source": "spoken", "idempotency_key": str(uuid4())}
        form["version"] = reload(harbor, leads[1].id).version
        assert ewa.post(f"/leads/{leads[1].id}/opt-out/", form).status_code == 303

    with harbor.scope():
        imaging = Service.rows().select_related("workflow", "owner").get(key="imaging")
        offices = list(Location.rows().filter(key="elm-st"))
        of = {"workflow": imaging.workflow, "owner": imaging.owner, "effective_on": FIRST_OF_MONTH.date()}
        save_service(actor=harbor.system, key="podiatry", values={"name": "Podiatry", **of}, locations=offices)
    sweep_at(harbor, BEFORE)
    assert not any("open now" in each for lead in leads for each in open_titles(harbor, lead))
    early = ask(ewa, "DELETE", f"{path}/parking", at=BEFORE)
    assert (early.status_code, early.json()["code"]) == (409, "service_not_open")
    sweep_at(harbor, FIRST_OF_MONTH)
    sweep_at(harbor, FIRST_OF_MONTH + timedelta(minutes=1))
    review = "Podiatry is open now: review this parked lead"
    assert [open_titles(harbor, each).count(review) for each in leads] == [1, 0, 1]
    listed = ask(ewa, "GET", "/parked?up_for_review=true", at=FIRST_OF_MONTH).json()["parked"]
    assert {each["lead"] for each in listed} == {str(leads[0].id), str(leads[2].id)}
    shown = page(ewa, "/parked/?service=Podiatry", at=FIRST_OF_MONTH)
    assert "2 to review" in shown and all(each.ref in shown for each in leads)
    with travelling(to=FIRST_OF_MONTH):
        assert ewa.post(f"{path}/take-up/").status_code == 303
    row = reload(harbor, leads[2].id)
    assert (row.stage.key, row.service.key) == ("routed", "podiatry")
    with harbor.scope():
        assert Task.rows().filter(lead=row, state="open", channel="email").exists()
        assert Lead.rows().get(id=leads[0].id).stage.key == "nurture"


@pytest.mark.row("QL-20")
def test_a_pre_authorisation_that_is_pending_is_seen_and_the_lead_is_not_idle(harbor, client_as):
    lead, idle = make_lead(harbor), make_lead(harbor)
    owners = [client_as(each.owner.user.email.partition("@")[0]) for each in (lead, idle)]
    rang = {"kind": "call", "outcome": "connected", "next_action_at": "2026-12-17T16:00:00Z"}
    for each, owner in zip((lead, idle), owners, strict=True):
        assert ask(owner, "POST", f"/leads/{each.id}/activities", rang, at=LATER).status_code == 201
    path, ana = f"/leads/{lead.id}/clearance", owners[0]
    step = {"step": "pre_authorisation", "status": "pending", "since": "2026-11-04", "reference": "PA-771"}
    undated = ask(ana, "POST", path, step, at=LATER)
    assert (undated.status_code, undated.json()["errors"][0]["pointer"]) == (422, "/look_again_at")
    future = ask(ana, "POST", path, step | {"since": "2027-01-01", "look_again_at": "2026-12-15T16:00:00Z"}, at=LATER)
    assert future.status_code == 422
    done = ask(ana, "POST", path, step | {"look_again_at": "2026-12-15T16:00:00Z"}, at=LATER)
    assert done.status_code == 201, done.content
    named = {"step": "referring_physician", "status": "requested", "since": "2026-12-01"}
    assert ask(ana, "POST", path, named | {"look_again_at": "2026-12-16T16:00:00Z"}, at=LATER).status_code == 201
    check = {"step": "insurance_verification", "status": "requested", "since": "2026-12-01"}
    assert ask(ana, "POST", path, check | {"look_again_at": "2026-12-14T16:00:00Z"}, at=LATER).status_code == 201
    shown = page(ana, f"/leads/{lead.id}/", at=LATER)
    assert "Pending since 4 Nov, ask again 15 Dec" in shown and "PA-771" in shown
    assert "Ask again. Pre-authorisation: pending since 4 Nov 2026" in shown

    days_later = LATER + timedelta(days=5)
    sweep_at(harbor, days_later)
    stale = [reload(harbor, each.id).timed_status for each in (lead, idle)]
    assert stale == ["", "stale"]
    row = reload(harbor, lead.id)
    assert row.owner_team_id is not None and row.next_action_at is not None

    answered = {"answer": "verified", "payer": "Aetna"}
    assert ask(ana, "POST", f"/leads/{lead.id}/coverage", answered, at=days_later).status_code == 201
    granted = step | {"status": "done", "since": "2026-12-05"}
    assert ask(ana, "POST", path, granted, at=days_later).status_code == 201
    stands = {each["step"]: each["status"] for each in ask(ana, "GET", path, at=days_later).json()["clearance"]}
    assert stands == {"insurance_verification": "done", "pre_authorisation": "done", "referring_physician": "requested"}
    kinds = {"pre_authorisation", "insurance_verification", "referring_physician"}
    with harbor.scope():
        left = set(Task.rows().filter(lead=lead, state="open", kind__in=kinds).values_list("kind", flat=True))
    assert left == {"referring_physician"}
