"""E-mail: answers to campaigns, inquiries by mail, robots, and what becomes of the mails that we send."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from apps.catalog.models import Campaign, Source
from apps.connectors.models import HookEvent
from apps.consent.queries import states_of
from apps.consent.terms import Channel
from apps.leads.models import ContactPoint, Lead, Task, Touch
from apps.outreach.actions import intend_message
from apps.outreach.models import DeliveryEvent, Message
from apps.tenancy.clock import database_now, travelling
from tests.cast import Tenant
from tests.connectors.readings import payloads
from tests.connectors.senders import SECRET, Sender, connect, sample
from tests.connectors.signing import push
from tests.leads_made import TUESDAY_NINE, consent, make_lead, reload

MAIL, LATER = "application/json", TUESDAY_NINE + timedelta(hours=1)


@pytest.fixture
def mailbox(harbor: Tenant) -> Sender:
    """Return the mailbox that people write to; the tenant runs the campaign Spring-Outreach."""
    with harbor.scope():
        campaign = Campaign(key="spring-outreach", name="Spring-Outreach")
        campaign.save(force_insert=True)
        Source(
            key="spring-mail",
            name="Spring-Outreach by mail",
            type="email",
            channel="email",
            start_event="email_captured",
            campaign=campaign,
            owning_team=Source.rows().get(key="landing-pages").owning_team,
        ).save(force_insert=True)
    return connect(harbor, "inbound-email", source="landing-pages")


@pytest.fixture
def events(harbor: Tenant) -> Sender:
    """Return where the mail service tells what became of our mails."""
    return connect(harbor, "email-events", source="landing-pages")


def mail(sender: Sender, text: str, **changes: Any) -> HttpResponse:
    """Push a mail in Postmark's form. `headers` adds header lines; `address` and `to` say who wrote where."""
    body = sample("inbound-email", "mail") | {"TextBody": text}
    address, to = changes.pop("address", "renee.alvarez@example.com"), changes.pop("to", "intake@example.com")
    headers = {"Message-ID": f"<{hashlib.sha256(text.encode()).hexdigest()[:12]}@mail.example.com>"}
    headers |= changes.pop("headers", {})
    body["FromFull"] = {"Email": address, "Name": changes.pop("name", "Renée Alvarez")}
    body["ToFull"], body["OriginalRecipient"] = [{"Email": to, "Name": ""}], to
    body["Headers"] = [{"Name": name, "Value": value} for name, value in headers.items()]
    return push(sender, body | changes, MAIL)


def bounce(sender: Sender, address: str, kind: str = "HardBounce", number: int = 1, **more: Any) -> HttpResponse:
    """Push a bounce in Postmark's form."""
    body = sample("email-events", "bounce") | {"Type": kind, "Email": address, "ID": number} | more
    return push(sender, body, MAIL)


def email_of(tenant: Tenant, lead: Lead) -> ContactPoint:
    """Return the lead's e-mail address as it stands now."""
    with tenant.scope():
        return ContactPoint.rows().get(person=lead.person_id, kind="email")


@pytest.mark.row("CP-19")
def test_a_mail_that_waited_for_our_worker_was_received_when_it_came(mailbox: Sender, harbor: Tenant) -> None:
    with travelling(to=TUESDAY_NINE):
        mail(mailbox, "I need a scan", Date="Tue, 01 Dec 2026 09:00:00 -0600")
    harbor.drain(LATER)
    (row,) = mailbox.submissions()
    assert (row.event_at, row.received_at) == (TUESDAY_NINE, TUESDAY_NINE)


@pytest.mark.row("CP-13")
def test_an_answer_to_spring_outreach_joins_the_lead_of_a_known_address(
    mailbox: Sender, harbor: Tenant, client_as: Callable[[str], Client]
) -> None:
    lead = make_lead(harbor, person__email="renee.alvarez@example.com")
    assert (
        mail(mailbox, "Yes, please call me in the morning.", to="intake+spring-outreach@example.com").status_code == 200
    )
    mail(mailbox, "Yes, please call me in the morning.", to="intake+spring-outreach@example.com")
    harbor.drain(LATER)
    with harbor.scope():
        assert Lead.rows().count() == 1
        touch = Touch.rows().select_related("campaign", "source").get(lead=lead, verdict="update")
        assert (touch.campaign.name, touch.source.key) == ("Spring-Outreach", "spring-mail")
        task = Task.rows().get(lead=lead, kind="follow_up")
    assert task.title == "Answer Maria Lopez, who wrote about “Spring-Outreach”"
    with travelling(to=LATER):
        page = client_as("ana").get(f"/leads/{lead.id}/").content.decode()
    assert "Answered “Spring-Outreach” by e-mail." in page


@pytest.mark.row("CP-13")
def test_an_answer_to_spring_outreach_from_an_unknown_address_is_a_new_lead(mailbox: Sender, harbor: Tenant) -> None:
    mail(mailbox, "Do you take new patients?", to="intake+spring-outreach@example.com")
    harbor.drain()
    with harbor.scope():
        lead = Lead.rows().select_related("person", "campaign", "source").get()
        states = states_of([lead.person_id])[lead.person_id]
    assert (lead.campaign.name, lead.source.key, lead.capture_method) == ("Spring-Outreach", "spring-mail", "email")
    assert (lead.person.first_name, lead.person.last_name) == ("Renée", "Alvarez")
    assert states[Channel.EMAIL].value == "granted" and states[Channel.CALL].value == "unknown"


