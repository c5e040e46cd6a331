"""A colleague types an inquiry in: the number first, then who, what, whence and why; it goes the way of every one."""

import re

import pytest
from django.test import Client

from apps.audit.models import AuditEntry
from apps.capture.models import Submission
from apps.consent.models import ConsentEvent, DoNotContact
from apps.leads.models import Lead, Person, Touch
from apps.privacy import details
from apps.sla.models import SlaTimer
from apps.tenancy.clock import travelling
from tests.leads_made import TUESDAY_NINE, inquiry, make_lead, reload
from tests.partners.agency import at_nine, hidden, words

PAGE = "/leads/new/"
TOLD = {
    "subject": "person",
    "lead_class": "patient",
    "first_name": "Maria",
    "last_name": "Lopez",
    "phone": "(312) 555-0142",
    "service": "imaging",
    "location": "elm-st",
    "patient_type": "new",
    "preferred_channel": "call",
    "source": "call",
    "reason": "Called the front desk and asked for an MRI",
    "said_call": "yes",
}


def send(browser: Client, **changes):
    """Fill the form in and send it on the Tuesday at nine."""
    values = {"save": "1", "idempotency_key": "k1", **TOLD, **changes}
    return at_nine(lambda: browser.post(PAGE, {name: value for name, value in values.items() if value}))


def taken_in(browser, tenant, **changes):
    """Send an inquiry, let the intake work and return the page that says what became of it."""
    answer = send(browser, **changes)
    assert answer.status_code == 303, words(answer)
    assert "being judged" in words(at_nine(lambda: browser.get(answer["Location"])))
    tenant.drain(TUESDAY_NINE)
    return words(at_nine(lambda: browser.get(answer["Location"])))


def only_lead(tenant):
    with tenant.scope():
        lead_id = Lead.rows().get().id
    return reload(tenant, lead_id)


def test_a_call_becomes_a_lead_by_the_one_intake(harbor, client_as):
    ana = client_as("ana")
    told = taken_in(ana, harbor)
    lead = only_lead(harbor)
    assert "A new lead: " + lead.ref in told and "Elm Calls" in told and lead.owner.user.name in told
    with harbor.scope():
        row = Submission.rows().get()
        assert (row.door, row.capture_method, row.verdict, row.source.key) == ("page", "manual", "new", "call")
        assert AuditEntry.rows().filter(action="lead.enter", object_id=row.id).exists()
        assert Touch.rows().filter(lead=lead, submission_id=row.id).exists()
        assert SlaTimer.rows().filter(lead=lead).exists()
        event = ConsentEvent.rows().get()
        assert (event.channel, event.value, event.contact_value) == ("call", "granted", "+13125550142")
        assert (event.evidence_kind, event.evidence_ref) == ("spoken", "Heard by Ana Ruiz")
        assert event.wording_version == "spoken-v1" and "May we call you" in event.evidence["text"]
        kept = {each.kind: each.text for each in details.read(actor=harbor.actor("ana"), subject_id=lead.id)}
        assert kept["answers"] == "Entered by hand because: Called the front desk and asked for an MRI"


@pytest.mark.row("VQ-15")
@pytest.mark.parametrize(
    ("left_out", "sentence"),
    [("source", "Choose where it came from."), ("reason", "Say why you enter it.")],
)
def test_without_source_or_reason_it_is_refused_and_nothing_typed_is_lost(harbor, client_as, left_out, sentence):
    answer = send(client_as("ana"), **{left_out: "", "message": "My knee hurts since May"})
    page = answer.content.decode()
    assert answer.status_code == 422 and sentence in words(answer)
    assert "My knee hurts since May" in page and 'value="(312) 555-0142"' in page
    with harbor.scope():
        assert not Submission.rows().exists()


@pytest.mark.row("VQ-15")
def test_the_api_takes_no_manual_lead_without_source_or_reason(harbor, api):
    body = inquiry(source="imaging-spring", capture_method="manual")
    for changes, pointer in (({"source": "no-such-source"}, "/source"), ({}, "/entry_reason")):
        answer = at_nine(lambda changes=changes: api("bp-1").post("/leads", {**body, **changes}))
        assert answer.status_code == 422 and pointer in {each["pointer"] for each in answer.json()["errors"]}
    told = {**body, "entry_reason": "Asked at our desk for an MRI"}
    assert at_nine(lambda: api("bp-1").post("/leads", told)).status_code == 202


def test_other_peoples_sources_are_not_named_by_hand(harbor, client_as):
    answer = send(client_as("ana"), source="imaging-spring")
    assert answer.status_code == 422
    with harbor.scope():
        assert not Submission.rows().exists()


