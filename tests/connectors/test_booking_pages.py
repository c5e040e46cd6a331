"""Calendly and Cal.com: a booking is an inquiry, and a visit by the verb of every booking; also out of order."""

import copy
import json
from datetime import timedelta
from typing import Any

import pytest

from apps.appointments.models import Appointment, AppointmentEvent
from apps.connectors.models import HookEvent
from apps.connectors.terms import HookState
from apps.consent.models import ConsentEvent
from apps.leads.models import Lead, Task
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.connectors.readings import answers, payloads
from tests.connectors.senders import Sender, sample
from tests.connectors.signing import SIGNING, push, sender_of
from tests.leads_made import make_lead
from tests.rows.arranging import ask, chicago, page

NOW = chicago("2026-11-20 10:00")
SETTINGS = {
    "services": {"New patient consult": "orthopedics", "new-patient": "orthopedics"},
    "offices": {"oak grove": "oak-park"},
}
CALENDLY = "https://api.calendly.com/scheduled_events/{0}/invitees/{0}"


def opened(harbor: Tenant, key: str, **more: Any) -> Sender:
    """Open a connection whose settings name what is booked and where."""
    return sender_of(harbor, key, **{"settings": SETTINGS, "consent_version": "v4", **more})


def heard(sender: Sender, *bodies: dict[str, Any], at: Any = NOW) -> None:
    """Let the page tell us something, and the worker heed it after each message."""
    for body in bodies:
        with travelling(to=at):
            answer = push(sender, body)
        assert answer.status_code == 200, answer.content
        for seconds in (5, 20, 60):
            sender.tenant.drain(at + timedelta(seconds=seconds))


def calendly(kind: str = "created", ref: str = "IN1", start: str = "2026-12-01T14:00", **more: Any) -> dict[str, Any]:
    """Return a message of Calendly about an invitee."""
    body = copy.deepcopy(sample("calendly", "lead"))
    body["event"] = f"invitee.{kind}"
    body["payload"] |= {"uri": CALENDLY.format(ref), **more}
    body["payload"]["scheduled_event"] |= {
        "start_time": f"{start}:00.000000Z",
        "end_time": f"{start[:-2]}30:00.000000Z",
    }
    return body


def calcom(trigger: str = "BOOKING_CREATED", uid: str = "UID1", **more: Any) -> dict[str, Any]:
    """Return a message of Cal.com about a booking."""
    body = copy.deepcopy(sample("calcom", "lead"))
    body["triggerEvent"] = trigger
    body["payload"] |= {"uid": uid, **more}
    return body


MOVED = (
    calendly("canceled", rescheduled=True, new_invitee=CALENDLY.format("IN2")),
    calendly("created", "IN2", "2026-12-02T15:00", old_invitee=CALENDLY.format("IN1")),
)


def visits(harbor: Tenant) -> list[tuple[str, str, str]]:
    """Return each visit's state, start and number at the booking page."""
    with harbor.scope():
        rows = Appointment.rows().order_by("created_at")
        return [(each.state, f"{each.starts_at:%Y-%m-%dT%H:%M}", each.external_ref) for each in rows]


def why(sender: Sender) -> list[str]:
    """Return why nothing was done, message by message."""
    with sender.tenant.scope():
        return list(
            HookEvent.rows()
            .filter(connection=sender.connection)
            .order_by("taken_at", "id")
            .values_list("ignored", flat=True)
        )


@pytest.mark.row("AP-04")
@pytest.mark.parametrize(
    ("key", "body", "ref"), [("calendly", calendly(), CALENDLY.format("IN1")), ("calcom", calcom(), "UID1")]
)
def test_a_booking_is_a_lead_with_its_visit_however_often_it_comes(harbor, client_as, key, body, ref) -> None:
    sender = opened(harbor, key)
    heard(sender, body, body)
    lead = sender.lead()
    assert visits(harbor) == [("scheduled", "2026-12-01T14:00", ref)]
    assert (lead.service.key, lead.status, lead.outcome) == ("orthopedics", "booked", "booked")
    ada = client_as("ada")
    shown = ask(ada, "GET", f"/leads/{lead.id}", at=NOW).json()
    assert (shown["stage"], shown["location"]) == ("scheduled", "oak-park")
    (visit,) = ask(ada, "GET", f"/leads/{lead.id}/appointments", at=NOW).json()["results"]
    assert (visit["starts_at"], visit["ends_at"]) == ("2026-12-01T14:00:00Z", "2026-12-01T14:30:00Z")
    assert "Visit booked: 1 Dec, 08:00" in page(ada, f"/leads/{lead.id}/", at=NOW)
    assert sender.hooks()[0].repeats == 1
    with harbor.scope():
        event_ids = set(AppointmentEvent.rows().values_list("event_id", flat=True))
        assert len(event_ids) == 1 and not Task.rows().filter(lead=lead, kind="call", state="open").exists()


