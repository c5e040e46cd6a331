"""Referral, download and event forms, and the form in another site's frame."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from apps.capture.models import Asset, Form
from apps.consent.models import ConsentEvent
from apps.flows.sweeps import sweep
from apps.leads.models import Lead, Task, Touch
from apps.privacy import details
from apps.qualification.models import ScoreResult
from tests.capture.forms_made import open_form, publish_in_builder, question, save_in_builder, send_form
from tests.leads_made import TUESDAY_NINE

REFERRAL = {
    "referral_organization": "Kim Family Medicine",
    "referral_provider": "Dr Kim",
    "referral_contact_name": "Joy Park",
    "referral_contact_phone": "(312) 555-0188",
    "referral_reason": "post-op knee",
    "service": "orthopedics",
    "first_name": "Tom",
    "last_name": "Weld",
    "preferred_channel": "call",
    "consent_call": "on",
}
LATER = TUESDAY_NINE + timedelta(minutes=2)


@pytest.mark.row("CP-15")
def test_a_referral_shows_the_office_that_can_be_called_first(client, harbor, client_as):
    assert send_form(client, f"/f/{harbor.slug}-refer/", REFERRAL).status_code == 303
    harbor.drain(LATER)
    with harbor.scope():
        lead = Lead.rows().select_related("person", "contact_person", "queue", "service").get()
        assert (lead.lead_class, lead.queue.key, lead.service.key) == ("referral", "referral-desk", "orthopedics")
        assert (str(lead.person), str(lead.contact_person)) == ("Tom Weld", "Joy Park")
        assert ConsentEvent.rows().get().contact_value == "+13125550188"
        assert not Task.rows().filter(lead=lead, kind="context_missing").exists()
    page = client_as("ivy").get(f"/leads/{lead.id}/").content.decode()
    assert page.index("Joy Park") < page.index("Tom Weld")
    assert "(312) 555-0188" in page or "+1 312-555-0188" in page or "+13125550188" in page
    assert "Reason: post-op knee" in page and "Referring provider: Dr Kim" in page


@pytest.mark.row("CP-16")
def test_a_referral_without_a_reason_is_flagged_and_looked_into_the_same_day(client, harbor):
    send_form(client, f"/f/{harbor.slug}-refer/", {**REFERRAL, "referral_reason": ""})
    harbor.drain(LATER)
    with harbor.scope():
        lead = Lead.rows().select_related("queue").get()
        assert (lead.exception, lead.queue.key, lead.validity) == ("context_missing", "referral-desk", "valid")
        task = Task.rows().get(lead=lead, kind="context_missing")
        zone = ZoneInfo("America/Chicago")
        assert task.title == "Referral without context: confirm records and next action"
        assert task.due_at.astimezone(zone).date() == datetime(2026, 12, 1, tzinfo=zone).date()
        assert lead.next_action_at <= task.due_at
        Task.rows().filter(id=task.id).update(state="done")
        sweep(harbor.organization_id, LATER)
        lead.refresh_from_db()
        assert lead.exception == "referral_unverified", "the context is there; nobody has verified the referrer"


@pytest.mark.row("CP-18")
def test_a_download_is_given_kept_and_nurtured_not_called(client, harbor):
    values = {"first_name": "Lia", "email": "lia@example.com", "preferred_channel": "email", "consent_email": "on"}
    answer = send_form(client, f"/f/{harbor.slug}-guide/", values)
    page = open_form(client, answer["Location"])
    link = page.partition(f"/f/{harbor.slug}-guide/asset/")[2].partition('"')[0]
    assert "Download: Knee guide" in page
    given = client.get(f"/f/{harbor.slug}-guide/asset/{link}")
    assert (given.status_code, given["Location"]) == (302, "https://www.harbor.example/knee-guide.pdf")
    assert client.get(f"/f/{harbor.slug}-guide/asset/forged/").status_code == 404
    assert "Download:" not in open_form(client, f"/f/{harbor.slug}-guide/thanks/")
    harbor.drain(LATER)
    with harbor.scope():
        lead = Lead.rows().select_related("stage", "queue").get()
        assert (lead.lead_class, lead.stage.key, lead.queue.key, lead.workflow) == (
            "download",
            "nurture",
            "nurture",
            "nurture",
        )
        assert Touch.rows().get().attribution["asset"] == "Knee guide"
        assert ScoreResult.rows().get().verdict["intent"]["band"] == "low"
        assert list(Task.rows().filter(lead=lead).values_list("kind", flat=True)) == ["nurture"]


def test_a_file_of_the_tenants_own_is_given_as_a_download(client, harbor, client_as):
    from django.core.files.uploadedfile import SimpleUploadedFile

    ada = client_as("ada")
    body = {"key": "plan", "title": "Plan", "url": "", "file": SimpleUploadedFile("plan.exe", b"MZ")}
    assert ada.post("/admin/capture/asset/add/", body).status_code in (200, 422)
    body["file"] = SimpleUploadedFile("plan.pdf", b"%PDF-1.4 plan")
    assert ada.post("/admin/capture/asset/add/", body).status_code == 302
    with harbor.scope():
        Form.rows().filter(slug=f"{harbor.slug}-guide").update(asset=Asset.rows().get(key="plan"))
    values = {"first_name": "Lia", "email": "lia@example.com"}
    page = open_form(client, send_form(client, f"/f/{harbor.slug}-guide/", values)["Location"])
    link = page.partition(f"/f/{harbor.slug}-guide/asset/")[2].partition('"')[0]
    given = client.get(f"/f/{harbor.slug}-guide/asset/{link}")
    assert (given.content, given["Content-Type"]) == (b"%PDF-1.4 plan", "application/pdf")
    assert given["Content-Disposition"] == 'attachment; filename="plan.pdf"'


def test_only_the_forms_own_sites_may_frame_it(client, harbor):
    address = f"/f/{harbor.slug}-visit/embed/"
    closed = client.get(address)
    assert "frame-ancestors 'none'" in closed["Content-Security-Policy"] and closed["X-Frame-Options"] == "DENY"
    with harbor.scope():
        sites = ["https://www.harbor.example", "https://evil.example; script-src *"]
        Form.rows().filter(slug=f"{harbor.slug}-visit").update(allowed_sites=sites)
    opened = client.get(address)
    assert "frame-ancestors https://www.harbor.example;" in opened["Content-Security-Policy"] + ";"
    assert "evil" not in opened["Content-Security-Policy"] and "X-Frame-Options" not in opened
    assert not opened.cookies
    assert "frame-ancestors 'none'" in client.get(f"/f/{harbor.slug}-visit/")["Content-Security-Policy"]
    values = {"first_name": "Lia", "phone": "(312) 555-0147", "consent_call": "on"}
    answer = send_form(client, address, values)
    assert answer.status_code == 303 and "embed=1" in answer["Location"]
    assert "frame-ancestors https://www.harbor.example" in client.get(answer["Location"])["Content-Security-Policy"]


@pytest.mark.row("CP-14")
def test_visitors_check_in_at_a_fair_on_one_phone_after_the_other(client, harbor, client_as):
    ada = client_as("ada")
    questions = [question("contact", "contact", "contact"), question("consent", "consent", "consent")]
    fair = {"source": "event", "kind": "event", "title": "Health Fair 5 Oct", "services": []}
    assert save_in_builder(ada, harbor, "fair", questions, **fair).status_code == 302
    publish_in_builder(ada, harbor, "fair")
    for number, name in enumerate(("Nora", "Omar")):
        at = TUESDAY_NINE + timedelta(minutes=number)
        told = {"first_name": name, "last_name": "Quinn", "phone": f"(312) 555-010{number}", "consent_call": "on"}
        answer = send_form(client, "/f/fair/", told, at)
        assert answer.status_code == 303
        thanks = client.get(answer["Location"]).content.decode()
        assert 'href="/f/fair/"' in thanks and "Next visitor" in thanks
    harbor.drain(LATER)
    with harbor.scope():
        leads = list(Lead.rows().select_related("source").order_by("number"))
        assert [(each.source.key, each.capture_method) for each in leads] == [("event", "event")] * 2
        starts = [TUESDAY_NINE + timedelta(seconds=10 + 60 * number) for number in range(2)]
        assert [each.ownership_started_at for each in leads] == starts
        assert [each.value for each in ConsentEvent.rows().order_by("id")] == ["granted"] * 2
        for lead in leads:
            kept = {each.kind: each.text for each in details.read(actor=harbor.actor("ewa"), subject_id=lead.id)}
            assert kept["answers"] == "Event: Health Fair 5 Oct"
    page = client_as("ewa").get(f"/leads/{leads[0].id}/").content.decode()
    assert "Health fair" in page
