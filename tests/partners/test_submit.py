"""A partner's person submits a lead in the portal and sees what became of it, and nothing that is the clinic's."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.capture import document_shelf
from apps.capture.models import HeldDocument, Submission, SubmissionDocument
from apps.consent.models import ConsentEvent
from apps.flows.notes import add_note
from apps.leads.models import Lead, LeadParty, Task
from apps.tenancy.clock import travelling
from tests.leads_made import TUESDAY_NINE
from tests.partners.agency import at_nine, hidden, words

PAGE = "/partner/submit/"
REFERRAL = {
    "kind": "referral",
    "source": "lake-ortho",
    "first_name": "Tom",
    "last_name": "Weld",
    "service": "orthopedics",
    "referral_organization": "Lake Ortho",
    "referral_provider": "Dr Kim",
    "referral_contact_name": "Joy Park",
    "referral_contact_phone": "(312) 555-0188",
    "referral_reason": "post-op knee",
    "permissions": ["call"],
}
PAPER = b"%PDF-1.7 the operation report"


def submit(browser, tenant, **changes):
    """Fill the form in, send it, and return the answer."""
    once = hidden(at_nine(lambda: browser.get(PAGE)), "once")
    return at_nine(lambda: browser.post(PAGE, {"once": once, **REFERRAL, **changes}))


@pytest.mark.row("CP-17")
def test_lake_ortho_submits_and_sees_accepted_routed_and_no_notes(harbor, client_as):
    lou = client_as("lou")
    assert 'href="/partner/submit/"' in at_nine(lambda: lou.get("/partner/")).content.decode()
    answer = submit(lou, harbor)
    assert answer.status_code == 303, words(answer)
    harbor.drain(TUESDAY_NINE)
    with harbor.scope(), travelling(to=TUESDAY_NINE):
        lead = Lead.rows().select_related("queue").get()
        add_note(actor=harbor.actor("ivy"), lead_id=lead.id, text="Anxious about the bill", now=TUESDAY_NINE)
    told = words(at_nine(lambda: lou.get(answer["Location"])))
    assert "Result Accepted, routed" in told and f"{lead.ref} , Routed" in told
    for inner in ("Anxious", "Care Coordination", "Referral Desk", "post-op knee", "Weld"):
        assert inner not in told, inner
    assert lou.get(f"/leads/{lead.id}/").status_code == 404
    assert client_as("bea").get(answer["Location"]).status_code == 404


@pytest.mark.row("CP-15")
def test_a_referral_of_the_portal_names_its_parties_and_its_papers_are_sealed(harbor, client_as):
    paper = SimpleUploadedFile("../report.exe", PAPER)
    assert submit(client_as("lou"), harbor, documents=[paper]).status_code == 303
    harbor.drain(TUESDAY_NINE)
    with harbor.scope():
        lead = Lead.rows().select_related("contact_person", "queue").get()
        assert (lead.lead_class, lead.queue.key, str(lead.contact_person)) == ("referral", "referral-desk", "Joy Park")
        parts = set(LeadParty.rows().filter(lead=lead).values_list("party__key", "part"))
        assert parts == {("lake-ortho", "source"), ("lake-ortho", "referrer")}
        assert ConsentEvent.rows().get().contact_value == "+13125550188"
        row = SubmissionDocument.rows().get()
        assert (row.name, row.media_type, row.size_bytes) == ("report.exe.pdf", "application/pdf", len(PAPER))
        assert PAPER not in bytes(row.sealed)
        row_id = row.id
    ivy = client_as("ivy")
    assert "report.exe.pdf" in words(at_nine(lambda: ivy.get(f"/leads/{lead.id}/background/")))
    opened = at_nine(lambda: ivy.get(f"/leads/{lead.id}/documents/{row_id}/"))
    assert (opened.content, opened["Content-Type"]) == (PAPER, "application/pdf")
    assert "attachment" in opened["Content-Disposition"] and opened["X-Content-Type-Options"] == "nosniff"
    assert at_nine(lambda: client_as("cleo").get(f"/leads/{lead.id}/documents/{row_id}/")).status_code == 403
    assert at_nine(lambda: client_as("ben").get(f"/leads/{lead.id}/documents/{row_id}/")).status_code == 403


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"documents": [SimpleUploadedFile("report.pdf", b"MZ a program")]}, "is no PDF, JPEG, PNG or TIFF"),
        ({"documents": [SimpleUploadedFile("a.pdf", b"%PDF-" + b"0" * (5 * 1024 * 1024))]}, "is larger than 5 MB"),
        ({"source": "imaging-spring"}, "Select a valid choice"),
        ({"referral_contact_phone": ""}, "Give a phone number or an e-mail address."),
    ],
)
def test_what_is_not_taken_says_why_and_keeps_what_was_typed(harbor, client_as, changes, sentence):
    answer = submit(client_as("lou"), harbor, **changes)
    assert answer.status_code == 422 and sentence in words(answer), words(answer)
    assert "post-op knee" in answer.content.decode()
    with harbor.scope():
        assert not Submission.rows().exists() and not SubmissionDocument.rows().exists()


def test_papers_stay_chosen_while_another_field_is_put_right(harbor, client_as):
    lou = client_as("lou")
    wrong = submit(lou, harbor, documents=[SimpleUploadedFile("report.pdf", PAPER)], referral_contact_phone="")
    assert wrong.status_code == 422 and "Kept with this form: report.pdf" in words(wrong)
    body = {**REFERRAL, "once": hidden(wrong, "once")}
    assert at_nine(lambda: lou.post(PAGE, body)).status_code == 303
    with harbor.scope():
        assert SubmissionDocument.rows().get().name == "report.pdf"


def test_one_person_of_a_partner_fills_no_shelf(harbor, client_as, monkeypatch):
    monkeypatch.setattr(document_shelf, "MOST_FROM_ONE_SENDER", len(PAPER))
    lou = client_as("lou")
    paper = SimpleUploadedFile("a.pdf", PAPER)
    assert submit(lou, harbor, documents=[paper], referral_contact_phone="").status_code == 422
    more = submit(lou, harbor, documents=[SimpleUploadedFile("b.pdf", PAPER + b"2")])
    assert more.status_code == 422 and "Too many documents came at once." in words(more)
    with harbor.scope():
        assert [row.name for row in HeldDocument.rows().all()] == ["a.pdf"]
        assert not Submission.rows().exists()


def test_sent_twice_it_is_one_lead_and_an_asking_person_is_a_patient(harbor, client_as):
    lou = client_as("lou")
    body = {**REFERRAL, "once": "0f", "kind": "patient", "phone": "(312) 555-0177", "message": "My knee hurts"}
    first, second = (at_nine(lambda: lou.post(PAGE, body)) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert "sent before" in words(at_nine(lambda: lou.post(PAGE, {**body, "message": "Other"})))
    harbor.drain(TUESDAY_NINE)
    with harbor.scope():
        lead = Lead.rows().select_related("person").get()
        assert (lead.lead_class, str(lead.person), lead.contact_person_id) == ("patient", "Tom Weld", None)
        assert Task.rows().filter(lead=lead, state="open").exists()


def test_staff_and_readers_submit_nothing_here(client_as):
    for name, status in (("cleo", 403), ("dev", 403), ("ana", 404)):
        assert at_nine(lambda name=name: client_as(name).get(PAGE)).status_code == status