def test_an_answer_to_one_of_our_mails_belongs_to_its_lead_whoever_sends_it(mailbox: Sender, harbor: Tenant) -> None:
    lead = make_lead(harbor, at=None)
    harbor.drain()
    with harbor.scope():
        message = Message.rows().filter(lead=lead, state="sent").get()
    mail(
        mailbox,
        "Tuesday is good.\n\nOn Mon, Harbor Health wrote:\n> We have your inquiry. Write STOP to stop.",
        address="another@example.org",
        headers={"In-Reply-To": message.provider_ref, "References": f"<x@y.example> {message.provider_ref}"},
    )
    harbor.drain()
    with harbor.scope():
        assert Lead.rows().count() == 1
        assert Touch.rows().filter(lead=lead, verdict="update").count() == 1


def test_a_mail_that_answers_nothing_is_an_inquiry_and_is_never_html(mailbox: Sender) -> None:
    html = "<p>My <b>knee</b> hurts</p><script>alert(1)</script>"
    mail(mailbox, "", HtmlBody=html, headers={"Message-ID": "<m@x.example>"})
    (payload,) = payloads(mailbox)
    assert payload["request"]["message"].startswith("My knee hurts")
    assert "<" not in payload["request"]["message"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied"},
        {"Return-Path": "<>"},
        {"Precedence": "bulk"},
        {"List-Id": "<news.example.com>"},
        {"X-Autoreply": "yes"},
    ],
)
def test_robots_are_kept_and_open_nothing(mailbox: Sender, headers: dict[str, str]) -> None:
    assert mail(mailbox, "I am out of the office.", headers=headers).status_code == 200
    assert mailbox.submissions() == []
    assert [each.state for each in mailbox.hooks()] == ["ignored"]


def test_stop_by_mail_ends_mails_only_and_opens_nothing(mailbox: Sender, harbor: Tenant) -> None:
    lead = make_lead(harbor, at=None, person__email="renee.alvarez@example.com")
    mail(mailbox, "Unsubscribe\n\n> our mail")
    assert mailbox.submissions() == []
    with harbor.scope():
        states = states_of([lead.person_id])[lead.person_id]
        assert (states[Channel.EMAIL].value, states[Channel.CALL].value) == ("withdrawn", "granted")


def test_mailguns_form_and_plain_mime_are_read_alike(mailbox: Sender) -> None:
    mime = (
        b"From: Ren\xc3\xa9e Alvarez <renee.alvarez@example.com>\r\nTo: intake@example.com\r\n"
        b"Message-ID: <mime-1@example.com>\r\nSubject: Knee\r\nContent-Type: text/plain; charset=utf-8\r\n"
        b"\r\nKnee pain.\r\n"
    )
    stamp, token = "1795186800", "a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0"
    signature = hmac.new(SECRET.encode(), f"{stamp}{token}".encode(), "sha256").hexdigest()
    form = {
        "timestamp": stamp,
        "token": token,
        "signature": signature,
        "body-mime": mime.decode(),
        "sender": "r@example.com",
    }
    kind = "application/x-www-form-urlencoded"
    assert mailbox.post(form | {"signature": "0" * 64}, content_type=kind).status_code == 401
    assert mailbox.post(form, content_type=kind).status_code == 200
    assert mailbox.post(mime, content_type="message/rfc822", headers={"X-Hook-Secret": SECRET}).status_code == 200
    (payload,) = payloads(mailbox)
    assert payload["request"]["message"] == "Knee pain."
    assert mailbox.hooks()[0].repeats == 1


@pytest.mark.row("VQ-06")
def test_a_hard_bounce_makes_the_address_invalid_and_the_next_step_a_call(
    events: Sender, harbor: Tenant, client_as: Callable[[str], Client]
) -> None:
    lead = make_lead(harbor, request__preferred_channel="email", consent=[consent("call"), consent("email")])
    point = email_of(harbor, lead)
    with harbor.scope():
        assert Task.rows().get(lead=lead, state="open").kind == "email"
    assert bounce(events, point.value.upper()).status_code == 200
    bounce(events, point.value.upper())
    harbor.drain(LATER)
    point = email_of(harbor, lead)
    assert (point.validity, point.health_reason) == ("invalid", "email bounced for good")
    with harbor.scope():
        told = DeliveryEvent.rows().select_related("message").get()
        assert (told.result, told.message.lead_id) == ("hard_bounce", lead.id)
        task = Task.rows().get(lead=lead, state="open")
        assert (task.kind, task.channel) == ("call", "call")
        again = intend_message(
            lead,
            purpose="reminder",
            template_key="acknowledgement",
            contact_point=point,
            words={},
            language="en",
            dedup_key="after",
            now=database_now(),
        )
    assert again is None
    with travelling(to=LATER):
        team_page = client_as("ana").get(f"/leads/{lead.id}/").content.decode()
    assert "Not usable: email bounced for good" in team_page


