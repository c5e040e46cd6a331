"""Tables of the ledger. The runtime role can add rows, never change or remove one."""

from typing import ClassVar

import pgtrigger
from django.db import models

from apps.tenancy.models import TenantModel

#: The things of the set-up whose changes people look up by time, far fewer than what is noted of leads.
SETTINGS_THINGS = (
    "asset",
    "calendar",
    "campaign",
    "channel",
    "connection",
    "consentwording",
    "customfield",
    "form",
    "location",
    "party",
    "pipeline",
    "queue",
    "role",
    "rule_version",
    "schedulingworkflow",
    "service",
    "source",
    "stage",
    "team",
    "template",
    "trackingnumber",
)


class AuditEntry(TenantModel):
    """One act. `fields` and `detail` hold names and ids, never a person's data."""

    grants: ClassVar[str] = "SELECT, INSERT"

    seq = models.BigIntegerField()
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.UUIDField(null=True)
    actor_label = models.CharField(max_length=200)
    party_id = models.UUIDField(null=True)
    door = models.CharField(max_length=10)
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=40)
    object_id = models.UUIDField(null=True)
    fields = models.JSONField(default=list)
    detail = models.JSONField(default=dict)
    event_id = models.UUIDField(null=True)
    request_id = models.CharField(max_length=64, default="")
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "seq"], name="audit_seq")]
        indexes = [
            models.Index(fields=["organization", "object_id", "-seq"], name="audit_object"),
            models.Index(fields=["organization", "actor_id", "-seq"], name="audit_actor"),
            models.Index(
                fields=["organization", "-seq"],
                name="audit_settings",
                condition=models.Q(object_type__in=SETTINGS_THINGS),
            ),
            models.Index(fields=["organization", "at", "seq"], name="audit_at"),
            models.Index(fields=["organization", "action", "-seq"], name="audit_action"),
            models.Index(
                fields=["organization", "party_id", "-seq"],
                name="audit_party",
                condition=models.Q(party_id__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.action}"


class AuditSubject(TenantModel):
    """One of several things that a list showed at once: "who read this" is asked of an index, not of all lists.

    A finding aid beside the ledger (docs/decisions/0028): the entry's own `detail.ids` is what the chain covers.
    """

    grants: ClassVar[str] = "SELECT, INSERT"

    subject_id = models.UUIDField()
    seq = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "subject_id", "seq"], name="audit_subject")]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.subject_id} in {self.seq}"


class AuditHead(TenantModel):
    """The end of a tenant's chain; locked while entries are added."""

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization"], name="audit_one_head")]

    def __str__(self) -> str:
        return str(self.seq)
