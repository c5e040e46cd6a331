"""One timeline says why a lead was misrouted or not contacted (row AU-03)."""

from datetime import timedelta

import pytest

from apps.audit import ledger
from apps.consent.terms import Channel
from apps.flows.calls import begin_call
from apps.flows.opt_out import opt_out
from apps.outreach.actions import intend_message
from apps.tenancy.clock import travelling
from apps.tenancy.errors import Refused
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, make_lead


@pytest.mark.row("AU-03")
def test_one_timeline_tells_why_nobody_reached_the_person(harbor: Tenant, client_as) -> None:
    lead = make_lead(harbor)
    noon = TUESDAY_NINE + timedelta(hours=3)
    with travelling(to=noon):
        with harbor.scope():
            ana = harbor.actor("ana")
            intend_message(
                lead,
                purpose="reminder",
                template_key="acknowledgement",
                contact_point=lead.person.contact_points.filter(kind="email").first(),
                words={},
                language="en",
                dedup_key="r1",
                now=noon,
                due_at=noon + timedelta(hours=1),
            )
            opt_out(actor=ana, lead_id=lead.id, channels=list(Channel), reason="said so", now=noon)
        with pytest.raises(Refused), harbor.scope():
            ledger.acting(ana)
            begin_call(actor=ana, lead_id=lead.id, now=noon)
        page = client_as("dev").get(f"/leads/{lead.id}/trouble/").content.decode()
    story = page[page.index("All that decided") :]
    order = [
        story.index(word) for word in ("Routed to", "First contact clock", "is blocked", "was refused “lead call”")
    ]
    assert order == sorted(order)
    assert "No rule fitted" not in story and "With " in story and "Exception opened: " in story
    wrong = page[page.index("Not contacted?") : page.index("All that decided")]
    assert "Call: " in wrong and "Not delivered: email “reminder”" in wrong and "An exception is open" in wrong
    assert "Maria" not in page
    astray = make_lead(harbor, request__service="", request__location="")
    told = client_as("dev").get(f"/leads/{astray.id}/trouble/").content.decode()
    routed = told[told.index("Routed wrongly?") : told.index("Not contacted?")]
    assert "fallback" in routed or "xception" in routed
