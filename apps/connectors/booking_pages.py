"""Take over what booking pages tell: a visit booked, moved, cancelled, missed, by the verbs of every visit.

A booking is an inquiry first. Once that is read, the visit is booked for its lead, whatever team has it; what cannot be
booked stays in the lead's story and is a task for its owner (decision 0045).
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from apps.appointments.models import Appointment
from apps.appointments.terms import LIVE, AppointmentState
from apps.capture.models import Submission
from apps.connectors.models import HookEvent
from apps.connectors.providers import providers
from apps.connectors.terms import Booking, BookingAct
from apps.flows.booking import Visit, book_visit
from apps.flows.visits import change_visit
from apps.leads.actions import lock_lead, open_task, refresh_next_action, tell
from apps.ownership.decisions import spoken
from apps.tenancy import outbox
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, Refused
from apps.tenancy.organizations import current_organization

BOOK = "connectors.book"
#: A booking whose inquiry is not read yet is looked at again after this time, then after as long as it has waited.
SOON = timedelta(seconds=1)
#: So long a message waits for the booking that it names, where that is being read.
LOOKS_FOR = timedelta(minutes=2)
UNKNOWN = "It names no booking that we know."
_STATES = {BookingAct.CANCELLED: AppointmentState.CANCELLED, BookingAct.NO_SHOW: AppointmentState.NO_SHOW}
NOT_TAKEN = "Take over a visit that was booked elsewhere"


def is_move(row: HookEvent, booking: Booking, *, actor: Actor, now: datetime) -> bool:
    """Give a known visit the time and the key of the booking that takes its place; say whether there is one."""
    visit = _visit_of(booking.old_ref) if booking.old_ref and was_told(row, booking.old_ref) else None
    if visit is None or booking.starts_at is None or visit.state not in (*LIVE, AppointmentState.NO_SHOW):
        return False
    change_visit(
        actor=actor,
        lead_id=visit.lead_id,
        appointment_id=visit.id,
        state=AppointmentState.RESCHEDULED,
        starts_at=booking.starts_at,
        external_ref=booking.ref,
        now=now,
        note=f"Moved at {_page_of(row)}.",
    )
    return True


def end_visit(row: HookEvent, booking: Booking, *, actor: Actor, now: datetime) -> str:
    """Cancel the booked visit, or say that the person did not come; return why nothing was done."""
    visit = _visit_of(booking.ref) if was_told(row, booking.ref) else None
    if visit is None:
        return UNKNOWN
    try:
        with transaction.atomic():
            change_visit(
                actor=actor,
                lead_id=visit.lead_id,
                appointment_id=visit.id,
                state=_STATES[booking.act],
                now=now,
                note=booking.because,
            )
    except Conflict as error:
        return str(error)
    return ""


def is_being_read(row: HookEvent, ref: str, now: datetime) -> bool:
    """Say whether the booking of this key came a moment ago and has not become a visit yet."""
    waits = _others(row, ref).filter(ignored="").exists()
    return now < row.taken_at + LOOKS_FOR and waits and _visit_of(ref) is None


def was_told(row: HookEvent, ref: str) -> bool:
    """Say whether this connection told of a booking of this key before: no other page speaks for it."""
    return _others(row, ref).exists()


def was_ended(row: HookEvent, booking: Booking) -> bool:
    """Say whether a message that ends this booking came before it."""
    return _others(row, booking.ref).filter(ignored=UNKNOWN).exists()


def _others(row: HookEvent, ref: str) -> "QuerySet[HookEvent]":
    return HookEvent.rows().filter(connection_id=row.connection_id, object_id=ref[:180]).exclude(id=row.id)


def take_over(row: HookEvent, booking: Booking, *, actor: Actor, now: datetime) -> str:
    """Book the visit for the lead that the inquiry became; return why nothing was done.

    It is looked for again, ever more seldom, until the visit begins: an inquiry may wait for people.
    """
    submission = Submission.rows().filter(id=row.submission_id).first() if row.submission_id else None
    if submission is None or booking.starts_at is None or _visit_of(booking.ref) is not None:
        return ""
    if submission.lead_id is None:
        if now >= booking.starts_at:
            return "Its inquiry became no lead before the visit."
        outbox.enqueue(BOOK, row.id, due_at=now + max(SOON, now - row.taken_at))
        return ""
    page = _page_of(row)
    lead = lock_lead(submission.lead_id)
    visit = Visit(
        starts_at=booking.starts_at,
        minutes=booking.minutes,
        location_key=booking.office or (lead.location.key if lead.location else ""),
        provider=booking.provider,
        service_key=booking.service,
        confirmed_by=page,
        external_ref=booking.ref,
        by_person=True,
    )
    try:
        with transaction.atomic():
            book_visit(actor=actor, lead_id=lead.id, visit=visit, now=now)
    except (Conflict, Invalid, Refused) as error:
        _ask_people(lead.id, visit, str(error), page=page, actor=actor, now=now)
        return str(error)
    return ""


def _ask_people(lead_id: UUID, visit: Visit, why: str, *, page: str, actor: Actor, now: datetime) -> None:
    """Keep in the lead's story what could not be booked, and give its owner a task."""
    lead = lock_lead(lead_id)
    when = spoken(visit.starts_at, current_organization().zone)
    tell(
        lead,
        kind="booked",
        sentence=f"Booked at {page} for {when}, and not taken over: {why}"[:300],
        actor=actor,
        now=now,
    )
    if lead.closed_at is None and lead.owner_team_id is not None:
        open_task(lead, kind="follow_up", title=NOT_TAKEN, due_at=now, now=now)
        refresh_next_action(lead)


def _visit_of(ref: str) -> Appointment | None:
    return Appointment.rows().filter(external_ref=ref).order_by("created_at").last()


def _page_of(row: HookEvent) -> str:
    return providers()[row.hook.connection.provider].name
