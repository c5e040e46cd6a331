"""Context documents of a hosted referral form: chosen once, never lost, named before they are sent, kept sealed."""

import re
from datetime import timedelta
from functools import partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.audit.models import AuditEntry
from apps.capture import document_rules, document_shelf
from apps.capture.document_rules import Attached
from apps.capture.forms import publish_form
from apps.capture.models import Form, HeldDocument, Submission, SubmissionDocument
from apps.flows.sweeps import sweep
from apps.leads.models import Lead
from apps.tenancy.clock import travelling
from apps.tenancy.errors import Invalid
from tests.capture.forms_made import form_of, hidden, open_form, publish_in_builder, question, save_in_builder
from tests.capture.test_form_kinds import LATER, REFERRAL
from tests.capture.test_form_steps import Visit
from tests.leads_made import TUESDAY_NINE
from tests.partners.agency import words

PDF, JPEG = b"%PDF-1.7 the operation report", b"\xff\xd8\xff\xe0 the X-ray"
NO_KIND = "“report.pdf” is no PDF, JPEG, PNG or TIFF."


def paper(name="report.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


def send(client, page, path, values=REFERRAL, seconds=10, **more):
    """Send what stands on a page, as a browser without JavaScript does."""
    with travelling(to=TUESDAY_NINE + timedelta(seconds=seconds)):
        return client.post(path, {"token": hidden(page, "token"), **values, **more})


@pytest.fixture
def path(harbor):
    return f"/f/{harbor.slug}-refer/"


def stored(tenant):
    with tenant.scope():
        return [(row.name, row.media_type) for row in SubmissionDocument.rows()]


def held(tenant):
    with tenant.scope():
        return [row.name for row in HeldDocument.rows()]


@pytest.mark.row("CP-15")
def test_papers_of_a_hosted_referral_are_sealed_shown_on_the_lead_and_each_opening_is_noted(
    client, harbor, client_as, path
):
    page = open_form(client, path)
    assert 'enctype="multipart/form-data"' in page and "at most five, 5 MB each" in page
    assert "Documents about the referral" in page
    optional = re.findall(r">\s*([^<>]+?)\s*<span class=\"field__optional\">", page)
    assert not {"First name", "Last name", "Phone of that person", "E-mail of that person"} & {*optional}
    assert {"Phone", "E-mail", "Whom may we call at your office?"} <= {*optional}
    papers = [paper("../Report.EXE"), paper("x-ray.JPEG", JPEG)]
    assert send(client, page, path, documents=papers).status_code == 303
    harbor.drain(LATER)
    assert stored(harbor) == [("Report.EXE.pdf", "application/pdf"), ("x-ray.JPEG", "image/jpeg")]
    assert held(harbor) == []
    with harbor.scope():
        lead = Lead.rows().select_related("contact_person", "person", "service").get()
        assert (lead.lead_class, str(lead.contact_person), str(lead.person)) == ("referral", "Joy Park", "Tom Weld")
        row = SubmissionDocument.rows().first()
        assert PDF not in bytes(row.sealed) and row.submission.lead_id == lead.id
    ivy, address = client_as("ivy"), f"/leads/{lead.id}/documents/{row.id}/"
    with travelling(to=LATER):
        shown = words(ivy.get(f"/leads/{lead.id}/background/"))
        opened = ivy.get(address)
        assert client_as("cleo").get(address).status_code == 403
    assert f"Report.EXE.pdf {len(PDF)} bytes · form {harbor.slug}-refer · 09:00" in shown
    assert (opened.content, opened["Content-Type"]) == (PDF, "application/pdf")
    assert opened["Content-Disposition"].startswith("attachment") and opened["X-Content-Type-Options"] == "nosniff"
    with harbor.scope():
        reader = harbor.actor("ivy").id
        assert AuditEntry.rows().filter(action="document.read", object_id=row.id, actor_id=reader).count() == 1


def test_a_wrong_field_costs_nobody_a_second_choice(client, harbor, path):
    answer = send(client, open_form(client, path), path, referral_contact_phone="12", documents=[paper()])
    page = answer.content.decode()
    assert answer.status_code == 422 and "This number cannot be called." in page
    assert "Kept with this form:" in page and "report.pdf" in page and "Joy Park" in page
    assert stored(harbor) == [] and held(harbor) == ["report.pdf"]
    assert send(client, page, path, seconds=20).status_code == 303
    assert stored(harbor) == [("report.pdf", "application/pdf")] and held(harbor) == []


def test_a_wrong_file_is_named_and_the_good_one_stays(client, harbor, path):
    papers = [paper(), paper("report.pdf", b"MZ a program"), paper("empty.pdf", b"")]
    answer = send(client, open_form(client, path), path, documents=papers)
    page, said = answer.content.decode(), words(answer)
    assert answer.status_code == 422 and NO_KIND in said and "“empty.pdf” is empty." in said
    assert 'href="#id_documents"' in page and "post-op knee" in page
    assert held(harbor) == ["report.pdf"]
    gone = re.search(r'name="documents_gone" value="([^"]+)"', page)[1]
    assert send(client, page, path, seconds=20, documents_gone=gone).status_code == 303
    assert stored(harbor) == []


@pytest.mark.parametrize(
    ("papers", "sentence"),
    [
        ([b"%PDF-" + b"0" * (5 * 1024 * 1024)], "“0.pdf” is larger than 5 MB."),
        ([b"%PDF-" + bytes([each]) for each in range(6)], "“5.pdf” is one too many: at most 5 documents."),
        ([b"%PDF-" + bytes([each]) * 4_000_000 for each in range(3)], "With “2.pdf” the documents are larger than 10"),
    ],
)
def test_size_and_number_are_limited_over_all_sendings_of_the_page(client, harbor, path, papers, sentence):
    files = [paper(f"{number}.pdf", content) for number, content in enumerate(papers)]
    answer = send(client, open_form(client, path), path, documents=files)
    assert answer.status_code == 422 and sentence in words(answer)
    assert stored(harbor) == []
    if len(files) > 1:
        assert len(held(harbor)) == len(files) - 1
        more = send(client, answer.content.decode(), path, seconds=20, documents=[files[-1]])
        files[-1].seek(0)
        assert more.status_code == 422


def test_the_same_page_sent_twice_is_one_referral_with_its_papers_once_and_a_new_one_added(client, harbor, path):
    page = open_form(client, path)
    for papers in ([paper()], [paper()], [paper("other.pdf", PDF + b"2")]):
        assert send(client, page, path, documents=papers).status_code == 303
    with harbor.scope():
        assert Submission.rows().count() == 1
    assert [name for name, _kind in stored(harbor)] == ["report.pdf", "other.pdf"]


def test_a_page_that_was_open_too_long_keeps_its_papers(client, harbor, path):
    answer = send(client, open_form(client, path), path, seconds=3 * 3600, documents=[paper()])
    page = answer.content.decode()
    assert answer.status_code == 422 and "This page was open too long." in page and "Kept with this form:" in page
    assert send(client, page, path, seconds=3 * 3600 + 9).status_code == 303
    assert stored(harbor) == [("report.pdf", "application/pdf")]


def test_step_by_step_papers_are_kept_named_before_sending_and_may_be_taken_off(client, harbor, path):
    with harbor.scope():
        Form.rows().filter(slug=f"{harbor.slug}-refer").update(layout="steps")
        form = Form.rows().get(slug=f"{harbor.slug}-refer")
        publish_form(actor=harbor.system, form_id=form.id, now=TUESDAY_NINE)
    visit = Visit(client, f"{harbor.slug}-refer")
    visit.get(visit.home)
    visit.post(service="orthopedics")
    visit.post(**{name: value for name, value in REFERRAL.items() if name.startswith(("referral", "first", "last"))})
    assert "<h1>Documents</h1>" in visit.page
    assert visit.post(documents=[paper("a.pdf"), paper("b.exe", b"MZ")]).status_code == 422
    assert "“b.exe” is no PDF" in visit.page and "a.pdf" in visit.page
    visit.post(documents=[paper("c.jpg", JPEG)])
    visit.post(preferred_channel="call", consent_call="on")
    assert "Check your answers" in visit.page and "a.pdf, c.jpg</dd>" in visit.page
    visit.get(re.search(r'href="([^"#]+/documents/\?from=check)', visit.page)[1])
    visit.post(documents_gone=re.search(r'name="documents_gone" value="([^"]+)"', visit.page)[1])
    assert "Check your answers" in visit.page and "<dd>c.jpg</dd>" in visit.page
    assert visit.post().status_code == 303
    assert stored(harbor) == [("c.jpg", "image/jpeg")] and held(harbor) == []


def test_in_spanish_the_reasons_are_spanish(client, harbor, path):
    page = open_form(client, f"{path}?lang=es")
    said = words(send(client, page, path, lang="es", documents=[paper("a.exe", b"MZ"), paper()]))
    assert "«a.exe» no es PDF, JPEG, PNG ni TIFF." in said and "Guardado con este formulario: report.pdf" in said


def test_in_a_frame_of_another_site_papers_come_along(client, harbor, path):
    page = open_form(client, f"{path}embed/")
    answer = send(client, page, f"{path}embed/", documents=[paper()])
    assert answer.status_code == 303 and "embed=1" in answer["Location"]
    assert stored(harbor) == [("report.pdf", "application/pdf")]


def test_what_is_not_sent_is_forgotten_after_a_day(client, harbor, path):
    send(client, open_form(client, path), path, referral_contact_phone="", documents=[paper()])
    for hours, left in ((23, ["report.pdf"]), (25, [])):
        with harbor.scope():
            sweep(harbor.organization_id, TUESDAY_NINE + timedelta(hours=hours))
        assert held(harbor) == left


def test_one_address_fills_no_shelf_and_the_form_goes_without_papers(client, harbor, path, monkeypatch):
    monkeypatch.setattr(document_shelf, "MOST_FROM_ONE_SENDER", 2 * len(PDF))
    refused = partial(send, client, open_form(client, path), path)
    assert refused(documents=[paper()], referral_contact_phone="").status_code == 422
    answer = refused(documents=[paper("2.pdf", PDF + b"2")])
    assert answer.status_code == 422 and "Too many documents came at once." in words(answer)
    assert refused(seconds=20).status_code == 303


def test_only_a_referral_form_asks_for_documents_and_one_may_need_them(client, harbor, client_as):
    ada = client_as("ada")
    questions = [question("contact", "contact", "contact"), question("consent", "consent", "consent")]
    papers = {**question("papers", "documents", "eligibility", label="The referral letter"), "is_required": "on"}
    save_in_builder(ada, harbor, "papers", [*questions, papers])
    said = publish_in_builder(ada, harbor, "papers")
    assert "“The referral letter” asks for documents: only a referral form takes them." in said
    assert not form_of(harbor, "papers").is_published
    asked = [question("office", "referral", "contact"), *questions, papers]
    save_in_builder(ada, harbor, "papers", asked, kind="referral", source="referral", services=[])
    publish_in_builder(ada, harbor, "papers")
    assert form_of(harbor, "papers").is_published
    page = open_form(client, "/f/papers/")
    answer = send(client, page, "/f/papers/")
    assert answer.status_code == 422 and "Answer this question." in words(answer)
    assert send(client, page, "/f/papers/", seconds=20, documents=[paper()]).status_code == 303


def test_what_could_not_be_sent_with_its_papers_is_not_stored_either(client, harbor, path, monkeypatch):
    papers = [paper(), paper("2", JPEG)]
    answer = send(client, open_form(client, path), path, referral_contact_phone="", documents=papers)
    page = answer.content.decode()
    assert answer.status_code == 422 and len(held(harbor)) == 2
    with monkeypatch.context() as patch:
        patch.setattr(document_rules, "MOST_FILES", 1)
        refused = send(client, page, path, seconds=20)
    assert refused.status_code == 422 and "is one too many" in words(refused)
    with harbor.scope():
        assert not Submission.rows().exists()
    assert len(held(harbor)) == 2
    assert send(client, page, path, seconds=30).status_code == 303
    assert len(stored(harbor)) == 2


def test_a_shelf_takes_no_more_than_one_inquiry_does_whatever_the_page_said(harbor):
    files = [Attached(f"{number}.pdf", PDF + bytes([number])) for number in range(6)]
    with harbor.scope():
        document_shelf.hold(shelf="visit", files=files[:5], now=TUESDAY_NINE)
        document_shelf.hold(shelf="visit", files=files[:1], now=TUESDAY_NINE)
        with pytest.raises(Invalid, match="one too many"):
            document_shelf.hold(shelf="visit", files=files[5:], now=TUESDAY_NINE)
        assert HeldDocument.rows().count() == 5


def test_one_sender_fills_no_shelf_over_the_day_and_people_of_ours_have_a_share_of_their_own(harbor, monkeypatch):
    monkeypatch.setattr(document_shelf, "MOST_FROM_ONE_SENDER", 2 * len(PDF))
    monkeypatch.setattr(document_shelf, "MOST_HELD", len(PDF))
    with harbor.scope():
        lou = document_shelf.member_sender(harbor.member("lou").id)
        for hour, sender in enumerate([lou, lou, "0" * 32]):
            at = TUESDAY_NINE + timedelta(hours=2 * hour)
            document_shelf.hold(shelf=f"visit {hour}", files=[Attached("a.pdf", PDF)], now=at, sender=sender)
        later = TUESDAY_NINE + timedelta(hours=6)
        for sender in (lou, "0" * 32, "1" * 32):
            with pytest.raises(document_shelf.ShelfFull):
                document_shelf.hold(shelf="more", files=[Attached("a.pdf", PDF)], now=later, sender=sender)
        next_day = TUESDAY_NINE + timedelta(hours=25)
        document_shelf.hold(shelf="more", files=[Attached("a.pdf", PDF)], now=next_day, sender=lou)
