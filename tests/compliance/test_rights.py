"""Rights of the person: Maria asks for a copy, an amendment, an erasure; each with identity, day and reason (PH-11)."""

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest

from apps.audit.models import AuditEntry
from apps.compliance import tasks
from apps.compliance.manifests import faults_of
from apps.compliance.models import RetentionRun, RightsRequest
from apps.leads.models import Person, TimelineEntry
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, make_lead
from tests.rows.arranging import ask

MONTH_LATER = TUESDAY_NINE + timedelta(days=31)
WORDS = "Write Marya, not Maria, and left knee"


def opened(dev: Any, ref: str, what: str, words: str = "") -> str:
    said = {"lead": ref, "ask": what, "words": words, "received_on": "2026-12-01"}
    answer = dev.post("/compliance/rights/new/", said)
    assert answer.status_code == 303, answer.content
    return str(answer["Location"])


@pytest.mark.row("PH-11")
def test_maria_gets_a_copy_of_everything_and_it_is_noted(harbor: Tenant, client_as: Any) -> None:
    lead = make_lead(harbor, request__message="A sore knee since Xyzzy fair")
    owner, dev = client_as(lead.owner.user.email.partition("@")[0]), client_as("dev")
    later = (TUESDAY_NINE + timedelta(days=1)).isoformat()
    note = {"kind": "email", "outcome": "sent", "notes": "Sent her the plan", "next_action_at": later}
    sent = ask(owner, "POST", f"/leads/{lead.id}/activities", note, at=TUESDAY_NINE + timedelta(minutes=20))
    assert sent.status_code == 201, sent.content
    with travelling(to=TUESDAY_NINE + timedelta(hours=1)):
        assert owner.get("/compliance/rights/").status_code == 404
        page = opened(dev, lead.ref, "copy")
        assert dev.post(f"{page}approve/", {"said": "Asked herself"}).status_code == 303
        assert dev.post(f"{page}release/").status_code == 409
        for step, said in (("identity", "Called back, date of birth and ZIP"), ("approve", "She asked herself")):
            dev.post(f"{page}{step}/", {"said": said})
        answer = dev.post(f"{page}release/")
        printed = dev.get(f"{page}record/").content.decode()
    assert answer.status_code == 200 and faults_of(answer.content, harbor.organization_id) == []
    box = zipfile.ZipFile(io.BytesIO(answer.content))
    told = json.loads(box.read("record.json"))
    values = {(each["field"], each["value"]) for each in told["person"]}
    assert {("first name", "Maria"), ("last name", "Lopez"), ("postal code", "60614")} <= values
    assert told["health_and_insurance"][0]["words"] == "A sore knee since Xyzzy fair"
    assert {(each["channel"], each["value"]) for each in told["consents"]} == {
        ("call", "granted"),
        ("email", "granted"),
    }
    assert "Sent her the plan" in {each["note"] for each in told["contacts"]}
    assert {each["lead"] for each in told["leads"]} == {lead.ref} and "disclosures" in told
    assert "Xyzzy" in printed and "Everything on record of you" in printed
    with harbor.scope():
        row = RightsRequest.rows().get()
        assert (str(row.due_on), row.state, len(row.digest)) == ("2026-12-31", "approved", 64)
        noted = AuditEntry.rows().filter(object_id=row.id).order_by("seq").values_list("action", flat=True)
        assert list(noted) == ["rights.open", "rights.identify", "rights.decide", "rights.release"]
        read = AuditEntry.rows().filter(action="lead.read", object_id=lead.id, fields__contains=["disclosures"])
        assert read.count() == 2


@pytest.mark.row("PH-11")
def test_an_amendment_stands_on_the_lead_and_an_erasure_takes_two_people(harbor: Tenant, client_as: Any) -> None:
    assert tasks
    lead = make_lead(harbor)
    dev, ada = client_as("dev"), client_as("ada")
    with travelling(to=MONTH_LATER):
        amended, erased = opened(dev, lead.ref, "amendment", WORDS), opened(dev, lead.ref, "erasure")
        listed = dev.get("/compliance/rights/").content.decode()
        assert listed.count('class="late"') == 2
        for page in (amended, erased):
            dev.post(f"{page}identity/", {"said": "Identity card"})
        dev.post(f"{amended}put-off/", {"said": "The clinic has to be asked"})
        dev.post(f"{amended}approve/", {"said": "The record was wrong"})
        refused = dev.post(f"{erased}approve/", {"said": "No care was given"}, follow=True).content.decode()
        assert "Nothing of this person can be erased now (1 open)" in refused
    with harbor.scope():
        assert str(RightsRequest.rows().get(ask="amendment").due_on) == "2027-01-30"
        entry = TimelineEntry.rows().get(lead=lead, kind="amendment")
        assert WORDS in entry.note
    with travelling(to=MONTH_LATER):
        assert WORDS in dev.get(f"/leads/{lead.id}/").content.decode()
    owner = client_as(lead.owner.user.email.partition("@")[0])
    tried = {"kind": "email", "outcome": "sent", "next_action_at": MONTH_LATER.isoformat()}
    assert (
        ask(owner, "POST", f"/leads/{lead.id}/activities", tried, at=TUESDAY_NINE + timedelta(minutes=20)).status_code
        == 201
    )
    said = {"reason": "no_response", "note": "No answer", "outcome": "no_response"}
    after = MONTH_LATER + timedelta(hours=1)
    ended = ask(owner, "POST", f"/leads/{lead.id}/close", said, at=after)
    assert ended.status_code == 200, ended.content
    with travelling(to=after):
        dev.post(f"{erased}approve/", {"said": "No care was given"})
        with harbor.scope():
            number = RetentionRun.rows().get(because="request").number
        assert dev.post(f"/compliance/retention/{number}/decide/", {"act": "approve"}).status_code == 403
        assert ada.post(f"/compliance/retention/{number}/decide/", {"act": "approve"}).status_code == 303
    harbor.drain(after + timedelta(minutes=1))
    with harbor.scope():
        assert str(Person.rows().get(id=lead.person_id)) == "Erased person"
        # The request is kept as the proof; what it said about the person is gone with them.
        assert RightsRequest.rows().get(ask="amendment").words == ""
