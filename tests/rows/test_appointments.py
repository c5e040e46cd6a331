"""Rows of appointments: the visit's story, and a booking that happens whole or not at all."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from apps.appointments import actions as appointments
from apps.appointments.models import Appointment, AppointmentEvent
from apps.audit import ledger
from apps.audit.models import AuditEntry
from apps.flows import booking, chasing, handing_over, owner_moves, reminders
from apps.leads.models import ContactPoint, Lead, StageSpell, Task, TimelineEntry
from apps.outreach.actions import STAGE_MESSAGE, intend_message
from apps.ownership.models import LeadTeamGrant, Spell
from apps.sla import actions as sla
from apps.sla.models import SlaTimer
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.leads_made import make_lead
from tests.rows.arranging import ask, change_rules, chicago, draft_rules, page

OpenBrowser = Callable[..., Client]
TEN = chicago("2026-12-01 10:00")
HALF_PAST = chicago("2026-12-01 10:30")
VISIT = {"starts_at": "2026-12-03T11:00:00-06:00", "location": "elm-st", "confirmed_by": "patient"}
CONTACT = {"kind": "call", "outcome": "connected", "next_action_at": "2026-12-01T14:00:00-06:00"}
#: Every part of a booking, as the place where it is called from.
PARTS = [
    (appointments, "book"),
    (booking, "enter_stage"),
    (booking, "save_lead"),
    (booking, "close_tasks"),
    (booking, "leave"),
    (booking, "cancel_messages"),
    (booking, "cancel_stage_messages"),
    (sla, "meet"),
    (sla, "cancel_all"),
    (booking, "tell"),
    (owner_moves, "hand_over"),
    (handing_over, "assign"),
    (handing_over, "move_tasks"),
    (booking, "cancel_planned"),
    (chasing, "plan_tasks"),
    (reminders, "plan_reminder"),
    (booking, "refresh_next_action"),
    (ledger, "record"),
]
TABLES: list[Any] = [
    Appointment,
    AppointmentEvent,
    Lead,
    StageSpell,
    Spell,
    LeadTeamGrant,
    Task,
    SlaTimer,
    TimelineEntry,
    AuditEntry,
]


def contacted(tenant: Tenant, client_as: OpenBrowser) -> tuple[Lead, Client]:
    """Return Maria's lead after a conversation, and its owner's browser."""
    lead = make_lead(tenant, at=TEN)
    owner = client_as(lead.owner.user.email.partition("@")[0])
    at = TEN + timedelta(minutes=4)
    assert ask(owner, "POST", f"/leads/{lead.id}/activities", CONTACT, at=at).status_code == 201
    return lead, owner


def everything(tenant: Tenant) -> dict[str, list[Any]]:
    """Return all rows that a booking could touch."""
    with tenant.scope():
        return {
            table.__name__: list(table.rows().order_by("id").values()) for table in TABLES if table is not AuditEntry
        } | {"AuditEntry": list(AuditEntry.rows().exclude(action__startswith="lead.read").values_list("id"))}


@pytest.mark.row("AP-01")
def test_a_visit_goes_through_its_states_and_keeps_them(harbor: Tenant, client_as: OpenBrowser) -> None:
    lead, owner = contacted(harbor, client_as)
    visits = f"/leads/{lead.id}/appointments"
    booked = ask(owner, "POST", visits, VISIT, at=HALF_PAST)
    assert (booked.status_code, booked.json()["state"]) == (201, "scheduled")
    visit, sam = f"{visits}/{booked.json()['id']}", client_as("sam")
    moved_to = "2026-12-04T17:00:00Z"
    for hour, body in enumerate(
        (
            {"state": "confirmed", "note": "By phone"},
            {"state": "rescheduled", "starts_at": moved_to},
            {"state": "completed_intake"},
        ),
        1,
    ):
        answer = ask(sam, "PATCH", visit, body, at=HALF_PAST + timedelta(hours=hour))
        assert (answer.status_code, answer.json()["state"]) == (200, body["state"])
    assert answer.json()["starts_at"] == moved_to
    late = ask(sam, "PATCH", visit, {"state": "no_show"}, at=HALF_PAST + timedelta(hours=4))
    assert (late.status_code, late.json()["code"]) == (409, "wrong_state")
    with harbor.scope():
        history = AppointmentEvent.rows().filter(appointment_id=booked.json()["id"])
        assert [row.state for row in history] == ["scheduled", "confirmed", "rescheduled", "completed_intake"]
        assert [row.actor_label for row in history][1:] == ["Sam Diaz"] * 3
    listed = ask(sam, "GET", visits, at=HALF_PAST + timedelta(hours=4)).json()["results"][0]["history"]
    assert [each["state"] for each in listed] == ["scheduled", "confirmed", "rescheduled", "completed_intake"]
    assert {each["by"] for each in listed[1:]} == {"Sam Diaz"}
    story = page(sam, f"/leads/{lead.id}/?show=contacts", at=HALF_PAST + timedelta(hours=5))
    told = ["Visit completed intake.", "Visit rescheduled.", "Visit confirmed.", "Visit booked:"]
    places = [story.index(each) for each in told]
    assert places == sorted(places) and "By phone" in story


@pytest.mark.row("AP-01")
@pytest.mark.parametrize("lost", ["no_show", "cancelled"])
def test_a_lost_visit_is_won_back(harbor: Tenant, client_as: OpenBrowser, lost: str) -> None:
    lead, owner = contacted(harbor, client_as)
    visits = f"/leads/{lead.id}/appointments"
    booked = ask(owner, "POST", visits, VISIT, at=HALF_PAST).json()
    answer = ask(client_as("sam"), "PATCH", f"{visits}/{booked['id']}", {"state": lost}, at=HALF_PAST)
    assert (answer.status_code, answer.json()["state"]) == (200, lost)
    with harbor.scope():
        assert Task.rows().get(lead=lead, kind="call", state="open").title == "Win the visit back"


@pytest.mark.row("AP-02")
def test_who_sets_what_of_a_visit_is_the_tenants_to_say(harbor: Tenant, client_as: OpenBrowser) -> None:
    """Ana's team, which gave the lead away, still confirms and moves; that nobody came only Scheduling says."""
    lead, ana = contacted(harbor, client_as)
    sam, visits = client_as("sam"), f"/leads/{lead.id}/appointments"
    booked = ask(ana, "POST", visits, VISIT, at=HALF_PAST).json()
    visit, later = f"{visits}/{booked['id']}", HALF_PAST + timedelta(hours=1)
    steps = {each["state"]: each for each in booked["next_states"]}
    assert (steps["confirmed"]["allowed"], steps["no_show"]["allowed"]) == (True, False)
    sentence = "“No-show” is set by Scheduling or Lake Ortho, because the ownership rules say so."
    refused = ask(ana, "PATCH", visit, {"state": "no_show"}, at=later)
    assert (refused.status_code, refused.json()["code"]) == (403, "visit_state")
    assert refused.json()["detail"].startswith(sentence) and "Ask to change" in refused.json()["detail"]
    shown = page(ana, f"/leads/{lead.id}/", at=later)
    assert sentence in shown and f"?visit={booked['id']}&amp;state=confirmed" in shown
    assert f"?visit={booked['id']}&amp;state=no_show" not in shown
    assert f"?visit={booked['id']}&amp;state=no_show" in page(sam, f"/leads/{lead.id}/", at=later)
    by_form = {"visit": booked["id"], "state": "no_show"}
    with travelling(to=later):
        assert sentence in ana.post(f"/leads/{lead.id}/visit/", by_form).content.decode()
        assert ana.post(f"/leads/{lead.id}/visit/", by_form | {"state": "confirmed"}).status_code == 303
    assert ask(client_as("ben"), "PATCH", visit, {"state": "cancelled"}, at=later).status_code == 403
    with harbor.scope():
        assert [row.state for row in AppointmentEvent.rows()] == ["scheduled", "confirmed"]
        noted = AuditEntry.rows().filter(action="refused:appointment.change", object_id=lead.id)
        assert noted.count() == 3

    def let_elm(rules: dict[str, Any]) -> None:
        next(each for each in rules["visits"] if each["state"] == "no_show")["teams"].append("elm-calls")

    change_rules(harbor, client_as, "ownership", let_elm)
    answer = ask(ana, "PATCH", visit, {"state": "no_show"}, at=later + timedelta(hours=1))
    assert (answer.status_code, answer.json()["state"]) == (200, "no_show")


