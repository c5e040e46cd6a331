"""Read appointments."""

from collections.abc import Iterable
from uuid import UUID

from apps.appointments.models import Appointment, CompletedVisit
from apps.catalog.queries import hours_of
from apps.leads.models import Lead
from apps.tenancy.organizations import current_organization


def appointments_of(lead: Lead) -> list[Appointment]:
    """Return the lead's visits, first to last."""
    rows = Appointment.rows().filter(lead=lead).select_related("location", "service").prefetch_related("events")
    return list(rows.order_by("starts_at", "id"))


def zone_of(visit: Appointment) -> str:
    """Return on whose wall clock a visit is: the office's, or else the organization's."""
    return hours_of(visit.location.calendar_id).zone if visit.location else current_organization().zone


def conversions_of(person_ids: Iterable[UUID]) -> dict[UUID, CompletedVisit]:
    """Return the first completed visit of each person who had one."""
    rows = CompletedVisit.rows().filter(person_id__in=list(person_ids), is_first=True).select_related("lead", "source")
    return {row.person_id: row for row in rows}
