"""Read appointments."""

from collections.abc import Iterable
from uuid import UUID

from apps.appointments.models import Appointment, AppointmentEvent, CompletedVisit
from apps.appointments.terms import LIVE, TIME_SET
from apps.catalog.business_hours import Hours
from apps.catalog.queries import hours_of
from apps.leads.models import Lead
from apps.tenancy.organizations import current_organization


def appointments_of(lead: Lead) -> list[Appointment]:
    """Return the lead's visits, first to last."""
    rows = Appointment.rows().filter(lead=lead).select_related("location", "service").prefetch_related("events")
    return list(rows.order_by("starts_at", "id"))


def live_visits_of(lead: Lead) -> list[Appointment]:
    """Return the lead's visits that are still to come or of which nobody said what came."""
    return list(Appointment.rows().filter(lead=lead, state__in=list(LIVE)).order_by("starts_at", "id"))


def time_set(visit: Appointment) -> AppointmentEvent:
    """Return the event by which a visit got the time that it has."""
    events = AppointmentEvent.rows().filter(appointment=visit, state__in=TIME_SET)
    found: AppointmentEvent = events.order_by("at", "id").last() or visit.events.all()[0]
    return found


def hours_at(visit: Appointment) -> Hours:
    """Return the hours of where a visit is; with a provider alone those of no office, on the organization's clock."""
    return hours_of(visit.location.calendar_id) if visit.location else Hours(current_organization().zone)


def zone_of(visit: Appointment) -> str:
    """Return on whose wall clock a visit is: the office's, or else the organization's."""
    return hours_of(visit.location.calendar_id).zone if visit.location else current_organization().zone


def conversions_of(person_ids: Iterable[UUID]) -> dict[UUID, CompletedVisit]:
    """Return the first completed visit of each person who had one."""
    rows = CompletedVisit.rows().filter(person_id__in=list(person_ids), is_first=True).select_related("lead", "source")
    return {row.person_id: row for row in rows}
