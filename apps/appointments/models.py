"""Tables of appointments: the booked visit and its story."""

from typing import ClassVar

import pgtrigger
from django.db import models

from apps.accounts.terms import choices
from apps.appointments.terms import AppointmentState
from apps.catalog.models import Location, Service, Source
from apps.leads.models import Lead, Person
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


class CompletedVisit(TenantModel):
    """One visit that was completed. The first one of a person is the conversion, once, whatever comes later (AP-05).

    `is_first` and `person` follow merges of people; all else stands as it was written. Care starts with the visit, so
    `care_started_on` is known from nothing else (row AP-06).
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    appointment = TenantForeignKey(Appointment, related_name="+", indexed=False)
    lead = TenantForeignKey(Lead, related_name="completed_visits")
    person = TenantForeignKey(Person, related_name="+")
    source = TenantForeignKey(Source, related_name="+", indexed=False)
    completed_at = models.DateTimeField()
    care_started_on = models.DateField()
    is_first = models.BooleanField()
    event_id = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "appointment"], name="completed_once"),
            models.UniqueConstraint(
                fields=["organization", "person"], name="one_conversion_a_person", condition=models.Q(is_first=True)
            ),
        ]
        indexes = [models.Index(fields=["organization", "completed_at"], name="completed_day")]
        triggers = [
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="told_once",
                fields=["appointment", "lead", "source", "completed_at", "care_started_on", "event_id"],
            ),
        ]

    def __str__(self) -> str:
        return f"completed {self.completed_at:%Y-%m-%d}"
