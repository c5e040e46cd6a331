"""Tables of retention: legal holds, runs that two people decide, what each run concerns, what was erased."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from apps.accounts.models import Membership
from apps.accounts.terms import choices
from apps.compliance.retention_terms import Because, HoldScope, ItemState, RunState
from apps.leads.models import Lead, Person
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel


class LegalHold(TenantModel):
    """Something that nobody erases while it is held: a person, a lead or a class of data, with the reason."""

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    scope = models.CharField(max_length=6, choices=choices(HoldScope))
    person = TenantForeignKey(Person, null=True, related_name="+", indexed=False)
    lead = TenantForeignKey(Lead, null=True, related_name="+", indexed=False)
    data_class = models.CharField(max_length=20, blank=True)
    reason = models.CharField(max_length=300)
    set_by = models.CharField(max_length=200)
    set_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=200, blank=True)
    ended_because = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-set_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="hold_names_its_subject",
                condition=Q(scope=HoldScope.PERSON, person__isnull=False, lead=None, data_class="")
                | Q(scope=HoldScope.LEAD, lead__isnull=False, person=None, data_class="")
                | (Q(scope=HoldScope.CLASS, lead=None, person=None) & ~Q(data_class="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} held"


class RetentionRun(TenantModel):
    """What is to be erased: proposed with its counts, approved by another person, erased in the background.

    `schedule` is what was due after how many months then, `counts` how many rows of which table were found (dry run),
    `erased` how many went. `left` says how many leads were passed over and why. The receipt names the numbers, the
    people and a digest over what went; `signature` is its HMAC under a key of the tenant.
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    number = models.BigIntegerField()
    because = models.CharField(max_length=8, choices=choices(Because))
    state = models.CharField(max_length=8, choices=choices(RunState), default=RunState.PROPOSED)
    schedule = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    left = models.JSONField(default=dict)
    total = models.PositiveIntegerField(default=0)
    proposed_by = TenantForeignKey(Membership, related_name="+", indexed=False)
    proposed_at = models.DateTimeField()
    approved_by = TenantForeignKey(Membership, null=True, related_name="+", indexed=False)
    approved_at = models.DateTimeField(null=True)
    decided_because = models.CharField(max_length=300, blank=True)
    ended_at = models.DateTimeField(null=True)
    erased = models.JSONField(default=dict)
    receipt = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="retention_number"),
            models.CheckConstraint(
                name="retention_needs_two_people",
                condition=Q(approved_by=None) | ~Q(approved_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="retention_runs_when_approved",
                condition=~Q(state__in=[RunState.RUNNING, RunState.DONE]) | Q(approved_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        """The reference people say aloud."""
        return f"RR-{self.number}"


class RetentionItem(TenantModel):
    """A lead in a run, with what of it is due: classes of data, or `field:<name>`."""

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    run = TenantForeignKey(RetentionRun, related_name="items", indexed=False)
    lead = TenantForeignKey(Lead, related_name="+", indexed=False)
    parts = ArrayField(models.CharField(max_length=40))
    state = models.CharField(max_length=7, choices=choices(ItemState), default=ItemState.WAITING)
    why = models.CharField(max_length=100, blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "run", "lead"], name="retention_item_once")]
        indexes = [
            models.Index(fields=["organization", "run", "id"], name="retention_waiting", condition=Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"{self.lead_id} in {self.run_id}"


class Erased(TenantModel):
    """What went: of a lead or a person, which part, by which run. Written by the owner's function alone."""

    grants: ClassVar[str] = "SELECT"

    run = TenantForeignKey(RetentionRun, related_name="+", indexed=False)
    subject_id = models.UUIDField()
    part = models.CharField(max_length=40)
    counted = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "subject_id", "part"], name="erased_once")]
        indexes = [models.Index(fields=["organization", "run"], name="erased_by_run")]

    def __str__(self) -> str:
        return f"{self.part} of {self.subject_id}"
