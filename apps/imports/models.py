"""Tables of imports: a run with its sealed file, and the state of each row. A row's words rest in the file alone."""

from typing import ClassVar

from django.db import models

from apps.accounts.asset_models import CaptureAsset
from apps.capture.models import Submission
from apps.catalog.models import Source
from apps.imports.terms import ImportKind, RowState, RunState
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel


class ImportRun(CaptureAsset):
    """One file on its way in. The file goes when the run is done or discarded; the counts stay."""

    kind = models.CharField(max_length=10, choices=[(each.value, each.name.lower()) for each in ImportKind])
    file_name = models.CharField(max_length=200)
    file = models.BinaryField(null=True)
    file_digest = models.CharField(max_length=64)
    source = TenantForeignKey(Source, related_name="+")
    plan = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=[(each.value, each.value) for each in RunState])
    total = models.PositiveIntegerField()
    at_row = models.PositiveIntegerField(default=0)
    takes_duplicates = models.BooleanField(default=False)
    actor_id = models.UUIDField(null=True)
    actor_label = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=200, blank=True, db_default="", default="")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at", "-id"]

    def __str__(self) -> str:
        return self.file_name


class ImportRow(TenantModel):
    """What a row is good for and what became of it; `problems` name fields and never repeat their content."""

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE, DELETE"

    run = TenantForeignKey(ImportRun, related_name="items", indexed=False)
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=[(each.value, each.value) for each in RowState])
    problems = models.JSONField(default=list)
    submission = TenantForeignKey(Submission, null=True, related_name="+")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["organization", "run", "number"], name="import_row_once")]

    def __str__(self) -> str:
        return f"{self.number}: {self.state}"
