"""Only real slots are offered, one is taken once, and the person may take one by a link (AP-10, TK-10, AP-12)."""

import html
import re
from collections import Counter
from threading import Barrier, Thread

import pytest
from django.core import mail
from django.db import connection
from django.test import Client

from apps.appointments.models import Appointment
from apps.catalog.models import Provider
from apps.flows.taking_slots import book_slot
from apps.outreach.models import Engagement, SchedulingLink
from apps.tenancy.clock import travelling
from apps.tenancy.errors import Conflict
from tests.leads_made import make_lead
from tests.rows.arranging import ask, chicago, page

TEN = chicago("2026-12-01 10:00")
HALF_PAST = chicago("2026-12-01 10:30")
ELEVEN = chicago("2026-12-01 11:00")
LINK = re.compile(r"https?://\S+?(/b/[\w-]+/)")
CONTACT = {"kind": "call", "outcome": "connected", "next_action_at": "2026-12-01T14:00:00-06:00"}
SKIN = {"request__service": "dermatology", "request__location": "evanston"}


def contacted(harbor, client_as, **asked):
    """Return a lead after a conversation, and its owner's browser."""
    lead = make_lead(harbor, at=TEN, **asked)
    owner = client_as(lead.owner.user.email.partition("@")[0]) if lead.owner else client_as("ewa")
    said = ask(owner, "POST", f"/leads/{lead.id}/activities", CONTACT, at=TEN)
    assert said.status_code == 201, said.content.decode()
    return lead, owner


def keep_hours(harbor, client_as, lines, who="dr-vale"):
    """Let the administrator write the visiting hours of a provider."""
    with harbor.scope():
        row = Provider.rows().get(key=who)
    body = {
        "key": row.key,
        "name": row.name,
        "skills": ",".join(row.skills),
        "services": row.services,
        "offices": row.offices,
        "takes_new_patients": "on",
        "is_active": "on",
        "visiting_hours": lines,
    }
    return client_as("ada").post(f"/admin/catalog/provider/{row.pk}/change/", body)


def slots_of(owner, lead, at=HALF_PAST):
    answer = ask(owner, "GET", f"/leads/{lead.id}/slots", at=at)
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()["results"]


@pytest.mark.row("AP-10")
def test_only_free_slots_of_service_and_office_are_offered_and_a_taken_one_names_the_next(harbor, client_as):
    refused = keep_hours(harbor, client_as, "fri 09:00-10:00 elm-st dermatology 20 1")
    assert "They do not give dermatology at elm-st" in html.unescape(refused.content.decode())
    saved = keep_hours(
        harbor, client_as, "wed 09:00-10:00 evanston dermatology 20 1\nthu 13:00-13:30 oak-park dermatology"
    )
    assert saved.status_code == 302, saved.content.decode()
    first, owner = contacted(harbor, client_as, **SKIN)
    second, other = contacted(harbor, client_as, **SKIN)
    offered = slots_of(owner, first)
    assert {(each["office"], each["provider"]) for each in offered} == {("evanston", "Dr. Ruth Vale")}
    assert [each["starts_at"] for each in offered[:4]] == [
        "2026-12-02T15:00:00Z", "2026-12-02T15:20:00Z", "2026-12-02T15:40:00Z", "2026-12-09T15:00:00Z",
    ]  # fmt: skip
    wished = {"slot": offered[0]["key"]}
    booked = ask(owner, "POST", f"/leads/{first.id}/appointments", wished, at=HALF_PAST)
    assert booked.status_code == 201, booked.content.decode()
    assert (booked.json()["provider"], booked.json()["ends_at"]) == ("Dr. Ruth Vale", "2026-12-02T15:20:00Z")
    late = ask(other, "POST", f"/leads/{second.id}/appointments", wished, at=HALF_PAST)
    assert (late.status_code, late.json()["code"]) == (409, "slot_taken")
    assert "Free next: 2 Dec, 09:20, Evanston, Dr. Ruth Vale" in late.json()["detail"]
    assert [each["key"] for each in slots_of(other, second)] == [each["key"] for each in offered[1:]]
    visits = f"/leads/{second.id}/appointments"
    for wrong, code in (({"slot": "dr-kim.elm-st.20261202T1900Z"}, 409), ({"slot": "soon"}, 422), ({}, 422)):
        assert ask(other, "POST", visits, wrong, at=HALF_PAST).status_code == code


