"""Where recordings lie: who opens one, what the ledger keeps, when the address goes (row TK-12)."""

from datetime import timedelta

import pytest

import apps.compliance.tasks  # noqa: F401 - its wake-ups, as a worker knows them
from apps.audit.models import AuditEntry
from apps.outreach.models import Recording
from apps.tenancy.clock import travelling
from tests.leads_made import TUESDAY_NINE, make_lead
from tests.rows.arranging import ask, page

LATER = TUESDAY_NINE + timedelta(minutes=10)
PLACE = "https://calls.example/rec/771"


@pytest.mark.row("TK-12")
def test_tele_sales_opens_a_recording_the_agency_does_not_and_after_the_days_it_is_gone(harbor, client_as):
    lead = make_lead(harbor)
    owner, path = client_as(lead.owner.user.email.partition("@")[0]), f"/leads/{lead.id}"
    rang = {"kind": "call", "outcome": "connected", "next_action_at": "2026-12-17T16:00:00Z"}
    call = ask(owner, "POST", f"{path}/activities", rang, at=LATER).json()["id"]
    body = {"activity": call, "kind": "recording", "address": PLACE}
    bad = ask(owner, "POST", f"{path}/recordings", body | {"address": "http://calls.example/1"}, at=LATER)
    assert (bad.status_code, bad.json()["errors"][0]["pointer"]) == (422, "/address")
    noted = ask(owner, "POST", f"{path}/recordings", body, at=LATER)
    assert noted.status_code == 201, noted.content
    assert ask(owner, "POST", f"{path}/recordings", body, at=LATER).status_code == 409
    opening = f"{path}/recordings/{noted.json()['id']}/open"

    mia = client_as("mia")
    assert PLACE not in page(mia, f"{path}/recordings/", at=LATER)
    with travelling(to=LATER):
        shown = mia.post(f"{opening}/").content.decode()
    assert PLACE in shown
    assert ask(mia, "POST", opening, {}, at=LATER).json() == {"address": PLACE}
    assert ask(owner, "POST", opening, {}, at=LATER).status_code == 403
    assert "Your role does not open recordings." in page(owner, f"{path}/recordings/", at=LATER)
    assert ask(client_as("bea"), "POST", opening, {}, at=LATER).status_code in (403, 404)
    with harbor.scope():
        opened = AuditEntry.rows().filter(object_id=lead.id, action="recording.open")
        assert opened.count() == 2 and PLACE not in str([each.detail for each in opened])
        row = Recording.rows().get()
        assert row.address == PLACE

    harbor.drain(LATER + timedelta(days=89))
    assert ask(mia, "POST", opening, {}, at=LATER).status_code == 200
    gone = LATER + timedelta(days=91)
    harbor.drain(gone)
    with harbor.scope():
        row = Recording.rows().get()
        assert not row.address and row.erased_at == gone
    late = ask(mia, "POST", opening, {}, at=gone)
    assert (late.status_code, late.json()["code"]) == (409, "erased")