@pytest.mark.row("AP-10")
def test_what_was_asked_is_kept_and_a_number_for_reminders_permits_reminders_of_this_visit_alone(harbor) -> None:
    sender = opened(harbor, "calendly", consent_channels=["email"])
    heard(sender, calendly())
    (payload,) = payloads(sender)
    assert answers(payloads(sender)[0])["Reason for visit"] == ["Knee pain"]
    assert payload["attribution"] == {"utm_source": "google", "utm_medium": "cpc", "utm_campaign": "ortho-nov"}
    assert answers(payloads(sender)[0])["timezone"] == ["America/New_York"]
    with harbor.scope():
        said = set(ConsentEvent.rows().values_list("channel", "purpose", "value"))
        limits = set(ConsentEvent.rows().filter(channel="text").values_list("this_inquiry_only", flat=True))
    assert said == {("text", "reminders", "granted"), ("email", "care_inquiry", "granted")}
    assert limits == {True}


@pytest.mark.row("AP-01")
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_move_ends_the_same_in_either_order(harbor, client_as, order) -> None:
    sender = opened(harbor, "calendly")
    heard(sender, calendly(), *(MOVED[each] for each in order))
    assert visits(harbor) == [("rescheduled", "2026-12-02T15:00", CALENDLY.format("IN2"))]
    assert len(sender.submissions()) == 1
    heard(sender, calendly("canceled", "IN2", cancellation={"canceled_by": "Renée", "reason": "Feeling better"}))
    assert [each[0] for each in visits(harbor)] == ["cancelled"]
    assert "Renée: Feeling better" in page(client_as("sam"), f"/leads/{sender.lead().id}/", at=NOW)


def test_a_move_of_a_booking_that_is_being_read_waits_for_it(harbor) -> None:
    sender = opened(harbor, "calendly")
    with travelling(to=NOW):
        for body in (calendly(), MOVED[1]):
            assert push(sender, body).status_code == 200
    for seconds in (1, 5, 20, 60, 100):
        harbor.drain(NOW + timedelta(seconds=seconds))
    assert visits(harbor) == [("rescheduled", "2026-12-02T15:00", CALENDLY.format("IN2"))]


def test_a_cancellation_that_comes_first_leaves_an_inquiry_without_a_visit(harbor, client_as) -> None:
    sender = opened(harbor, "calendly")
    heard(sender, calendly("canceled"), calendly())
    shown = ask(client_as("ada"), "GET", f"/leads/{sender.lead().id}", at=NOW).json()
    assert visits(harbor) == [] and shown["stage"] == "new"
    assert why(sender) == ["It names no booking that we know.", "It was ended before it was read."]


@pytest.mark.row("AP-01")
def test_cal_com_moves_cancels_and_tells_who_did_not_come(harbor) -> None:
    sender = opened(harbor, "calcom")
    later = {"startTime": "2026-12-02T15:00:00Z", "endTime": "2026-12-02T15:30:00Z"}
    heard(sender, calcom(), calcom("BOOKING_RESCHEDULED", "UID2", rescheduleUid="UID1", **later))
    assert visits(harbor) == [("rescheduled", "2026-12-02T15:00", "UID2")]
    absent = {"bookingUid": "UID2", "attendees": [{"email": "renee.alvarez@example.com", "noShow": True}]}
    present = {"bookingUid": "UID2", "attendees": [{"email": "renee.alvarez@example.com", "noShow": False}]}
    came = {"triggerEvent": "BOOKING_NO_SHOW_UPDATED", "createdAt": "2026-12-02T15:20:00Z", "payload": present}
    after = chicago("2026-12-02 10:00")
    heard(sender, came, at=after)
    assert visits(harbor)[0][0] == "rescheduled"
    heard(sender, {**came, "payload": absent}, at=after)
    assert visits(harbor)[0][0] == "no_show"
    again = {"startTime": "2026-12-09T15:00:00Z", "endTime": "2026-12-09T15:30:00Z"}
    heard(sender, calcom("BOOKING_RESCHEDULED", "UID3", rescheduleUid="UID2", **again), at=after)
    heard(sender, calcom("BOOKING_CANCELLED", "UID3", cancellationReason="Moved away", cancelledBy="desk"), at=after)
    assert visits(harbor) == [("cancelled", "2026-12-09T15:00", "UID3")]


