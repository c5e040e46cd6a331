"""Table of who decides for a patient: who controls the visit, the referral, the enrolment.

Part of `models`, which names it; code imports it from there.
"""

from typing import ClassVar

from django.db import models

from apps.leads.models import Lead
from apps.leads.person_models import Person
from apps.leads.terms import Control
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel


class DecisionMaker(TenantModel):
    """Who controls one thing of a lead, in which role, and who said so; the row ends where another is named."""

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    lead = TenantForeignKey(Lead, related_name="decision_makers")
    controls = models.CharField(max_length=20, choices=[(each.value, each.value) for each in Control])
    person = TenantForeignKey(Person, related_name="+", indexed=False)
    role = models.CharField(max_length=30)
    said_by = models.CharField(max_length=200)
    said_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "lead", "controls"],
                condition=models.Q(ended_at__isnull=True),
                name="one_decision_maker",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.controls}"
