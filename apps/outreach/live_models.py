"""The table of contacts that are being made right now.

Part of `models`, which names it; code imports it from there.
"""

from typing import ClassVar

from django.db import models

from apps.accounts.models import Membership
from apps.accounts.terms import choices
from apps.consent.terms import Channel
from apps.leads.models import Lead
from apps.outreach.terms import CallState
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel


class LiveAttempt(TenantModel):
    """Somebody is in contact with a lead's person, or about to be: a short lease that logging the contact ends (TK-09).

    It ends by itself at `until`. A call that a telephone service connects has its own name there (`provider_ref`), and
    what the service told of it: `call_state`, and how long they talked.
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    lead = TenantForeignKey(Lead, related_name="live_attempts")
    channel = models.CharField(max_length=10, choices=choices(Channel))
    member = TenantForeignKey(Membership, null=True, related_name="+")
    actor_id = models.UUIDField()
    actor_label = models.CharField(max_length=200)
    begun_at = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    provider_ref = models.CharField(max_length=64, blank=True, default="", db_default="")
    call_state = models.CharField(max_length=20, blank=True, choices=choices(CallState), default="", db_default="")
    duration_seconds = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "lead"], condition=models.Q(ended_at__isnull=True), name="one_live_attempt"
            ),
            models.UniqueConstraint(
                fields=["organization", "provider_ref"],
                condition=~models.Q(provider_ref=""),
                name="live_attempt_of_call",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} since {self.begun_at}"


class InboundCall(TenantModel):
    """Somebody calls us now, and this lead is theirs: what open pages show while it rings. No number is kept here."""

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    lead = TenantForeignKey(Lead, related_name="inbound_calls")
    call_ref = models.CharField(max_length=80)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "call_ref"], name="inbound_call_once")]

    def __str__(self) -> str:
        return f"inbound since {self.begun_at}"