@pytest.mark.row("CP-24")
def test_an_organisation_is_a_business_without_a_date_of_birth(harbor, client_as):
    acme = {
        "subject": "organization",
        "lead_class": "business",
        "organization_name": "Acme Corp employee screening",
        "first_name": "",
        "last_name": "",
        "location": "",
        "patient_type": "",
    }
    refused = send(client_as("ewa"), **acme, date_of_birth="1980-01-01")
    assert refused.status_code == 422 and "An organisation has no date of birth." in words(refused)
    taken_in(client_as("ewa"), harbor, **acme)
    lead = only_lead(harbor)
    assert (lead.lead_class, lead.person.is_organization, lead.person.date_of_birth) == ("business", True, None)
    assert str(lead.person) == "Acme Corp employee screening"


@pytest.mark.row("CP-25")
def test_a_son_asks_for_his_mother_and_is_the_one_who_is_called(harbor, client_as):
    son = {"first_name": "Luis", "relation": "family", "who_first_name": "Maria", "who_last_name": "Lopez"}
    taken_in(client_as("ana"), harbor, **son)
    lead = only_lead(harbor)
    with harbor.scope():
        assert (str(lead.person), str(lead.contact_person)) == ("Maria Lopez", "Luis Lopez")
        event = ConsentEvent.rows().get()
        assert (event.person_id, event.contact_value) == (lead.contact_person_id, "+13125550142")
    page = words(at_nine(lambda: client_as("ana").get(f"/leads/{lead.id}/")))
    assert "Luis Lopez" in page and "Asked by family for Maria Lopez" in page


def find(browser, typed):
    return at_nine(lambda: browser.post(PAGE, {"find": "1", "q": typed}))


def test_the_number_says_who_is_on_file_and_whose_lead_is_whose(harbor, client_as):
    lead = make_lead(harbor, person__phone="+13125550142")
    with harbor.scope():
        DoNotContact.objects.create(
            kind="phone", value="+13125550142", reason="Asked", added_by="Dev", added_at=TUESDAY_NINE
        )
    mine = find(client_as("ana"), "312-555-0142")
    assert "Maria Lopez" in words(mine) and lead.ref in words(mine) and f"/leads/{lead.id}/" in mine.content.decode()
    assert "stands on the do-not-contact list" in words(mine)
    other = find(client_as("ben"), "312-555-0142")
    assert "Maria" not in words(other) and "ML" in words(other) and "Elm Calls" in words(other)
    assert f"/leads/{lead.id}/" not in other.content.decode() and "Not yours to open" in words(other)
    with harbor.scope():
        assert AuditEntry.rows().filter(action="person.read", actor_label="Ben Okafor").exists()
    assert "Nobody is on file" in words(find(client_as("ben"), "312-555-0199"))
    assert find(client_as("ben"), "12").status_code == 422


def test_whoever_is_on_file_is_chosen_before_anything_is_taken_in(harbor, client_as):
    first = make_lead(harbor, person__phone="+13125550142", request__service="cardiology")
    asked = send(client_as("ben"))
    assert asked.status_code == 422 and "Say whose inquiry it is." in words(asked)
    names = {"first_name": "", "last_name": ""}
    told = taken_in(client_as("ben"), harbor, whose=str(first.person_id), **names)
    assert "belongs to another team" in told
    with harbor.scope():
        assert Person.rows().count() == 1 and Lead.rows().filter(person=first.person_id).count() == 2
        assert Lead.rows().exclude(id=first.id).get().related_to_id in (first.id, None)
    with harbor.scope():
        stranger = make_lead(harbor, person__phone="+13125550777").person_id
    assert send(client_as("ben"), idempotency_key="k2", whose=str(stranger)).status_code == 422


def test_a_heard_yes_reopens_nothing_that_was_refused(harbor, client_as):
    person = {"person__phone": "+13125550142", "person__email": ""}
    refused = [{"channel": "call", "state": "denied", "text": "No calls", "text_version": "v4"}]
    first = make_lead(harbor, **person, consent=refused)
    taken_in(client_as("ana"), harbor, whose=str(first.person_id))
    with harbor.scope():
        values = ConsentEvent.rows().filter(person=first.person_id, channel="call").values_list("value", flat=True)
        assert set(values) == {"denied"}


def test_sent_twice_it_is_one_inquiry_and_a_draft_waits_until_it_is_sent(harbor, client_as):
    ana = client_as("ana")
    draft = {name: TOLD[name] for name in ("first_name", "reason")}
    assert at_nine(lambda: ana.post(f"{PAGE}draft/", draft)).status_code == 204
    opened = at_nine(lambda: ana.get(PAGE))
    assert "restored" in words(opened) and TOLD["reason"] in opened.content.decode()
    assert re.search(r"[0-9a-f]{32}", hidden(opened, "idempotency_key"))
    first, second = send(ana), send(ana, whose="new")
    assert first["Location"] == second["Location"]
    assert send(ana, reason="Something else").status_code == 409
    assert "restored" not in words(at_nine(lambda: ana.get(PAGE)))
    with harbor.scope():
        assert Submission.rows().count() == 1
    with travelling(to=TUESDAY_NINE):
        assert client_as("ben").get(first["Location"]).status_code == 404
