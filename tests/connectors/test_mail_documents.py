"""What is attached to a mail: documents of the lead where the rules take them, named with the reason where not."""

import base64
import hashlib
import hmac
from email.message import EmailMessage

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import encode_multipart

from apps.audit.models import AuditEntry
from apps.capture.models import Submission, SubmissionDocument
from apps.leads.models import Lead, TimelineEntry
from tests.connectors.senders import SECRET, connect, sample
from tests.connectors.signing import push
from tests.journeys.test_e09_referral import MAIL
from tests.leads_made import TUESDAY_NINE
from tests.partners.agency import at_nine, words

PDF, PNG, PROGRAM = b"%PDF-1.7 the operation report", b"\x89PNG\r\n\x1a\n the logo", b"MZ a program"


def postmark(*attached):
    """Return the mail of Dr Kim's office in Postmark's form; each attachment is (name, content, content id)."""
    body = sample("inbound-email", "mail") | {"TextBody": MAIL, "HtmlBody": '<p>Hello</p><img src="cid:logo@office">'}
    body["FromFull"] = {"Email": "joy@lakeortho.example", "Name": "Joy Park"}
    body["Attachments"] = [
        {
            "Name": name,
            "Content": base64.b64encode(content).decode(),
            "ContentType": "application/octet-stream",
            "ContentLength": len(content),
            **({"ContentID": f"<{content_id}>"} if content_id else {}),
        }
        for name, content, content_id in attached
    ]
    return body


def stored(tenant):
    with tenant.scope():
        return sorted((row.name, row.media_type) for row in SubmissionDocument.rows())


@pytest.mark.row("CP-15")
def test_papers_of_a_referral_mail_are_documents_and_a_program_is_named_and_never_given_out(harbor, client_as):
    mailbox = connect(harbor, "inbound-email", source="referral")
    body = postmark(
        ("report.pdf", PDF, ""), ("scan.pdf", PROGRAM, ""), ("logo.png", PNG, "logo@office"), ("ray.png", PNG, "ray")
    )
    for _ in range(2):
        assert at_nine(lambda: push(mailbox, body, "application/json")).status_code == 200
        harbor.drain(TUESDAY_NINE)
    assert stored(harbor) == [("ray.png", "image/png"), ("report.pdf", "application/pdf")]
    with harbor.scope():
        lead = Lead.rows().select_related("person", "contact_person").get()
        assert (lead.lead_class, str(lead.contact_person), str(lead.person)) == ("referral", "Joy Park", "Tom Weld")
        entry = TimelineEntry.rows().get(lead=lead, kind="document")
        assert entry.sentence == "One attachment was not taken." and "scan" not in entry.sentence
        row = SubmissionDocument.rows().get(name="report.pdf")
        assert PDF not in bytes(row.sealed)
    ivy, address = client_as("ivy"), f"/leads/{lead.id}/documents/{row.id}/"
    page = words(at_nine(lambda: ivy.get(f"/leads/{lead.id}/")))
    assert "One attachment was not taken." in page and "“scan.pdf” is no PDF, JPEG, PNG or TIFF." in page
    assert "report.pdf" in words(at_nine(lambda: ivy.get(f"/leads/{lead.id}/background/")))
    opened = at_nine(lambda: ivy.get(address))
    assert opened.content == PDF and opened["Content-Disposition"] == 'attachment; filename="report.pdf"'
    assert (opened["X-Content-Type-Options"], opened["Content-Type"]) == ("nosniff", "application/pdf")
    with harbor.scope():
        reader = harbor.actor("ivy").id
        assert AuditEntry.rows().filter(action="document.read", object_id=row.id, actor_id=reader).count() == 1


def test_beyond_the_limits_the_first_ones_are_taken_and_the_rest_is_named(harbor):
    files = [(f"{number}.pdf", PDF + bytes([number]), "") for number in range(7)]
    files[2] = ("large.pdf", b"%PDF-" + b"0" * (5 * 1024 * 1024), "")
    mailbox = connect(harbor, "inbound-email", source="referral")
    assert at_nine(lambda: push(mailbox, postmark(*files), "application/json")).status_code == 200
    harbor.drain(TUESDAY_NINE)
    assert [name for name, _kind in stored(harbor)] == ["0.pdf", "1.pdf", "3.pdf", "4.pdf", "5.pdf"]
    with harbor.scope():
        entry = TimelineEntry.rows().get(kind="document")
        lines = entry.note.splitlines()
    assert lines == ["“large.pdf” is larger than 5 MB.", "“6.pdf” is one too many: at most 5 documents."]


def test_a_plain_mime_mail_brings_its_papers(harbor):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Joy Park <joy@lakeortho.example>", "intake@example.com", "Referral"
    mail["Message-ID"] = "<m1@lakeortho.example>"
    mail.set_content(MAIL)
    mail.add_attachment(PDF, "application", "pdf", filename="Befund Käthe.pdf")
    mail.add_attachment(PNG, "image", "png", filename="photo.png", disposition="inline")
    mailbox = connect(harbor, "inbound-email", source="referral")
    sent = at_nine(lambda: mailbox.post(bytes(mail), content_type="message/rfc822", headers={"X-Hook-Secret": SECRET}))
    assert sent.status_code == 200
    harbor.drain(TUESDAY_NINE)
    assert stored(harbor) == [("Befund Käthe.pdf", "application/pdf"), ("photo.png", "image/png")]


def test_mailguns_parsed_form_brings_its_papers(harbor):
    at = str(int(TUESDAY_NINE.timestamp()))
    signature = hmac.new(SECRET.encode(), f"{at}abc".encode(), hashlib.sha256).hexdigest()
    fields = {
        "timestamp": at,
        "token": "abc",
        "signature": signature,
        "sender": "joy@lakeortho.example",
        "recipient": "intake@example.com",
        "body-plain": MAIL,
        "body-html": '<img src="cid:logo@office">',
        "message-headers": '[["From", "Joy Park <joy@lakeortho.example>"], ["Message-Id", "<m2@lakeortho.example>"]]',
        "content-id-map": '{"<logo@office>": "attachment-2"}',
        "attachment-1": SimpleUploadedFile("report.pdf", PDF),
        "attachment-2": SimpleUploadedFile("logo.png", PNG),
    }
    mailbox = connect(harbor, "inbound-email", source="referral")
    raw = encode_multipart("edge", fields)
    sent = at_nine(lambda: mailbox.post(raw, content_type="multipart/form-data; boundary=edge"))
    assert sent.status_code == 200, sent.content
    harbor.drain(TUESDAY_NINE)
    assert stored(harbor) == [("report.pdf", "application/pdf")]
    with harbor.scope():
        assert Submission.rows().get().lead_id is not None
