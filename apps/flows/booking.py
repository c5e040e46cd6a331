"""Book a visit: appointment, stage, owner, tasks and clocks change in one transaction, under one event."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from apps.appointments import actions as appointments
from apps.appointments.holding import hold, refuse_taken
from apps.appointments.models import Appointment
from apps.audit import ledger
from apps.catalog.combinations import require_together
from apps.catalog.models import Location, Service
from apps.catalog.queries import service_to_use
from apps.flows import chasing, reminders
from apps.flows.gating import judge_move, refuse_move
from apps.flows.handing_over import CONTACT_TASKS
from apps.flows.stages import follow_stage
from apps.flows.streams import leave, settle
from apps.flows.visits import change_visit as change_visit
from apps.leads.actions import (
    close_tasks,
    enter_stage,
    lock_lead,
    refresh_next_action,
    save_lead,
    tell,
)
from apps.leads.guards import acting_as_system, acting_for
from apps.leads.models import Lead
from apps.leads.queries import gates_in_force, open_tasks_of, stages_by_key
from apps.leads.terms import LeadEvent, Move, StageKey
from apps.outreach.actions import cancel_messages, cancel_planned, cancel_stage_messages
from apps.ownership.decisions import spoken
from apps.ownership.queries import lead_to_change, refuse
from apps.ownership.visit_queries import booking_verdict
from apps.sla import actions as sla
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, Problem
from apps.tenancy.ids import new_id
from apps.tenancy.organizations import current_organization

#: Stages in which a lead has had a booking: its next visit moves it nowhere.
AFTER_BOOKING = (StageKey.SCHEDULED, StageKey.IN_TREATMENT)
BOOKED = "a visit is booked"


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit as it is booked: time, place or provider, what confirms it, and whether the person did it themselves."""

    starts_at: datetime
    minutes: int = 30
    location_key: str = ""
    provider: str = ""
    service_key: str = ""
    confirmed_by: str = ""
    external_ref: str = ""
    by_person: bool = False

    @property
    def ends_at(self) -> datetime:
        """When it ends."""
        return self.starts_at + timedelta(minutes=self.minutes)


def book_visit(*, actor: Actor, lead_id: UUID, visit: Visit, now: datetime, version: int | None = None) -> Appointment:
    """Book, and hand the lead over where the ownership matrix says so (row AP-04).

    Appointment, lead stage, owner with grants, ended call tasks and clocks share one event id; a
    failure of any undoes all. In a partnership the team that answers for the outcome books too, and owns the lead from
    then on (row OW-04). The next visit of a lead that stands at its booking or after it changes neither stage nor
    owner. Refuses people whose team does not own the lead, visits that are only
    wishes (row AP-03), a service that the office does not have (row RT-19), stages from which nobody books, and a time
    at which the provider sees somebody already, unless the scheduling system's number says otherwise (row AP-10).
    """
    lead_to_change(actor, lead_id)
    held = hold(visit.provider, visit.location_key)
    lead = lock_lead(lead_id, version=version)
    refuse(booking_verdict(actor, lead, now), lead, action="lead.book", field="stage")
    if lead.closed_at is not None:
        raise Conflict("This lead is closed. Reopen it before you book.", code="closed")
    event_id, service, location = new_id(), _service(lead, visit), _location(visit)
    require_together(service.key if service else "", location.key if location else "")
    if not visit.external_ref:
        refuse_taken(held if visit.provider else (), visit.starts_at, visit.ends_at)
    row = appointments.book(
        lead,
        starts_at=visit.starts_at,
        minutes=visit.minutes,
        service=service,
        location=location,
        provider=held[0].name if visit.provider and held else visit.provider,
        confirmed_by=visit.confirmed_by,
        external_ref=visit.external_ref,
        actor=actor,
        event_id=event_id,
        now=now,
    )
    is_next = lead.stage.key in AFTER_BOOKING
    if not is_next:
        _enter_scheduled(lead, actor, now, by_person=visit.by_person)
        _save(lead, actor)
    ended = _end_outreach(lead, now)
    tell(lead, kind="booked", sentence=_sentence(row, lead), actor=actor, now=now, event_id=event_id)
    if not is_next:
        follow_stage(lead, actor=actor, event_id=event_id, now=now)
    chasing.plan_tasks(lead, row, event_id=event_id, now=now)
    reminders.plan_reminder(row, now)
    refresh_next_action(lead)
    sla.refresh_due(lead)
    settle(lead, actor=actor, event_id=event_id, now=now)
    ledger.record(
        actor=actor,
        action="lead.book",
        object_type="lead",
        object_id=lead.id,
        event_id=event_id,
        fields=["stage", "status", "outcome"],
        detail={"appointment": str(row.id), "ended_tasks": ended},
    )
    return row


