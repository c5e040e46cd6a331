"""A lead that waits goes on by whatever door brings what it lacked, and one that was routed keeps its place."""

from datetime import timedelta

import pytest

from apps.consent.terms import Channel
from apps.flows.notes import edit_lead
from apps.flows.opt_out import opt_out, widen
from apps.leads.models import Task
from apps.sla.models import SlaTimer
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, inquiry, make_lead, processed, reload, send_in

LATER = TUESDAY_NINE + timedelta(hours=2)


def allow_calls(tenant: Tenant, lead_id: object) -> None:
    """Let Ewa of central intake record that the person agreed to calls."""
    with travelling(to=LATER), tenant.scope():
        widen(
            actor=tenant.actor("ewa"),
            lead_id=lead_id,
            channel=Channel.CALL,
            evidence_kind="recording",
            evidence_ref="rec-1",
            reason="agreed on the phone",
            now=LATER,
        )


@pytest.mark.row("VQ-03")
def test_consent_recorded_by_intake_lets_a_held_lead_go_on_with_clocks_from_now(harbor: Tenant) -> None:
    held = make_lead(harbor, consent=[])
    allow_calls(harbor, held.id)
    lead = reload(harbor, held.id)
    assert (lead.validity, lead.status, lead.stage.key, lead.queue.key) == ("valid", "new", "routed", "elm-calls")
    with harbor.scope():
        task = Task.rows().get(lead=lead, state="open")
        assert task.kind == "call" and LATER < task.due_at <= LATER + timedelta(minutes=30)
        timer = SlaTimer.rows().get(lead=lead, kind="first_contact", cancelled_at__isnull=True)
        assert timer.started_at == LATER


@pytest.mark.row("ST-05")
def test_a_preferred_channel_filled_in_by_hand_routes_the_exception(harbor: Tenant) -> None:
    waiting = make_lead(harbor, request__preferred_channel="")
    with travelling(to=LATER), harbor.scope():
        edit_lead(actor=harbor.actor("ewa"), lead_id=waiting.id, changes={"preferred_channel": "call"}, now=LATER)
    lead = reload(harbor, waiting.id)
    assert (lead.exception, lead.stage.key, lead.queue.key) == ("", "routed", "elm-calls")


def test_a_new_permission_brings_back_a_contact_and_leaves_owner_and_stage(harbor: Tenant) -> None:
    lead = make_lead(harbor)
    with travelling(to=LATER), harbor.scope():
        owner = harbor.actor(lead.owner.user.email.partition("@")[0])
        opt_out(actor=owner, lead_id=lead.id, channels=list(Channel), reason="enough", now=LATER - timedelta(hours=1))
    assert reload(harbor, lead.id).exception == "no_permitted_channel"
    allow_calls(harbor, lead.id)
    after = reload(harbor, lead.id)
    assert (after.exception, after.stage_id, after.owner_id) == ("", lead.stage_id, lead.owner_id)
    with harbor.scope():
        assert Task.rows().get(lead=lead, state="open").kind == "call"


def test_a_repeat_does_not_send_a_lead_in_contact_back_to_its_start(harbor: Tenant) -> None:
    lead = make_lead(harbor, person__phone="+13125550188")
    with harbor.scope():
        type(lead).rows().filter(id=lead.id).update(exception="owner_mismatch")
    body = inquiry(person__phone="+13125550188")
    soon = TUESDAY_NINE + timedelta(minutes=2)
    row = processed(harbor, send_in(harbor, body, at=soon), at=soon)
    after = reload(harbor, lead.id)
    assert (row.lead_id, after.owner_id, after.exception) == (lead.id, lead.owner_id, "owner_mismatch")
