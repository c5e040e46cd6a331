"""A field is used only for what is recorded for it (row AU-07)."""

import pytest

from apps.audit.models import AuditEntry
from apps.workspace.models import SavedView
from tests.leads_made import TUESDAY_NINE, make_lead
from tests.rows.arranging import page

KEEPING = "/admin/catalog/fieldkeeping/"


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
    file = "/queue/leads.csv?view=all&location=elm-st"
    assert ewa.get(f"{file}&purpose=marketing").status_code == 403
    assert ewa.get(f"{file}&purpose=anything").status_code == 422
    booked, other = (ewa.get(f"{file}&purpose=scheduling"), ewa.get("/queue/leads.csv?view=all&purpose=marketing"))
    head = booked.content.decode().splitlines()[0]
    assert booked.status_code == other.status_code == 200
    assert "Location" in head and "Service" in head
    assert "Location" not in other.content.decode() and "Imaging" not in other.content.decode()
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