@pytest.mark.row("AP-02")
def test_the_rules_name_only_states_and_teams_that_are_there(harbor: Tenant, client_as: OpenBrowser) -> None:
    wrong = [{"state": "asleep", "owner": True}, {"state": "attended"}, {"state": "cancelled", "teams": ["ghosts"]}]
    saved = draft_rules(harbor, client_as, "ownership", lambda rules: rules.update(visits=wrong))
    said = saved.content.decode()
    assert saved.status_code == 422
    for each in ("state is one of scheduled", "Name teams, or let the owner", "There is no team “ghosts”"):
        assert each in said


@pytest.mark.row("AP-03")
def test_a_promise_to_call_back_is_no_booking(harbor: Tenant, client_as: OpenBrowser) -> None:
    """Slot, place or provider, and a confirmation or the other system's number: without one, nothing is booked."""
    lead, owner = contacted(harbor, client_as)
    visits, form = f"/leads/{lead.id}/appointments", f"/leads/{lead.id}/book/"
    for lacking, code in (
        ({"confirmed_by": "Will call back"}, "not_confirmed"),
        ({"confirmed_by": ""}, "confirmation_missing"),
        ({"location": ""}, "place_missing"),
        ({"starts_at": "2026-11-30T11:00:00-06:00"}, "in_the_past"),
    ):
        refused = ask(owner, "POST", visits, VISIT | lacking, at=HALF_PAST)
        assert (refused.status_code, refused.json()["code"]) == (422, "not_booked")
        assert [each["code"] for each in refused.json()["errors"]] == [code]
    typed = {"starts_at": "2026-12-03T11:00", "minutes": "30", "location": "elm-st", "confirmed_by": "will call back"}
    with travelling(to=HALF_PAST):
        shown = owner.post(form, typed)
    assert shown.status_code == 422 and "This is a promise, not a confirmation" in shown.content.decode()
    moved = ask(owner, "POST", f"/leads/{lead.id}/stage", {"to": "scheduled", "reason": "Will call"}, at=HALF_PAST)
    assert moved.status_code in (409, 422)
    with harbor.scope():
        assert not Appointment.rows().exists()
        wish = {"starts_at": HALF_PAST, "ends_at": HALF_PAST + timedelta(hours=1), "created_at": HALF_PAST}
        with pytest.raises(IntegrityError), transaction.atomic():
            Appointment(lead=lead, provider="Dr Kim", event_id=lead.id, **wish).save(force_insert=True)
        assert Lead.rows().get(id=lead.id).status != "booked"
    by_number = VISIT | {"confirmed_by": "", "external_ref": "S-204"}
    assert ask(owner, "POST", visits, by_number, at=HALF_PAST).status_code == 201


