"""Read appointments."""

from apps.appointments.models import Appointment
from apps.leads.models import Lead


def appointments_of(lead: Lead) -> list[Appointment]:
    """Return the lead's visits, first to last."""
    rows = Appointment.rows().filter(lead=lead).select_related("location", "service").prefetch_related("events")
    return list(rows.order_by("starts_at", "id"))
