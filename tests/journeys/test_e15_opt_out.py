"""E-15: opting out of calls stops everything at once, and nothing brings it back by itself."""

from datetime import timedelta

import pytest

from apps.consent.terms import Channel
from apps.flows.calls import begin_call
from apps.flows.opt_out import opt_out
from apps.leads.models import Lead, Task
from apps.outreach.actions import intend_message
from apps.outreach.models import Message
from apps.tenancy.clock import database_now, travelling
from apps.tenancy.errors import Refused
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, consent, inquiry, make_lead, processed, send_in


@pytest.mark.journey("E-15")
def test_calls_denied_never_reach_a_call_queue(harbor: Tenant) -> None:
    lead = make_lead(harbor, consent=[consent("call", "denied"), consent("email")])
    with harbor.scope():
        task = Task.rows().get(lead=lead, state="open")
    assert (task.kind, task.channel) == ("email", "email")


@pytest.mark.journey("E-15")
@pytest.mark.row("CN-04")
def test_an_opt_out_stops_what_is_on_its_way_on_all_leads(harbor: Tenant) -> None:
    phone = "+13125550151"
    first = make_lead(harbor, person__phone=phone, consent=[consent("call"), consent("email")])
    second = make_lead(harbor, person__phone=phone, request__service="bariatrics", request__location="oak-park")
    assert first.person_id == second.person_id and first.id != second.id
    noon = TUESDAY_NINE + timedelta(hours=3)
    with travelling(to=noon), harbor.scope():
        now = database_now()
        point = first.person.contact_points.filter(kind="email").first()
        waiting = intend_message(
            first,
            purpose="reminder",
            template_key="acknowledgement",
            contact_point=point,
            words={},
            language="en",
            dedup_key="r1",
            now=now,
            due_at=now + timedelta(seconds=5),
        )
        opt_out(actor=harbor.actor("ana"), lead_id=first.id, channels=list(Channel), reason="said so", now=now)
    harbor.drain(noon + timedelta(seconds=10))
    with harbor.scope():
        message = Message.rows().get(id=waiting.id)
        assert (message.state, message.reason) == ("blocked", "said so")
        assert not Task.rows().filter(lead__in=[first.id, second.id], kind="call", state="open").exists()
        # Nothing is permitted any more: an exception with a dated task, never silence.
        for lead in Lead.rows().filter(id__in=[first.id, second.id]):
            assert lead.exception == "no_permitted_channel"
            assert lead.next_action_at is not None


@pytest.mark.journey("E-15")
def test_redelivery_does_not_restore_it(harbor: Tenant) -> None:
    body = inquiry(
        person__phone="+13125550152",
        source="imaging-spring",
        consent=[consent("call", captured_at="2026-12-01T14:59:00Z"), consent("email")],
    )
    row = processed(harbor, send_in(harbor, body, at=TUESDAY_NINE), at=TUESDAY_NINE)
    with travelling(to=TUESDAY_NINE + timedelta(hours=1)), harbor.scope():
        opt_out(
            actor=harbor.actor("ewa"), lead_id=row.lead_id, channels=[Channel.CALL], reason="STOP", now=database_now()
        )
    later = TUESDAY_NINE + timedelta(hours=2)
    again = processed(harbor, send_in(harbor, {**body, "external_id": "again"}, at=later), at=later)
    assert again.lead_id == row.lead_id
    with travelling(to=later), harbor.scope():
        with pytest.raises(Refused, match="Opted out"):
            begin_call(actor=harbor.actor("ewa"), lead_id=row.lead_id, now=later)
        assert not Task.rows().filter(lead_id=row.lead_id, kind="call", state="open").exists()
