"""QL-11: who decides for the patient is whom tasks address, and permissions are theirs."""

from datetime import timedelta

import pytest

from apps.flows.invariants import breaches
from apps.leads.models import DecisionMaker, Task
from apps.tenancy.clock import travelling
from tests.leads_made import TUESDAY_NINE, make_lead, reload
from tests.rows.arranging import ask, page

SOON = TUESDAY_NINE + timedelta(minutes=10)
DAUGHTER = {
    "controls": ["scheduling", "referral"],
    "first_name": "Ines",
    "last_name": "Lopez",
    "role": "daughter",
    "phone": "+13125550166",
}


@pytest.mark.row("QL-11")
def test_the_daughter_controls_scheduling_and_tasks_address_her(harbor, client_as):
    lead = make_lead(harbor)
    owner = client_as(lead.owner.user.email.partition("@")[0])
    path = f"/leads/{lead.id}/decision-makers"
    with harbor.scope():
        assert Task.rows().get(lead=lead, state="open").title == "Call Maria Lopez"
    nameless = ask(owner, "POST", path, DAUGHTER | {"role": "", "phone": ""}, at=SOON)
    assert [each["pointer"] for each in nameless.json()["errors"]] == ["/role", "/phone"]
    assert ask(owner, "POST", path, DAUGHTER, at=SOON).status_code == 200
    after = reload(harbor, lead.id)
    with harbor.scope():
        assert Task.rows().get(lead=lead, state="open").title == "Call Ines Lopez"
        assert str(after.contact_person) == "Ines Lopez" and after.contact_relation == "daughter"
        rows = DecisionMaker.rows().filter(lead=lead, ended_at=None)
        assert sorted(rows.values_list("controls", "role")) == [("referral", "daughter"), ("scheduling", "daughter")]
        assert [each.name for each in breaches() if each.name != "I9 outbox"] == []
    assert "Daughter: referral, scheduling" in page(owner, f"/leads/{lead.id}/", at=SOON)
    # What Maria permitted is not Ines's word.
    call = ask(owner, "POST", f"/leads/{lead.id}/calls", {}, at=SOON)
    assert (call.status_code, call.json()["code"]) == (403, "consent_unknown")
    seen = ask(owner, "GET", f"/leads/{lead.id}", at=SOON).json()
    assert set(seen["consent"].values()) == {"unknown"}


@pytest.mark.row("QL-11")
def test_the_patient_decides_again_by_the_form(harbor, client_as):
    lead = make_lead(harbor)
    owner = client_as(lead.owner.user.email.partition("@")[0])
    assert ask(owner, "POST", f"/leads/{lead.id}/decision-makers", DAUGHTER, at=SOON).status_code == 200
    sent = {"controls": ["scheduling"], "version": reload(harbor, lead.id).version, "idempotency_key": "decider-1"}
    with travelling(to=SOON):
        empty = owner.post(f"/leads/{lead.id}/decider/", sent | {"controls": []})
        assert empty.status_code == 422 and "Say what they decide on." in empty.content.decode()
        assert owner.post(f"/leads/{lead.id}/decider/", sent).status_code == 303
    assert reload(harbor, lead.id).contact_person_id is None
    with harbor.scope():
        assert Task.rows().get(lead=lead, state="open").title == "Call Maria Lopez"
        assert DecisionMaker.rows().filter(lead=lead, controls="scheduling").count() == 2
