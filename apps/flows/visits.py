"""Say how a visit went on: confirmed, moved, attended, missed, cancelled, completed; each by who may (row AP-02)."""

from datetime import datetime
from uuid import UUID

from apps.appointments import actions as appointments
from apps.appointments.conversions import keep_completed
from apps.appointments.holding import hold, refuse_taken
from apps.appointments.models import Appointment
from apps.appointments.terms import AppointmentState
from apps.audit import ledger
from apps.flows import chasing, reminders
from apps.leads.actions import lock_lead, refresh_next_action, tell
from apps.leads.models import Lead
from apps.ownership.queries import lead_to_change, refuse
from apps.ownership.visit_queries import visit_verdicts
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid
from apps.tenancy.ids import new_id


def change_visit(
    *,
    actor: Actor,
    lead_id: UUID,
    appointment_id: UUID,
    state: AppointmentState,
    now: datetime,
    note: str = "",
    starts_at: datetime | None = None,
    external_ref: str = "",
) -> Appointment:
    """Confirm, move, cancel or complete a visit; a lost visit gives the lead a task to win it back.

    `external_ref` is the scheduling system's new number of a visit that moved.

    Refuses whom the ownership rules do not let set this state, with who may (row AP-02), states that cannot follow,
    a time at which the provider sees somebody else (row AP-10), and people's changes to visits of a closed lead.
    """
    lead_to_change(actor, lead_id)
    old = Appointment.rows().filter(id=appointment_id, lead_id=lead_id).first()
    held = hold(old.provider, "") if old and old.provider and starts_at else []
    lead = lock_lead(lead_id)
    refuse(visit_verdicts(actor, lead, now, (state,))[state], lead, action="appointment.change", field="outcome")
    if lead.closed_at is not None and not actor.is_system:
        raise Conflict("This lead is closed. Reopen it before you change its visits.", code="closed")
    if old is None:
        raise Invalid("This visit is not one of this lead's.")
    if starts_at is not None and not old.external_ref:
        refuse_taken(held, starts_at, starts_at + (old.ends_at - old.starts_at), but=old.id)
    event_id = new_id()
    row = appointments.change_state(
        appointment_id,
        state,
        actor=actor,
        event_id=event_id,
        now=now,
        note=note,
        starts_at=starts_at,
        external_ref=external_ref,
    )
    if state is AppointmentState.COMPLETED:
        _convert(row, lead, actor=actor, event_id=event_id, now=now)
    _tell(row, lead, note=note, actor=actor, event_id=event_id, now=now)
    return row


def _tell(row: Appointment, lead: Lead, *, note: str, actor: Actor, event_id: UUID, now: datetime) -> None:
    """Let reminders, tasks, the lead's story and the ledger follow what a visit became."""
    reminders.follow(lead, row, now=now)
    chasing.follow(lead, row, actor=actor, event_id=event_id, now=now)
    refresh_next_action(lead)
    tell(
        lead,
        kind="booked",
        sentence=f"Visit {row.get_state_display()}.",
        note=note.strip(),
        actor=actor,
        now=now,
        event_id=event_id,
    )
    ledger.record(
        actor=actor,
        action="appointment.change",
        object_type="lead",
        object_id=lead.id,
        event_id=event_id,
        fields=["appointment"],
        detail={"state": str(row.state)},
    )


def _convert(visit: Appointment, lead: Lead, *, actor: Actor, event_id: UUID, now: datetime) -> None:
    """Keep the completed visit; a person's first one is the conversion, told once in the story and in the ledger."""
    kept = keep_completed(visit, lead, event_id=event_id, now=now)
    if not kept.is_first:
        return
    sentence = f"First completed visit: care started on {kept.care_started_on:%-d %b %Y}."
    tell(lead, kind="booked", sentence=sentence, actor=actor, now=now, event_id=event_id)
    ledger.record(
        actor=actor,
        action="lead.convert",
        object_type="lead",
        object_id=lead.id,
        event_id=event_id,
        fields=["care_started_on"],
        detail={"appointment": str(visit.id), "source": str(kept.source_id)},
    )