@pytest.mark.row("AP-03")
def test_a_request_that_waits_for_the_host_is_a_wish_and_no_booking(harbor) -> None:
    sender = opened(harbor, "calcom")
    heard(sender, calcom("BOOKING_REQUESTED"))
    assert visits(harbor) == [] and answers(payloads(sender)[0])["wished_start"] == ["2026-12-01T14:00:00Z"]


@pytest.mark.row("AP-10")
def test_what_cannot_be_booked_is_told_and_a_task_for_the_owner(harbor, client_as) -> None:
    sender = opened(harbor, "calcom", settings={})
    body = calcom()
    body["payload"]["organizer"] = {}
    heard(sender, body)
    lead = sender.lead()
    assert visits(harbor) == [] and "not a booked visit yet" in why(sender)[0]
    shown = page(client_as("ada"), f"/leads/{lead.id}/", at=NOW)
    assert "Booked at Cal.com for 1 Dec, 08:00, and not taken over" in shown
    assert "Take over a visit that was booked elsewhere" in shown
    assert answers(payloads(sender)[0])["booked_what"] == ["new-patient"]


def test_a_page_speaks_for_its_own_bookings_only(harbor) -> None:
    sender, other = opened(harbor, "calcom"), opened(harbor, "calcom")
    heard(sender, calcom())
    heard(other, calcom("BOOKING_CANCELLED"))
    assert visits(harbor)[0][0] == "scheduled" and why(other) == ["It names no booking that we know."]


@pytest.mark.row("OW-09")
def test_a_lead_that_somebody_works_on_is_booked_and_goes_the_way_of_every_booking(harbor) -> None:
    asked = {"request__service": "orthopedics", "request__location": "oak-park"}
    renee = {"first_name": "Renée", "last_name": "Alvarez", "email": "renee.alvarez@example.com"}
    known = make_lead(harbor, at=NOW, **asked, **{f"person__{name}": value for name, value in renee.items()})
    sender = opened(harbor, "calendly")
    heard(sender, calendly(), at=NOW + timedelta(minutes=5))
    with harbor.scope():
        assert Lead.rows().count() == 1 and Appointment.rows().get().lead_id == known.id
        assert Lead.rows().get(id=known.id).owner_team.key == "scheduling"


def test_old_forged_and_unsigned_messages_leave_nothing(harbor) -> None:
    sender, cal = opened(harbor, "calendly"), opened(harbor, "calcom")
    raw = json.dumps(calendly()).encode()
    with travelling(to=NOW):
        old = SIGNING["calendly"](raw, "k-demo-3f9c1b-long-enough", NOW - timedelta(minutes=6), "")
        assert sender.post(raw, headers=old).status_code == 401
        assert sender.post(raw, headers={"Calendly-Webhook-Signature": "t=1,v1=aa"}).status_code == 401
        assert sender.post(raw, headers={"Calendly-Webhook-Signature": "nonsense"}).status_code == 401
        unsigned = {"X-Cal-Signature-256": "no-secret-provided"}
        assert cal.post(calcom(), headers=unsigned).status_code == 401
    assert sender.hooks() == [] and cal.hooks() == []


def test_a_message_without_key_or_start_is_kept_for_people(harbor) -> None:
    sender = opened(harbor, "calendly")
    nameless, timeless = calendly(), calendly()
    nameless["payload"]["uri"] = ""
    timeless["payload"]["scheduled_event"] = {}
    heard(sender, nameless, timeless, {"event": "routing_form_submission.created", "payload": {}})
    assert [each.state for each in sender.hooks()] == [HookState.UNMAPPED, HookState.UNMAPPED, HookState.IGNORED]
