"""What a lead's records prove for its end: attempts by day and channel, talks, visits. Since it was last reopened."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from apps.appointments.models import Appointment
from apps.appointments.terms import AppointmentState
from apps.catalog.business_hours import Hours, OpeningSpan
from apps.catalog.queries import all_hours
from apps.consent.queries import reaches
from apps.consent.terms import ContactCode
from apps.leads.closing import Attempt, Endings, OnRecord, Proof, endings_of
from apps.leads.models import Lead, Pipeline, Reopening
from apps.outreach.models import Activity, Reply
from apps.outreach.terms import REACHED, ActivityKind, Direction, Outcome
from apps.policies.queries import live_document
from apps.tenancy.organizations import current_organization

LOST = frozenset({AppointmentState.NO_SHOW, AppointmentState.CANCELLED})
CAME = frozenset({AppointmentState.ATTENDED, AppointmentState.COMPLETED})
#: Only the hour forbids it, not the person.
_ONLY_NOW = frozenset({ContactCode.OK, ContactCode.QUIET_HOURS, ContactCode.TOO_MANY_ATTEMPTS})


def endings_in(pipeline: Pipeline) -> Endings:
    """Return how leads of a pipeline may end."""
    return endings_of(pipeline.closure_reasons, pipeline.outcomes, pipeline.missing_data_reasons)


def reopened_at(lead: Lead) -> datetime | None:
    """Return when the lead last came back to work; None where it never ended."""
    row = Reopening.rows().filter(lead=lead).order_by("-reopened_at").first()
    return row.reopened_at if row else None


def activities_since(lead: Lead) -> list[Activity]:
    """Return the contacts of the lead's present round, first to last."""
    rows, since = Activity.rows().filter(lead=lead), reopened_at(lead)
    if since is not None:
        rows = rows.filter(started_at__gte=since)
    return list(rows.order_by("started_at", "id"))


def on_record(lead: Lead, now: datetime) -> OnRecord:
    """Return what the lead's records prove now."""
    zone, contacts, since = ZoneInfo(current_organization().zone), activities_since(lead), reopened_at(lead)
    hours = all_hours().get(lead.queue.calendar_id) if lead.queue else None
    attempts = tuple(
        Attempt(day := each.started_at.astimezone(zone).date(), each.kind, _is_business_day(hours, day))
        for each in contacts
        if each.direction == Direction.OUTBOUND
    )
    answers = Reply.rows().filter(lead=lead)
    visits = Appointment.rows().filter(lead=lead)
    if since is not None:
        answers, visits = answers.filter(recorded_at__gte=since), visits.filter(created_at__gte=since)
    states, proven = set(visits.values_list("state", flat=True)), set[Proof]()
    if any(each.outcome in REACHED for each in contacts) or answers.exists():
        proven.add(Proof.CONVERSATION)
    if any(each.outcome == Outcome.HELD or each.kind == ActivityKind.VISIT for each in contacts):
        proven.add(Proof.MEETING)
    proven |= {Proof.BOOKING} if states - {AppointmentState.CANCELLED} else set()
    proven |= {Proof.VISIT_COMPLETED} if AppointmentState.COMPLETED in states else set()
    proven |= {Proof.MEETING} if states & CAME else set()
    proven |= {Proof.VISIT_LOST} if states & LOST else set()
    return OnRecord(attempts, permitted_channels(lead, now), frozenset(proven))


def permitted_channels(lead: Lead, now: datetime) -> frozenset[str]:
    """Return the channels by which the person may be reached at a fitting hour."""
    found = reaches(lead, now=now, document=live_document("contact", now), default_zone=current_organization().zone)
    return frozenset(str(channel) for channel, reach in found.items() if reach.verdict.code in _ONLY_NOW)


def _is_business_day(hours: Hours | None, day: date) -> bool:
    if hours is None or hours.always_open:
        return day.weekday() < 5
    spans: tuple[OpeningSpan, ...] = hours.spans
    return day not in hours.holidays and any(each.weekday == day.weekday() for each in spans)
