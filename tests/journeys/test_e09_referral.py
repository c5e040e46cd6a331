"""Scenario E-09: a provider refers a patient by mail, on the portal, by API, or on the phone with a colleague."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.audit.models import AuditEntry
from apps.capture.models import HeldDocument, SubmissionDocument
from apps.leads.models import Lead, LeadParty, Task
from tests.connectors.senders import connect, sample
from tests.connectors.signing import push
from tests.leads_made import TUESDAY_NINE, consent
from tests.partners.agency import at_nine, hidden, words
from tests.partners.test_submit import PAPER, REFERRAL
from tests.workspace.test_manual_entry import TOLD

MAIL = """Hello,

Patient: Tom Weld
Reason: post-op knee
Service: Orthopedics
Provider: Dr Kim
Practice: Lake Ortho
Phone: (312) 555-0188

He was operated on in May and needs therapy.
Best regards, Joy
"""
EMPTY = "Hello,\nPatient: Tom Weld\nProvider: Dr Kim\nPractice: Lake Ortho\nPhone: (312) 555-0188\nThank you, Joy"


def by_mail(harbor, text):
    body = sample("inbound-email", "mail") | {"TextBody": text}
    body["FromFull"] = {"Email": "joy@lakeortho.example", "Name": "Joy Park"}
    body["Headers"] = [{"Name": "Message-ID", "Value": f"<{len(text)}@lakeortho.example>"}]
    answer = at_nine(lambda: push(connect(harbor, "inbound-email", source="referral"), body, "application/json"))
    assert answer.status_code == 200


def the_referral(harbor):
    """Return the lead with its open tasks by kind, and check what holds for every referral."""
    harbor.drain(TUESDAY_NINE)
    with harbor.scope():
        lead = Lead.rows().select_related("person", "contact_person", "queue", "service").get()
        assert (lead.lead_class, lead.queue.key) == ("referral", "referral-desk"), (lead.exception, lead.hold_reason)
        assert (str(lead.person), str(lead.contact_person)) == ("Tom Weld", "Joy Park")
        assert ("lake-ortho", "referrer") in set(LeadParty.rows().filter(lead=lead).values_list("party__key", "part"))
        tasks = {each.kind: each for each in Task.rows().filter(lead=lead, state="open")}
    for kind in ("records_request", "appointment_type"):
        assert tasks[kind].due_at.astimezone(ZoneInfo("America/Chicago")).date() == date(2026, 12, 1)
    assert tasks["records_request"].title == "Request records from Lake Ortho"
    return lead, tasks


@pytest.mark.journey("E-09")
@pytest.mark.row("CP-15")
@pytest.mark.row("RT-13")
@pytest.mark.row("TK-14")
def test_a_mail_of_dr_kims_office_is_a_referral_with_its_contact_first(harbor, client_as):
    by_mail(harbor, MAIL)
    lead, tasks = the_referral(harbor)
    assert lead.service.key == "orthopedics" and "context_missing" not in tasks and not lead.exception
    assert lead.flags == [] and "screening" not in tasks
    page = words(at_nine(lambda: client_as("ivy").get(f"/leads/{lead.id}/")))
    assert page.index("Joy Park") < page.index("Tom Weld") and "(312) 555-0188" in page
    assert "Reason: post-op knee" in page and "Referring provider: Dr Kim" in page
    assert "He was operated on in May" in page and "Lake Ortho (referrer)" in page


@pytest.mark.journey("E-09")
@pytest.mark.row("VQ-10")
def test_a_mail_whose_reason_is_of_another_service_is_screened(harbor, client_as):
    by_mail(harbor, MAIL.replace("post-op knee", "rash on both arms, dermatology consult"))
    lead, tasks = the_referral(harbor)
    assert lead.service.key == "orthopedics" and [each["check"] for each in lead.flags] == ["service_reason"]
    page = words(at_nine(lambda: client_as("ivy").get(f"/leads/{lead.id}/")))
    assert "speaks of Dermatology" in tasks["screening"].title and "speaks of Dermatology" in page


@pytest.mark.journey("E-09")
@pytest.mark.row("CP-16")
def test_a_mail_without_context_proceeds_flagged_with_one_more_task(harbor):
    by_mail(harbor, EMPTY)
    lead, tasks = the_referral(harbor)
    assert lead.exception == "context_missing"
    assert tasks["context_missing"].due_at.astimezone(ZoneInfo("America/Chicago")).date() == date(2026, 12, 1)


@pytest.mark.row("CP-16")
def test_on_the_portal_without_a_reason(harbor, client_as):
    lou = client_as("lou")
    once = hidden(at_nine(lambda: lou.get("/partner/submit/")), "once")
    body = {**REFERRAL, "once": once, "referral_reason": ""}
    assert at_nine(lambda: lou.post("/partner/submit/", body)).status_code == 303
    lead, tasks = the_referral(harbor)
    assert lead.exception == "context_missing" and "context_missing" in tasks


@pytest.mark.row("CP-15")
def test_by_phone_with_a_colleague(harbor, client_as):
    office = {name: value for name, value in REFERRAL.items() if name.startswith("referral_")}
    told = {**TOLD, **office, "save": "1", "lead_class": "referral", "first_name": "Tom", "last_name": "Weld"}
    told |= {"phone": "", "source": "referral", "service": "orthopedics", "idempotency_key": "k9"}
    ewa, papers = client_as("ewa"), [SimpleUploadedFile("fax.pdf", PAPER), SimpleUploadedFile("a.docx", b"PK")]
    wrong = at_nine(lambda: ewa.post("/leads/new/", {**told, "documents": papers}))
    assert wrong.status_code == 422 and "“a.docx” is no PDF, JPEG, PNG or TIFF." in words(wrong)
    assert "Kept with this form: fax.pdf" in words(wrong) and "post-op knee" in words(wrong)
    refused = at_nine(lambda: ewa.post("/leads/new/", {**told, "lead_class": "patient"}))
    assert refused.status_code == 422 and "Documents come with a referral." in words(refused)
    answers = [at_nine(lambda: ewa.post("/leads/new/", told)) for _ in range(2)]
    assert {(each.status_code, each["Location"]) for each in answers} == {(303, answers[0]["Location"])}
    lead, _tasks = the_referral(harbor)
    with harbor.scope():
        row = SubmissionDocument.rows().get()
        assert (row.name, row.added_by, row.submission.lead_id) == ("fax.pdf", "Ewa Nowak", lead.id)
        assert not HeldDocument.rows().exists()
    ivy, address = client_as("ivy"), f"/leads/{lead.id}/documents/{row.id}/"
    assert at_nine(lambda: ivy.get(address)).content == PAPER
    with harbor.scope():
        assert AuditEntry.rows().filter(action="document.read", object_id=row.id).count() == 1


@pytest.mark.row("CP-15")
def test_by_api(harbor, api):
    body = {
        "source": "imaging-spring",
        "lead_class": "referral",
        "person": {"first_name": "Tom", "last_name": "Weld"},
        "request": {"service": "orthopedics", "preferred_channel": "call"},
        "referral": {
            "organization": "Lake Ortho",
            "provider": "Dr Kim",
            "contact_name": "Joy Park",
            "contact_phone": "(312) 555-0188",
            "reason": "post-op knee",
        },
        "consent": [consent("call")],
    }
    assert at_nine(lambda: api("bp-1").post("/leads", body)).status_code == 202
    the_referral(harbor)
