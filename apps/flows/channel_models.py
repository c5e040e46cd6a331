"""The table of the channel mix: which channel was tried first with whom, among which, and what came of it."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.accounts.terms import choices
from apps.consent.terms import Channel
from apps.leads.models import Lead
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel


class ChannelTrial(TenantModel):
    """Which channel was drawn for a lead whose person named none (row CN-15).

    `among` are the channels that were permitted then. `reached_at` is the first talk or answer, `reached_by` its
    channel; both empty while nobody was reached.
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    lead = TenantForeignKey(Lead, related_name="+", indexed=False)
    channel = models.CharField(max_length=10, choices=choices(Channel))
    among = ArrayField(models.CharField(max_length=10), default=list)
    at = models.DateTimeField()
    reached_at = models.DateTimeField(null=True)
    reached_by = models.CharField(max_length=10, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "lead"], name="channel_trial_once")]

    def __str__(self) -> str:
        return f"{self.channel} first"
