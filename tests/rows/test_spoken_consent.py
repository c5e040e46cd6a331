"""The answer that a connected call needs before it counts (row CN-12), in the browser and by API."""

from datetime import timedelta
from uuid import uuid4

import pytest

from apps.consent.models import ConsentEvent
from apps.leads.models import Task
from apps.outreach.models import Activity
from apps.tenancy.clock import travelling
from tests.leads_made import TUESDAY_NINE, consent, make_lead
from tests.rows.arranging import ask, page
from tests.rows.test_consent import owner_name, plain_text

SOON = TUESDAY_NINE + timedelta(minutes=5)
#: The version of the script of the demo, which its tenant wrote.
SPOKEN_V1 = "spoken-v1"
CONNECTED = {"kind": "call", "outcome": "connected", "direction": "inbound", "next_action_at": "2026-12-02T16:00:00Z"}
SAID = {"kind": "call", "outcome": "connected", "next_at": "2026-12-02T10:15", "next_channel": "call"}


@pytest.mark.row("CN-12")
def test_a_connected_call_waits_for_the_spoken_answer_and_a_no_stops_calls_at_once(harbor, client_as):
    lead = make_lead(harbor, consent=[consent("email")])
    owner, path = client_as(owner_name(lead)), f"/leads/{lead.id}"
    refused = ask(owner, "POST", f"{path}/activities", CONNECTED, at=SOON)
    assert (refused.status_code, refused.json()["code"]) == (422, "spoken_consent_missing")
    unheard = ask(
        owner, "POST", f"{path}/activities", CONNECTED | {"outcome": "voicemail", "spoken_consent": "yes"}, at=SOON
    )
    assert (unheard.status_code, unheard.json()["code"]) == (422, "not_connected")
    assert "May we call you at this number about your request?" in page(owner, f"{path}/log-call/", at=SOON)
    form = SAID | {"version": lead.version, "idempotency_key": str(uuid4())}
    with travelling(to=SOON):
        missing = owner.post(f"{path}/log-call/", form)
        assert missing.status_code == 422 and "Say whether they agree to calls" in plain_text(missing.content.decode())
    with harbor.scope():
        assert not Activity.rows().filter(lead=lead).exists()
    with travelling(to=SOON):
        assert owner.post(f"{path}/log-call/", form | {"spoken_consent": "no"}).status_code == 303
    with harbor.scope():
        line = ConsentEvent.rows().get(person=lead.person, channel="call", value="denied")
        assert (line.wording_version, line.evidence_kind, line.evidence["answer"]) == (SPOKEN_V1, "spoken", "no")
        assert line.evidence_ref.startswith("Heard by") and line.contact_value and line.wording_digest
        assert not Task.rows().filter(lead=lead, state="open", channel="call").exists()
        assert Task.rows().filter(lead=lead, state="open").exists()
    dialled = ask(owner, "POST", f"{path}/calls", {"channel": "call"}, at=SOON)
    assert (dialled.status_code, dialled.json()["code"]) == (403, "denied")


@pytest.mark.row("CN-12")
def test_a_spoken_yes_permits_calls_and_opens_nothing_that_was_refused(harbor, client_as):
    lead = make_lead(harbor, consent=[consent("email")])
    closed = make_lead(harbor, consent=[consent("call", "denied"), consent("email")])
    for each, state, value in ((lead, "granted", "granted"), (closed, "denied", "unknown")):
        owner, path = client_as(owner_name(each)), f"/leads/{each.id}"
        said = ask(owner, "POST", f"{path}/activities", CONNECTED | {"spoken_consent": "yes"}, at=SOON)
        assert said.status_code == 201, said.content
        assert ask(owner, "GET", f"{path}/consents", at=SOON).json()["states"]["call"] == state
        with harbor.scope():
            line = ConsentEvent.rows().get(person=each.person, channel="call", evidence_kind="spoken")
            assert (line.value, line.wording_version) == (value, SPOKEN_V1)
    owner, path = client_as(owner_name(lead)), f"/leads/{lead.id}"
    assert "do they agree to calls" not in page(owner, f"{path}/log-call/", at=SOON + timedelta(minutes=1))
    again = ask(owner, "POST", f"{path}/activities", CONNECTED, at=SOON + timedelta(minutes=1))
    assert again.status_code == 201
