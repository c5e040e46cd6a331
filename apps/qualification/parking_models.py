"""The table of parked leads: who waits for a service that we do not offer yet (row QL-15).

Part of `models`, which names it; code imports it from there.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from apps.catalog.models import Service
from apps.leads.models import Lead
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel
from apps.tenancy.sealed_fields import SealedTextField

#: Those that wait still: for their service, or for somebody who reviews them now that it is open.
PARKED = Q(ended_at__isnull=True)


class ParkedLead(TenantModel):
    """One time that a lead was parked: `wanted` is the service as somebody named it, `service` that of the catalog.

    `looked_at` is when the service was open and nobody might get in touch; `resurfaced_at` when it came up for review.
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    lead = TenantForeignKey(Lead, related_name="parkings", indexed=False)
    service = TenantForeignKey(Service, null=True, related_name="+", indexed=False)
    wanted = models.CharField(max_length=80)
    reason = SealedTextField(db_column="reason_sealed")
    actor_label = models.CharField(max_length=200)
    parked_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True)
    resurfaced_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "lead"], condition=PARKED, name="parked_once"),
        ]
        indexes = [models.Index(fields=["organization", "parked_at"], condition=PARKED, name="parked_open")]

    def __str__(self) -> str:
        return f"waits for {self.wanted}"
