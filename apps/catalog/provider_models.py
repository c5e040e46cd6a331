"""The tables of providers and their open slots. Part of `models`, which names them; code imports them from there."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel
from apps.tenancy.stamps import stamped

#: Within how many days a first slot may be asked for.
SLOT_DAYS = (MinValueValidator(1), MaxValueValidator(365))


class Provider(TenantModel):
    """Somebody who sees patients: what they are skilled in, the services they give, and at which offices (row RT-15).

    `services` and `offices` hold keys of the catalog; every service is given at every office that offers it.
    `visiting_hours` are the lines of `visiting_hours.VisitingHours`: free slots follow from them (row AP-10).
    """

    key = models.SlugField(max_length=63)
    name = models.CharField(max_length=200)
    skills = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    services = ArrayField(models.CharField(max_length=63), default=list)
    offices = ArrayField(models.CharField(max_length=63), default=list)
    takes_new_patients = models.BooleanField(default=True)
    visiting_hours = models.JSONField(default=list, blank=True, db_default=models.Value([], models.JSONField()))
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "key"], name="provider_key")]
        triggers = [stamped()]

    def __str__(self) -> str:
        return self.name


class OpenSlots(TenantModel):
    """The open times of a provider at an office for a service, as they were told last; what is not among them is taken.

    Told anew every few minutes where a scheduling system does it, so it moves no stamp. `starts` are in order;
    `heard_at` is the instant they are true of, `heard_from` who told.
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    provider = TenantForeignKey(Provider, related_name="slots", indexed=False)
    location = TenantForeignKey("catalog.Location", related_name="+", indexed=False)
    service = TenantForeignKey("catalog.Service", related_name="+", indexed=False)
    starts = ArrayField(models.DateTimeField(), default=list, blank=True)
    heard_at = models.DateTimeField()
    heard_from = models.CharField(max_length=200)

    class Meta:
        verbose_name = "open slots"
        verbose_name_plural = "open slots"
        constraints = [
            models.UniqueConstraint(fields=["organization", "service", "provider", "location"], name="open_slots_once"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} at {self.location}: {self.service}"
