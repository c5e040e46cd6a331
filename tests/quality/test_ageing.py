"""Numbers and addresses that grew old: what a look at them finds dead is acted on, through every door (row VQ-12)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.leads.guards import acting_as_system
from apps.leads.models import ContactPoint, Lead, Stage, Task, TimelineEntry
from apps.outreach.actions import intend_message
from apps.outreach.models import Message
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.doors import ask
from tests.leads_made import TUESDAY_NINE, consent, make_lead, reload
from tests.words import saying

LATER = TUESDAY_NINE + timedelta(days=200)
DEAD = "+13125550"


@pytest.fixture
def resting(harbor: Tenant) -> Lead:
    """Return a lead in nurture for 200 days, with one number only, which is none by the numbering plan of today."""
    lead = make_lead(harbor, person__email="", consent=[consent("call")])
    with harbor.scope(), acting_as_system():
        ContactPoint.rows().filter(person=lead.person).update(value=DEAD, validity="unverified")
        Lead.rows().filter(id=lead.id).update(stage=Stage.rows().get(key="nurture", pipeline_id=lead.pipeline_id))
    return reload(harbor, lead.id)


def stands_with_exceptions(harbor: Tenant, lead: Lead) -> None:
    """Check everything that a dead last number brings."""
    now = reload(harbor, lead.id)
    assert (now.exception, now.owner_team.key) == ("no_valid_contact", "central-intake")
    with harbor.scope():
        point = ContactPoint.rows().get(person=lead.person)
        assert (point.validity, point.health_reason) == ("invalid", "fails the check today")
        tasks = Task.rows().filter(lead=lead, state="open").exclude(kind="escalation")  # a stale lead alerts
        assert [each.kind for each in tasks] == ["complete_contact"]
        assert (
            len(saying(TimelineEntry.rows().filter(lead=lead), sentence="Phone invalid: fails the check today.")) == 1
        )


def post(client: Client, lead: Lead, path: str, body: dict[str, Any]) -> Any:
    """Ask the API 200 days later."""
    with travelling(to=LATER):
        return ask(client, "POST", f"/leads/{lead.id}/{path}", body)


@pytest.mark.row("VQ-12")
@pytest.mark.row("VQ-07")
def test_the_batch_hands_a_lead_whose_last_number_is_dead_to_central_intakes_exceptions(
    harbor: Tenant, resting: Lead, client_as: Callable[..., Client]
) -> None:
    with travelling(to=LATER):
        assert "1 looked at, 1 cannot work" in client_as("lena").post("/quality/recheck/", follow=True).content.decode()
    stands_with_exceptions(harbor, resting)


@pytest.mark.row("VQ-06")
def test_mails_to_an_address_that_fails_the_look_are_stopped_and_a_call_is_planned(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    lead = make_lead(harbor, request__preferred_channel="email")
    with harbor.scope():
        assert Task.rows().get(lead=lead, state="open").kind == "email"
        point = ContactPoint.rows().get(person=lead.person, kind="email")
        words = {"words": {}, "language": "en", "dedup_key": "waits"}
        about = {"purpose": "reminder", "template_key": "acknowledgement", "contact_point": point}
        waiting = intend_message(lead, now=TUESDAY_NINE, due_at=LATER + timedelta(days=1), **about, **words)
        ContactPoint.rows().filter(id=point.id).update(value="not an address")
    with travelling(to=LATER):
        client_as("lena").post("/quality/recheck/")
    with harbor.scope():
        assert Message.rows().get(id=waiting.id).state == "blocked"
        assert Task.rows().get(lead=lead, state="open").kind == "call"


@pytest.mark.row("VQ-12")
def test_a_move_out_of_nurture_finds_the_only_number_dead(
    harbor: Tenant, resting: Lead, client_as: Callable[..., Client]
) -> None:
    answer = post(client_as("lena"), resting, "stage", {"to": "routed", "reason": "Asked us to call again"})
    assert (answer.status_code, answer.json()["stage"]) == (200, "nurture")
    stands_with_exceptions(harbor, resting)


@pytest.mark.row("VQ-12")
@pytest.mark.parametrize("door", ["api", "page"])
def test_a_call_from_nurture_dials_no_dead_number_and_keeps_the_finding(
    harbor: Tenant, resting: Lead, client_as: Callable[..., Client], door: str
) -> None:
    lena = client_as("lena")
    if door == "api":
        answer = post(lena, resting, "calls", {"channel": "call"})
        assert (answer.status_code, answer.json()["code"]) == (409, "no_valid_point")
    else:
        with travelling(to=LATER):
            answer = lena.post(f"/leads/{resting.id}/call/", follow=True)
        assert "fails the check of today" in answer.content.decode()
    stands_with_exceptions(harbor, resting)


@pytest.mark.row("VQ-12")
def test_a_call_logged_on_a_lead_in_nurture_has_its_number_looked_at(
    harbor: Tenant, resting: Lead, client_as: Callable[..., Client]
) -> None:
    next_at = (LATER + timedelta(days=1)).isoformat()
    body = {"kind": "call", "outcome": "no_answer", "notes": "Rang out", "next_action_at": next_at}
    assert post(client_as("lena"), resting, "activities", body).status_code == 201
    assert reload(harbor, resting.id).attempts == 1
    stands_with_exceptions(harbor, resting)
