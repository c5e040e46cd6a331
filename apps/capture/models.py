"""Tables of capture: what came in, exactly as it came, the promise of one answer per key, and the public forms."""

from typing import ClassVar

import pgtrigger
from django.db import models

from apps.accounts.models import ApiKey, Party
from apps.capture.document_models import HeldDocument as HeldDocument
from apps.capture.document_models import SubmissionDocument as SubmissionDocument
from apps.capture.form_models import Asset as Asset
from apps.capture.form_models import Form as Form
from apps.capture.form_models import FormDraft as FormDraft
from apps.capture.form_models import FormQuestion as FormQuestion
from apps.capture.form_models import FormVersion as FormVersion
from apps.capture.form_models import FormVisit as FormVisit
from apps.catalog.models import Source
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel

STATES = [
    ("received", "received"),
    ("quarantined", "quarantined"),
    ("dismissed", "dismissed"),
    ("processed", "processed"),
]


class Submission(TenantModel):
    """One capture event. The raw body rests sealed with its digest; nothing of it ever changes.

    The three times of row CP-09: `event_at` (the sender's), `received_at` (our door), `stored_at`.
    The outcome columns are written once, by the intake. Of a rehearsal the outcome is all that remains.
    `request_id` is what the answer's header named, so that sender and receiver speak of the same request.
    A form's submission names its version and, as a keyed digest, the network address it came from; `screening`
    holds the signs by which it was judged spam or not. Quarantined ones wait for a person and are never lost.
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    source = TenantForeignKey(Source, related_name="submissions", indexed=False)
    source_typed = models.CharField(max_length=100, blank=True)
    external_id = models.CharField(max_length=200, null=True)
    party = TenantForeignKey(Party, null=True, related_name="submissions", indexed=False)
    api_key = TenantForeignKey(ApiKey, null=True, related_name="+", indexed=False)
    door = models.CharField(max_length=10)
    capture_method = models.CharField(max_length=20)
    raw = models.BinaryField()
    raw_digest = models.CharField(max_length=64)
    event_at = models.DateTimeField()
    received_at = models.DateTimeField()
    stored_at = models.DateTimeField()
    clock_skew_seconds = models.IntegerField(default=0)
    mapping_version = models.PositiveIntegerField(default=1)
    is_test = models.BooleanField(default=False)
    is_rehearsal = models.BooleanField(default=False)
    request_id = models.CharField(max_length=64, blank=True, default="")
    form_version = TenantForeignKey(FormVersion, null=True, related_name="submissions", indexed=False)
    sender_digest = models.CharField(max_length=32, blank=True, default="", db_default="")
    screening = models.JSONField(default=dict, db_default={})

    state = models.CharField(max_length=12, choices=STATES, default="received")
    processed_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=10, blank=True)
    reasons = models.JSONField(default=list)
    lead_id = models.UUIDField(null=True)
    person_id = models.UUIDField(null=True)
    counted_as_delivered = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "source", "party", "external_id"],
                condition=models.Q(external_id__isnull=False),
                nulls_distinct=False,
                name="submission_once",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "party", "-received_at", "-id"], name="submission_of_party"),
            models.Index(fields=["organization", "lead_id"], name="submission_of_lead"),
            models.Index(
                fields=["organization", "sender_digest", "received_at"],
                name="submission_of_sender",
                condition=~models.Q(sender_digest=""),
            ),
            models.Index(
                fields=["organization", "form_version", "received_at"],
                name="submission_of_form",
                condition=models.Q(form_version__isnull=False),
            ),
            models.Index(
                fields=["organization", "-received_at", "-id"],
                name="submission_quarantined",
                condition=models.Q(state="quarantined"),
            ),
            models.Index(
                fields=["organization", "received_at"],
                name="submission_excluded",
                condition=models.Q(verdict="rejected"),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="raw_is_kept",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    "raw",
                    "raw_digest",
                    "event_at",
                    "received_at",
                    "stored_at",
                    "capture_method",
                    "source",
                    "external_id",
                    "mapping_version",
                ),
            ),
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.external_id or self.id}"


class IdempotencyRecord(TenantModel):
    """The answer promised for an Idempotency-Key: same body, same answer; other body, refusal."""

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE, DELETE"

    owner_id = models.UUIDField()
    key = models.CharField(max_length=255)
    body_digest = models.CharField(max_length=64)
    submission = TenantForeignKey(Submission, null=True, related_name="+", indexed=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "owner_id", "key"], name="idempotency_once"),
        ]

    def __str__(self) -> str:
        return self.key
