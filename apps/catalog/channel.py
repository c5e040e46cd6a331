"""The table of channels: how inquiries of one kind come in, what they bring, who owns them and what starts them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.accounts.models import Team
from apps.accounts.terms import choices
from apps.catalog.terms import CaptureMethod, ConsentStep, StartEvent
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel
from apps.tenancy.stamps import stamped


class Channel(TenantModel):
    """What holds of every source of a channel, unless the source says otherwise (row CP-02).

    `initial_fields` are asked first and in their order, `required_fields` must come. `sla_policy` is the id of a
    service level that takes the place of the one for everybody; empty leaves it to the conditions of the levels.
    """

    key = models.SlugField(max_length=20)
    name = models.CharField(max_length=100)
    capture_method = models.CharField(max_length=12, choices=choices(CaptureMethod))
    initial_fields = ArrayField(models.CharField(max_length=63), default=list, blank=True)
    required_fields = ArrayField(models.CharField(max_length=63), default=list, blank=True)
    start_event = models.CharField(max_length=24, choices=choices(StartEvent))
    owning_team = TenantForeignKey(Team, null=True, blank=True, related_name="+", indexed=False)
    consent_step = models.CharField(max_length=8, choices=choices(ConsentStep), default=ConsentStep.HOLD)
    sla_policy = models.CharField(max_length=40, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "key"], name="channel_key"),
            models.CheckConstraint(condition=~models.Q(start_event=""), name="channel_starts_somehow"),
        ]
        triggers = [stamped()]

    def __str__(self) -> str:
        return self.name
