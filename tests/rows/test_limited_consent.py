"""Permission for one inquiry, or until a day (row CN-11): it ends there, at every door."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from apps.capture.schema import LeadPost
from apps.consent.models import ConsentEvent
from apps.leads.models import ContactPoint, Task, TimelineEntry
from apps.outreach.actions import intend_message
from apps.outreach.models import Message
from tests.leads_made import TUESDAY_NINE, consent, inquiry, make_lead, reload
from tests.rows.arranging import ask
from tests.rows.test_consent import owner_name

SOON = TUESDAY_NINE + timedelta(minutes=5)
DAY = timedelta(days=1)
ENDED = {"reason": "not_interested", "note": "Went elsewhere", "outcome": "not_qualified"}


def states(client, lead, at):
    """Return what holds for a lead by API."""
    return ask(client, "GET", f"/leads/{lead.id}/consents", at=at).json()["states"]


@pytest.mark.row("CN-11")
def test_consent_for_this_inquiry_only_ends_with_it_and_covers_no_other(harbor, client_as):
    only = {"limited_to": "this_inquiry"}
    maria = {"person__phone": "+13125550191", "person__email": "maria.once@example.com"}
    lead = make_lead(harbor, consent=[consent("call", **only), consent("email", **only)], **maria)
    other = make_lead(harbor, consent=[consent("call"), consent("email")])
    owner, lena = client_as(owner_name(lead)), client_as("lena")
    assert states(owner, lead, SOON)["call"] == "granted"
    with harbor.scope():
        task = Task.rows().get(lead=lead, state="open")
        assert (task.kind, ConsentEvent.rows().filter(this_inquiry_only=True).count()) == ("call", 2)
    assert ask(owner, "POST", f"/leads/{lead.id}/calls", {"channel": "call"}, at=SOON).status_code == 200
    second = make_lead(harbor, request__service="orthopedics", consent=[], at=SOON, **maria)
    assert second.id != lead.id and second.person_id == lead.person_id
    assert states(lena, second, SOON)["call"] == "unknown" and states(lena, lead, SOON)["call"] == "granted"

    for each in (lead, other):
        assert ask(client_as(owner_name(each)), "POST", f"/leads/{each.id}/close", ENDED, at=SOON).status_code == 200
    for days in (1, 200):
        listed = ask(lena, "GET", "/leads?stage=closed", at=SOON + days * DAY).json()["results"]
        may_ask = {each["id"] for each in listed if "granted" in each["consent"].values()}
        assert str(other.id) in may_ask and str(lead.id) not in may_ask
    with harbor.scope():
        point = ContactPoint.rows().get(person=lead.person, kind="email")
        message = intend_message(
            reload(harbor, lead.id),
            purpose="nurture",
            template_key="acknowledgement",
            contact_point=point,
            words={},
            language="en",
            dedup_key="again-1",
            now=SOON + DAY,
        )
    harbor.drain(SOON + DAY)
    with harbor.scope():
        kept = Message.rows().get(id=message.id)
        assert kept.state == "blocked"
    back = ask(lena, "POST", f"/leads/{lead.id}/reopen", {"reason": "Let us try again"}, at=SOON + DAY)
    assert back.status_code == 200, back.content
    assert states(lena, lead, SOON + DAY)["call"] == "unknown"


@pytest.mark.row("CN-11")
def test_consent_until_a_day_ends_there_and_its_lead_stays_in_sight(harbor, client_as):
    until = (SOON + DAY).isoformat()
    lead = make_lead(harbor, consent=[consent("call", expires_at=until), consent("email")])
    owner, ewa, path = client_as(owner_name(lead)), client_as("ewa"), f"/leads/{lead.id}/consents"
    assert states(owner, lead, SOON)["call"] == "granted"
    after = SOON + DAY + timedelta(minutes=1)
    harbor.drain(after)
    assert states(owner, lead, after)["call"] == "unknown"
    with harbor.scope():
        tasks = Task.rows().filter(lead=lead, state="open")
        assert [each.channel for each in tasks] == ["email"]
        said = TimelineEntry.rows().filter(lead=lead, kind="consent")
        assert any(each.sentence.startswith("The permission ended for call") for each in said)
    refused = ask(owner, "POST", f"/leads/{lead.id}/calls", {"channel": "call"}, at=after)
    assert (refused.status_code, refused.json()["code"]) == (403, "consent_unknown")

    proof = {"channel": "call", "state": "granted", "evidence_kind": "recording", "evidence_ref": "call 7"}
    late = ask(ewa, "POST", path, proof | {"expires_at": SOON.isoformat()}, at=after)
    no = ask(ewa, "POST", path, {"channel": "text", "state": "denied", "limited_to": "this_inquiry"}, at=after)
    assert (late.status_code, no.status_code) == (422, 422)
    given = ask(ewa, "POST", path, proof | {"limited_to": "this_inquiry"}, at=after)
    assert (given.status_code, given.json()["limited_to"]) == (201, "this_inquiry")
    assert states(owner, lead, after)["call"] == "granted"
    with harbor.scope():
        assert ConsentEvent.rows().get(source="maintainer").only_lead_id == lead.id
    refusal = inquiry(consent=[consent("call", "denied", limited_to="this_inquiry")])
    with pytest.raises(ValidationError, match="Only a grant is limited"):
        LeadPost.model_validate(refusal)