def why_no_booking(lead: Lead, now: datetime) -> str:
    """Say why nobody books at the stage of a lead, whoever asks; "" where somebody does."""
    if lead.stage.key in AFTER_BOOKING or lead.closed_at is not None:
        return ""
    gates, stages = gates_in_force(now), stages_by_key(lead.pipeline_id)
    ready = [key for key in stages if any(map(_is_booking, gates.moves_from(key)))]
    if lead.stage.key in ready:
        return ""
    where = " or ".join(stages[key].label for key in ready)
    sentence = f"Nobody books at the stage {lead.stage.label}."
    return f"{sentence} The lead comes to {where} first: log the contact." if where else sentence


def _is_booking(move: Move) -> bool:
    return move.to_stage == StageKey.SCHEDULED and move.event != LeadEvent.BOOKED_BY_PERSON


def _end_outreach(lead: Lead, now: datetime) -> list[str]:
    """End what asked to win the person for a visit: contacts, clocks, what stages planned to send; return the tasks."""
    ended = [str(task.id) for task in open_tasks_of(lead) if task.kind in CONTACT_TASKS]
    close_tasks(lead, because="booked", now=now, kinds=CONTACT_TASKS, state="done")
    leave(lead)
    cancel_messages([lead.id], reason=BOOKED, now=now, channels=["text"])
    cancel_stage_messages(lead, reason=BOOKED, now=now)
    cancel_planned(lead, purposes=[reminders.REBOOK], reason=BOOKED, now=now)
    sla.meet(lead, LeadEvent.MEETING_HELD, at=now, by="booked")
    sla.cancel_all(lead, now=now, because="booked")
    return ended


def _save(lead: Lead, actor: Actor) -> None:
    """Save what the booking changes: in the owner's name, or as the policy's step where the outcome team books."""
    owns = lead.owner_team_id in actor.team_ids
    with acting_for(actor.team_ids) if owns else acting_as_system():
        save_lead(lead, ["stage", "stage_since", "status", "outcome"])


def _enter_scheduled(lead: Lead, actor: Actor, now: datetime, *, by_person: bool) -> None:
    stated = {str(LeadEvent.APPOINTMENT_BOOKED), *([str(LeadEvent.BOOKED_BY_PERSON)] if by_person else [])}
    refuse_move(judge_move(lead, StageKey.SCHEDULED, now, stated=frozenset(stated)))
    enter_stage(lead, StageKey.SCHEDULED, event=LeadEvent.APPOINTMENT_BOOKED, actor=actor, now=now)
    lead.status, lead.outcome = "booked", "booked"


def _service(lead: Lead, visit: Visit) -> Service | None:
    found: Service | None = lead.service
    if visit.service_key and (found is None or visit.service_key != found.key):
        return service_to_use(visit.service_key)
    return found


def _location(visit: Visit) -> Location | None:
    if not visit.location_key:
        return None
    found = Location.rows().filter(key=visit.location_key).first()
    if found is None:
        raise _unknown("location")
    return found


def _unknown(what: str) -> Invalid:
    return Invalid(f"There is no such {what}.", (Problem(f"/{what}", f"unknown_{what}", f"Choose a {what}."),))


def _sentence(row: Appointment, lead: Lead) -> str:
    where = row.location.name if row.location else row.provider
    return f"Visit booked: {spoken(row.starts_at, current_organization().zone)}, {where}."
