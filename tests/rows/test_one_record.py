"""Rows of one record per person: what is newer wins, the owner stays, a duplicate points to the lead that goes on."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.flows.intake import process_submission
from apps.flows.merging import merge_people, unmerge_people
from apps.leads.guards import acting_as_system
from apps.leads.models import ContactPoint, Lead, Person, Task, TimelineEntry, Touch
from apps.leads.queries import unseen_repeats
from apps.tenancy.clock import travelling
from apps.tenancy.models import Wakeup
from tests.doors import ask
from tests.leads_made import TUESDAY_NINE, inquiry, make_lead, processed, reload, send_in
from tests.words import words_of

PHONE, NEW_PHONE, EMAIL = "+13125550142", "+13125550143", "maria.lopez@example.com"
SOON = TUESDAY_NINE + timedelta(minutes=20)


def body_of(answer):
    return answer.content.decode()


def arrive(tenant, at=SOON, **changes):
    return processed(tenant, send_in(tenant, inquiry(**changes), at=at), at=at)


def owner_of(tenant, lead):
    with tenant.scope():
        return Lead.rows().select_related("owner__user").get(id=lead.id).owner.user.email.partition("@")[0]


@pytest.mark.row("DU-05")
def test_a_newer_phone_comes_first_an_empty_city_wipes_nothing_and_the_old_values_stay_readable(harbor, client_as):
    lead = make_lead(harbor, person__phone=PHONE, person__email=EMAIL)
    blank = {"person__city": "", "person__postal_code": "", "person__region": ""}
    again = arrive(harbor, person__phone=NEW_PHONE, person__email=EMAIL, person__preferred_language="es", **blank)
    assert (again.verdict, again.lead_id) == ("duplicate", lead.id)
    with harbor.scope():
        person = Person.rows().get(id=lead.person_id)
        phones = dict(ContactPoint.rows().filter(kind="phone").values_list("value", "is_primary"))
    assert (person.city, person.language, phones) == ("Chicago", "es", {NEW_PHONE: True, PHONE: False})
    page = body_of(client_as("ewa").get(f"/people/{lead.person_id}/"))
    points = page.split('id="points-title"')[1].split("</section>")[0]
    older, newer = points.split("(312) 555-0142")[1], points.split("(312) 555-0143")[1]
    assert "used first" in newer.split("</dd>")[0] and "given before" in older.split("</dd>")[0]
    assert points.index("(312) 555-0143") < points.index("(312) 555-0142")
    earlier = page.split('id="earlier-title"')[1].split("</section>")[0]
    assert "Language" in earlier and "en <span" in earlier and "City" not in earlier
    with travelling(to=SOON):
        assert "(312) 555-0143" in body_of(client_as("ewa").get(f"/leads/{lead.id}/"))


@pytest.mark.row("DU-05")
def test_what_was_said_earlier_and_comes_later_replaces_nothing(harbor):
    late = inquiry(
        person__phone=NEW_PHONE, person__email=EMAIL, person__first_name="M.", person__preferred_language="es"
    )
    receipt = send_in(harbor, late, at=TUESDAY_NINE)
    Wakeup.objects.filter(organization_id=harbor.organization_id).delete()
    lead = make_lead(harbor, at=SOON, person__phone=PHONE, person__email=EMAIL)
    with harbor.scope():
        process_submission(receipt.submission_id, SOON + timedelta(minutes=1))
        person = Person.rows().get(id=lead.person_id)
        first = ContactPoint.rows().get(kind="phone", is_primary=True).value
        prior = {(each["field"], each["value"]) for each in person.prior_values}
    assert (person.language, person.first_name, first) == ("en", "Maria", PHONE)
    assert prior == {("language", "es"), ("first_name", "M.")}


@pytest.mark.row("DU-07")
def test_of_three_waiting_leads_one_goes_on_and_the_others_wait_for_it(harbor, client_as):
    asked = ({}, {"request__service": "bariatrics"}, {"request__service": "orthopedics", "source": "web-ortho"})
    leads = [
        make_lead(harbor, at=TUESDAY_NINE + timedelta(minutes=n), person__phone=PHONE, **each)
        for n, each in enumerate(asked)
    ]
    with harbor.scope():
        assert live_calls(leads) == [leads[0].id]
    closing = {"reason": "not_interested", "outcome": "not_qualified", "note": "Went elsewhere"}
    with travelling(to=SOON):
        answer = ask(client_as(owner_of(harbor, leads[0])), "POST", f"/leads/{leads[0].id}/close", closing)
    assert answer.status_code == 200
    second, third = reload(harbor, leads[1].id), reload(harbor, leads[2].id)
    with harbor.scope():
        assert live_calls(leads) == [second.id]
        title = Task.rows().get(lead=third, kind="coordinate", state="open").title
    assert (second.shares_stream_with_id, third.shares_stream_with_id) == (None, second.id)
    assert title == f"Being contacted by {second.owner_team.name} for {second.ref}: coordinate with them"


@pytest.mark.row("DU-07")
def test_two_people_made_one_are_called_once_and_apart_again_each_is_called(harbor, client_as):
    first = make_lead(harbor, person__first_name="Juana")
    second = make_lead(harbor, at=TUESDAY_NINE + timedelta(minutes=5), person__first_name="J.")
    people = {"survivor_id": first.person_id, "absorbed_id": second.person_id}
    with harbor.scope():
        assert live_calls([first, second]) == [first.id, second.id]
        ewa = harbor.actor("ewa")
        merge = merge_people(actor=ewa, **people, picked=[], reason="same voice", now=SOON)
        assert live_calls([first, second]) == [first.id]
    held = reload(harbor, second.id)
    assert held.shares_stream_with_id == first.id and held.next_action_at is not None
    with travelling(to=SOON):
        page = body_of(client_as(owner_of(harbor, second)).get(f"/leads/{second.id}/"))
    assert f"Being contacted by Elm Calls for {first.ref}" in page
    with harbor.scope():
        unmerge_people(actor=ewa, person_id=first.person_id, merge_id=merge.id, now=SOON + timedelta(hours=1))
        assert live_calls([first, second]) == [first.id, second.id]
        assert not Task.rows().filter(lead=second, kind="coordinate").exists()


def live_calls(leads):
    """Return the leads whose call is to be made, in the order given; inside the scope."""
    called = set(Task.rows().filter(kind="call", state="open").values_list("lead_id", flat=True))
    return [each.id for each in leads if each.id in called]


@pytest.mark.row("DU-13")
def test_an_ad_form_after_a_phone_lead_leaves_the_owner_credits_both_and_alerts_them(harbor, client_as):
    lead = make_lead(harbor, source="call", capture_method="call", person__phone=PHONE)
    with harbor.scope(), travelling(to=TUESDAY_NINE), acting_as_system():
        tele = harbor.team("tele-sales")
        ana_id = harbor.member("ana").id
        Lead.rows().filter(id=lead.id).update(owner_team=tele, owner=ana_id)
    campaign = {"utm_source": "google", "utm_medium": "cpc", "keyword": "mri near me"}
    soon = TUESDAY_NINE + timedelta(minutes=1)
    form = {"source": "imaging-spring", "person__phone": PHONE, "person__email": "", "attribution": campaign}
    again = arrive(harbor, soon, **form)
    assert (again.verdict, again.lead_id) == ("duplicate", lead.id)
    kept = reload(harbor, lead.id)
    assert (kept.owner_team.key, kept.owner_id) == ("tele-sales", ana_id)
    with harbor.scope():
        assert [each.lead_id for each in unseen_repeats(ana_id)] == [lead.id]
        touches = Touch.rows().filter(lead=lead).order_by("at").values_list("source__key", "attribution__utm_medium")
        told = TimelineEntry.rows().get(lead=lead, kind="repeat").sentence
        assert list(touches) == [("call", None), ("imaging-spring", "cpc")]
    assert f"{kept.owner_team.name} keeps the lead;" in told and "are both credited." in told
    ana = client_as("ana")
    with travelling(to=soon):
        work = body_of(ana.get("/"))
        assert work.count("the lead stays yours") == 1, re.findall("Asked again.{100}", work)
        background = body_of(client_as("ewa").get(f"/leads/{lead.id}/background/"))
        ana.get(f"/leads/{lead.id}/")
        assert "the lead stays yours" not in body_of(ana.get("/"))
    assert "mri near me" in background


@pytest.mark.row("DU-14")
def test_a_program_names_the_lead_that_goes_on_by_the_id_that_it_reads(harbor, client_as):
    survivor = make_lead(harbor, person__phone=PHONE)
    lead = make_lead(harbor, at=SOON, person__phone=PHONE, request__service="bariatrics")
    body = {"reason": "duplicate", "outcome": "not_qualified", "note": "Twice", "duplicate_of": str(survivor.id)}
    with travelling(to=SOON):
        done = ask(client_as(owner_of(harbor, lead)), "POST", f"/leads/{lead.id}/close", body)
    assert done.status_code == 200, done.content
    assert reload(harbor, lead.id).duplicate_of_id == survivor.id


@pytest.mark.row("DU-14")
def test_a_closure_as_duplicate_names_the_lead_that_goes_on(harbor, client_as):
    survivor = make_lead(harbor, person__phone=PHONE)
    lead = make_lead(harbor, at=SOON, person__phone=PHONE, request__service="bariatrics")
    browser, address = client_as(owner_of(harbor, lead)), f"/leads/{lead.id}/close"
    closing = {"reason": "duplicate", "outcome": "not_qualified", "note": "Asked twice"}
    with travelling(to=SOON):
        refused = ask(browser, "POST", address, closing)
        assert refused.status_code == 422 and refused.json()["errors"][0]["code"] == "survivor_missing"
        page = browser.post(f"{address}/", closing)
        assert page.status_code == 422 and "Name the lead that goes on" in body_of(page)
        assert survivor.ref in body_of(page).split('id="others-title"')[1]
        for named in (lead.ref, str(lead.id), str(lead.person_id), "L-999999", "the other one"):
            wrong = ask(browser, "POST", address, closing | {"duplicate_of": named})
            assert wrong.json()["errors"][0]["code"] == "unknown_survivor"
        other = closing | {"reason": "not_interested", "duplicate_of": survivor.ref}
        assert ask(browser, "POST", address, other).json()["errors"][0]["code"] == "not_a_duplicate"
        assert reload(harbor, lead.id).is_open
        done = browser.post(f"{address}/", closing | {"duplicate_of": survivor.ref})
        assert done.status_code == 303
        page = body_of(browser.get(f"/leads/{lead.id}/"))
        shown = ask(client_as("ewa"), "GET", f"/leads/{lead.id}").json()
    assert reload(harbor, lead.id).duplicate_of_id == survivor.id
    assert f"Closed: Duplicate of {survivor.ref}" in page and f"/leads/{survivor.id}/" in page
    assert shown["duplicate_of"] == str(survivor.id)
    with harbor.scope():
        told = words_of(TimelineEntry.rows().filter(lead=survivor, kind="linked"), "sentence")
        assert f"{lead.ref} was closed as a duplicate of this lead." in set(told)


@pytest.mark.row("DU-14")
def test_no_path_around_the_verb_closes_a_duplicate_without_survivor(harbor):
    lead = make_lead(harbor)
    for more in ({}, {"duplicate_of": lead.id}):
        refused = pytest.raises(IntegrityError, match="duplicate_names_survivor")
        with harbor.scope(), refused, transaction.atomic(), acting_as_system():
            Lead.rows().filter(id=lead.id).update(closure_reason="duplicate", closed_at=SOON, **more)


@pytest.mark.row("DU-05")
def test_a_name_told_later_stands_in_the_task_that_was_opened_without_one(harbor):
    lead = make_lead(harbor, person__first_name="", person__last_name="", person__phone=PHONE)
    with harbor.scope():
        assert "Unnamed person" in Task.rows().get(lead=lead, state="open").title
    arrive(harbor, person__first_name="Maria", person__last_name="Lopez", person__phone=PHONE)
    with harbor.scope():
        title = Task.rows().get(lead=lead, state="open").title
    assert "Maria Lopez" in title and "Unnamed" not in title
