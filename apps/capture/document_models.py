"""Tables of documents: those that came with an inquiry, sealed and never changed, and those of forms not sent yet."""

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


class HeldDocument(TenantModel):
    """A document of a form that is not sent yet, so that nobody chooses it twice; sealed, forgotten after a day.

    `shelf` is the digest of what names the form's visit. `sender_digest` is a public form's sender, as on submissions,
    or the person who works on a page of ours (`document_shelf.member_sender`).
    """

    grants: ClassVar[str] = "SELECT, INSERT, DELETE"

    shelf = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    size_bytes = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    sealed = models.BinaryField()
    sender_digest = models.CharField(max_length=32, blank=True, default="")
    held_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["held_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "shelf", "digest"], name="held_document_once"),
        ]
        indexes = [models.Index(fields=["organization", "expires_at"], name="held_document_expiry")]

    def __str__(self) -> str:
        return self.name
