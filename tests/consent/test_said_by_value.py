"""What a number or an address said before anybody on file had it holds for whoever inquires with it later."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from apps.connectors.models import HookEvent
from apps.consent.models import ConsentEvent, DoNotContact
from apps.consent.queries import reaches_of, states_of
from apps.consent.terms import Channel
from apps.flows.opt_out import opt_out_of_value
from apps.leads.models import Lead
from apps.policies.queries import live_document
from apps.tenancy.clock import database_now
from tests.cast import Tenant
from tests.connectors.senders import connect, sample
from tests.connectors.signing import push
from tests.doors import Api
from tests.leads_made import consent, inquiry

NUMBER, ADDRESS = "+13125550177", "quiet@example.com"
FORM = "application/x-www-form-urlencoded"


def text(harbor: Tenant, body: str, sid: str) -> None:
    """Text from the number to the tenant's own, as the provider tells it."""
    sender = connect(harbor, "twilio-sms", source="chat")
    said = sample("twilio-sms", "text") | {"Body": body, "MessageSid": sid, "From": NUMBER}
    assert push(sender, said, FORM).status_code == 200
    harbor.drain()


def posted(harbor: Tenant, program: Api, **changes: Any) -> Lead:
    """Post an inquiry at the API; return its lead."""
    body = inquiry(source="imaging-spring", person__phone=NUMBER, person__email=ADDRESS, **changes)
    answer = program.post("/leads", body)
    assert answer.status_code in (201, 202), answer.content
    harbor.drain()
    with harbor.scope():
        return Lead.rows().select_related("person").order_by("-created_at", "-number").first()


def codes(harbor: Tenant, lead: Lead) -> dict[str, str]:
    """Return why each channel of the lead's person may or may not be used."""
    with harbor.scope():
        now = database_now()
        found = reaches_of(lead.person, now=now, document=live_document("contact", now), default_zone="UTC")
        return {str(channel): str(reach.verdict.code) for channel, reach in found.items()}


@pytest.mark.row("CN-04")
def test_stop_before_the_first_inquiry_blocks_texts_until_a_newer_grant(
    harbor: Tenant, api: Callable[[str], Api]
) -> None:
    text(harbor, "STOP", "SM1")
    with harbor.scope():
        assert Lead.rows().count() == 0
        (entry,) = DoNotContact.rows().all()
        assert (entry.kind, entry.value, entry.channel) == ("phone", NUMBER, "text")
        assert "holds for whoever inquires" in HookEvent.rows().get().ignored
    before = (entry.added_at - timedelta(days=3)).isoformat()
    older = consent("text", captured_at=before)
    lead = posted(harbor, api("bp-1"), consent=[consent("call"), older], submitted_at=before)
    assert codes(harbor, lead)["text"] == "withdrawn" and codes(harbor, lead)["call"] != "withdrawn"
    with harbor.scope():
        row = ConsentEvent.rows().get(person=lead.person, value="withdrawn")
        assert (row.channel, row.contact_value, row.captured_at) == ("text", NUMBER, entry.added_at)
    newer = (entry.added_at + timedelta(seconds=1)).isoformat()
    posted(harbor, api("bp-1"), consent=[consent("text", captured_at=newer)], submitted_at=newer)
    with harbor.scope():
        assert states_of([lead.person_id])[lead.person_id][Channel.TEXT].value == "granted"
        assert ConsentEvent.rows().filter(person=lead.person, value="withdrawn").count() == 1


def test_start_takes_back_what_the_number_said(harbor: Tenant, api: Callable[[str], Api]) -> None:
    text(harbor, "STOP", "SM1")
    text(harbor, "STOP", "SM2")
    text(harbor, "START", "SM3")
    with harbor.scope():
        assert DoNotContact.rows().get().ended_at is not None
    lead = posted(harbor, api("bp-1"), consent=[consent("text")])
    assert codes(harbor, lead)["text"] != "withdrawn"


@pytest.mark.row("CN-04")
def test_a_complaint_by_mail_holds_for_a_later_inquiry_and_for_the_address_only(
    harbor: Tenant, api: Callable[[str], Api]
) -> None:
    with harbor.scope():
        now = database_now()
        said = {"actor": harbor.system, "channel": Channel.EMAIL, "value": ADDRESS, "words": "a complaint"}
        assert opt_out_of_value(**said, now=now) == 0
    lead = posted(harbor, api("bp-1"), consent=[consent("call")])
    assert codes(harbor, lead)["email"] == "withdrawn"
    assert codes(harbor, lead)["call"] != "withdrawn"
