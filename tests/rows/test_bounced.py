"""Row VQ-05, the bounced list: an address that came back for good gets no mail, whoever inquires with it later."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.flows.reachability import give_up, judge_point
from apps.leads.models import ContactPoint, Lead, Task
from apps.outreach.models import DeliveryEvent, Message
from apps.sla.models import SlaTimer
from apps.tenancy.clock import travelling
from tests.connectors.senders import connect
from tests.connectors.test_email import bounce
from tests.leads_made import TUESDAY_NINE, inquiry, make_lead, processed, reload, send_in
from tests.rows.test_validity import checks, deliver

GONE = "gone@example.com"
BOUNCE = {"BouncedAt": "2026-11-20T15:00:00Z"}
LATER = TUESDAY_NINE + timedelta(hours=1)


@pytest.fixture
def events(harbor):
    """Return where the mail service tells what became of our mails."""
    return connect(harbor, "email-events", source="landing-pages")


def tell(harbor, events, number=1, **body):
    """Let the mail service tell of the address, and the worker heed it."""
    with travelling(to=TUESDAY_NINE):
        assert bounce(events, GONE, number=number, **(BOUNCE | body)).status_code == 200
    harbor.drain(TUESDAY_NINE)


def point_of(harbor, lead):
    with harbor.scope():
        return ContactPoint.rows().get(person=lead.person_id, kind="email")


@pytest.mark.row("VQ-05")
def test_a_bounced_address_gets_no_mail_and_the_phone_is_used(harbor, events, api, client_as):
    tell(harbor, events)
    mail.outbox.clear()
    outcome = deliver(harbor, api("bp-1"), person__email=" Gone@Example.com ", request__preferred_channel="email")
    assert ("V-5", "email_invalid") in checks(outcome)
    told = next(each["detail"] for each in outcome["reasons"] if each["code"] == "email_invalid")
    assert told == "The e-mail address cannot work: bounced on 2026-11-20."
    with harbor.scope():
        lead = Lead.rows().select_related("stage").get()
        assert not Message.rows().exists() and not SlaTimer.rows().filter(kind="acknowledgement").exists()
        assert Task.rows().get(lead=lead, state="open").channel == "call"
    assert mail.outbox == []
    assert (lead.validity, lead.acknowledged_at) == ("valid", None)
    with travelling(to=LATER):
        page = client_as("ewa").get(f"/leads/{lead.id}/").content.decode()
    assert "Not usable: email bounced for good" in page
    # The address told once more does not lift it.
    body = inquiry(person__email=GONE, person__phone="", external_id="again")
    processed(harbor, send_in(harbor, body, at=LATER), at=LATER)
    assert point_of(harbor, lead).validity == "invalid" and mail.outbox == []


@pytest.mark.row("VQ-05")
def test_a_bounced_address_alone_is_no_way_to_reach_somebody(harbor, events):
    tell(harbor, events)
    lead = make_lead(harbor, person__email=GONE, person__phone="", request__preferred_channel="email")
    assert (lead.validity, lead.hold_reason) == ("held", "no_contact_point")


@pytest.mark.row("VQ-05")
def test_a_later_delivery_or_a_colleague_takes_the_address_off_the_list(harbor, events):
    tell(harbor, events)
    first = make_lead(harbor, person__email=GONE)
    assert point_of(harbor, first).validity == "invalid"
    early = {"RecordType": "Delivery", "DeliveredAt": "2026-11-19T15:00:00Z"}
    tell(harbor, events, number=2, **early)
    assert point_of(harbor, first).validity == "invalid", "what arrived before it bounced says nothing"
    tell(harbor, events, number=3, **(early | {"DeliveredAt": "2026-11-30T15:00:00Z"}))
    assert point_of(harbor, first).validity == "unverified"
    mail.outbox.clear()
    other = make_lead(harbor, person__email=GONE, person__first_name="Otto", person__last_name="Wirth")
    assert point_of(harbor, other).validity == "valid" and [each.to for each in mail.outbox] == [[GONE]]
    tell(harbor, events, number=4, BouncedAt="2026-12-01T14:59:00Z")
    assert {point_of(harbor, each).validity for each in (first, other)} == {"invalid"}
    with travelling(to=LATER), harbor.scope():
        judged = {"lead_id": other.id, "point_id": point_of(harbor, other).id, "reason": "read back on the phone"}
        actor = harbor.actor(reload(harbor, other.id).owner.user.email.partition("@")[0].partition(".")[0])
        judge_point(actor=actor, works=True, now=LATER, **judged)
    third = make_lead(harbor, at=LATER, person__email=GONE, person__first_name="Ida", person__last_name="Roe")
    assert point_of(harbor, third).validity == "valid"


@pytest.mark.row("VQ-05")
def test_a_mail_to_the_wrong_person_puts_no_address_on_the_list(harbor):
    lead = make_lead(harbor, person__email=GONE)
    with travelling(to=LATER), harbor.scope():
        points = list(ContactPoint.rows().select_related("person").filter(value=GONE))
        give_up(points, reason="wrong person", actor=harbor.system, now=LATER)
    mail.outbox.clear()
    other = make_lead(harbor, at=LATER, person__email=GONE, person__first_name="Otto", person__last_name="Wirth")
    assert (point_of(harbor, lead).validity, point_of(harbor, other).validity) == ("invalid", "valid")
    assert [each.to for each in mail.outbox] == [[GONE]]


def test_the_list_costs_one_statement_however_long_it_is(harbor):
    def asked():
        body = inquiry(person__email=GONE, on_behalf_of={"first_name": "Jo", "email": "jo@example.com"})
        receipt = send_in(harbor, body, at=TUESDAY_NINE)
        with CaptureQueriesContext(connection) as seen:
            processed(harbor, receipt, at=TUESDAY_NINE)
        return len([each for each in seen.captured_queries if 'FROM "outreach_deliveryevent"' in each["sql"]])

    assert asked() == 1
    with harbor.scope():
        rows = [
            DeliveryEvent(
                channel="email",
                contact_value=GONE,
                result="delivered",
                happened_at=TUESDAY_NINE - timedelta(days=number),
                recorded_at=TUESDAY_NINE,
                event_key=f"d{number}",
            )
            for number in range(1, 20)
        ]
        DeliveryEvent.objects.bulk_create(rows)
    assert asked() == 1