@pytest.mark.row("AP-04")
def test_booking_stops_what_stages_planned_to_send(harbor: Tenant, client_as: OpenBrowser) -> None:
    lead, owner = contacted(harbor, client_as)
    with harbor.scope():
        point = ContactPoint.rows().filter(person=lead.person, kind="email").first()
        assert point is not None
        waiting = intend_message(
            lead,
            purpose=STAGE_MESSAGE,
            template_key="visit-rebook",
            contact_point=point,
            words={"first_name": "Maria", "organization": "Harbor", "reference": lead.ref},
            language="en",
            dedup_key="planned",
            now=TEN,
            due_at=HALF_PAST + timedelta(days=1),
        )
        assert waiting is not None
    assert ask(owner, "POST", f"/leads/{lead.id}/appointments", VISIT, at=HALF_PAST).status_code == 201
    with harbor.scope():
        waiting.refresh_from_db()
        assert (waiting.state, waiting.reason) == ("blocked", "a visit is booked")


@pytest.mark.row("AP-04")
def test_booking_changes_four_things_under_one_event(harbor: Tenant, client_as: OpenBrowser) -> None:
    lead, owner = contacted(harbor, client_as)
    assert ask(owner, "POST", f"/leads/{lead.id}/appointments", VISIT, at=HALF_PAST).status_code == 201
    with harbor.scope():
        visit = Appointment.rows().get(lead=lead)
        event_id = visit.event_id
        call = Task.rows().get(lead=lead, kind="call", due_at=chicago("2026-12-01 14:00"))
        assert (visit.state, visit.events.get().event_id) == ("scheduled", event_id)
        now = Lead.rows().select_related("stage", "owner_team").get(id=lead.id)
        assert (now.stage.key, now.stage_since, now.status) == ("scheduled", HALF_PAST, "booked")
        spell = Spell.rows().get(lead=lead, ended_at__isnull=True)
        assert (spell.team.key, spell.started_at, spell.event_id) == ("scheduling", HALF_PAST, event_id)
        assert (call.state, call.closed_at, call.closed_because) == ("done", HALF_PAST, "booked")
        assert not Task.rows().filter(lead=lead, state="open").exclude(kind="confirm").exists()
        assert not SlaTimer.rows().filter(lead=lead, met_at__isnull=True, cancelled_at__isnull=True).exists()
        noted = {row.action: row for row in AuditEntry.rows().filter(event_id=event_id)}
        assert set(noted) == {"lead.book", "lead.assign"}
        book = noted["lead.book"]
        assert book.detail == {"appointment": str(visit.id), "ended_tasks": [str(call.id)]}
        assert book.fields == ["stage", "status", "outcome"]
        told = TimelineEntry.rows().filter(lead=lead, event_id=event_id).values_list("kind", flat=True)
        assert sorted(told) == ["assigned", "booked"]
    refused = ask(owner, "POST", f"/leads/{lead.id}/stage", {"to": "qualified", "reason": "x"}, at=HALF_PAST)
    assert (refused.status_code, refused.json()["code"]) == (403, "locked_by_owner")


@pytest.mark.row("AP-04")
def test_failure_of_any_part_of_a_booking_undoes_all(
    harbor: Tenant, client_as: OpenBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead, owner = contacted(harbor, client_as)
    owner.raise_request_exception = False
    visits, before = f"/leads/{lead.id}/appointments", everything(harbor)
    for module, name in PARTS:
        real = getattr(module, name)

        def done_then_broken(*args: Any, _real: Any = real, **more: Any) -> None:
            _real(*args, **more)
            raise RuntimeError("the machine stopped here")

        with monkeypatch.context() as patch:
            patch.setattr(module, name, done_then_broken)
            assert ask(owner, "POST", visits, VISIT, at=HALF_PAST).status_code == 500, name
        assert everything(harbor) == before, name
    assert ask(owner, "POST", visits, VISIT, at=HALF_PAST).status_code == 201
    assert everything(harbor) != before
