"""Rows TK-03, TK-05 and TK-06: what follows on a contact by the tenant's rules, and when the next try is."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from apps.audit.models import AuditEntry
from apps.leads.models import ContactPoint, Lead, Task
from apps.outreach.actions import STAGE_MESSAGE, intend_message
from apps.outreach.models import Message
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.connectors.senders import connect
from tests.connectors.test_email import bounce
from tests.leads_made import consent, make_lead, reload
from tests.rows.arranging import ask, change_rules, chicago, page

OpenBrowser = Callable[..., Client]
TEN = chicago("2026-12-01 10:00")
AT = chicago("2026-12-01 10:06")
TEXTS = [consent("call"), consent("text"), consent("email")]


def owner_of(lead: Lead, client_as: OpenBrowser) -> Client:
    """Return the browser of the lead's owner."""
    return client_as(lead.owner.user.email.partition("@")[0])


def log(client: Client, lead: Lead, outcome: str, *, at: Any = AT, **more: Any) -> Any:
    """Log a contact by the API, without a date of the next step."""
    return ask(client, "POST", f"/leads/{lead.id}/activities", {"kind": "call", "outcome": outcome, **more}, at=at)


def texts_of(tenant: Tenant, lead: Lead) -> list[Message]:
    """Return the texts that follow on contacts."""
    with tenant.scope():
        return list(Message.rows().filter(lead=lead, purpose="follow_up").order_by("created_at"))


@pytest.mark.row("TK-05")
def test_a_voicemail_brings_a_text_in_two_hours_and_a_call_next_day_at_two(
    harbor: Tenant, client_as: OpenBrowser
) -> None:
    lead = make_lead(harbor, at=TEN, consent=TEXTS)
    owner = owner_of(lead, client_as)
    shown = html.unescape(page(owner, f"/leads/{lead.id}/log-call/", at=AT))
    said = re.search(r'data-effect-voicemail="([^"]+)"', shown)
    assert said is not None
    assert "Attempt 1 counted. First-contact clock keeps running." in said[1]
    assert "Next try tomorrow 14:00 their time. A text goes today 12:06 their time." in said[1]
    assert 'data-next-voicemail="2026-12-02T14:00"' in shown and 'data-next-call_back=""' in shown
    # Three keys: no date is typed.
    sent = {"kind": "call", "outcome": "voicemail", "version": lead.version, "idempotency_key": str(uuid4())}
    with travelling(to=AT):
        assert owner.post(f"/leads/{lead.id}/log-call/", sent).status_code == 303
    assert reload(harbor, lead.id).next_action_at == chicago("2026-12-02 14:00")
    (text,) = texts_of(harbor, lead)
    assert (text.channel, text.state) == ("text", "pending") and "we tried to call you" in text.body
    assert "imaging" not in text.body.casefold()
    harbor.drain(AT + timedelta(hours=1, minutes=59))
    assert texts_of(harbor, lead)[0].state == "pending"
    harbor.drain(AT + timedelta(hours=2, minutes=1))
    assert texts_of(harbor, lead)[0].state == "sent"
    with harbor.scope():
        task = Task.rows().get(lead=lead, state="open", kind="call")
        assert task.due_at == chicago("2026-12-02 14:00")
        noted = AuditEntry.rows().get(action="lead.log_contact", object_id=lead.id)
        assert noted.detail["follow_up"] == "F-1 v1"


@pytest.mark.row("TK-05")
def test_without_consent_no_text_goes_and_a_talk_stops_one_that_waits(harbor: Tenant, client_as: OpenBrowser) -> None:
    closed = make_lead(harbor, at=TEN)
    owner = owner_of(closed, client_as)
    assert log(owner, closed, "voicemail").status_code == 201
    assert texts_of(harbor, closed) == []
    talked = make_lead(harbor, at=TEN, consent=TEXTS)
    owner = owner_of(talked, client_as)
    assert log(owner, talked, "voicemail").status_code == 201
    later = AT + timedelta(hours=1)
    assert log(owner, talked, "connected", at=later, next_action_at="2026-12-04T16:00:00Z").status_code == 201
    (text,) = texts_of(harbor, talked)
    assert (text.state, text.reason) == ("blocked", "They were tried again meanwhile.")


@pytest.mark.row("TK-05")
def test_every_outcome_brings_what_the_rules_say(harbor: Tenant, client_as: OpenBrowser) -> None:
    expected = {
        "no_answer": ("call", "2026-12-02 14:15"),
        "busy": ("call", "2026-12-01 10:36"),
        "wrong_number": ("email", "2026-12-01 11:06"),
        "declined": ("review", "2026-12-02 14:15"),
    }
    for outcome, (kind, due) in expected.items():
        lead = make_lead(harbor, at=TEN)
        answer = log(owner_of(lead, client_as), lead, outcome)
        assert answer.status_code == 201, (outcome, answer.content)
        with harbor.scope():
            task = Task.rows().get(lead=lead, state="open")
        assert (task.kind, task.due_at) == (kind, chicago(due)), outcome
    # The form fills the rules' date in: left as it is, the rules' next step comes with it.
    lead = make_lead(harbor, at=TEN)
    filled_in = {"next_action_at": "2026-12-02T14:15:00-06:00"}
    assert log(owner_of(lead, client_as), lead, "declined", **filled_in).status_code == 201
    with harbor.scope():
        assert Task.rows().get(lead=lead, state="open").kind == "review"
    lead = make_lead(harbor, at=TEN)
    owner = owner_of(lead, client_as)
    # They named the time: whoever logs it says which.
    refused = log(owner, lead, "call_back")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/next_action_at")
    assert log(owner, lead, "call_back", next_action_at="2026-12-03T17:00:00Z").status_code == 201
    assert reload(harbor, lead.id).next_action_at == chicago("2026-12-03 11:00")


