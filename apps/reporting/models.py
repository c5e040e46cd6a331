"""Tables of reporting: figures that are counted beforehand, for readers that may not see what they are counted from."""

from typing import ClassVar

from django.db import models

from apps.tenancy.models import TenantModel


class MarketingFigure(TenantModel):
    """How many leads of a day a source and a campaign brought, and how far they came: the table marketing reads.

    No person, no lead, no service and no word of anybody: names of the tenant's own settings and counts (row PH-04).
    `day` is the day of capture in the organization's zone.
    """

    marketing_grants: ClassVar[str] = "SELECT"

    day = models.DateField()
    source = models.CharField(max_length=200)
    source_key = models.CharField(max_length=63, default="", blank=True)
    campaign = models.CharField(max_length=200, default="", blank=True)
    campaign_key = models.CharField(max_length=63, default="", blank=True)
    leads = models.PositiveIntegerField()
    valid = models.PositiveIntegerField()
    contacted = models.PositiveIntegerField()
    booked = models.PositiveIntegerField()
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "day", "source_key", "campaign_key"], name="marketing_figure_of_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.leads} on {self.day} from {self.source}"
