"""What came of a lead: one outcome of a short list, required at each close, whichever door it ends by (row AP-08)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from apps.leads.models import Closure, Lead
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.leads_made import make_lead, reload
from tests.rows.arranging import ask, chicago, page

OpenBrowser = Callable[..., Client]
TEN = chicago("2026-12-01 10:00")
SOON, LATER = TEN + timedelta(minutes=12), chicago("2026-12-08 10:00")
LISTED = {
    "contacted": "Contacted",
    "booked": "Booked",
    "completed": "Completed intake",
    "declined_eligibility": "Declined eligibility",
    "no_response": "No response",
}
REASONS = {
    "contacted": "booked_elsewhere",
    "booked": "booked_elsewhere",
    "completed": "completed",
    "declined_eligibility": "not_eligible",
    "no_response": "no_response",
}
VISIT = {"starts_at": "2026-12-04T11:00:00-06:00", "location": "elm-st", "confirmed_by": "patient"}


def owned(tenant: Tenant, client_as: OpenBrowser) -> tuple[Lead, Client]:
    lead = make_lead(tenant, at=TEN)
    return lead, client_as(lead.owner.user.email.partition("@")[0])


def call(owner: Client, lead: Lead, outcome: str) -> None:
    body = {"kind": "call", "outcome": outcome, "next_action_at": "2026-12-02T14:00:00-06:00"}
    assert ask(owner, "POST", f"/leads/{lead.id}/activities", body, at=SOON).status_code == 201


def proven(lead: Lead, owner: Client, sam: Client, outcome: str) -> Client:
    """Let the records say what the outcome needs; return who owns the lead then."""
    if outcome in ("contacted", "booked", "completed"):
        call(owner, lead, "connected")
    if outcome == "no_response":
        call(owner, lead, "no_answer")
    if outcome not in ("booked", "completed"):
        return owner
    visits = f"/leads/{lead.id}/appointments"
    visit = ask(owner, "POST", visits, VISIT, at=SOON).json()["id"]
    if outcome == "completed":
        assert ask(sam, "PATCH", f"{visits}/{visit}", {"state": "completed_intake"}, at=LATER).status_code == 200
    return sam


@pytest.mark.row("AP-08")
@pytest.mark.parametrize("outcome", list(LISTED))
def test_each_outcome_of_the_list_ends_a_lead_that_proves_it(
    harbor: Tenant, client_as: OpenBrowser, outcome: str
) -> None:
    lead, owner = owned(harbor, client_as)
    closes = proven(lead, owner, client_as("sam"), outcome)
    form = page(closes, f"/leads/{lead.id}/close/", at=LATER)
    for key, label in LISTED.items():
        assert f'<option value="{key}">{label}</option>' in form
    said = {"reason": REASONS[outcome], "note": "As they said.", "outcome": outcome}
    with travelling(to=LATER):
        assert closes.post(f"/leads/{lead.id}/close/", said).status_code == 303
    ended = reload(harbor, lead.id)
    assert (ended.outcome, ended.closed_at) == (outcome, LATER)
    with harbor.scope():
        assert Closure.rows().get(lead=lead).outcome == outcome


@pytest.mark.row("AP-08")
def test_no_door_ends_a_lead_without_one(harbor: Tenant, client_as: OpenBrowser) -> None:
    """Page, API, moving, bulk, admin, and at last the table: none of them closes without an outcome."""
    lead, owner = owned(harbor, client_as)
    said: dict[str, Any] = {"reason": "booked_elsewhere", "note": "Found a date."}
    with travelling(to=SOON):
        shown = owner.post(f"/leads/{lead.id}/close/", said)
    assert shown.status_code == 422 and "Record the outcome before you close the lead" in shown.content.decode()
    close = f"/leads/{lead.id}/close"
    for more, code in (
        ({}, "outcome_missing"),
        ({"outcome": "lost"}, "unknown_outcome"),
        ({"outcome": "contacted", "missing_data": "ehr_not_received"}, "outcome_known"),
    ):
        answer = ask(owner, "POST", close, said | more, at=SOON)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)
    moved = ask(owner, "POST", f"/leads/{lead.id}/stage", {"to": "closed", "reason": "Done"}, at=SOON)
    assert moved.status_code == 409
    bulk = ask(client_as("lena"), "POST", "/leads/bulk", {"act": "close", "leads": [str(lead.id)]}, at=SOON)
    assert bulk.status_code == 422
    field = {"act": "change", "leads": [str(lead.id)], "field": "outcome", "value": "booked", "reason": "x"}
    assert ask(client_as("lena"), "POST", "/leads/bulk", field, at=SOON).status_code in (403, 422)
    with harbor.scope():
        closed = str(lead.pipeline.stages.get(key="closed").id)
    with travelling(to=SOON):
        owner.post(f"/admin/leads/lead/{lead.id}/change/", {"stage": closed, "stage_reason": "Done"})
    assert reload(harbor, lead.id).closed_at is None
    with harbor.scope(), pytest.raises(DatabaseError), transaction.atomic():
        Closure(lead=lead, reason="spam", actor_label="x", closed_at=SOON, event_id=uuid4()).save(force_insert=True)