@pytest.mark.row("AP-10")
def test_the_form_offers_the_next_slots_and_says_what_is_free_when_one_is_gone(harbor, client_as):
    assert keep_hours(harbor, client_as, "wed 09:00-10:00 evanston dermatology 30 1").status_code == 302
    first, owner = contacted(harbor, client_as, **SKIN)
    second, other = contacted(harbor, client_as, **SKIN)
    shown = page(other, f"/leads/{second.id}/book/", at=HALF_PAST)
    assert "Wed 2 Dec, 09:00, Evanston, Dr. Ruth Vale" in shown and "Another time" in shown
    key = slots_of(owner, first)[0]["key"]
    assert f'value="{key}"' in shown
    sent = {"slot": key, "minutes": "30"}
    with travelling(to=HALF_PAST):
        assert "Choose a free slot" in owner.post(f"/leads/{first.id}/book/", {"minutes": "30"}).content.decode()
        assert owner.post(f"/leads/{first.id}/book/", sent).status_code == 303
        gone = other.post(f"/leads/{second.id}/book/", sent)
    assert gone.status_code == 409
    assert "Free next: 2 Dec, 09:30" in html.unescape(gone.content.decode())
    assert key not in gone.content.decode().replace(f'value="{key}" checked', "")


@pytest.mark.row("AP-10")
def test_a_typed_time_is_held_as_a_slot_is_and_a_number_of_the_scheduling_system_settles_it(harbor, client_as):
    assert keep_hours(harbor, client_as, "wed 09:00-10:00 evanston dermatology 30 1").status_code == 302
    (first, owner), (second, other) = (contacted(harbor, client_as, **SKIN) for _ in range(2))
    typed = {"starts_at": "2026-12-02T15:10:00Z", "minutes": 30, "location": "evanston", "confirmed_by": "phone"}
    named = {**typed, "provider": "dr. ruth vale"}
    booked = ask(owner, "POST", f"/leads/{first.id}/appointments", named, at=HALF_PAST)
    assert booked.status_code == 201, booked.content.decode()
    visits = f"/leads/{second.id}/appointments"
    for body in (named, {**named, "starts_at": "2026-12-02T15:39:00Z"}, {**named, "starts_at": "2026-12-02T14:41:00Z"}):
        late = ask(other, "POST", visits, body, at=HALF_PAST)
        assert (late.status_code, late.json()["code"]) == (409, "slot_taken"), body
        assert "Dr. Ruth Vale sees somebody else at this time" in late.json()["detail"]
    assert "2026-12-02T15:00:00Z" not in {each["starts_at"] for each in slots_of(other, second)}
    free = ask(other, "POST", visits, {**named, "starts_at": "2026-12-02T15:40:00Z"}, at=HALF_PAST)
    assert free.status_code == 201, free.content.decode()
    change = f"{visits}/{free.json()['id']}"
    moved = {"state": "rescheduled", "starts_at": "2026-12-02T15:20:00Z"}
    back = ask(client_as("sam"), "PATCH", change, moved, at=HALF_PAST)
    assert (back.status_code, back.json()["code"]) == (409, "slot_taken"), back.content.decode()
    third, owner = contacted(harbor, client_as, **SKIN)
    known = {**named, "external_ref": "EPIC-7"}
    assert ask(owner, "POST", f"/leads/{third.id}/appointments", known, at=HALF_PAST).status_code == 201


@pytest.mark.row("AP-04")
def test_at_a_stage_from_which_nobody_books_the_page_says_what_comes_first(harbor, client_as):
    lead = make_lead(harbor, at=TEN, **SKIN)
    owner = client_as(lead.owner.user.email.partition("@")[0])
    why = "Nobody books at the stage Routed. The lead comes to Attempting contact or Contacted or Qualified first"
    assert why in page(owner, f"/leads/{lead.id}/", at=HALF_PAST)
    with travelling(to=HALF_PAST):
        asked = owner.get(f"/leads/{lead.id}/book/")
        sent = owner.post(f"/leads/{lead.id}/book/", {"minutes": "30"})
    for answer in (asked, sent):
        assert answer.status_code == 409 and why in html.unescape(answer.content.decode())
    assert ask(owner, "POST", f"/leads/{lead.id}/activities", CONTACT, at=HALF_PAST).status_code == 201
    assert "Nobody books" not in page(owner, f"/leads/{lead.id}/", at=HALF_PAST)


