"""The table of pauses of everything that is sent to a person without a person of ours (row TN-16).

Part of `models`, which names it; code imports it from there.
"""

from typing import ClassVar

from django.db import models

from apps.leads.models import Lead, Person
from apps.outreach.terms import PauseReason
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel
from apps.tenancy.sealed_fields import SealedTextField


class AutomationPause(TenantModel):
    """From when to when nothing is sent to a person by itself, and who ended it, why. Of a person one is open.

    `lead` is where the reason came up. What somebody wrote, and which words were found in it, is not kept here.
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    person = TenantForeignKey(Person, related_name="automation_pauses", indexed=False)
    lead = TenantForeignKey(Lead, related_name="automation_pauses")
    reason = models.CharField(max_length=20, choices=[(each.value, each.value) for each in PauseReason])
    note = SealedTextField(db_column="note_sealed")
    paused_by = models.CharField(max_length=200)
    paused_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=200, blank=True)
    ended_because = SealedTextField(db_column="ended_because_sealed")
    event_id = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "person"],
                condition=models.Q(ended_at__isnull=True),
                name="one_automation_pause",
            ),
        ]
        indexes = [models.Index(fields=["organization", "person", "paused_at"], name="automation_pause_of")]

    def __str__(self) -> str:
        return f"automation paused: {self.reason}"