@pytest.mark.row("TK-05")
def test_the_tenant_changes_what_follows(harbor: Tenant, client_as: OpenBrowser) -> None:
    def change(document: dict[str, Any]) -> None:
        document["outcomes"][0] |= {"days": 3, "at": "09:30", "text": "", "text_after_seconds": None}
        del document["outcomes"][0]["text"], document["outcomes"][0]["text_after_seconds"]

    change_rules(harbor, client_as, "follow_up", change)
    lead = make_lead(harbor, at=TEN, consent=TEXTS)
    assert log(owner_of(lead, client_as), lead, "voicemail").status_code == 201
    assert reload(harbor, lead.id).next_action_at == chicago("2026-12-04 09:30")
    assert texts_of(harbor, lead) == []


@pytest.mark.row("TK-06")
def test_the_second_try_lies_in_the_other_half_day_unless_a_best_time_is_known(
    harbor: Tenant, client_as: OpenBrowser
) -> None:
    lead = make_lead(harbor, at=TEN)
    owner = owner_of(lead, client_as)
    assert log(owner, lead, "no_answer").status_code == 201
    second = chicago("2026-12-02 14:15")
    assert reload(harbor, lead.id).next_action_at == second
    assert log(owner, lead, "no_answer", at=second).status_code == 201
    # Once in the morning, once in the afternoon, last in the afternoon; the hour of the first try comes last.
    assert reload(harbor, lead.id).next_action_at == chicago("2026-12-03 09:15")
    wished = make_lead(harbor, at=TEN, request__best_time="mornings")
    assert log(owner_of(wished, client_as), wished, "no_answer").status_code == 201
    assert reload(harbor, wished.id).next_action_at == chicago("2026-12-02 08:00")


@pytest.mark.row("TK-03")
def test_a_mail_that_somebody_logs_as_delivered_is_followed_up_on_thursday(
    harbor: Tenant, client_as: OpenBrowser
) -> None:
    lead = make_lead(harbor, at=TEN)
    owner = owner_of(lead, client_as)
    answer = log(owner, lead, "delivered", kind="email", started_at="2026-12-01T10:06:00-06:00", notes="Sent the form")
    assert answer.status_code == 201, answer.content
    (kept,) = ask(owner, "GET", f"/leads/{lead.id}/activities", at=AT).json()["results"]
    assert (kept["kind"], kept["outcome"], kept["started_at"]) == ("email", "delivered", "2026-12-01T16:06:00Z")
    with harbor.scope():
        task = Task.rows().get(lead=lead, state="open")
    assert f"{task.due_at.astimezone(TEN.tzinfo):%A}" == "Thursday"
    assert "Our message reached them: call and ask" in page(owner, f"/leads/{lead.id}/", at=AT)


@pytest.mark.row("TK-03")
def test_a_mail_of_ours_that_arrived_is_followed_up_on_thursday(harbor: Tenant, client_as: OpenBrowser) -> None:
    lead = make_lead(harbor, at=TEN, person__email="gone@example.com")
    events = connect(harbor, "email-events", source="landing-pages")
    written = TEN + timedelta(minutes=5)
    with travelling(to=written), harbor.scope():
        point = ContactPoint.rows().get(person=lead.person_id, kind="email")
        intend_message(
            lead,
            purpose=STAGE_MESSAGE,
            template_key="acknowledgement-repeat",
            contact_point=point,
            words={},
            language="en",
            dedup_key="one",
            now=written,
        )
    harbor.drain(written)
    told = {"RecordType": "Delivery", "DeliveredAt": "2026-12-01T16:06:00Z"}
    with travelling(to=AT + timedelta(minutes=1)):
        assert bounce(events, "gone@example.com", number=1, **told).status_code == 200
    harbor.drain(AT + timedelta(minutes=1))
    with harbor.scope():
        task = Task.rows().get(lead=lead, kind="after_message")
    assert task.title == "Our message reached them: call and ask (E-mail delivered 10:06, 1 Dec)"
    assert f"{task.due_at:%A}" == "Thursday"
    owner = owner_of(lead, client_as)
    later = AT + timedelta(minutes=2)
    assert "E-mail delivered 10:06: follow-up Thu 3 Dec." in page(owner, f"/leads/{lead.id}/", at=later)
    log_of = ask(owner, "GET", f"/leads/{lead.id}/messages", at=later).json()["results"]
    assert [(each["purpose"], each["delivery_status"], each["delivered_at"]) for each in log_of][0] == (
        "stage",
        "delivered",
        "2026-12-01T16:06:00Z",
    )
    # A contact that is logged ends it.
    assert log(owner, lead, "voicemail", at=later).status_code == 201
    with harbor.scope():
        assert Task.rows().get(id=task.id).state == "done"
