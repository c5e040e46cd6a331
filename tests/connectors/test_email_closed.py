"""A mail that answers us on a lead that was closed: it is an inquiry again, and somebody has a task for it."""

import pytest

from apps.catalog.models import Campaign
from apps.flows.closing import close_lead
from apps.leads.models import Lead, Task, Touch
from apps.outreach.models import Message
from apps.tenancy.clock import database_now
from tests.cast import Tenant
from tests.connectors.senders import connect, sample
from tests.connectors.signing import push
from tests.leads_made import make_lead


@pytest.mark.row("CP-13")
def test_an_answer_on_a_closed_lead_is_an_inquiry_again_tied_to_the_campaign(harbor: Tenant) -> None:
    mailbox = connect(harbor, "inbound-email", source="landing-pages")
    who = {"person__first_name": "Renée", "person__last_name": "Alvarez", "person__email": "renee.alvarez@example.com"}
    lead = make_lead(harbor, at=None, **who)
    harbor.drain()
    with harbor.scope():
        campaign = Campaign(key="spring-outreach", name="Spring-Outreach")
        campaign.save(force_insert=True)
        Lead.rows().filter(id=lead.id).update(campaign=campaign)
        message = Message.rows().filter(lead=lead, state="sent").get()
        close_lead(
            actor=harbor.actor(lead.owner.user.email.partition("@")[0]),
            lead_id=lead.id,
            reason="not_interested",
            note="Has found another clinic.",
            outcome="not_qualified",
            now=database_now(),
        )
    body = sample("inbound-email", "mail") | {"TextBody": "I changed my mind: please call me."}
    body["FromFull"] = {"Email": "renee.alvarez@example.com", "Name": "Renée Alvarez"}
    body["Headers"] = [
        {"Name": "Message-ID", "Value": "<again@mail.example.com>"},
        {"Name": "In-Reply-To", "Value": message.provider_ref},
    ]
    assert push(mailbox, body, "application/json").status_code == 200
    harbor.drain()
    with harbor.scope():
        again = Lead.rows().select_related("campaign").exclude(id=lead.id).get()
        assert (again.person_id, again.closed_at, again.campaign.key) == (lead.person_id, None, "spring-outreach")
        assert Task.rows().filter(lead=again, state="open").exists()
        assert Touch.rows().filter(lead=lead, verdict="update").count() == 0
