"""Skills before fairness, shifts and caps, full queues: who gets a lead that not everybody can take."""

from collections import Counter
from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection

from apps.accounts.terms import Availability
from apps.catalog.models import Queue
from apps.flows.replay import State, replay_everything
from apps.leads.models import Lead
from apps.onboarding.file.sections.catalog import export_queues
from apps.ownership.models import Spell
from apps.routing.models import RoutingDecision
from apps.tenancy.models import Organization
from tests.leads_made import TUESDAY_NINE, consent, inquiry, make_lead, reload, send_in
from tests.rows.arranging import (
    add_location_rules,
    add_team,
    ask,
    change_person,
    change_queue,
    change_rules,
    keep_calendar,
    page,
    rule,
    set_availability,
)
from tests.rows.test_routing import decision_of
from tests.words import words_of

SOON = TUESDAY_NINE + timedelta(minutes=4)
ROUTINE = {
    "request__timeframe": "",
    "request__preferred_channel": "email",
    "request__service": "orthopedics",
    "consent": [consent("email")],
}
PEDIATRIC = {"request__message": "A pediatric MRI for my son"}


def queue_id(tenant, key):
    """Return the id of a queue, as the admin's forms send it."""
    with tenant.scope():
        return str(Queue.rows().get(key=key).id)


def owner_of(tenant, lead):
    """Return the first name of a lead's owner, "" where nobody has it."""
    with tenant.scope():
        owner = Lead.rows().select_related("owner__user").get(id=lead.id).owner
    return str(owner).partition(" ")[0] if owner else ""


def assert_replays(tenant):
    """Judge every decision of the tenant again: each follows again from what it saw."""
    with tenant.scope():
        assert {each.state for each in replay_everything()} <= {State.SAME, State.NOT_KEPT}


@pytest.mark.row("HC-06")
def test_who_alone_has_the_skill_gets_the_lead_whoever_would_be_next(harbor, client_as):
    words = {"field": "message_words", "op": "contains_word", "value": ["pediatric mri"]}
    needs = rule("R-39", words, {"office": "requested_or_nearest", "queue_tag": "calls", "skill": "pediatric MRI"})
    change_rules(harbor, client_as, "routing", add_location_rules(needs))
    add_team(harbor, "elm-calls", "Elm Calls", "ben")
    nobody = make_lead(harbor, **PEDIATRIC)
    assert "nobody here has the skill pediatric MRI" in decision_of(harbor, nobody).turn["reason"]
    change_person(harbor, client_as, "ben", skills="en,Pediatric MRI")
    kids = [make_lead(harbor, **PEDIATRIC) for _ in range(3)]
    assert [owner_of(harbor, each) for each in kids] == ["Ben"] * 3
    others = [make_lead(harbor) for _ in range(3)]
    assert {owner_of(harbor, each) for each in others} == {"Ana", "Eli", "Lena"}
    shown = page(client_as("lena"), f"/leads/{kids[0].id}/why/", at=SOON)
    assert "lacks the skill pediatric MRI" in shown and "somebody with pediatric MRI" in shown
    set_availability(harbor, client_as, "ben", Availability.AWAY)
    waits = make_lead(harbor, **PEDIATRIC)
    assert owner_of(harbor, waits) == "" and waits.queue.key == "elm-calls" and waits.next_action_at
    assert_replays(harbor)


@pytest.mark.row("HC-07")
def test_who_is_at_the_cap_or_off_shift_is_passed_over_and_the_decision_says_so(harbor, client_as):
    with harbor.scope():
        held = Lead.rows().filter(owner=harbor.member("ana")).count()
    change_person(harbor, client_as, "ana", open_lead_cap=held + 1)
    first = [make_lead(harbor) for _ in range(3)]
    assert {owner_of(harbor, each) for each in first} == {"Ana", "Eli", "Lena"}
    later = [make_lead(harbor) for _ in range(2)]
    assert {owner_of(harbor, each) for each in later} == {"Eli", "Lena"}
    keep_calendar(harbor, client_as, "afternoons", hours=("13:00", "18:00"))
    change_person(harbor, client_as, "eli", shift="afternoons")
    morning = make_lead(harbor)
    assert owner_of(harbor, morning) == "Lena"
    assert "off shift" in [why for _who, why in decision_of(harbor, morning).turn["skipped"]]
    keep_calendar(harbor, client_as, "afternoons", hours=("07:00", "18:00"))
    assert owner_of(harbor, make_lead(harbor)) == "Eli"
    shown = page(client_as("lena"), f"/leads/{later[0].id}/why/", at=SOON)
    assert "Ana Ruiz" in shown and f"full: {held + 1} open leads of {held + 1}" in shown


