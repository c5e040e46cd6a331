"""What the API answers of visits: how each stands, its story, and who sets what comes next."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from apps.appointments.models import Appointment
from apps.appointments.terms import FOLLOWERS, AppointmentState
from apps.flows.masking import reads_service
from apps.flows.meetings import MeetingOutcome, of_visit
from apps.leads.models import Lead
from apps.ownership.visit_queries import visit_verdicts
from apps.tenancy.actor import Actor
from apps.workspace.api.showing import dump


class VisitEvent(BaseModel):
    """One change of a visit: the state, when and by whom."""

    state: str
    at: datetime
    by: str


class VisitStep(BaseModel):
    """A state that a visit can get; where it is not the asker's to set, why, and whose it is."""

    state: str
    allowed: bool
    reason: str


class AppointmentView(BaseModel):
    """A booked visit; `meeting_outcome` is how it ended, in the words that all meetings have."""

    id: UUID
    state: str
    meeting_outcome: MeetingOutcome | None
    starts_at: datetime
    ends_at: datetime
    location: str | None
    provider: str
    service: str | None
    confirmed_by: str
    external_ref: str
    history: list[VisitEvent]
    next_states: list[VisitStep]


class AppointmentList(BaseModel):
    """Visits, first to last."""

    results: list[AppointmentView]


def visit_view(actor: Actor, lead: Lead, row: Appointment, now: datetime) -> dict[str, Any]:
    """Return a visit with its story; for what, to roles that may know what a lead asks for."""
    verdicts = visit_verdicts(actor, lead, now)
    following = FOLLOWERS[AppointmentState(row.state)]
    return dump(
        AppointmentView(
            id=row.id,
            state=row.state,
            meeting_outcome=of_visit(row.state),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            provider=row.provider,
            location=row.location.key if row.location else None,
            service=row.service.key if row.service and reads_service(actor) else None,
            confirmed_by=row.confirmed_by,
            external_ref=row.external_ref,
            history=[VisitEvent(state=each.state, at=each.at, by=each.actor_label) for each in row.events.all()],
            next_states=[
                VisitStep(state=state, allowed=each.allowed, reason="" if each.allowed else each.sentence)
                for state, each in verdicts.items()
                if state in following and lead.closed_at is None
            ],
        )
    )
