"""Write appointments: book a visit, and tell how it went on."""

from datetime import datetime, timedelta
from uuid import UUID

from apps.appointments.models import Appointment, AppointmentEvent
from apps.appointments.terms import AppointmentState, is_promise, may_follow
from apps.catalog.models import Location, Service
from apps.leads.models import Lead
from apps.privacy.phi import look_at_phi
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, Problem
from apps.tenancy.ids import new_id


def book(
    lead: Lead,
    *,
    starts_at: datetime,
    minutes: int,
    service: Service | None,
    location: Location | None,
    provider: str,
    confirmed_by: str,
    external_ref: str,
    actor: Actor,
    event_id: UUID,
    now: datetime,
) -> Appointment:
    """Store a booked visit. Raises Invalid naming what is missing for it to count as booked (row AP-03).

    A day for a service makes the lead PHI (row PH-03).
    """
    problems = []
    if starts_at <= now:
        problems.append(Problem("/starts_at", "in_the_past", "A booked visit lies in the future."))
    if location is None and not provider:
        problems.append(Problem("/location", "place_missing", "Name the location or the provider."))
    if not confirmed_by and not external_ref:
        problems.append(
            Problem(
                "/confirmed_by",
                "confirmation_missing",
                "Say how it was confirmed, or give the scheduling system's number.",
            )
        )
    elif is_promise(confirmed_by) and not external_ref:
        sentence = "This is a promise, not a confirmation: plan a call back, and book when they have said yes."
        problems.append(Problem("/confirmed_by", "not_confirmed", sentence))
    if not 5 <= minutes <= 480:
        problems.append(Problem("/minutes", "out_of_range", "A visit takes 5 to 480 minutes."))
    if problems:
        raise Invalid("This is not a booked visit yet: " + problems[0].detail, tuple(problems), code="not_booked")
    row = Appointment(
        id=new_id(),
        lead=lead,
        service=service,
        location=location,
        provider=provider[:200],
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        confirmed_by=confirmed_by[:60],
        external_ref=external_ref[:200],
        created_at=now,
        event_id=event_id,
    )
    row.save(force_insert=True)
    if service is not None:
        look_at_phi(lead.id, {"appointment": service.key}, now=now)
    _note(row, actor, event_id, now, "")
    return row


def change_state(
    appointment_id: UUID,
    state: AppointmentState,
    *,
    actor: Actor,
    event_id: UUID,
    now: datetime,
    note: str = "",
    starts_at: datetime | None = None,
    external_ref: str = "",
) -> Appointment:
    """Move a visit to its next state; raises Conflict when it cannot follow. A new time needs `rescheduled`."""
    row: Appointment = Appointment.rows().select_for_update().get(id=appointment_id)
    if not may_follow(AppointmentState(row.state), state):
        raise Conflict(
            f"A visit that is {row.get_state_display()} cannot become {state.replace('_', ' ')}.", code="wrong_state"
        )
    if state is AppointmentState.RESCHEDULED:
        if starts_at is None or starts_at <= now:
            raise Invalid("Give the new time.", (Problem("/starts_at", "missing", "Give a time in the future."),))
        row.ends_at += starts_at - row.starts_at
        row.starts_at = starts_at
        row.external_ref = external_ref[:200] or row.external_ref
    row.state = state
    row.save(update_fields=["state", "starts_at", "ends_at", "external_ref"])
    _note(row, actor, event_id, now, note)
    return row


def _note(row: Appointment, actor: Actor, event_id: UUID, now: datetime, note: str) -> None:
    AppointmentEvent(
        appointment=row, state=row.state, at=now, actor_label=actor.label, note=note[:300], event_id=event_id
    ).save(force_insert=True)
