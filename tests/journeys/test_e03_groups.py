"""E-03, the ownership part: a group is reached, a meeting opens an opportunity, approved terms hand that over."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from apps.leads.models import Lead, LeadParty, Task, TimelineEntry
from apps.ownership.models import Spell
from apps.relationships.models import Opportunity, Relationship, RelationshipEntry, RelationshipSpell
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, reload
from tests.rows.arranging import ask, page

DAY = timedelta(days=1)
MISSED = {"kind": "call", "outcome": "no_answer", "next_action_at": "2026-12-10T16:00:00Z"}


@pytest.mark.journey("E-03")
@pytest.mark.row("OP-07")
@pytest.mark.row("OP-08")
@pytest.mark.row("OW-09")
def test_the_relationship_stays_with_pia_and_the_opportunity_goes_to_operations(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    pia, at = client_as("pia"), TUESDAY_NINE

    def post(path: str, body: dict[str, str]) -> str:
        with travelling(to=at):
            answer = pia.post(path, body)
        assert answer.status_code == 303, answer.content.decode()
        return str(answer["Location"])

    # 1. Pia enters the group with contacts and who decides; Partnerships own it.
    group = post(
        "/relationships/new/", {"name": "North Ortho Group", "kind": "physician_group", "team": "partnerships"}
    )
    for name, role, phone in (("Dr Kim", "decides", "312 555 0171"), ("Ms Roe", "schedules", "(312) 555-0172")):
        post(f"{group}contact/", {"name": name, "role": role, "phone": phone})
    shown = ask(pia, "GET", group.rstrip("/"), at=at).json()
    assert [(each["name"], each["role"], each["phone"]) for each in shown["contacts"]] == [
        ("Dr Kim", "decides", "+13125550171"),
        ("Ms Roe", "schedules", "+13125550172"),
    ]
    assert (shown["owner"]["team"], shown["owner"]["person"]) == ("partnerships", "Pia Lund")
    roe = shown["contacts"][1]["id"]

    # 2. The intro call is a task; three attempts are logged.
    wish = {"contact": roe, "source": "outreach", "reason": "Knee patients who wait", "said_call": "on"}
    post(f"{group}reach-out/", wish | {"idempotency_key": "first"})
    harbor.drain(at)
    with harbor.scope():
        lead = Lead.rows().get(source__key="outreach")
        assert LeadParty.rows().get(lead=lead, part="partner").party.name == "North Ortho Group"
        tasks = list(Task.rows().filter(lead=lead, state="open").values_list("kind", "team__key"))
        assert tasks == [("call", "partnerships")], tasks
    lead = reload(harbor, lead.id)
    assert lead.owner_team.key == "partnerships" and "North Ortho Group" in page(pia, f"/leads/{lead.id}/", at=at)
    for _ in range(3):
        at += DAY
        logged = ask(pia, "POST", f"/leads/{lead.id}/activities", MISSED, at=at)
        assert logged.status_code == 201, logged.content.decode()
    assert reload(harbor, lead.id).attempts == 3

    # A meeting is agreed: the trigger is on record, the relationship keeps its owner, an opportunity is opened.
    event = f"/leads/{lead.id}/owner-events"
    agreed = ask(pia, "POST", event, {"event": "meeting_agreed", "note": "12 June, Ms Roe by phone"}, at=at)
    assert agreed.status_code == 200, agreed.content.decode()
    again = ask(pia, "POST", event, {"event": "meeting_agreed", "note": "13 June instead"}, at=at)
    assert again.status_code == 200
    with harbor.scope():
        row = Relationship.rows().get()
        deal = Opportunity.rows().get()
        assert (row.owner_team.key, row.owner.user.name) == ("partnerships", "Pia Lund")
        assert (deal.lead_id, deal.owner_team.key, deal.owner.user.name) == (lead.id, "partnerships", "Pia Lund")
        spell = RelationshipSpell.rows().get(opportunity=deal)
        assert (spell.trigger, spell.policy, spell.started_at) == ("event:meeting_agreed", "P-4", at)
        assert "12 June" in spell.reason and spell.version is not None
        kept = RelationshipEntry.rows().get(opportunity=deal, kind="opened").sentence
        assert "the relationship stays with Partnerships" in kept
        assert any("12 June" in each.note for each in TimelineEntry.rows().filter(lead=lead, kind="event"))
        assert Spell.rows().filter(lead=lead).count() == 1

    # 3. Whoever never answers ends as "no response", and never as a meeting that took place.
    kim = shown["contacts"][0]["id"]
    post(f"{group}reach-out/", wish | {"contact": kim, "idempotency_key": "second"})
    harbor.drain(at)
    with harbor.scope():
        silent = Lead.rows().exclude(id=lead.id).get(source__key="outreach")
    for _ in range(3):
        at += DAY
        assert ask(pia, "POST", f"/leads/{silent.id}/activities", MISSED, at=at).status_code == 201
    ended = {"reason": "meeting_completed", "note": "We never met", "outcome": "met"}
    assert ask(pia, "POST", f"/leads/{silent.id}/close", ended, at=at).status_code == 422
    ended = {"reason": "no_response", "note": "Three calls, nobody answers", "outcome": "no_response"}
    assert ask(pia, "POST", f"/leads/{silent.id}/close", ended, at=at).status_code == 200
    with harbor.scope():
        assert Opportunity.rows().count() == 1

    # 4. Terms and next steps are approved: the opportunity and its lead go to Operations, the relationship does not.
    path = f"{group}opportunities/{deal.id}"
    early = ask(pia, "POST", event, {"event": "terms_approved", "note": "They signed"}, at=at)
    assert (early.status_code, early.json()["code"]) == (409, "terms_on_opportunity")
    post(f"{path}/terms/", {"name": "Knee imaging", "terms": "Two mornings a week", "next_steps": "Name the slots"})
    with travelling(to=at):
        assert client_as("ewa").post(f"{path}/approve/").status_code == 303
    with harbor.scope():
        deal.refresh_from_db()
        row.refresh_from_db()
        assert (deal.stage, deal.owner_team.key, row.owner_team.key) == ("approved", "operations", "partnerships")
        assert Task.rows().filter(lead=lead, state="open", team__key="operations").exists()
    moved = reload(harbor, lead.id)
    assert (moved.owner_team.key, moved.queue.key) == ("operations", "operations-desk")
    refused = ask(pia, "PATCH", path, {"terms": "Three mornings a week"}, at=at)
    assert (refused.status_code, refused.json()["code"]) == (403, "locked_by_owner")
    assert "Operations" in refused.json()["detail"]
    more = {"name": "Ms Day", "role": "informs"}
    assert ask(pia, "POST", f"{group.rstrip(chr(47))}/contacts", more, at=at).status_code == 201
    assert ask(client_as("omar"), "PATCH", path, {"next_steps": "Slots named"}, at=at).status_code == 200
