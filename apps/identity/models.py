"""Tables of identity: why a submission was taken for this person and lead, pairs to look at, and merges."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from apps.leads.models import Lead, Person
from apps.policies.models import RuleSetVersion
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel
from apps.tenancy.sealed_fields import SealedJSONField, SealedTextField


class MatchDecision(TenantModel):
    """One arrival judged: the person found, the lead merged into or linked, the rule and the facts.

    One that was joined to a lead by mistake has a second judgement, a person's, for the lead that became of it.
    """

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
    facts = SealedJSONField(db_column="facts_sealed")
    near = models.JSONField(default=list)
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "submission_id", "lead"], name="match_once"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.verdict}"


class MatchKey(TenantModel):
    """One key under which a person is filed for comparison: the digest of two parts that records may share.

    A digest tells nothing without the record, and an equal one costs no more than a second look.
    """

    grants: ClassVar[str] = "SELECT, INSERT, DELETE"

    person = TenantForeignKey(Person, related_name="+")
    key = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["organization", "key", "-person"], name="match_key_newest")]

    def __str__(self) -> str:
        return str(self.key)


class DuplicatePair(TenantModel):
    """Two people who may be one, with the score's lines. `first` has the lower id, so a pair is offered once."""

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    first = TenantForeignKey(Person, related_name="+", indexed=False)
    second = TenantForeignKey(Person, related_name="+")
    score = models.PositiveSmallIntegerField()
    band = models.CharField(max_length=10, choices=[("strong", "strong"), ("review", "review")])
    why = models.CharField(max_length=400)
    lines = models.JSONField(default=list)
    version = TenantForeignKey(RuleSetVersion, null=True, related_name="+", indexed=False)
    found_at = models.DateTimeField()
    state = models.CharField(
        max_length=10,
        choices=[("open", "open"), ("merged", "merged"), ("linked", "linked"), ("separate", "not a duplicate")],
        default="open",
    )
    reason = models.CharField(max_length=300, blank=True)
    decided_by = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "first", "second"], name="pair_once"),
            models.CheckConstraint(name="pair_in_order", condition=Q(first__lt=F("second"))),
            models.CheckConstraint(
                name="pair_decided_with_reason",
                condition=Q(state="open") | (Q(decided_at__isnull=False) & ~Q(reason="")),
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "-score", "id"], name="pair_open", condition=Q(state="open")),
        ]

    def __str__(self) -> str:
        return f"{self.score} {self.state}"


class Merge(TenantModel):
    """One person merged into another: what moved, and how both stood before and after. Taken back, it stays."""

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    survivor = TenantForeignKey(Person, related_name="merges")
    absorbed = TenantForeignKey(Person, related_name="+")
    moved = models.JSONField(default=dict)
    before = SealedJSONField(db_column="before_sealed")
    after = SealedJSONField(db_column="after_sealed")
    reason = SealedTextField(db_column="reason_sealed")
    merged_by = models.CharField(max_length=200)
    merged_at = models.DateTimeField()
    undone_by = models.CharField(max_length=200, blank=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "absorbed"], condition=Q(undone_at__isnull=True), name="absorbed_once"
            ),
            models.CheckConstraint(name="merge_is_of_two", condition=~Q(survivor=F("absorbed"))),
        ]

    def __str__(self) -> str:
        return f"{self.absorbed_id} into {self.survivor_id}"
