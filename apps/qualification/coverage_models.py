"""The table of what insurers answered about a lead's coverage.

Part of `models`, which names it; code imports it from there.
"""

from typing import ClassVar

import pgtrigger
from django.db import models

from apps.accounts.terms import choices
from apps.leads.models import Lead
from apps.qualification.signals import Coverage
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel


class CoverageAnswer(TenantModel):
    """One answer to whether the insurance covers the care: by whom it was recorded, and the insurer's reference.

    The last one counts. No member number is kept here.
    """

    grants: ClassVar[str] = "SELECT, INSERT"

    lead = TenantForeignKey(Lead, related_name="coverage_answers", indexed=False)
    answer = models.CharField(max_length=20, choices=choices(Coverage))
    payer = models.CharField(max_length=100, blank=True)
    plan = models.CharField(max_length=100, blank=True)
    reference = models.CharField(max_length=80, blank=True)
    actor_label = models.CharField(max_length=200)
    answered_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    event_id = models.UUIDField()

    class Meta:
        indexes = [models.Index(fields=["organization", "lead", "-answered_at"], name="coverage_lead")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"coverage {self.answer}"
