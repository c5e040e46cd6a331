"""Tables of policies: rule sets and their versions."""

import pgtrigger
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
]
STATES = [
    ("draft", "draft"),
    ("tested", "tested"),
    ("approved", "approved"),
    ("superseded", "superseded"),
    ("rolled_back", "rolled back"),
    ("suspended", "suspended"),
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
