"""Tables of what people found out and decided: verifications and verdicts, each as it was said.

Part of `models`, which names them; code imports them from there.
"""

from typing import ClassVar

import pgtrigger
from django.db import models

from apps.accounts.models import Membership
from apps.leads.models import Lead
from apps.policies.models import RuleSetVersion
from apps.qualification.terms import Moment, Verdict
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel
from apps.tenancy.sealed_fields import SealedJSONField, SealedTextField


class Verification(TenantModel):
    """What a person confirmed on the phone, by question; `script_version` is 0 of the product's own script."""

    grants: ClassVar[str] = "SELECT, INSERT"

    lead = TenantForeignKey(Lead, related_name="verifications", indexed=False)
    script_id = models.CharField(max_length=40)
    script_version = models.PositiveIntegerField(default=0)
    answers = SealedJSONField(db_column="answers_sealed")
    member = TenantForeignKey(Membership, null=True, related_name="+", indexed=False)
    actor_label = models.CharField(max_length=200)
    verified_at = models.DateTimeField()
    event_id = models.UUIDField()

    class Meta:
        indexes = [models.Index(fields=["organization", "lead", "-verified_at"], name="verification_lead")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"verified at {self.verified_at}"


class Qualification(TenantModel):
    """A person's verdict on a lead, tied to criteria of the set that ruled then (`version`; none for the gate's own).

    `flags` are eligibility questions that stay open, `next_step` is what follows and `next_step_at` when.
    """

    grants: ClassVar[str] = "SELECT, INSERT"

    lead = TenantForeignKey(Lead, related_name="qualifications", indexed=False)
    verdict = models.CharField(max_length=12, choices=[(each.value, each.value) for each in Verdict])
    set_id = models.CharField(max_length=63, blank=True)
    version = TenantForeignKey(RuleSetVersion, null=True, related_name="+", indexed=False)
    criteria = models.JSONField(default=list)
    facts = SealedJSONField(db_column="facts_sealed")
    reason = SealedTextField(db_column="reason_sealed")
    disqualification = models.CharField(max_length=30, blank=True)
    flags = models.JSONField(default=list)
    next_step = SealedTextField(db_column="next_step_sealed")
    next_step_at = models.DateTimeField(null=True)
    verification = TenantForeignKey(Verification, null=True, related_name="+", indexed=False)
    member = TenantForeignKey(Membership, null=True, related_name="+", indexed=False)
    actor_label = models.CharField(max_length=200)
    decided_at = models.DateTimeField()
    event_id = models.UUIDField()

    class Meta:
        indexes = [models.Index(fields=["organization", "lead", "-decided_at"], name="qualification_lead")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.verdict


class CriteriaResult(TenantModel):
    """How a lead stood to its criteria when that decided something, with the facts that were read (row QL-01)."""

    grants: ClassVar[str] = "SELECT, INSERT"

    lead = TenantForeignKey(Lead, related_name="criteria_results", indexed=False)
    version = TenantForeignKey(RuleSetVersion, null=True, related_name="+", indexed=False)
    set_id = models.CharField(max_length=63)
    moment = models.CharField(max_length=12, choices=[(each.value, each.value) for each in Moment])
    facts = SealedJSONField(db_column="facts_sealed")
    verdict = models.JSONField()
    qualification = TenantForeignKey(Qualification, null=True, related_name="criteria_results", indexed=False)
    decided_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["organization", "lead", "-decided_at"], name="criteria_lead")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.set_id}, {self.moment}"
