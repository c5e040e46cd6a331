"""Tables of identity: why a submission was taken for this person and this lead."""

from typing import ClassVar

from django.db import models

from apps.leads.models import Lead, Person
from apps.policies.models import RuleSetVersion
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel


class MatchDecision(TenantModel):
    """One arrival judged: the person found, the lead merged into or linked, the rule and the facts."""

    grants: ClassVar[str] = "SELECT, INSERT"

    submission_id = models.UUIDField()
    person = TenantForeignKey(Person, related_name="+")
    lead = TenantForeignKey(Lead, related_name="+")
    version = TenantForeignKey(RuleSetVersion, null=True, related_name="+", indexed=False)
    rule_id = models.CharField(max_length=40, blank=True)
    keys = models.JSONField(default=list)
    action = models.CharField(max_length=10)
    verdict = models.CharField(max_length=10)
    reason = models.CharField(max_length=400)
    facts = models.JSONField(default=dict)
    near = models.JSONField(default=list)
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "submission_id"], name="match_once"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.verdict}"
