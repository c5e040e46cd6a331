"""The table of what people did with what we sent them.

Part of `models`, which names it; code imports it from there.
"""

from typing import ClassVar

import pgtrigger
from django.db import models

from apps.accounts.terms import choices
from apps.leads.models import Lead, Person
from apps.outreach.models import Message
from apps.outreach.terms import EngagementKind
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel


class Engagement(TenantModel):
    """One thing a person did with a message or a link of ours, once each (row SC-15). Append-only.

    `reference` is the message's or the link's own name. What the link leads to is kept nowhere: it would tell about
    somebody's health.
    """

    grants: ClassVar[str] = "SELECT, INSERT"

    lead = TenantForeignKey(Lead, related_name="engagements", indexed=False)
    person = TenantForeignKey(Person, related_name="+", indexed=False)
    message = TenantForeignKey(Message, null=True, related_name="+", indexed=False)
    kind = models.CharField(max_length=20, choices=choices(EngagementKind))
    reference = models.CharField(max_length=80)
    source_label = models.CharField(max_length=200)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "lead", "kind", "reference"], name="engagement_once"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.kind} at {self.happened_at}"
