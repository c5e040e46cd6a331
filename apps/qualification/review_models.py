"""The table of where the intake's and the clinic's review of a lead stands (row AP-07).

Part of `models`, which names it; code imports it from there.
"""

from typing import ClassVar

import pgtrigger
from django.db import models

from apps.accounts.terms import choices
from apps.leads.models import Lead
from apps.qualification.review_status import Track
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel
from apps.tenancy.sealed_fields import SealedTextField


class ReviewEvent(TenantModel):
    """A status of one review: what the rules called it, who set it, and when it is late, if ever.

    The last one of a track counts. `reporter` is the key of an outside system that said so; "" is a person here.
    """

    grants: ClassVar[str] = "SELECT, INSERT"

    lead = TenantForeignKey(Lead, related_name="reviews", indexed=False)
    track = models.CharField(max_length=10, choices=choices(Track))
    status = models.CharField(max_length=30)
    name = models.CharField(max_length=60)
    note = SealedTextField(db_column="note_sealed")
    reporter = models.CharField(max_length=63, blank=True)
    actor_label = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()
    late_at = models.DateTimeField(null=True)
    event_id = models.UUIDField()

    class Meta:
        indexes = [models.Index(fields=["organization", "lead", "track", "-recorded_at"], name="review_lead")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.track} review {self.status}"
