"""The table of documents that came with an inquiry: sealed, never changed."""

from typing import ClassVar

import pgtrigger
from django.db import models

from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel


class SubmissionDocument(TenantModel):
    """A paper that a referring office sent along; its content rests sealed, its digest says whether it is whole."""

    grants: ClassVar[str] = "SELECT, INSERT"

    submission = TenantForeignKey("capture.Submission", related_name="documents")
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=40)
    size_bytes = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    sealed = models.BinaryField()
    added_by = models.CharField(max_length=200)
    added_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["added_at", "id"]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.name
