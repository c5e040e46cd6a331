"""Tables of policies: rule sets, their versions, and experiments with these."""

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.accounts.models import Membership
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel
from apps.tenancy.stamps import stamped

KINDS = [
    ("validity", "validity checks"),
    ("duplicates", "duplicate rules"),
    ("scoring", "scorecard"),
    ("routing", "routing layers"),
    ("ownership", "ownership matrix"),
    ("gates", "stage gates"),
    ("sla", "SLA policies"),
    ("contact", "contact rules"),
    ("mapping", "mapping"),
    ("quality", "data quality"),
    ("inference", "inference from words"),
    ("chat", "chat answers"),
    ("scripts", "call and chat scripts"),
    ("criteria", "qualification criteria"),
    ("exceptions", "what happens with exceptions"),
    ("process", "process and statuses"),
    ("suite", "suite of test leads"),
    ("handoffs", "handoffs between teams"),
    ("retention", "retention schedule"),
    ("intake", "intake work"),
    ("messages", "what messages must say"),
    ("follow_up", "follow-up of contacts"),
    ("cadences", "cadences and groups"),
]
TESTS = [("sample", "samples"), ("replay", "replay of past leads"), ("suite", "suite of test leads")]
STATES = [
    ("draft", "draft"),
    ("tested", "tested"),
    ("approved", "approved"),
    ("superseded", "superseded"),
    ("rolled_back", "rolled back"),
    ("suspended", "suspended"),
]
EXPERIMENT_KINDS = [("routing", "routing rules"), ("form", "hosted form"), ("stage", "steps of a stage")]
EXPERIMENT_STATES = [
    ("draft", "waits for approval"),
    ("approved", "approved"),
    ("stopped", "stopped"),
    ("adopted", "adopted"),
    ("dropped", "dropped"),
]


class RuleSet(TenantModel):
    """A named set of rules of one kind; a tenant has one `default` per kind, later also per pipeline."""

    kind = models.CharField(max_length=20, choices=KINDS)
    key = models.SlugField(max_length=63, default="default")
    name = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "kind", "key"], name="rule_set_key")]

    def __str__(self) -> str:
        return self.name


class RuleSetVersion(TenantModel):
    """One version of a rule set. What decided once is never changed: an approved document is frozen."""

    rule_set = TenantForeignKey(RuleSet, related_name="versions")
    number = models.PositiveIntegerField()
    document = models.JSONField()
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=12, choices=STATES, default="draft")
    reason = models.CharField(max_length=500, blank=True)
    author = TenantForeignKey(Membership, null=True, related_name="+")
    approver = TenantForeignKey(Membership, null=True, related_name="+")
    created_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True)
    effective_from = models.DateTimeField(null=True)
    effective_until = models.DateTimeField(null=True)
    suspended_because = models.CharField(max_length=500, blank=True, db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "rule_set", "number"], name="version_number"),
            models.CheckConstraint(
                name="version_two_people",
                condition=models.Q(approver__isnull=True)
                | models.Q(author__isnull=True)
                | ~models.Q(approver=models.F("author")),
            ),
        ]
        triggers = [
            stamped(),
            pgtrigger.Protect(
                name="approved_is_frozen",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state__in=["approved", "superseded", "rolled_back", "suspended"])
                & (
                    pgtrigger.Q(old__document__df=pgtrigger.F("new__document"))
                    | pgtrigger.Q(old__number__df=pgtrigger.F("new__number"))
                ),
            ),
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.rule_set} v{self.number}"


class VersionTest(TenantModel):
    """One test of a version, of the document that it had then; nothing of it is changed afterwards."""

    grants: ClassVar[str] = "SELECT, INSERT"

    version = TenantForeignKey(RuleSetVersion, related_name="tests")
    digest = models.CharField(max_length=64)
    kind = models.CharField(max_length=12, choices=TESTS)
    passed = models.BooleanField()
    sentence = models.CharField(max_length=300)
    summary = models.JSONField(default=dict)
    made_at = models.DateTimeField()
    made_by = TenantForeignKey(Membership, null=True, related_name="+")

    class Meta:
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.sentence


