"""Tables of connectors: who may push to us, every hook as it came, and which event became which submission."""

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.capture.models import Submission
from apps.catalog.models import Source
from apps.connectors.terms import HookState, SecretPurpose
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel

STATES = [(each.value, each.value) for each in HookState]
PURPOSES = [(each.value, each.value) for each in SecretPurpose]


class Connection(TenantModel):
    """One sender's address at this tenant. The address rests sealed; the global book knows its digest only.

    `mapping` holds what differs from the provider's own (name to target). `consent_version` and
    `consent_channels` say which wording the sender's form shows, where the sender does not tell.
    """

    key = models.SlugField(max_length=40)
    name = models.CharField(max_length=200)
    provider = models.CharField(max_length=40)
    source = TenantForeignKey(Source, related_name="connections")
    sealed_token = models.BinaryField()
    mapping = models.JSONField(default=dict, blank=True)
    mapping_version = models.PositiveIntegerField(default=1)
    settings = models.JSONField(default=dict, blank=True)
    consent_version = models.CharField(max_length=20, blank=True)
    consent_channels = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    is_active = models.BooleanField(default=True)
    refused_count = models.PositiveIntegerField(default=0)
    last_refused_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "key"], name="connection_key")]

    def __str__(self) -> str:
        return self.name


class ConnectionSecret(TenantModel):
    """A secret that we share with the sender; `purpose` says what it opens.

    Of each purpose two may be active, so that one can be changed without a gap.
    """

    connection = TenantForeignKey(Connection, related_name="secrets")
    purpose = models.CharField(max_length=10, choices=PURPOSES, default=SecretPurpose.PROOF)
    sealed = models.BinaryField()
    hint = models.CharField(max_length=4)
    added_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["added_at"]

    def __str__(self) -> str:
        return f"…{self.hint}"


class Hook(TenantModel):
    """One request of a proven sender, sealed as it came; it never changes but for what became of it."""

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    connection = TenantForeignKey(Connection, related_name="hooks", indexed=False)
    raw = models.BinaryField()
    raw_digest = models.CharField(max_length=64)
    headers = models.JSONField(default=dict)
    received_at = models.DateTimeField()
    mapping_version = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=STATES)
    problem = models.CharField(max_length=500, blank=True)
    is_test = models.BooleanField(default=False)
    repeats = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["organization", "connection", "-received_at"], name="hook_of_connection"),
            models.Index(
                fields=["organization", "received_at"], condition=models.Q(state="unmapped"), name="hook_unmapped"
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="hook_is_kept",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("raw", "raw_digest", "headers", "received_at", "connection"),
            ),
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.received_at:%Y-%m-%d %H:%M:%S}"


class SpentToken(TenantModel):
    """What a sender signed in place of a body, and the one body that it has proven; for ever. Append-only."""

    grants: ClassVar[str] = "SELECT, INSERT"

    connection = TenantForeignKey(Connection, related_name="+", indexed=False)
    token_digest = models.CharField(max_length=64)
    raw_digest = models.CharField(max_length=64)
    spent_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "connection", "token_digest"], name="token_once"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.spent_at:%Y-%m-%d %H:%M:%S}"


class HookEvent(TenantModel):
    """A sender's event, taken in once for ever per connection."""

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    connection = TenantForeignKey(Connection, related_name="+", indexed=False)
    hook = TenantForeignKey(Hook, related_name="events")
    key = models.CharField(max_length=300)
    object_id = models.CharField(max_length=180, blank=True)
    kind = models.CharField(max_length=40)
    ignored = models.CharField(max_length=200, blank=True)
    submission = TenantForeignKey(Submission, null=True, related_name="+")
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "connection", "key"], name="hook_event_once"),
        ]
        indexes = [
            models.Index(fields=["organization", "connection", "object_id"], name="hook_event_object"),
        ]

    def __str__(self) -> str:
        return self.key
