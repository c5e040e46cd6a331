"""E-08: a form that says all there is to say: called in five minutes, verified, booked, and counted as won."""

import csv
import io
import re
from datetime import datetime, timedelta

import pytest
from django.test import Client

from apps.appointments.models import Appointment
from apps.leads.models import Lead, StageSpell, Task
from apps.qualification.models import Verification
from apps.sla.models import SlaTimer
from apps.tenancy.clock import travelling
from tests.capture.forms_made import send_form
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, inquiry, make_lead, reload, send_in
from tests.rows.arranging import OpenBrowser, ask, page

MINUTE = timedelta(minutes=1)
FORM = {
    "first_name": "Rhea",
    "last_name": "Stone",
    "phone": "(312) 555-0166",
    "email": "rhea@example.com",
    "postal_code": "60614",
    "service": "orthopedics",
    "location": "elm-st",
    "patient_type": "new",
    "preferred_channel": "call",
    "timeframe": "within_month",
    "message": "I run again. Before race in June, what are next steps?",
    "consent_call": "on",
    "consent_email": "on",
}


@pytest.mark.journey("E-08")
def test_a_runner_before_her_race_is_called_verified_and_booked(harbor: Tenant, client_as: OpenBrowser) -> None:
    assert send_form(Client(), f"/f/{harbor.slug}-ortho/", FORM).status_code == 303
    at = TUESDAY_NINE + timedelta(seconds=10)
    harbor.drain(at)
    with harbor.scope():
        lead = reload(harbor, Lead.rows().get().id)
        clock = SlaTimer.rows().get(lead=lead, kind="first_contact")
        task = Task.rows().get(lead=lead, state="open")
    otis, path = client_as("otis"), f"/leads/{lead.id}"

    # 1. It fits, the intent is high, the place is valid: the card asks for nothing but who decides.
    assert (lead.fit, lead.intent, lead.exception, lead.location.key) == (90, 65, "", "elm-st")
    card = {each["aspect"]: each for each in ask(otis, "GET", f"{path}/criteria", at=at).json()["card"]}
    assert len(card) == 7
    assert {name for name, each in card.items() if each["standing"] != "pass"} == {"decision_maker"}
    shown = page(otis, f"{path}/", at=at)
    assert "Decision maker: not clear yet." in shown and card["decision_maker"]["ask"] in shown
    assert "Orthopedics at Elm St, fit 90." in shown and "intent 65" in shown

    # 2. On top of the list, to be called within five minutes; the script asks for eligibility and kind of appointment.
    assert (lead.priority, lead.queue.key, task.assignee_id) == ("P1", "ortho-elm", lead.owner_id)
    assert clock.due_at == task.due_at == at + 5 * MINUTE
    calm = {"source": "web-ortho", "request__service": "orthopedics", "request__timeframe": "later"}
    for _ in range(9):
        send_in(harbor, inquiry(**calm), at=at)
    other = make_lead(harbor, at=at, **calm)
    queue = page(otis, "/queue/", at=at + MINUTE)
    assert other.priority != "P1" and queue.index(lead.ref) < queue.index(other.ref)
    called = at + 4 * MINUTE
    call = {"kind": "call", "outcome": "connected", "started_at": called.isoformat()}
    call |= {"next_action_at": (called + timedelta(days=1)).isoformat()}
    assert ask(otis, "POST", f"{path}/activities", call, at=called).status_code == 201
    form = page(otis, f"{path}/verify/", at=called)
    for asked in (
        "conditions of this service",
        "kind of appointment",
        "referral",
        "What would you like to be seen for",
    ):
        assert asked in form, asked
    sent = {"V-1": "orthopedics", "V-2": "no referral needed", "V-3": "yes", "V-4": "first visit"}
    sent |= {"version": reload(harbor, lead.id).version, "idempotency_key": "e08"}
    with travelling(to=called):
        assert otis.post(f"{path}/verify/", sent).status_code == 303
    assert "verified 09:04 by Otis" in page(otis, f"{path}/", at=called)
    with harbor.scope():
        assert SlaTimer.rows().get(id=clock.id).met_at == called
        told = Verification.rows().get(lead=lead).answers
    assert (told["eligibility"], told["appointment_type"]) == ("met", "first_visit")

    # 3. The visit is booked: one more qualified and scheduled, won as "booked".
    good = {"verdict": "qualified", "reason": "Service and location fit, wants to come", "criteria": ["service"]}
    assert ask(otis, "POST", f"{path}/qualification", good, at=called).status_code == 200
    visit = {"starts_at": "2026-12-03T10:00", "minutes": "30", "location": "elm-st", "confirmed_by": "by phone"}
    visit |= {"version": reload(harbor, lead.id).version, "idempotency_key": "e08-visit"}
    with travelling(to=called + MINUTE):
        assert otis.post(f"{path}/book/", visit).status_code == 303
    won = reload(harbor, lead.id)
    assert (won.stage.key, won.outcome, won.status, won.owner_team.key) == (
        "scheduled",
        "booked",
        "booked",
        "scheduling",
    )
    with harbor.scope():
        assert Appointment.rows().get(lead=lead).state == "scheduled"
        entered = list(
            StageSpell.rows().filter(lead=lead).order_by("started_at", "id").values_list("stage__key", flat=True)
        )
    assert entered == ["new", "mql", "routed", "contacted", "qualified", "scheduled"]
    assert "Now: Appointment scheduled" in words(page(client_as("sam"), f"{path}/", at=called + MINUTE))
    assert counted(client_as("lena"), called + MINUTE) == {
        "Captured": 11,
        "Contacted": 1,
        "Qualified": 1,
        "Appointment scheduled": 1,
    }


def words(shown: str) -> str:
    """Return a page's words without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", shown).split())


def counted(client: Client, at: datetime) -> dict[str, int]:
    """Return how many leads of the day reached these steps of the funnel, as the report's file says."""
    text = page(client, "/reports/funnel.csv?since=2026-12-01&until=2026-12-01", at=at)
    head, whole, *_ = csv.reader(io.StringIO(text))
    found = dict(zip(head, whole, strict=True))
    return {step: int(found[step]) for step in ("Captured", "Contacted", "Qualified", "Appointment scheduled")}
