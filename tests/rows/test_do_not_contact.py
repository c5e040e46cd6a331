"""Row CN-10: who is on the do-not-contact list is kept when they are delivered, and contacted by nobody."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail

from apps.capture.models import Submission
from apps.consent.models import DoNotContact
from apps.leads.models import Lead, Task
from apps.outreach.models import Message
from apps.sla.actions import running_timers
from apps.tenancy.clock import travelling
from tests.admin.test_registers import grant
from tests.cast import Tenant
from tests.doors import Api
from tests.leads_made import TUESDAY_NINE, consent, inquiry, reload
from tests.rows.arranging import OpenBrowser, ask, page

PHONE, LATER = "+13125550188", TUESDAY_NINE + timedelta(minutes=5)


@pytest.mark.row("CN-10")
def test_a_listed_phone_posted_by_an_agency_is_held_and_nobody_answers_until_the_entry_ends(
    harbor: Tenant, api: Callable[..., Api], client_as: OpenBrowser
) -> None:
    mail.outbox.clear()
    grant(harbor, "compliance", "settings:write")
    dev, ewa = client_as("dev"), client_as("ewa")
    with travelling(to=TUESDAY_NINE):
        form = {"kind": "phone", "value": "(312) 555-0188", "reason": "asked the regulator"}
        assert dev.post("/admin/consent/donotcontact/add/", form).status_code == 302
        body = inquiry(
            source="imaging-spring", person__phone=PHONE, consent=[consent("call"), consent("text"), consent("email")]
        )
        posted = api("bp-1").post("/leads", body)
    assert posted.status_code in (201, 202), posted.content
    harbor.drain(LATER)
    with harbor.scope():
        row = Submission.rows().get()
        lead = Lead.rows().get(id=row.lead_id)
        assert (row.verdict, row.reasons[0]["code"], row.reasons[0]["check"]) == ("held", "do_not_contact", "DNC")
        assert (lead.status, lead.validity, lead.hold_reason) == ("held", "held", "do_not_contact")
        assert lead.owner_team_id and lead.acknowledged_at is None
        assert not Message.rows().filter(lead=lead).exists() and not mail.outbox
        running = set(running_timers(lead).values_list("kind", flat=True))
        assert running & {"first_contact", "acknowledgement", "acceptance", "attempt"} == set()
        assert {*Task.rows().filter(lead=lead, state="open").values_list("kind", flat=True)} == {"review"}
    # The agency hears that it is held and why; colleagues see it; nobody may ask them by a link.
    with travelling(to=LATER):
        told = api("bp-1").get(f"/submissions/{row.id}").json()
        assert told["verdict"] == "held" and "do-not-contact list" in str(told["reasons"])
    assert "Held: do not contact (check DNC)" in page(ewa, f"/leads/{lead.id}/", at=LATER)
    refused = ask(ewa, "POST", f"/leads/{lead.id}/data-requests", {}, at=LATER)
    assert (refused.status_code, refused.json()["code"]) == (409, "listed")
    # They ask again, by mail too: held still, and no word goes out.
    with travelling(to=LATER):
        assert api("bp-1").post("/leads", {**body, "external_id": "again"}).status_code in (201, 202)
    harbor.drain(LATER + timedelta(minutes=1))
    assert not mail.outbox and reload(harbor, lead.id).hold_reason == "do_not_contact"

    with harbor.scope():
        entry = DoNotContact.rows().get()
    with travelling(to=LATER):
        assert dev.post(f"/admin/consent/donotcontact/{entry.id}/end/").status_code == 302
    after = reload(harbor, lead.id)
    assert (after.hold_reason, after.validity, after.stage.key) == ("", "valid", "routed")
    with harbor.scope():
        assert running_timers(lead).filter(kind="first_contact").exists()
        assert Task.rows().filter(lead=lead, state="open", kind="call").exists()
