"""Row RP-02 by real doors: inquiries come, are reached, booked, seen and taken in; a third of the row's 100."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.test import Client

from apps.capture.models import Submission
from apps.leads.models import Lead
from tests.cast import Tenant
from tests.leads_made import inquiry, reload, send_in
from tests.reporting.test_web import table
from tests.rows.arranging import ask, chicago, page

NINE = chicago("2026-12-01 09:00")
LATER = NINE + timedelta(hours=2)
DAY = "since=2026-12-01&until=2026-12-01"
INQUIRIES, REACHED, BOOKED, CAME, COMPLETED, CLOSED = 36, 18, 15, 12, 10, 3
CONTACT = {"kind": "call", "outcome": "connected", "next_action_at": "2026-12-02T16:00:00Z"}
VISIT = {"starts_at": "2026-12-03T17:00:00Z", "location": "elm-st", "confirmed_by": "patient"}
LOST = {"reason": "not_interested", "note": "Found care elsewhere", "outcome": "not_interested"}


def arrive(tenant: Tenant) -> list[Lead]:
    """Let the inquiries come and go the whole way, at nine."""
    receipts = [send_in(tenant, inquiry(), at=NINE) for _ in range(INQUIRIES)]
    tenant.drain(NINE)
    with tenant.scope():
        ids = [Submission.rows().get(id=each.submission_id).lead_id for each in receipts]
    return [reload(tenant, each) for each in ids]


def must(client: Client, method: str, path: str, body: object, at: datetime) -> dict[str, str]:
    answer = ask(client, method, path, body, at=at)
    assert answer.status_code in (200, 201), answer.content.decode()
    found: dict[str, str] = answer.json()
    return found


@pytest.mark.row("RP-02")
def test_the_funnel_narrows_from_inquiry_to_completed_intake(harbor: Tenant, client_as: Callable[..., Client]) -> None:
    leads = arrive(harbor)
    windows = {name: client_as(name) for name in ("ana", "eli", "lena", "sam")}
    for place, lead in enumerate(leads[:REACHED]):
        at = NINE + timedelta(minutes=5)
        assert lead.owner is not None
        owner = windows[lead.owner.user.email.partition("@")[0]]
        must(owner, "POST", f"/leads/{lead.id}/activities", CONTACT, at)
        if place < BOOKED:
            visits = f"/leads/{lead.id}/appointments"
            visit = f"{visits}/{must(owner, 'POST', visits, VISIT, at)['id']}"
            must(windows["sam"], "PATCH", visit, {"state": "attended" if place < CAME else "no_show"}, at)
            if place < COMPLETED:
                must(windows["sam"], "PATCH", visit, {"state": "completed_intake"}, at)
        elif place < BOOKED + CLOSED:
            must(owner, "POST", f"/leads/{lead.id}/close", LOST, at)
    lena = windows["lena"]
    _, rows = table(lena, f"/reports/funnel.csv?{DAY}")
    named = dict(zip(rows[0][1:], rows[1][1:], strict=True))
    steps = ("Captured", "Contacted", "Appointment scheduled", "Show", "Completed intake")
    assert [named[each] for each in steps] == ["36", "18", "15", "12", "10"]
    rates = ("Contact rate", "Scheduling rate", "Show rate", "Completed new-patient intake rate")
    assert [named[each] for each in rates] == ["50 %", "83 %", "80 %", "83 %"]
    for by in ("source", "service", "location", "owner", "campaign"):
        _, parts = table(lena, f"/reports/funnel.csv?{DAY}&by={by}")
        assert sum(int(part[1]) for part in parts[2:] if part[1].isdigit()) == INQUIRIES, by
    _, drops = table(lena, f"/reports/drops.csv?{DAY}")
    assert ["Appointment scheduled", "Visit: no show", "3"] in drops
    assert ["Contacted", "Closed: not interested", "3"] in drops
    assert ["Show", "Still in work", "2"] in drops
    body = unescape(page(lena, f"/reports/funnel/?{DAY}", at=LATER))
    _same_everywhere(body, rows)


def _same_everywhere(body: str, rows: list[list[str]]) -> None:
    """The picture, the summary, the table and the file name one number for each step (check 25)."""
    body = re.sub(r">\s+<", "><", body)
    for label, count in list(zip(rows[0][1:], rows[1][1:], strict=True))[:9]:
        drawn = re.search(rf'bars__name">{label}</span>.*?bars__figure">(\d+)', body)
        told = re.search(rf'class="chart-summary".*?{label} (\d+)', body)
        twin = re.search(rf'<th scope="row">{label}</th><td class="figure">(\d+)', body)
        assert drawn is not None
        assert drawn[1] == count
        assert twin is not None
        assert twin[1] == count
        assert label == "Captured" or (told is not None and told[1] == count)
    for row in rows[1:]:
        assert row[0] in body
    assert "two-way conversation" in body


@pytest.mark.row("PH-15")
def test_small_cells_are_withheld_from_marketing(harbor: Tenant, client_as: Callable[..., Client]) -> None:
    receipts = [send_in(harbor, inquiry(), at=NINE) for _ in range(12)]
    harbor.drain(NINE)
    with harbor.scope():
        ids = [Submission.rows().get(id=each.submission_id).lead_id for each in receipts[:2]]
    for lead_id in ids:
        lead = reload(harbor, lead_id)
        assert lead.owner is not None
        owner = client_as(lead.owner.user.email.partition("@")[0])
        must(owner, "POST", f"/leads/{lead.id}/activities", CONTACT, NINE + timedelta(minutes=5))
    contacted = 5
    _, seen = table(client_as("lena"), f"/reports/funnel.csv?{DAY}")
    _, withheld = table(client_as("cleo"), f"/reports/funnel.csv?{DAY}")
    assert seen[0][contacted] == "Contacted"
    assert (seen[1][1], seen[1][contacted]) == ("12", "2")
    assert (withheld[1][1], withheld[1][contacted]) == ("12", "< 5")
    body = unescape(page(client_as("cleo"), f"/reports/funnel/?{DAY}", at=LATER))
    assert "Contacted < 5" in body
    assert "(17 %)" not in body
