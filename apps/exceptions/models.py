"""Tables of exceptions: one row for each thing that keeps a lead from going its way, with what was decided."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from apps.accounts.models import Membership, Team
from apps.catalog.models import Queue
from apps.exceptions.terms import TYPE_LABELS, ItemState, ItemType
from apps.leads.models import Lead
from apps.policies.models import RuleSetVersion
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel
from apps.tenancy.sealed_fields import SealedJSONField, SealedTextField

OPEN = Q(state__in=[ItemState.OPEN.value, ItemState.WAITING.value])


class ExceptionItem(TenantModel):
    """One exception of a lead. What the rules said of its type when it was opened stays with it.

    `criteria` (id and sentence each) are what the decision rests on, `answers` what was said of them (row QL-16).
    `queue` handles it; null leaves it with whoever has the lead. `proposal` is what waits for the approver. Of a
    type a lead has one open item.
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    lead = TenantForeignKey(Lead, related_name="exceptions")
    type = models.CharField(max_length=30, choices=[(each.value, TYPE_LABELS[each]) for each in ItemType])
    code = models.CharField(max_length=60)
    detail = SealedTextField(db_column="detail_sealed")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    escalated_at = models.DateTimeField(null=True)
    queue = TenantForeignKey(Queue, null=True, related_name="+", indexed=False)
    state = models.CharField(
        max_length=20, choices=[(each.value, each.value.replace("_", " ")) for each in ItemState], default="open"
    )
    guess = models.JSONField(default=dict)
    allowed = models.JSONField(default=list)
    approver = TenantForeignKey(Team, null=True, related_name="+", indexed=False)
    approves = models.JSONField(default=list)
    then = models.CharField(max_length=63, default="team_lead")
    missing_data = models.CharField(max_length=12, default="hold", db_default="hold")
    version = TenantForeignKey(RuleSetVersion, null=True, related_name="+", indexed=False)
    criteria = models.JSONField(default=list, db_default=[])
    answers = SealedJSONField(db_column="answers_sealed")
    proposal = SealedJSONField(db_column="proposal_sealed")
    decision = models.CharField(max_length=20, blank=True)
    reason = SealedTextField(db_column="reason_sealed")
    decided_by = TenantForeignKey(Membership, null=True, related_name="+", indexed=False)
    decided_label = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    approved_by = TenantForeignKey(Membership, null=True, related_name="+", indexed=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "lead", "type"], condition=OPEN, name="one_open_exception_of_a_type"
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "due_at"], name="exception_open", condition=OPEN),
            models.Index(fields=["organization", "opened_at"], name="exception_opened"),
            models.Index(
                fields=["organization", "decided_at"], name="exception_decided", condition=Q(state="resolved")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} since {self.opened_at:%Y-%m-%d %H:%M}"
