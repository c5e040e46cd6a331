"""A field is used only for what is recorded for it (row AU-07)."""

from datetime import timedelta

import pytest

from apps.audit.models import AuditEntry
from apps.flows.adapters import adapters
from apps.leads.models import TimelineEntry
from apps.outreach.models import Message, TemplateVersion
from apps.outreach.template_segments import require_segments
from apps.tenancy.errors import Refused
from apps.workspace.models import SavedView
from tests.leads_made import TUESDAY_NINE, make_lead
from tests.rows.arranging import ask, page
from tests.rows.test_disclosures import book, set_up
from tests.rows.test_nurture import JUNE, LATER
from tests.rows.test_outside_updates import SOON, Tool
from tests.rows.test_stages import save_stages

KEEPING, TEMPLATES = "/admin/catalog/fieldkeeping/", "/admin/outreach/template/"


def save(client, name, purpose, query="view=all&location=elm-st"):
    return client.post(f"/queue/views/new/?{query}", {"name": name, "team": "", "purpose": purpose})


@pytest.mark.row("AU-07")
def test_a_field_of_scheduling_is_refused_in_a_marketing_segment_and_its_file(harbor, client_as):
    make_lead(harbor)
    ada, ewa = client_as("ada"), client_as("ewa")
    assert save(ewa, "Before", "marketing").status_code == 303
    kept = {
        "field": "location",
        "team": "",
        "kept_months": "",
        "purposes": ["scheduling"],
        "note": "",
        "is_active": "on",
    }
    assert ada.post(f"{KEEPING}add/", kept).status_code == 302
    assert "Used for scheduling" in " ".join(page(ada, "/admin/dictionary/?q=location", at=TUESDAY_NINE).split())
    refused = save(ewa, "After", "marketing")
    sentence = "“location” is recorded for scheduling, not for marketing."
    assert refused.status_code == 403 and sentence in refused.content.decode()
    assert save(ewa, "To book", "scheduling").status_code == 303
    lena, file = client_as("lena"), "/queue/leads.csv?view=all&location=elm-st"
    assert lena.get(f"{file}&purpose=marketing").status_code == 403
    assert lena.get(f"{file}&purpose=anything").status_code == 422
    booked, other = lena.get(f"{file}&purpose=scheduling"), lena.get("/queue/leads.csv?view=all&purpose=marketing")
    assert booked.status_code == other.status_code == 200
    assert "Elm St" in booked.content.decode() and ",Imaging," in booked.content.decode()
    assert "Lopez" in other.content.decode()
    assert "Elm St" not in other.content.decode() and ",Imaging," not in other.content.decode()
    with harbor.scope():
        noted = AuditEntry.rows().filter(action__in=["refused:view.save", "refused:lead.export"])
        assert noted.count() == 2
        assert sorted(SavedView.rows().values_list("name", "purpose")) == [
            ("Before", "marketing"),
            ("To book", "scheduling"),
        ]


@pytest.mark.row("AU-07")
def test_what_tells_of_health_serves_no_marketing_unless_it_is_recorded(harbor, client_as):
    ewa, query = client_as("ewa"), "view=all&service=imaging"
    assert save(ewa, "Imaging", "marketing", query).status_code == 403
    assert save(ewa, "Imaging", "care", query).status_code == 303


@pytest.mark.row("AU-07")
def test_a_field_that_does_not_serve_marketing_chooses_nobody_and_stands_in_no_mail_of_it(harbor, client_as):
    ada, ewa = client_as("ada"), client_as("ewa")
    words = {"key": "offer", "channel": "email", "language": "en", "purpose": "marketing", "subject": "Hello"}
    body = "We call you {best_time}. {postal_address} {preferences_link}"
    assert ada.post(f"{TEMPLATES}add/", {**words, "body": body}).status_code == 302
    with harbor.scope():
        row = TemplateVersion.rows().get(template__key="offer")
    refused = ada.post(f"{TEMPLATES}{row.template_id}/submit/", {"version": str(row.id)})
    assert refused.status_code == 403
    assert "“best_time” is recorded for care, scheduling, not for marketing." in refused.content.decode()

    step = {"do": "message", "template": "nurture-visit", "after_seconds": 0, "knows": ["location"]}
    save_stages(harbor, ada, lambda rows: [(*each[:4], [step] if each[1] == "nurture" else each[4]) for each in rows])
    assert save(ewa, "To win back", "marketing").status_code == 303
    kept = {"field": "location", "purposes": ["care", "scheduling"], "is_active": "on"}
    assert ada.post(f"{KEEPING}add/", kept).status_code == 302
    sentence = "“location” is recorded for care, scheduling, not for marketing."
    assert f"Not opened any more: {sentence}" in page(ewa, "/queue/views/", at=TUESDAY_NINE)
    assert "To win back" not in page(ewa, "/queue/", at=TUESDAY_NINE)

    lead, at = make_lead(harbor), TUESDAY_NINE + timedelta(hours=1)
    later = LATER | {"next_step_at": JUNE.isoformat()}
    owner = client_as(lead.owner.user.email.partition("@")[0])
    assert ask(owner, "POST", f"/leads/{lead.id}/qualification", later, at=at).status_code == 200
    with harbor.scope():
        assert not Message.rows().filter(lead=lead, template_key="nurture-visit").exists()
        assert f"Not written: {sentence}" in [each.sentence for each in TimelineEntry.rows().filter(lead=lead)]
        noted = AuditEntry.rows().filter(action__in=["refused:template.submit", "refused:message.choose"])
        assert sorted(noted.values_list("action", flat=True)) == ["refused:message.choose", "refused:template.submit"]
        steps = [{**step, "knows": ["service"]}]
        with pytest.raises(Refused, match="“service” is recorded for care, scheduling, payment, reporting, not for"):
            require_segments(steps, now=at)


@pytest.mark.row("AU-07")
def test_a_system_hears_no_field_that_came_to_serve_something_else(harbor, client_as):
    assert set_up(harbor, client_as, "ehr", "EHR", ["first_name", "location"]).status_code == 302
    kept = {"field": "location", "purposes": ["reporting"], "is_active": "on"}
    assert client_as("ada").post(f"{KEEPING}add/", kept).status_code == 302
    lead, tool = book(harbor, client_as), Tool("id-1", "id-2")
    with adapters(webhook=tool):
        harbor.drain(SOON)
    heard = next(each.body for each in tool.heard if each.address == "https://ehr.example/hook")
    assert heard["fields"] == {"first_name": "Maria"}
    with harbor.scope():
        noted = AuditEntry.rows().get(action="refused:outside.tell")
        assert (noted.object_id, noted.fields, noted.detail["purpose"]) == (lead.id, ["location"], "care")