class RuleFault(TenantModel):
    """A rule of a live version that can no longer do what it says: since when, why, and since when it can again."""

    version = TenantForeignKey(RuleSetVersion, related_name="faults")
    path = models.CharField(max_length=200)
    rule_id = models.CharField(max_length=60, blank=True)
    code = models.CharField(max_length=60)
    sentence = models.CharField(max_length=300)
    found_at = models.DateTimeField()
    mended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "version", "path", "code"],
                name="fault_once",
                condition=models.Q(mended_at=None),
            ),
        ]
        triggers = [pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.sentence


class Review(TenantModel):
    """Something that people have to look at because of time, numbers or a change: never a lead, always a date.

    `subject` is the key of what it is about (a campaign, a queue, a rule set), `rules` the ids of rules to look at;
    of one `dedup_key` there is one review.
    """

    kind = models.CharField(max_length=30)
    subject = models.CharField(max_length=120)
    sentence = models.CharField(max_length=300)
    rules = models.JSONField(default=list)
    url = models.CharField(max_length=300, blank=True)
    dedup_key = models.CharField(max_length=120)
    opened_at = models.DateTimeField()
    due_on = models.DateField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = TenantForeignKey(Membership, null=True, blank=True, related_name="+")
    outcome = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "dedup_key"], name="review_once")]
        indexes = [
            models.Index(fields=["organization", "due_on"], name="review_open", condition=models.Q(closed_at=None)),
        ]

    def __str__(self) -> str:
        return self.sentence


class Experiment(TenantModel):
    """Something new (arm B) tried on a part of the leads beside what is in force (A).

    Its number is how people call it: E-7. Of routing rules it tries a version, the `candidate`; `control` is what ruled
    when it was approved, and a pilot takes all leads of a service or channel. Of a hosted form or the steps of a stage
    it tries what `arms` holds, `subject_id` being the row. Where something else than A is in force since, the
    comparison holds no more and A is what everybody gets.
    """

    number = models.PositiveIntegerField()
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=EXPERIMENT_KINDS, default="routing", db_default="routing")
    subject_id = models.UUIDField(null=True)
    subject_name = models.CharField(max_length=200, blank=True, db_default="")
    arms = models.JSONField(default=dict, db_default={})
    rule_set = TenantForeignKey(RuleSet, null=True, related_name="experiments", indexed=False)
    candidate = TenantForeignKey(RuleSetVersion, null=True, related_name="experiments")
    control = TenantForeignKey(RuleSetVersion, null=True, related_name="+", indexed=False)
    is_pilot = models.BooleanField(default=False)
    hypothesis = models.CharField(max_length=500)
    plan = models.CharField(max_length=1000, blank=True)
    percent = models.PositiveSmallIntegerField()
    services = ArrayField(models.CharField(max_length=63), default=list, blank=True)
    channels = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField()
    #: Success: so many percentage points more of arm B reach the goal; nothing is said before each arm has the least
    #: number. Guardrails: percent of arm B, of what is refused percentage points more than of arm A.
    goal = models.CharField(max_length=63)
    wanted_points = models.PositiveSmallIntegerField(default=0)
    most_fallback = models.PositiveSmallIntegerField(default=2)
    most_mismatch = models.PositiveSmallIntegerField(default=2)
    most_refused = models.PositiveSmallIntegerField(default=10, db_default=10)
    least_per_arm = models.PositiveIntegerField(default=100, db_default=100)
    priority = models.PositiveSmallIntegerField(default=2)
    state = models.CharField(max_length=12, choices=EXPERIMENT_STATES, default="draft")
    author = TenantForeignKey(Membership, related_name="+", indexed=False)
    approver = TenantForeignKey(Membership, null=True, related_name="+", indexed=False)
    created_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="experiment_number"),
            models.CheckConstraint(
                name="experiment_two_people",
                condition=models.Q(approver__isnull=True) | ~models.Q(approver=models.F("author")),
            ),
            models.CheckConstraint(name="experiment_percent", condition=models.Q(percent__gte=1, percent__lte=100)),
            models.CheckConstraint(
                name="experiment_tries_something",
                condition=models.Q(kind="routing", candidate__isnull=False, rule_set__isnull=False)
                | (~models.Q(kind="routing") & models.Q(subject_id__isnull=False, candidate__isnull=True)),
            ),
        ]
        triggers = [stamped(), pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"E-{self.number}"


class ExperimentIssue(TenantModel):
    """Something that went wrong in a pilot or an experiment: who said what when, and what was done about it."""

    experiment = TenantForeignKey(Experiment, related_name="issues")
    sentence = models.CharField(max_length=500)
    noted_at = models.DateTimeField()
    noted_by = TenantForeignKey(Membership, related_name="+", indexed=False)
    solved_at = models.DateTimeField(null=True)
    solution = models.CharField(max_length=500, blank=True)

    class Meta:
        triggers = [pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.sentence
