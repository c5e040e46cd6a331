"""What kind of visit somebody prefers, and in which part of the day, from every door to the slots offered (AP-12)."""

import html
import re
from datetime import timedelta

import pytest

from apps.appointments.slot_decisions import PartOfDay
from apps.leads.models import Lead
from apps.privacy.models import PhiState
from apps.tenancy.clock import travelling
from tests.capture.forms_made import DERM, open_form, publish_in_builder, question, save_in_builder, send_form
from tests.leads_made import TUESDAY_NINE, make_lead, reload
from tests.rows.arranging import ask, page
from tests.rows.test_slots import HALF_PAST, SKIN, contacted, keep_hours, slots_of

WISHED = {**SKIN, "request__appointment_type": "new patient VISIT, afternoon"}


def wish(lead):
    return (lead.appointment_type, lead.part_of_day)


@pytest.mark.row("AP-12")
def test_an_agency_tells_the_kind_of_visit_and_the_slots_follow_it(harbor, client_as):
    hours = "wed 09:00-10:00 evanston dermatology 30 1\nthu 13:00-14:00 evanston dermatology 30 1"
    assert keep_hours(harbor, client_as, hours).status_code == 302
    lead, owner = contacted(harbor, client_as, **WISHED)
    assert wish(lead) == ("New patient visit", "afternoon")
    shown = ask(owner, "GET", f"/leads/{lead.id}", at=HALF_PAST).json()
    assert (shown["appointment_type"], shown["part_of_day"]) == ("New patient visit", "afternoon")
    assert "Would like: New patient visit, afternoon" in html.unescape(page(owner, f"/leads/{lead.id}/", at=HALF_PAST))
    offered = slots_of(owner, lead)
    parts = [each["part"] for each in offered]
    assert parts == sorted(parts) and set(parts) == set(PartOfDay), "afternoons first"
    booking = page(owner, f"/leads/{lead.id}/book/", at=HALF_PAST)
    assert "They would like: <strong>New patient visit, afternoon</strong>." in booking
    assert re.findall(r'name="slot" value="([^"]+)"', booking)[:2] == [each["key"] for each in offered[:2]]
    other, _ = contacted(harbor, client_as, **SKIN)
    assert [each["part"] for each in slots_of(owner, other)][:3] == ["morning", "morning", "afternoon"]


@pytest.mark.row("AP-12")
@pytest.mark.parametrize(
    ("typed", "part", "kept"),
    [
        ("Surgery consult", "PM", ("Surgery consult", "afternoon")),
        ("Skin check, mornings", "", ("Skin check", "morning")),
        ("Skin check, please", "", ("Skin check, please", "")),
        ("A visit of a kind that nobody has", "whenever", ("A visit of a kind that nobody has", "")),
        ("", "tarde", ("", "afternoon")),
    ],
)
def test_what_was_sent_is_read_and_never_lost(harbor, typed, part, kept):
    lead = make_lead(harbor, **SKIN, request__appointment_type=typed, request__part_of_day=part)
    assert wish(lead) == kept


@pytest.mark.row("AP-12")
def test_a_public_form_asks_with_the_service_s_own_kinds_of_visit(harbor, client_as, client):
    slug, admin = f"{harbor.slug}-kinds", client_as("ada")
    asks = (*DERM, question("visit", "appointment_type", "scheduling"), question("part", "part_of_day", "scheduling"))
    assert save_in_builder(admin, harbor, slug, asks).status_code == 302
    publish_in_builder(admin, harbor, slug)
    shown = html.unescape(open_form(client, f"/f/{slug}/"))
    assert "What kind of visit would you like?" in shown and '<optgroup label="Dermatology">' in shown
    assert "¿Qué tipo de cita" in html.unescape(open_form(client, f"/f/{slug}/?lang=es"))
    sent = {"service": "dermatology", "first_name": "Ines", "phone": "312 555 0163", "consent_call": "on"}
    wrong = send_form(client, f"/f/{slug}/", {**sent, "appointment_type": "Stress test"})
    assert wrong.status_code == 422
    answered = {**sent, "appointment_type": "Skin check", "part_of_day": "morning"}
    assert send_form(client, f"/f/{slug}/", answered).status_code == 303
    harbor.drain(TUESDAY_NINE + timedelta(minutes=1))
    with harbor.scope():
        assert wish(Lead.rows().get()) == ("Skin check", "morning")


@pytest.mark.row("AP-12")
def test_a_coordinator_asks_by_script_and_form_and_only_what_the_service_has(harbor, client_as):
    lead, owner = contacted(harbor, client_as, **SKIN)
    form = page(owner, f"/leads/{lead.id}/edit/", at=HALF_PAST)
    asked = form[form.index('name="appointment_type"') :]
    assert re.findall(r'<option value="([^"]*)"', asked)[:3] == ["", "New patient visit", "Skin check"]
    path = f"/leads/{lead.id}"
    refused = ask(owner, "PATCH", path, {"appointment_type": "Stress test"}, at=HALF_PAST)
    assert refused.status_code == 422
    assert "Dermatology has no visit “Stress test”" in refused.json()["errors"][0]["detail"]
    assert ask(owner, "PATCH", path, {"part_of_day": "at night"}, at=HALF_PAST).status_code == 422
    changed = ask(owner, "PATCH", path, {"appointment_type": "Skin check", "part_of_day": "morning"}, at=HALF_PAST)
    assert changed.status_code == 200, changed.content.decode()
    assert wish(reload(harbor, lead.id)) == ("Skin check", "morning")
    call = page(owner, f"/leads/{lead.id}/log-call/", at=HALF_PAST)
    assert "Which kind of visit would you like?" in html.unescape(call)
    with travelling(to=HALF_PAST):
        said = {"answer-S-6": "New patient visit", "answer-S-7": "in the afternoon"}
        assert owner.post(f"/leads/{lead.id}/script/", said).status_code == 303
    assert wish(reload(harbor, lead.id)) == ("New patient visit", "afternoon")


@pytest.mark.row("AP-12")
def test_who_reads_nothing_of_health_is_not_told_the_kind_of_visit_and_it_makes_a_lead_phi(harbor, client_as):
    told = make_lead(harbor, request__service="", request__location="", request__appointment_type="Biopsy")
    with harbor.scope():
        assert PhiState.rows().get(subject_id=told.id).field == "appointment_type"
    lead = make_lead(harbor, **WISHED)
    for who, is_told in (("ewa", True), ("cleo", False)):
        reader = client_as(who)
        shown = ask(reader, "GET", f"/leads/{lead.id}", at=TUESDAY_NINE)
        assert ("New patient visit" in shown.content.decode()) is is_told
        with travelling(to=TUESDAY_NINE):
            body = reader.get(f"/leads/{lead.id}/").content.decode()
        assert ("New patient visit" in body) is is_told
