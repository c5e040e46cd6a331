"""The do-not-contact list through the admin: what is put on it is stopped at once, however it was typed."""

import re
from datetime import timedelta

import pytest

from apps.consent.models import DoNotContact
from apps.leads.models import Lead, Task
from apps.outreach.models import Message
from apps.tenancy.clock import travelling
from tests.admin.test_registers import grant
from tests.leads_made import TUESDAY_NINE, consent, make_lead
from tests.rows.arranging import ask
from tests.stop_races import intended

PHONE, LATER = "+13125550171", TUESDAY_NINE + timedelta(minutes=5)
ADD = "/admin/consent/donotcontact/add/"


def put(client, **form):
    """Put something on the list by the admin's form."""
    with travelling(to=LATER):
        return client.post(ADD, {"reason": "asked the regulator", **form})


@pytest.fixture
def dev(harbor, client_as):
    """A compliance officer who may write the list."""
    grant(harbor, "compliance", "settings:write")
    return client_as("dev")


def test_a_number_typed_as_people_do_is_barred_and_what_was_on_its_way_stops(harbor, dev, client_as):
    lead = make_lead(harbor, person__phone=PHONE, consent=[consent("call"), consent("text"), consent("email")])
    with travelling(to=LATER):
        message_id = intended(harbor, lead, PHONE, "barred")
    answer = put(dev, kind="phone", value=" (312) 555-0171 ")
    assert answer.status_code == 302, re.sub(r"<[^>]+>", " ", answer.content.decode())[:2000]
    with harbor.scope():
        assert list(DoNotContact.rows().values_list("value", "channel")) == [(PHONE, "")]
        message = Message.rows().get(id=message_id)
        assert (message.state, "do-not-contact list" in message.reason) == ("blocked", True)
        kinds = set(Task.rows().filter(lead=lead, state="open").values_list("kind", flat=True))
        assert kinds == {"email"}
    owner = client_as(lead.owner.user.email.partition("@")[0])
    refused = ask(owner, "POST", f"/leads/{lead.id}/calls", {"channel": "call"}, at=LATER)
    assert (refused.status_code, refused.json()["code"]) == (403, "do_not_contact")


def test_a_person_on_the_list_is_nobodys_to_call_and_the_lead_says_so(harbor, dev):
    lead = make_lead(harbor, person__phone=PHONE)
    assert put(dev, kind="person", value=str(lead.person_id)).status_code == 302
    with harbor.scope():
        assert Lead.rows().get(id=lead.id).exception == "no_permitted_channel"
        assert {*Task.rows().filter(lead=lead, state="open").values_list("kind", flat=True)} == {"review"}


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("phone", "555-01", "This is no phone number."),
        ("email", "nobody at home", "This is no e-mail address."),
        ("person", "L-12", "There is no person with this id."),
        ("person", "01939d4e-7b1c-7c3a-9f00-3d1f0c5a2b11", "There is no person with this id."),
    ],
)
def test_what_nobody_could_have_is_not_kept(harbor, dev, kind, value, said):
    answer = put(dev, kind=kind, value=value)
    assert answer.status_code in (200, 422) and said in answer.content.decode()
    with harbor.scope():
        assert not DoNotContact.rows().exists()