@pytest.mark.row("AP-10")
def test_of_two_who_take_one_slot_at_the_same_moment_one_gets_it(harbor, client_as):
    assert keep_hours(harbor, client_as, "wed 09:00-10:00 evanston dermatology 60 1").status_code == 302
    leads = [contacted(harbor, client_as, **SKIN)[0] for _ in range(2)]
    owner = client_as("ewa")
    key, told, line = slots_of(owner, leads[0])[0]["key"], [], Barrier(2)

    def take(lead):
        try:
            with harbor.scope():
                line.wait(10)
                book_slot(actor=harbor.system, lead_id=lead.id, slot_key=key, now=HALF_PAST)
            told.append("booked")
        except Conflict as error:
            told.append(error.code)
        finally:
            connection.close()

    threads = [Thread(target=take, args=(lead,)) for lead in leads]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(told) == {"booked": 1, "slot_taken": 1}
    with harbor.scope():
        assert Appointment.rows().count() == 1


def send_link(harbor, client_as, address, arrange=contacted):
    """Return a lead whose person got a scheduling link by mail, its owner's browser, and the link."""
    mail.outbox.clear()
    assert keep_hours(harbor, client_as, "wed 09:00-10:00 evanston dermatology 30 1").status_code == 302
    lead, owner = arrange(harbor, client_as, **SKIN, person__email=address)
    with travelling(to=HALF_PAST):
        assert "Send the scheduling link" in owner.get(f"/leads/{lead.id}/").content.decode()
        sent = owner.post(f"/leads/{lead.id}/scheduling-link/", {})
    assert sent.status_code == 303, html.unescape(sent.content.decode())
    harbor.drain(HALF_PAST)
    bodies = [str(each.body) for each in mail.outbox if address in each.to]
    return lead, owner, LINK.findall(bodies[-1])[-1]


def follow(path, at, data=None):
    """Open a page behind a link as anybody's browser does, or answer it."""
    client = Client()
    with travelling(to=at):
        answer = client.get(path) if data is None else client.post(path, data)
    assert not answer.cookies
    return answer


@pytest.mark.row("TK-10")
def test_when_the_link_went_and_was_opened_is_kept_and_weighs_once(harbor, client_as):
    lead, owner, link = send_link(harbor, client_as, "tina@example.com")
    path = f"/leads/{lead.id}/scheduling-links"
    (row,) = ask(owner, "GET", path, at=HALF_PAST).json()["results"]
    assert (row["link_sent_at"], row["link_clicked_at"], row["state"]) == ("2026-12-01T16:30:00Z", None, "open")
    assert "not opened yet" in page(owner, f"/leads/{lead.id}/", at=HALF_PAST)
    assert follow(link, HALF_PAST).status_code == 200
    (row,) = ask(owner, "GET", path, at=HALF_PAST).json()["results"]
    assert row["link_clicked_at"] is None, "so far a scanner of mails"
    for _ in range(2):
        assert follow(f"{link}?day=2026-12-02", ELEVEN).status_code == 200
    harbor.drain(ELEVEN)
    (row,) = ask(owner, "GET", path, at=ELEVEN).json()["results"]
    assert row["link_clicked_at"] == "2026-12-01T17:00:00Z"
    shown = page(owner, f"/leads/{lead.id}/", at=ELEVEN)
    assert "opened 11:00" in shown and "The scheduling link was used" in shown
    with harbor.scope():
        assert Engagement.rows().filter(lead=lead, kind="scheduling_link").count() == 1
        kept = SchedulingLink.rows().get(lead=lead)
    assert kept.token_digest and kept.token_digest not in link