def test_mails_that_wait_for_a_dead_address_are_stopped(events: Sender, harbor: Tenant) -> None:
    lead = make_lead(harbor, at=None)
    point = email_of(harbor, lead)
    with harbor.scope():
        waiting = intend_message(
            lead,
            purpose="reminder",
            template_key="acknowledgement",
            contact_point=point,
            words={},
            language="en",
            dedup_key="waits",
            now=database_now(),
            due_at=database_now().replace(year=2030),
        )
    bounce(events, point.value)
    harbor.drain()
    with harbor.scope():
        row = Message.rows().get(id=waiting.id)
    assert (row.state, row.reason) == ("blocked", "The address is invalid: email bounced for good.")


def test_soft_bounces_count_and_a_delivery_begins_anew(events: Sender, harbor: Tenant) -> None:
    lead = make_lead(harbor, at=None)
    address = email_of(harbor, lead).value
    for number in (1, 2):
        bounce(events, address, "SoftBounce", number)
    delivery = {"RecordType": "Delivery", "MessageID": "m", "Recipient": address, "DeliveredAt": "2026-11-20T15:00:00Z"}
    harbor.drain()
    assert email_of(harbor, lead).soft_failures == 2
    push(events, delivery, MAIL)
    harbor.drain()
    assert (email_of(harbor, lead).soft_failures, email_of(harbor, lead).health_reason) == (0, "")
    for number in (3, 4, 5):
        bounce(events, address, "SoftBounce", number)
    harbor.drain()
    assert email_of(harbor, lead).validity == "invalid"


def test_a_complaint_is_an_opt_out_of_mail(events: Sender, harbor: Tenant) -> None:
    lead = make_lead(harbor, at=None)
    bounce(events, email_of(harbor, lead).value, "SpamComplaint", RecordType="SpamComplaint")
    harbor.drain()
    with harbor.scope():
        assert states_of([lead.person_id])[lead.person_id][Channel.EMAIL].value == "withdrawn"


def test_mailguns_own_example_is_a_hard_bounce(events: Sender, harbor: Tenant) -> None:
    lead = make_lead(harbor, at=None, person__email="renee.alvarez@example.com")
    body = {
        "signature": {},
        "event-data": {
            "event": "failed",
            "severity": "permanent",
            "reason": "bounce",
            "timestamp": 1795186799.5,
            "recipient": "renee.alvarez@example.com",
            "message": {"headers": {"message-id": "20261120150000.1.DEMO@mg.example.com"}},
            "delivery-status": {"code": 550, "message": "5.1.1 no such user", "description": ""},
        },
    }
    push(events, body, MAIL)
    push(events, body | {"event-data": {**body["event-data"], "severity": "temporary"}}, MAIL)
    harbor.drain()
    assert email_of(harbor, lead).validity == "invalid"
    with harbor.scope():
        assert DeliveryEvent.rows().count() == 1
        assert HookEvent.rows().filter(ignored="Not the end of a delivery.").count() == 1


def test_an_undelivered_text_makes_the_number_invalid(harbor: Tenant) -> None:
    texts = connect(harbor, "twilio-sms", source="chat")
    lead = make_lead(harbor, at=None, person__phone="+13055550142")
    status = {"MessageSid": "SM9", "MessageStatus": "undelivered", "To": "+13055550142", "ErrorCode": "30005"}
    for _ in range(2):
        push(texts, status, "application/x-www-form-urlencoded")
    harbor.drain()
    with harbor.scope():
        point = ContactPoint.rows().get(person=lead.person_id, kind="phone")
        assert Task.rows().get(lead=lead, state="open").kind == "email"
    assert (point.validity, point.health_reason) == ("invalid", "text bounced for good")
    assert reload(harbor, lead.id).stage.key == lead.stage.key


@pytest.mark.row("VQ-06")
def test_texts_that_are_undelivered_without_a_known_reason_count_as_passing_failures(harbor: Tenant) -> None:
    texts = connect(harbor, "twilio-sms", source="chat")
    lead = make_lead(harbor, at=None, person__phone="+13055550142")
    for number, code in enumerate(("", "30007", "39999")):
        status = {"MessageSid": f"SM{number}", "MessageStatus": "undelivered", "To": "+13055550142", "ErrorCode": code}
        push(texts, status, "application/x-www-form-urlencoded")
    harbor.drain()
    with harbor.scope():
        point = ContactPoint.rows().get(person=lead.person_id, kind="phone")
    assert (point.validity, point.health_reason) == ("invalid", "text not sent, 3 times in a row")


def test_a_mail_with_a_photo_is_taken_in(mailbox: Sender) -> None:
    photo = {"Name": "knee.jpg", "Content": "A" * 900_000, "ContentType": "image/jpeg", "ContentLength": 675_000}
    assert mail(mailbox, "My knee hurts, see the photo", Attachments=[photo]).status_code == 200
    assert [each.state for each in mailbox.hooks()] == ["taken"]
