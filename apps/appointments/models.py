"""Tables of appointments: the booked visit and its story."""

from typing import ClassVar

import pgtrigger
from django.db import models

from apps.accounts.terms import choices
from apps.appointments.terms import AppointmentState
from apps.catalog.models import Location, Service
from apps.leads.models import Lead
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel
from apps.tenancy.sealed_fields import SealedTextField


class Appointment(TenantModel):
    """A booked visit: a time, a place or provider, and a confirmation or the other system's id.

    Without these three it is a wish, not a booking (row AP-03); the constraint says the same.
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    lead = TenantForeignKey(Lead, related_name="appointments")
    service = TenantForeignKey(Service, null=True, related_name="+", indexed=False)
    location = TenantForeignKey(Location, null=True, related_name="+", indexed=False)
    provider = models.CharField(max_length=200, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=20, choices=choices(AppointmentState), default=AppointmentState.SCHEDULED)
    confirmed_by = models.CharField(max_length=60, blank=True)
    external_ref = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    event_id = models.UUIDField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="booked_means_booked",
                condition=(models.Q(location__isnull=False) | ~models.Q(provider=""))
                & (~models.Q(confirmed_by="") | ~models.Q(external_ref="")),
            ),
            models.CheckConstraint(name="ends_after_start", condition=models.Q(ends_at__gt=models.F("starts_at"))),
        ]
        indexes = [models.Index(fields=["organization", "starts_at"], name="appointment_day")]

    def __str__(self) -> str:
        return f"{self.state} {self.starts_at:%Y-%m-%d %H:%M}"


class AppointmentEvent(TenantModel):
    """One change of an appointment's state. Append-only."""

    grants: ClassVar[str] = "SELECT, INSERT"

    appointment = TenantForeignKey(Appointment, related_name="events")
    state = models.CharField(max_length=20)
    at = models.DateTimeField()
    actor_label = models.CharField(max_length=200)
    note = SealedTextField(db_column="note_sealed")
    event_id = models.UUIDField()

    class Meta:
        ordering: ClassVar[list[str]] = ["at", "id"]
        indexes = [models.Index(fields=["organization", "at"], name="appointment_event_day")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.state
