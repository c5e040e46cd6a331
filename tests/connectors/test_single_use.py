"""Mailgun signs a time and a token and no body: what it signed proves one body, once for ever."""

import hmac
from typing import Any

import pytest
from django.http import HttpResponse

from apps.connectors.models import Connection, SpentToken
from apps.consent.queries import states_of
from apps.consent.terms import Channel
from apps.tenancy.clock import database_now
from tests.cast import Tenant
from tests.connectors.senders import SECRET, Sender, connect
from tests.leads_made import make_lead

STAMP, TOKEN = "1795186800", "a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0"
FORM = "application/x-www-form-urlencoded"


def signature(stamp: str = STAMP, token: str = TOKEN) -> dict[str, str]:
    """Return Mailgun's signature of a time and a token."""
    proof = hmac.new(SECRET.encode(), f"{stamp}{token}".encode(), "sha256").hexdigest()
    return {"timestamp": stamp, "token": token, "signature": proof}


def event(address: str, *, signed: dict[str, str], name: str = "complained", **more: Any) -> dict[str, Any]:
    """Return an event of Mailgun's about a mail to an address."""
    message = {"headers": {"message-id": "1.DEMO@mg.example.com"}}
    told = {"event": name, "timestamp": 1795186799.5, "recipient": address, "message": message, "id": address}
    return {"signature": signed, "event-data": told | more}


def mail(text: str, *, signed: dict[str, str]) -> dict[str, str]:
    """Return a mail in Mailgun's form."""
    head = f"From: Ann <ann@example.com>\r\nTo: intake@example.com\r\nMessage-ID: <{len(text)}@x.example>"
    mime = f"{head}\r\n\r\n{text}\r\n"
    return {**signed, "body-mime": mime, "sender": "ann@example.com"}


@pytest.fixture
def events(harbor: Tenant) -> Sender:
    """Return where Mailgun tells what became of our mails."""
    return connect(harbor, "email-events", source="landing-pages")


def refused(sender: Sender, answer: HttpResponse) -> bool:
    """Say whether a request was refused as proven by a token that is spent, and counted."""
    with sender.tenant.scope():
        count = Connection.rows().get(id=sender.connection.id).refused_count
    return answer.status_code == 401 and answer.json()["code"] == "proof_spent" and count > 0


def test_a_token_that_was_overheard_proves_no_second_event(events: Sender, harbor: Tenant) -> None:
    lead = make_lead(harbor, at=None, person__email="renee.alvarez@example.com")
    first = event("somebody@example.com", signed=signature(), name="delivered")
    assert events.post(first).status_code == 200
    assert events.post(first).status_code == 200, "Mailgun's own retry of what it sent"
    forged = event("renee.alvarez@example.com", signed=signature())
    assert refused(events, events.post(forged))
    # The signature does not tell where the time ends: the same digits cut elsewhere are the same token.
    shifted = {**signature(), "timestamp": STAMP[:-1], "token": STAMP[-1] + TOKEN}
    assert refused(events, events.post(forged | {"signature": shifted}))
    harbor.drain()
    assert [each.repeats for each in events.hooks()] == [1]
    with harbor.scope():
        assert states_of([lead.person_id], database_now())[lead.person_id][Channel.EMAIL].value == "granted"
        assert SpentToken.rows().count() == 1
    assert events.post(event("renee.alvarez@example.com", signed=signature(token="b" * 50))).status_code == 200


def test_a_mails_token_proves_that_mail_only(harbor: Tenant) -> None:
    mailbox = connect(harbor, "inbound-email", source="landing-pages")
    assert mailbox.post(mail("My knee hurts.", signed=signature()), content_type=FORM).status_code == 200
    assert refused(mailbox, mailbox.post(mail("Forged words of Ann", signed=signature()), content_type=FORM))
    wrong = mail("Forged too", signed={**signature(token="c"), "signature": "0" * 64})
    assert mailbox.post(wrong, content_type=FORM).json()["code"] == "proof_wrong"
    assert len(mailbox.submissions()) == 1
    with harbor.scope():
        assert SpentToken.rows().count() == 1, "what proves nothing spends nothing"
    another = connect(harbor, "inbound-email", source="landing-pages")
    assert another.post(mail("Another mailbox", signed=signature()), content_type=FORM).status_code == 200
