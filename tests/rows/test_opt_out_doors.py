"""Row CN-04: every door of an opt-out stops all leads of the person, and what is not clear is read by somebody."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from apps.audit.models import AuditEntry
from apps.consent.models import ConsentEvent, DoNotContact
from apps.consent.queries import states_of
from apps.leads.models import Lead, Task
from apps.leads.terms import READ_REPLY
from apps.outreach.actions import STAGE_MESSAGE, intend_message
from apps.outreach.models import Message
from apps.outreach.texts import NullTexts
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.connectors.senders import connect, sample
from tests.connectors.signing import push
from tests.doors import Api
from tests.leads_made import TUESDAY_NINE, consent, make_lead
from tests.rows.arranging import OpenBrowser, ask
from tests.stop_races import intended

PHONE, LATER, FORM = "+13125550164", TUESDAY_NINE + timedelta(minutes=5), "application/x-www-form-urlencoded"
ALL = [consent("call"), consent("text"), consent("email")]


def standing(tenant: Tenant, lead: Lead) -> dict[str, str]:
    """Return what holds for each channel of a lead's person."""
    with tenant.scope():
        return {str(each): str(state.value) for each, state in states_of([lead.person_id])[lead.person_id].items()}


@pytest.mark.row("CN-04")
@pytest.mark.row("CN-14")
@pytest.mark.ux(7)
def test_an_opt_out_told_by_api_stops_all_leads_and_tells_the_agency_of_nobody(
    harbor: Tenant, api: Callable[..., Api], client_as: OpenBrowser
) -> None:
    first = make_lead(harbor, person__phone=PHONE, consent=ALL)
    second = make_lead(harbor, person__phone=PHONE, request__service="bariatrics", request__location="oak-park")
    with travelling(to=LATER):
        message_id = intended(harbor, first, PHONE, "told")
        agency = api("bp-1")
        here = agency.post("/opt-outs", {"phone": "(312) 555-0164", "reason": "stop calling"})
        nobody = agency.post("/opt-outs", {"phone": "+13125550165"})
        wrong = [
            agency.post("/opt-outs", body).status_code
            for body in (
                {"phone": "12"},
                {"phone": PHONE, "email": "a@example.com"},
                {"email": "a@example.com", "channels": ["call"]},
            )
        ]
        grant = agency.post(f"/leads/{first.id}/consents", {"channel": "call", "state": "granted"})
    assert here.status_code == nobody.status_code == 200 and here.json() == nobody.json()
    assert here.json()["channels"] == ["call", "text"] and wrong == [422, 422, 422] and grant.status_code in (403, 404)
    assert standing(harbor, first) == {"call": "withdrawn", "text": "withdrawn", "email": "granted"}
    with harbor.scope():
        message = Message.rows().get(id=message_id)
        assert (message.state, "BrightPath" in message.reason or "stop calling" in message.reason) == ("blocked", True)
        kinds = Task.rows().filter(lead__in=[first.id, second.id], state="open").values_list("kind", flat=True)
        assert set(kinds) & {"call", "text"} == set()
        line = ConsentEvent.rows().filter(person=first.person, channel="call", value="withdrawn").get()
        assert (line.source, "stop calling" in line.reason) == ("api", True)
        assert DoNotContact.rows().filter(value="+13125550165", ended_at__isnull=True).count() == 2
        assert AuditEntry.rows().filter(action="consent.opt_out", party_id__isnull=False).exists()
    # The list itself: read by who sees all leads, written by who may change settings, ended once.
    ada, ana = client_as("ada"), client_as("ana")
    said = {"kind": "phone", "value": "+13125550166", "reason": "asked by letter"}
    made = ask(ada, "POST", "/do-not-contact", said, at=LATER)
    assert made.status_code == 201 and made.json()["value"] == "+13125550166"
    assert ask(ana, "POST", "/do-not-contact", said, at=LATER).status_code == 403
    assert ask(ada, "POST", "/do-not-contact", said, at=LATER).status_code == 422
    listed = ask(ada, "GET", "/do-not-contact", at=LATER).json()["results"]
    assert len(listed) == 5 and "asked by letter" in {each["reason"] for each in listed}
    ends = [ask(ada, "POST", f"/do-not-contact/{made.json()['id']}/end", {}, at=LATER).status_code for _ in "12"]
    assert ends == [200, 409]


@pytest.mark.row("CN-04")
def test_words_that_are_not_clear_stop_nothing_but_are_read_and_marketing_waits(harbor: Tenant) -> None:
    NullTexts.sent.clear()
    lead = make_lead(harbor, person__phone=PHONE, consent=ALL)
    sender = connect(harbor, "twilio-sms", source="chat")
    with travelling(to=LATER):
        said = sample("twilio-sms", "text") | {"Body": "Please don't stop texting me!", "From": PHONE}
        assert push(sender, said | {"MessageSid": "SM1"}, FORM).status_code == 200
    harbor.drain(LATER)
    assert set(standing(harbor, lead).values()) == {"granted"}
    with harbor.scope():
        task = Task.rows().get(kind=READ_REPLY, state="open")
        assert "do they want us to stop?" in task.title
        point = lead.person.contact_points.get(kind="email")
        held = Lead.rows().get(id=task.lead_id)
        with travelling(to=LATER):
            waiting = intend_message(
                held,
                purpose=STAGE_MESSAGE,
                template_key="nurture-visit",
                contact_point=point,
                words={},
                language="en",
                dedup_key="held",
                now=LATER,
            )
    harbor.drain(LATER + timedelta(minutes=1))
    with harbor.scope():
        assert waiting is not None and Message.rows().get(id=waiting.id).state == "pending"
    # Plain words beside others stop contact at once, and somebody reads them too.
    with travelling(to=LATER + timedelta(minutes=2)):
        said |= {"Body": "please stop texting me", "MessageSid": "SM2"}
        assert push(sender, said, FORM).status_code == 200
    harbor.drain(LATER + timedelta(minutes=2))
    assert standing(harbor, lead) == {"call": "withdrawn", "text": "withdrawn", "email": "granted"}
