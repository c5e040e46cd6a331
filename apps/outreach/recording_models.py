"""The table of where the recording or the transcript of a contact lies (row TK-12).

Part of `models`, which names it; code imports it from there.
"""

from typing import ClassVar

from django.db import models

from apps.leads.models import Lead
from apps.outreach.models import Activity
from apps.outreach.terms import RecordingKind
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel
from apps.tenancy.sealed_fields import SealedTextField


class Recording(TenantModel):
    """The address of a recording or a transcript at the service that keeps it; sealed, and gone after days.

    What was said is not kept here. `erased_at` is when the address went; the row says that there was one.
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    lead = TenantForeignKey(Lead, related_name="recordings")
    activity = TenantForeignKey(Activity, related_name="recordings", indexed=False)
    kind = models.CharField(max_length=12, choices=[(each.value, each.value) for each in RecordingKind])
    address = SealedTextField(db_column="address_sealed")
    added_by = models.CharField(max_length=200)
    added_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "activity", "kind"], name="recording_once"),
        ]

    def __str__(self) -> str:
        return str(self.kind)
