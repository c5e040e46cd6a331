"""Ways to reach a person that fail: the wrong number, the next channel, and none left."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from apps.flows.reachability import give_up, restore
from apps.leads.models import ContactPoint, Lead, Task
from apps.outreach.models import DeliveryEvent
from apps.sla.actions import running_timers
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.connectors.senders import connect, sample
from tests.connectors.signing import push
from tests.leads_made import TUESDAY_NINE, consent, inquiry, make_lead, processed, reload, send_in

LATER = TUESDAY_NINE + timedelta(hours=1)
PHONE, EMAIL = "+13125550161", "vera@example.com"


def known(tenant: Tenant, **more: object) -> Lead:
    """Return a lead with a phone and an address, both permitted."""
    return make_lead(
        tenant,
        person__phone=PHONE,
        person__email=EMAIL,
        consent=[consent("call"), consent("email")],
        **more,
    )


def log_wrong_number(client: Client, lead: Lead, outcome: str = "wrong_number") -> None:
    """Log it as people do, on the page."""
    values = {"kind": "call", "outcome": outcome, "note": "A restaurant", "dedup_key": "once"}
    values["next_at"] = (TUESDAY_NINE + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    with travelling(to=LATER):
        answer = client.post(f"/leads/{lead.id}/log-call/", values)
    assert answer.status_code == 303, answer.content[:500]


def bounced(tenant: Tenant) -> None:
    """Let the address bounce: Postmark tells our hook, and the worker works."""
    sender = connect(tenant, "email-events", source="landing-pages")
    body = sample("email-events", "bounce") | {"Email": EMAIL, "BouncedAt": "2026-12-01T15:30:00Z"}
    with travelling(to=LATER):
        assert push(sender, body).status_code == 200
    tenant.drain(LATER)


@pytest.mark.row("VQ-16")
def test_a_wrong_number_is_invalid_and_an_email_task_follows(
    harbor: Tenant, client_as: Callable[[str], Client]
) -> None:
    lead = known(harbor)
    ana = client_as("ana")
    log_wrong_number(ana, lead)
    now = reload(harbor, lead.id)
    with harbor.scope():
        phone = ContactPoint.rows().get(value=PHONE)
        tasks = list(Task.rows().filter(lead=lead, state="open").values_list("kind", flat=True))
    assert (phone.validity, phone.health_reason) == ("invalid", "wrong number")
    assert tasks == ["email"]
    assert (now.stage.key, now.closed_at, now.exception) == (lead.stage.key, None, "")
    with travelling(to=LATER):
        assert "Not usable: wrong number" in ana.get(f"/leads/{lead.id}/").content.decode()


@pytest.mark.row("VQ-06")
def test_a_number_out_of_service_is_invalid_and_the_page_says_so_before_it_is_saved(
    harbor: Tenant, client_as: Callable[[str], Client]
) -> None:
    lead = known(harbor)
    ana = client_as("ana")
    with travelling(to=LATER):
        form = ana.get(f"/leads/{lead.id}/log-call/").content.decode()
    assert "Number out of service" in form and form.count("The number counts as unusable") == 2
    log_wrong_number(ana, lead, "disconnected")
    with harbor.scope():
        phone = ContactPoint.rows().get(value=PHONE)
        tasks = list(Task.rows().filter(lead=lead, state="open").values_list("kind", flat=True))
    assert (phone.validity, phone.health_reason, tasks) == ("invalid", "disconnected", ["email"])


@pytest.mark.row("VQ-07")
def test_with_no_way_left_the_lead_is_with_central_intakes_exceptions(
    harbor: Tenant, client_as: Callable[[str], Client]
) -> None:
    lead = known(harbor)
    log_wrong_number(client_as("ana"), lead)
    bounced(harbor)
    now = reload(harbor, lead.id)
    with harbor.scope():
        (task,) = Task.rows().select_related("team").filter(lead=lead, state="open")
        assert set(running_timers(now).values_list("kind", flat=True)) == {"acceptance", "exception"}
        told = DeliveryEvent.rows().select_related("message").get()
        points = dict(ContactPoint.rows().filter(person=lead.person_id).values_list("kind", "health_reason"))
    assert (told.result, told.message.lead_id) == ("hard_bounce", lead.id)
    assert points == {"phone": "wrong number", "email": "email bounced for good"}
    assert (now.exception, now.owner_team.key, now.stage.key) == ("no_valid_contact", "central-intake", lead.stage.key)
    assert (task.kind, task.team.key) == ("complete_contact", "central-intake")
    with travelling(to=LATER):
        listed = client_as("ewa").get("/queue/?view=exceptions").content.decode()
    assert str(lead.id) in listed


def test_a_newer_inquiry_brings_the_number_back_and_a_bounced_address_stays_on_the_list(harbor: Tenant) -> None:
    lead = known(harbor)
    with travelling(to=LATER), harbor.scope():
        phone = list(ContactPoint.rows().select_related("person").filter(value=PHONE))
        give_up(phone, reason="wrong number", actor=harbor.system, now=LATER)
    bounced(harbor)
    body = inquiry(person__phone=PHONE, person__email=EMAIL, consent=[consent("call"), consent("email")])
    processed(harbor, send_in(harbor, body, at=LATER), at=LATER)
    now = reload(harbor, lead.id)
    with harbor.scope():
        points = dict(ContactPoint.rows().filter(person=lead.person_id).values_list("kind", "validity"))
        open_kinds = set(Task.rows().filter(lead=lead, state="open").values_list("kind", flat=True))
    assert points == {"phone": "unverified", "email": "invalid"}
    assert now.exception == "" and "complete_contact" not in open_kinds and open_kinds


def test_a_person_who_verifies_a_number_brings_it_back(harbor: Tenant) -> None:
    lead = known(harbor)
    with travelling(to=LATER), harbor.scope():
        now = LATER
        give_up(
            list(ContactPoint.rows().select_related("person").filter(value=PHONE)),
            reason="wrong number",
            actor=harbor.system,
            now=now,
        )
        point = ContactPoint.rows().select_related("person").get(value=PHONE)
        restore(point, reason="spoke with them", actor=harbor.actor("ana"), now=now)
        point = ContactPoint.rows().get(value=PHONE)
    assert (point.validity, point.health_reason, point.verified_at is not None) == ("valid", "spoke with them", True)
    assert reload(harbor, lead.id).exception == ""