@pytest.mark.row("HC-08")
def test_a_full_queue_hands_the_next_lead_to_its_overflow_with_the_reason(harbor, client_as):
    central = queue_id(harbor, "central-intake")
    change_queue(harbor, client_as, "elm-calls", capacity="4", overflow_queue=central)
    for _ in range(9):
        send_in(harbor, inquiry(), at=TUESDAY_NINE)

    def work():
        try:
            harbor.drain(TUESDAY_NINE)
        finally:
            connection.close()

    workers = [Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    harbor.drain(TUESDAY_NINE + timedelta(minutes=1))
    with harbor.scope():
        assert Counter(Lead.rows().values_list("queue__key", flat=True)) == {"elm-calls": 4, "central-intake": 5}
        over = RoutingDecision.rows().filter(queue__key="central-intake").select_related("lead").first()
    assert over.verdict["reason"].endswith("; Elm Calls is full (4/4)")
    shown = page(client_as("ewa"), f"/leads/{over.lead_id}/why/", at=SOON)
    assert "full: 4 of 4 open leads" in shown and "Elm Calls is full (4/4)" in shown
    assert_replays(harbor)


@pytest.mark.row("HC-11")
def test_the_page_of_a_queue_states_method_cap_overflow_and_hours(harbor, client_as):
    change_queue(harbor, client_as, "elm-calls", capacity="40", overflow_queue=queue_id(harbor, "central-intake"))
    make_lead(harbor)
    shown = page(client_as("lena"), "/queue/?queue=elm-calls", at=SOON)
    for words in (
        "In turn: to who has the skills it asks for",
        "1 of 40 open leads.",
        "Central Intake takes what comes next.",
        "mon-fri 08:00-17:00 (Chicago).",
        "After-hours Intake takes over.",
        "15 min without an owner",
    ):
        assert words in shown
    shared = page(client_as("lena"), "/queue/?queue=general-intake", at=SOON)
    assert "Shared: whoever is free claims the next one." in shared and "It is never full." in shared
    assert "How this queue works" not in page(client_as("lena"), "/queue/?view=all", at=SOON)


@pytest.mark.row("HC-13")
def test_the_board_warns_where_more_comes_than_the_people_on_can_answer_in_time(harbor, client_as):
    set_availability(harbor, client_as, "lena", Availability.AWAY)
    with harbor.scope():
        row = Organization.objects.get(id=harbor.organization_id)
        row.settings = {**row.settings, "minutes_per_lead": 60}
        row.save(update_fields=["settings"])
    for _ in range(2):
        make_lead(harbor)
    assert "Call people in" not in page(client_as("lena"), "/board/", at=SOON)
    make_lead(harbor)
    shown = page(client_as("lena"), "/board/", at=SOON)
    assert "Elm Calls: 3 leads came in the last hour; 2 available handle 2." in shown
    assert "0% are answered within the target of 5 min." in shown


@pytest.mark.row("RT-12")
@pytest.mark.journey("E-14")
def test_urgent_goes_to_an_available_person_at_once_and_routine_waits_for_its_batch(harbor, client_as):
    change_queue(harbor, client_as, "elm-calls", batch_times="13:00,16:00")
    ten, one = TUESDAY_NINE + timedelta(hours=1), TUESDAY_NINE + timedelta(hours=4)
    set_availability(harbor, client_as, "eli", Availability.AWAY)
    set_availability(harbor, client_as, "lena", Availability.AWAY)
    urgent = make_lead(harbor, at=ten, request__timeframe="within_24h")
    routine = make_lead(harbor, at=ten, **ROUTINE)
    assert (urgent.priority, owner_of(harbor, urgent)) == ("P1", "Ana")
    assert (routine.priority, owner_of(harbor, routine), routine.owner_team.key) == ("P3", "", "elm-calls")
    assert routine.next_action_at > one and routine.due_at > one
    shown = page(client_as("lena"), f"/leads/{routine.id}/why/", at=ten)
    assert "routine, waits for the batch of 1 Dec 2026, 13:00" in shown
    harbor.drain(one - timedelta(minutes=1))
    assert owner_of(harbor, routine) == ""
    harbor.drain(one)
    assert owner_of(harbor, routine) == "Ana"
    assert_replays(harbor)


@pytest.mark.row("RT-12")
def test_a_routine_lead_of_the_night_waits_for_the_batch_and_goes_at_once_when_it_becomes_urgent(harbor, client_as):
    change_queue(harbor, client_as, "elm-calls", batch_times="13:00,13:02")
    with harbor.scope():
        kept = next(each for each in export_queues() if each.key == "elm-calls")
    assert kept.batch_times == ("13:00", "13:02")
    for name in ("eli", "lena"):
        set_availability(harbor, client_as, name, Availability.AWAY)
    opens, one = TUESDAY_NINE - timedelta(hours=1), TUESDAY_NINE + timedelta(hours=4)
    night, raised = (make_lead(harbor, at=TUESDAY_NINE - timedelta(hours=hours), **ROUTINE) for hours in (12, 11))
    assert (night.queue.key, night.priority) == ("after-hours-intake", "P3") and night.due_at > one
    for _ in range(2):
        harbor.drain(opens + timedelta(minutes=1))
    assert [reload(harbor, each.id).queue.key for each in (night, raised)] == ["elm-calls"] * 2
    assert owner_of(harbor, night) == owner_of(harbor, raised) == ""
    body = {"priority": "P1", "reason": "They called, in pain"}
    urgent = ask(client_as("lena"), "POST", f"/leads/{raised.id}/priority", body, at=SOON)
    assert urgent.status_code == 200, urgent.content.decode()
    harbor.drain(SOON)
    assert (owner_of(harbor, raised), owner_of(harbor, night)) == ("Ana", "")
    set_availability(harbor, client_as, "ana", Availability.AWAY)
    harbor.drain(one)
    assert owner_of(harbor, night) == "" and reload(harbor, night.id).owner_team.key == "elm-calls"
    set_availability(harbor, client_as, "ana", Availability.AVAILABLE)
    for _ in range(2):
        harbor.drain(one + timedelta(minutes=2))
    assert owner_of(harbor, night) == "Ana"
    with harbor.scope():
        told = list(words_of(Spell.rows().filter(lead_id=night.id).order_by("started_at"), "trigger", "reason"))
    assert [trigger for trigger, _ in told] == ["routing", "opening", "batch"], told
    assert_replays(harbor)
