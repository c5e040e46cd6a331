"""The table of steps before a visit: insurance, pre-authorisation, the referring physician (row QL-20).

Part of `models`, which names it; code imports it from there.
"""

from typing import ClassVar

import pgtrigger
from django.db import models

from apps.accounts.terms import choices
from apps.leads.models import Lead
from apps.qualification.terms import ClearanceStatus, ClearanceStep
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel
from apps.tenancy.sealed_fields import SealedTextField


class ClearanceEvent(TenantModel):
    """What somebody recorded of one step: its status, the day since when, and when somebody looks again.

    What was granted may end on a day, `valid_until`. The last word of a step counts. No member number and no clinical
    text is kept here.
    """

    grants: ClassVar[str] = "SELECT, INSERT"

    lead = TenantForeignKey(Lead, related_name="clearance", indexed=False)
    step = models.CharField(max_length=30, choices=choices(ClearanceStep))
    status = models.CharField(max_length=12, choices=choices(ClearanceStatus))
    since = models.DateField()
    look_again_at = models.DateTimeField(null=True)
    valid_until = models.DateField(null=True)
    reference = models.CharField(max_length=80, blank=True)
    note = SealedTextField(db_column="note_sealed")
    actor_label = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()
    event_id = models.UUIDField()

    class Meta:
        indexes = [models.Index(fields=["organization", "lead", "step", "-recorded_at"], name="clearance_lead")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.step} {self.status}"
