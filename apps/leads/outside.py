"""Tables of what passes between a lead and other systems: what they were told of a stage, and what they report.

Part of `models`, which names them; code imports them from there.
"""

from typing import ClassVar

from django.db import models

from apps.catalog.models import OutsideSystem
from apps.leads.models import Lead, Stage
from apps.leads.terms import LEFT_AS_IT_WAS, ReportOutcome, UpdateState
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel


class OutsideUpdate(TenantModel):
    """One outside system that is to hear of a stage of a lead: whether it did, after how many tries, what is next."""

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    lead = TenantForeignKey(Lead, related_name="outside_updates", indexed=False)
    system = TenantForeignKey(OutsideSystem, related_name="+", indexed=False)
    stage = TenantForeignKey(Stage, related_name="+", indexed=False)
    event = models.CharField(max_length=40)
    event_id = models.UUIDField()
    entered_at = models.DateTimeField()
    state = models.CharField(
        max_length=10, choices=[(each.value, each.value) for each in UpdateState], default=UpdateState.WAITING
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=200, blank=True)
    reference = models.CharField(max_length=100, blank=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "lead", "system", "event_id", "stage"], name="outside_update_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "state", "next_at"],
                name="outside_update_open",
                condition=~models.Q(state="sent"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.system_id}: {self.state}"


class OutsideReport(TenantModel):
    """What an outside system or a partner reported of a lead in its own word, beside ours, and what became of it.

    `means` and `ours` are values as rules name them; `seen_at` is when a person looked at a report of no effect.
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    lead = TenantForeignKey(Lead, related_name="outside_reports", indexed=False)
    reporter = models.CharField(max_length=63)
    reporter_name = models.CharField(max_length=100)
    field = models.CharField(max_length=30)
    said = models.CharField(max_length=100)
    means = models.CharField(max_length=100, blank=True)
    ours = models.CharField(max_length=100, blank=True)
    outcome = models.CharField(max_length=10, choices=[(each.value, each.value) for each in ReportOutcome])
    why = models.CharField(max_length=500, blank=True)
    event_id = models.UUIDField()
    reported_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    seen_by = models.CharField(max_length=150, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["organization", "lead", "reporter", "field", "-reported_at"], name="outside_report_last"
            ),
            models.Index(
                fields=["organization", "-reported_at"],
                name="outside_report_open",
                condition=models.Q(seen_at=None, outcome__in=[each.value for each in LEFT_AS_IT_WAS]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reporter_name}: {self.said}"
