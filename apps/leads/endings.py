"""Tables of how leads end and go on: each closure and each reopening stays, whatever came after.

Part of `models`, which names them; code imports them from there.
"""

from typing import ClassVar

import pgtrigger
from django.db import models

from apps.leads.models import Lead
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel


class Closure(TenantModel):
    """One end of a lead: why, what came of it, what proved it, and whether it was won.

    `disqualification` is the entry of the fixed list that the reason stands for, `missing_data` why no outcome is on
    record: one of outcome and this is written, and not the other (row AP-08). The note is in the story, under the same
    event.
    """

    grants: ClassVar[str] = "SELECT, INSERT"

    lead = TenantForeignKey(Lead, related_name="closures", indexed=False)
    reason = models.CharField(max_length=40)
    disqualification = models.CharField(max_length=30, blank=True)
    outcome = models.CharField(max_length=30, blank=True)
    missing_data = models.CharField(max_length=40, blank=True)
    proof = models.CharField(max_length=200, blank=True)
    is_won = models.BooleanField(default=False)
    actor_label = models.CharField(max_length=200)
    closed_at = models.DateTimeField()
    event_id = models.UUIDField()

    class Meta:
        indexes = [models.Index(fields=["organization", "lead", "-closed_at"], name="closure_lead")]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Protect(
                name="outcome_or_why_not",
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__outcome="", new__missing_data="")
                | (~pgtrigger.Q(new__outcome="") & ~pgtrigger.Q(new__missing_data="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason} at {self.closed_at}"


class Reopening(TenantModel):
    """One return of a closed lead to work: by whom or by which duplicate rule, why, and whose it became."""

    grants: ClassVar[str] = "SELECT, INSERT"

    lead = TenantForeignKey(Lead, related_name="reopenings", indexed=False)
    reason = models.CharField(max_length=300)
    rule_id = models.CharField(max_length=40, blank=True)
    owner_policy = models.CharField(max_length=20)
    was_reason = models.CharField(max_length=40)
    actor_label = models.CharField(max_length=200)
    reopened_at = models.DateTimeField()
    event_id = models.UUIDField()

    class Meta:
        indexes = [models.Index(fields=["organization", "lead", "-reopened_at"], name="reopening_lead")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"reopened at {self.reopened_at}"
