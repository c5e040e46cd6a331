"""Tables of handoffs: what was offered, checked and answered; and services that turned out to be others."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q

from apps.accounts.models import Membership, Team
from apps.catalog.models import Service
from apps.handoffs.terms import HandoffState
from apps.leads.models import Lead
from apps.policies.models import RuleSetVersion
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel
from apps.tenancy.sealed_fields import SealedJSONField, SealedTextField

OFFERED = Q(state=HandoffState.OFFERED.value)
#: Offered, and the lead is still the sender's: what moved on another way waits for nobody.
LIVE = OFFERED & Q(lead__owner_team=F("from_team"), lead__closed_at__isnull=True)


class Handoff(TenantModel):
    """One handoff of a lead. What was offered, ticked and withheld stays for ever (row HO-03); only the answer comes.

    `note` holds service, confirmed, next_step, eligibility and text; `checklist` a row for each item with who and
    when; `travels` and `withheld` field keys. `previous` is the handoff before it in the chain.
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    lead = TenantForeignKey(Lead, related_name="handoffs")
    type_id = models.CharField(max_length=40)
    type_name = models.CharField(max_length=200)
    version = TenantForeignKey(RuleSetVersion, related_name="+", indexed=False)
    previous = TenantForeignKey("self", null=True, related_name="+", indexed=False)
    from_team = TenantForeignKey(Team, related_name="+")
    to_team = TenantForeignKey(Team, related_name="+", indexed=False)
    offered_by = TenantForeignKey(Membership, null=True, related_name="+", indexed=False)
    offered_label = models.CharField(max_length=200)
    offered_at = models.DateTimeField()
    accept_by = models.DateTimeField()
    outreach_seconds = models.PositiveIntegerField()
    outreach_by = models.DateTimeField(null=True)
    keeps_view = models.BooleanField(default=False)
    note = SealedJSONField(db_column="note_sealed")
    checklist = models.JSONField(default=list)
    travels = models.JSONField(default=list)
    withheld = models.JSONField(default=list)
    state = models.CharField(
        max_length=10, choices=[(each.value, each.value) for each in HandoffState], default=HandoffState.OFFERED.value
    )
    answered_by = TenantForeignKey(Membership, null=True, related_name="+", indexed=False)
    answered_label = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True)
    reason = SealedTextField(db_column="reason_sealed")
    event_id = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "lead"], condition=OFFERED, name="one_open_handoff"),
            models.CheckConstraint(
                name="returned_says_why", condition=~Q(state=HandoffState.RETURNED.value) | Q(reason__isnull=False)
            ),
            models.CheckConstraint(name="answer_has_instant", condition=OFFERED | Q(answered_at__isnull=False)),
        ]
        indexes = [
            models.Index(fields=["organization", "to_team", "accept_by"], name="handoff_waits", condition=OFFERED),
            models.Index(fields=["organization", "offered_at"], name="handoff_offered"),
        ]
        triggers = [
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="offer_stays",
                fields=[
                    *("lead", "type_id", "version", "from_team", "to_team", "offered_label", "offered_at"),
                    *("note", "checklist", "travels", "withheld"),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type_id} {self.state}"


class Mismatch(TenantModel):
    """A lead that was taken for one service and wanted another: who found it, on which way, and why."""

    grants: ClassVar[str] = "SELECT, INSERT"

    lead = TenantForeignKey(Lead, related_name="mismatches")
    chosen = TenantForeignKey(Service, null=True, related_name="+", indexed=False)
    actual = TenantForeignKey(Service, related_name="+", indexed=False)
    reason = SealedTextField(db_column="reason_sealed")
    found_by = models.CharField(max_length=10, choices=[("transfer", "transfer"), ("report", "report")])
    reported_by = TenantForeignKey(Membership, null=True, related_name="+", indexed=False)
    reported_label = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "mismatches"
        indexes = [models.Index(fields=["organization", "at"], name="mismatch_at")]

    def __str__(self) -> str:
        return f"{self.chosen_id} is {self.actual_id}"
