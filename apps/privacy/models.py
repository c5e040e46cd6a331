"""Tables of privacy: health details, apart from the lead they belong to."""

from typing import ClassVar

import pgtrigger
from django.db import models

from apps.tenancy.models import TenantModel
from apps.tenancy.sealed_fields import SealedTextField


class HealthDetail(TenantModel):
    """What a person said about their health in one inquiry, sealed. `subject_id` is the lead's id.

    `kind`: `message` (free text), `reason`, `insurance_member`. Kept per inquiry, never updated.
    """

    grants: ClassVar[str] = "SELECT, INSERT, DELETE"

    subject_id = models.UUIDField()
    kind = models.CharField(max_length=30)
    sealed = models.BinaryField()
    created_at = models.DateTimeField()
    #: The detail of another lead that these words were filed as before an inquiry was split off that lead.
    was = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["organization", "subject_id"], name="health_subject"),
            models.Index(fields=["organization", "was"], name="health_was", condition=models.Q(was__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.subject_id}"


class PhiState(TenantModel):
    """Since when a lead is protected health information: the first moment, the rule and the field (row PH-02).

    `subject_id` is the lead's id. A lead without a row is contact data alone.
    """

    grants: ClassVar[str] = "SELECT, INSERT"

    subject_id = models.UUIDField()
    since = models.DateTimeField()
    rule = models.CharField(max_length=10)
    field = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "subject_id"], name="phi_subject")]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.subject_id} by {self.rule}"


class PhiMark(TenantModel):
    """That a lead was classified anew (row PH-13): by a person with a reason, or by a rule after that.

    The newest mark of a lead rules over its `PhiState`. `rule` is the rule's id, or `STAFF` where a person said so.
    """

    grants: ClassVar[str] = "SELECT, INSERT"

    subject_id = models.UUIDField()
    is_phi = models.BooleanField()
    at = models.DateTimeField()
    rule = models.CharField(max_length=10)
    field = models.CharField(max_length=60, blank=True)
    actor_label = models.CharField(max_length=200, blank=True)
    reason = SealedTextField(db_column="reason_sealed")

    class Meta:
        indexes = [models.Index(fields=["organization", "subject_id", "-id"], name="phi_mark_subject")]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.subject_id}: {self.is_phi} by {self.rule}"


from apps.privacy.disclosures import Disclosure as Disclosure  # noqa: E402 - a table of its own file
from apps.privacy.topic_models import BrokenGlass as BrokenGlass  # noqa: E402 - tables of their own file
from apps.privacy.topic_models import LeadTopic as LeadTopic  # noqa: E402
from apps.privacy.topic_models import SensitiveTopic as SensitiveTopic  # noqa: E402
