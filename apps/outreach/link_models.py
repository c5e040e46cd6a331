"""The table of scheduling links: by which a person books a visit of their own. Part of `models`, which names it."""

from typing import ClassVar

from django.db import models

from apps.accounts.terms import choices
from apps.leads.models import Lead
from apps.outreach.models import Message
from apps.outreach.terms import RequestState
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel


class SchedulingLink(TenantModel):
    """A link that went to a person to book one visit by (rows AP-10, TK-10): when it went, and was opened first.

    The token stands in the message alone; this row keeps its digest. `visit_id` is the visit that it booked.
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    lead = TenantForeignKey(Lead, related_name="scheduling_links", indexed=False)
    message = TenantForeignKey(Message, related_name="+", indexed=False)
    state = models.CharField(max_length=10, choices=choices(RequestState), default=RequestState.OPEN)
    token_digest = models.CharField(max_length=64, null=True)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    misses = models.PositiveSmallIntegerField(default=0)
    visit_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "token_digest"], name="scheduling_link_token"),
        ]
        indexes = [models.Index(fields=["organization", "lead", "sent_at"], name="scheduling_link_of_lead")]

    def __str__(self) -> str:
        return f"{self.state} {self.sent_at:%Y-%m-%d %H:%M}"
