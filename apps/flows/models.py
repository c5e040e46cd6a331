"""The table of verbs that were carried out on many leads at once: what it takes to take one back."""

from typing import ClassVar

from django.db import models

from apps.leads.models import Lead
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel


class BulkRun(TenantModel):
    """One act on many leads by one actor. Under one key it is carried out once."""

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    actor_id = models.UUIDField()
    key = models.CharField(max_length=200)
    act = models.CharField(
        max_length=10, choices=[("assign", "assign"), ("snooze", "snooze"), ("change", "change a value")]
    )
    detail = models.JSONField(default=dict, db_default={})
    made_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "actor_id", "key"], name="bulk_run_once")]

    def __str__(self) -> str:
        return f"{self.act} at {self.made_at}"


class BulkItem(TenantModel):
    """One lead of a bulk act: what came of it, how it stood before, and the version the act left it at."""

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    run = TenantForeignKey(BulkRun, related_name="items")
    lead = TenantForeignKey(Lead, related_name="+", indexed=False)
    done = models.BooleanField()
    code = models.CharField(max_length=40)
    sentence = models.CharField(max_length=500)
    version = models.PositiveIntegerField(default=0)
    before = models.JSONField(default=dict)
    undone = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.lead_id} {self.code}"
