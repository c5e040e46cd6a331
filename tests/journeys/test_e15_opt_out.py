"""E-15: opting out of calls stops everything at once, and nothing brings it back by itself."""

from datetime import timedelta

import pytest

from apps.consent.queries import states_of
from apps.consent.terms import Channel
from apps.flows.calls import begin_call
from apps.flows.merging import merge_people
from apps.flows.opt_out import opt_out
from apps.leads.models import Lead, Task
from apps.outreach.actions import SEND, intend_message
from apps.outreach.models import Message
from apps.tenancy import outbox
from apps.tenancy.clock import database_now, travelling
from apps.tenancy.errors import Refused
from tests.cast import Tenant
from tests.connectors.senders import connect, sample
from tests.connectors.signing import push
from tests.leads_made import TUESDAY_NINE, consent, inquiry, make_lead, processed, send_in
from tests.stop_races import intended


@pytest.mark.journey("E-15")
def test_calls_denied_never_reach_a_call_queue(harbor: Tenant) -> None:
    lead = make_lead(harbor, consent=[consent("call", "denied"), consent("email")])
    with harbor.scope():
        task = Task.rows().get(lead=lead, state="open")
    assert (task.kind, task.channel) == ("email", "email")


@pytest.mark.journey("E-15")
@pytest.mark.row("CN-04")
@pytest.mark.ux(7)
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


@pytest.mark.journey("E-15")
@pytest.mark.row("CN-04")
@pytest.mark.row("CN-06")
@pytest.mark.ux(7)
def test_stop_by_text_reaches_every_lead_and_what_a_worker_holds_and_no_merge_brings_it_back(harbor: Tenant) -> None:
    phone, said_before = "+13125550153", {"captured_at": "2026-12-01T14:59:00Z"}
    all_three = [consent(each, **said_before) for each in ("call", "text", "email")]
    first = make_lead(harbor, person__phone=phone, consent=all_three)
    second = make_lead(harbor, person__phone=phone, request__service="bariatrics", request__location="oak-park")
    twin = make_lead(harbor, person__phone="+13125550154", person__last_name="Lopes", consent=all_three)
    sender, stopped = connect(harbor, "twilio-sms", source="chat"), TUESDAY_NINE + timedelta(hours=5)
    # Two wait as jobs of the worker when the STOP comes, one for each lead.
    with travelling(to=stopped):
        due = [intended(harbor, first, phone, "due-1"), intended(harbor, second, phone, "due-2")]
        text = sample("twilio-sms", "text") | {"Body": "STOP", "MessageSid": "SM9", "From": phone}
        assert push(sender, text, "application/x-www-form-urlencoded").status_code == 200
        with harbor.scope():
            for each in due:
                outbox.enqueue(SEND, each, due_at=stopped + timedelta(seconds=1))
    harbor.drain(stopped + timedelta(seconds=1))
    with harbor.scope():
        assert {Message.rows().get(id=each).state for each in due} == {"blocked"}
    with travelling(to=stopped + timedelta(hours=1)), harbor.scope():
        merge_people(
            actor=harbor.actor("ewa"),
            survivor_id=twin.person_id,
            absorbed_id=first.person_id,
            picked=(),
            reason="The same person",
            now=database_now(),
        )
        assert states_of([twin.person_id])[twin.person_id][Channel.TEXT].value == "withdrawn"
    later = stopped + timedelta(hours=2)
    again = make_lead(harbor, at=later, person__phone=phone, consent=all_three)
    assert again.person_id == twin.person_id
    with harbor.scope():
        assert states_of([twin.person_id])[twin.person_id][Channel.TEXT].value == "withdrawn"
