"""Tables of quality: runs with the result of each check, and the items to fix that they opened."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from apps.leads.models import Lead
from apps.quality.terms import Check, RunState
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel


class QualityRun(TenantModel):
    """One look at everything. `results` holds a count or an error by check, `by_source` figures by source key."""

    state = models.CharField(
        max_length=10, choices=[(each.value, each.value) for each in RunState], default=RunState.WAITING
    )
    asked_by = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    computed_at = models.DateTimeField(null=True)
    results = models.JSONField(default=dict)
    by_source = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization"], condition=Q(state="waiting"), name="one_quality_run_waits"
            ),
        ]
        indexes = [models.Index(fields=["organization", "-computed_at"], name="quality_run_computed")]

    def __str__(self) -> str:
        return f"{self.state} {self.asked_at}"


class FixItem(TenantModel):
    """Something to mend: opened once by the run that found it, closed by the run that finds it mended.

    `subject_id` is a lead's id, or a pair's where two people may be one; then there is no lead. What somebody explained
    is meant to be as it is, and counts no more.
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    check_key = models.CharField(max_length=30, choices=[(each.value, each.value) for each in Check])
    subject_id = models.UUIDField()
    lead = TenantForeignKey(Lead, null=True, related_name="+")
    found_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    explained_at = models.DateTimeField(null=True)
    explained_by = models.CharField(max_length=200, blank=True, default="", db_default="")
    explained_because = models.CharField(max_length=300, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "check_key", "subject_id"],
                condition=Q(closed_at__isnull=True),
                name="fix_item_open_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.check_key} {self.subject_id}"
