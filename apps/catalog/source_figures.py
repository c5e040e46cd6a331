"""What sources brought so far: a dated figure for each, which rules may look at (row RT-14).

The figure is made in the background and kept; an arrival reads the last one, and its decision keeps what it read.
"""

from datetime import date
from typing import ClassVar

import pgtrigger
from django.db import models

from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel
from apps.tenancy.stamps import settings_read, stamped


class SourceFigure(TenantModel):
    """Of the leads that a source brought from one day to another, how many became patients; made on a day."""

    grants: ClassVar[str] = "SELECT, INSERT"

    source = TenantForeignKey("catalog.Source", related_name="figures", indexed=False)
    made_on = models.DateField()
    since = models.DateField()
    until = models.DateField()
    leads = models.PositiveIntegerField()
    converted = models.PositiveIntegerField()
    percent = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "source", "made_on"], name="source_figure_of_day"),
            models.CheckConstraint(
                name="source_figure_share", condition=models.Q(converted__lte=models.F("leads"), leads__gt=0)
            ),
        ]
        triggers = [
            stamped(),
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.percent} % ({self.converted} of {self.leads}, {self.since} to {self.until})"


@settings_read
def figures_by_source() -> dict[str, SourceFigure]:
    """Return the last figure of each source, by its key."""
    rows = SourceFigure.rows().select_related("source").order_by("source_id", "-made_on").distinct("source_id")
    return {row.source.key: row for row in rows}


def conversion_of(source: str) -> int | None:
    """Return what part of a source's leads became patients, in percent; None while too few have come."""
    found = figures_by_source().get(source)
    return found.percent if found is not None else None


def keep_figures(made: list[SourceFigure], made_on: date) -> int:
    """Keep the figures of a day, for sources that have none of it yet; return how many are new."""
    known = set(SourceFigure.rows().filter(made_on=made_on).values_list("source_id", flat=True))
    new = [each for each in made if each.source_id not in known]
    SourceFigure.objects.bulk_create(new)
    return len(new)