@pytest.mark.row("AP-10")
def test_the_person_books_by_the_link_once_and_nobody_else_does(harbor, client_as):
    lead, owner, link = send_link(harbor, client_as, "bea@example.com")
    days = follow(link, ELEVEN).content.decode()
    assert "Wednesday, December 2" in days and "2 free times" in days
    assert "dermatology" not in days.casefold() and "Vale" not in days and len(days) < 60_000
    assert "Elija un día" in follow(f"{link}?lang=es", ELEVEN).content.decode()
    day = f"{link}?day=2026-12-02"
    times = follow(day, ELEVEN).content.decode()
    assert "9:00 a.m." in times and "Evanston" in times and "Step 2 of 2" in times
    assert re.search(r'href="tel:\+1\d{10}">\(\d{3}\) \d{3}-\d{4}<', times)
    values = re.findall(r'name="slot" value="([^"]+)"', times)
    wrong = follow(day, ELEVEN, {"slot": values[0], "name": "Smith"})
    assert wrong.status_code == 422 and "not the name that we have" in wrong.content.decode()
    other, its_owner = contacted(harbor, client_as, **SKIN)
    key = slots_of(its_owner, other)[0]["key"]
    assert ask(its_owner, "POST", f"/leads/{other.id}/appointments", {"slot": key}, at=ELEVEN).status_code == 201
    taken = follow(day, ELEVEN, {"slot": values[0], "name": "Lopez"})
    assert taken.status_code == 409 and "Somebody took this time" in taken.content.decode()
    assert values[0] not in taken.content.decode() and values[1] in taken.content.decode()
    booked = follow(day, ELEVEN, {"slot": values[1], "name": "maria lopez"})
    assert booked.status_code == 303, booked.content.decode()
    done = follow(booked["Location"], ELEVEN).content.decode()
    assert "Your visit is booked" in done and "9:30 a.m." in done and "Evanston" in done
    # The other language shows the same page, also of a day and of what was booked.
    (other,) = re.findall(r'<a href="([^"]+)" lang="es"', done)
    assert "Su visita está reservada" in follow(link + html.unescape(other), ELEVEN).content.decode()
    (other,) = re.findall(r'<a href="([^"]+)" lang="es"', times)
    assert html.unescape(other) == "?day=2026-12-02&lang=es"
    with harbor.scope():
        visit = Appointment.rows().get(lead=lead)
    assert (visit.confirmed_by, visit.starts_at) == ("patient by link", chicago("2026-12-02 09:30"))
    again = follow(day, ELEVEN, {"slot": values[1], "name": "Lopez"})
    assert again.status_code == 410 and "call us" in again.content.decode()
    assert "Visit booked" in page(owner, f"/leads/{lead.id}/?show=all", at=ELEVEN)


def routed(harbor, client_as, **asked):
    """Return a lead that nobody has talked with yet, and its owner's browser."""
    lead = make_lead(harbor, at=TEN, **asked)
    return lead, client_as(lead.owner.user.email.partition("@")[0])


@pytest.mark.row("AP-10")
def test_whom_nobody_has_talked_with_yet_books_by_the_link_all_the_same(harbor, client_as):
    lead, owner, link = send_link(harbor, client_as, "eva@example.com", routed)
    assert "Nobody books at the stage Routed" in page(owner, f"/leads/{lead.id}/", at=ELEVEN)
    times = follow(f"{link}?day=2026-12-02", ELEVEN).content.decode()
    chosen = {"slot": re.findall(r'name="slot" value="([^"]+)"', times)[0], "name": "Lopez"}
    assert follow(f"{link}?day=2026-12-02", ELEVEN, chosen).status_code == 303
    assert ask(client_as("ada"), "GET", f"/leads/{lead.id}", at=ELEVEN).json()["stage"] == "scheduled"


@pytest.mark.row("AP-10")
def test_a_link_ends_after_a_week_and_after_wrong_names(harbor, client_as):
    lead, _, link = send_link(harbor, client_as, "lia@example.com")
    assert follow(link, chicago("2026-12-09 10:30")).status_code == 410
    assert follow(f"/b/{'x' * 32}/", ELEVEN).status_code == 404
    day = f"{link}?day=2026-12-02"
    answers = [follow(day, ELEVEN, {"slot": "x", "name": "Smith"}).status_code for _ in range(8)]
    assert answers == [422] * 7 + [410]
    assert follow(link, ELEVEN).status_code == 410
