"""Tables of routing: decisions as they were made, and whose turn it is."""

from typing import ClassVar

from django.db import models

from apps.accounts.models import Membership
from apps.catalog.models import Queue
from apps.leads.models import Lead
from apps.policies.models import Experiment, RuleSetVersion
from apps.routing.terms import engine_now
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel


class RoutingDecision(TenantModel):
    """One routing of one lead: rule, version, facts and network seen, path walked, what else there was."""

    grants: ClassVar[str] = "SELECT, INSERT"

    lead = TenantForeignKey(Lead, related_name="routings", indexed=False)
    version = TenantForeignKey(RuleSetVersion, null=True, related_name="+", indexed=False)
    #: The experiment that the lead was part of, and the arm that it was in.
    experiment = TenantForeignKey(Experiment, null=True, related_name="+", indexed=False)
    arm = models.CharField(max_length=1, blank=True, db_default="")
    queue = TenantForeignKey(Queue, related_name="+", indexed=False)
    member = TenantForeignKey(Membership, null=True, related_name="+", indexed=False)
    rule_id = models.CharField(max_length=40, blank=True)
    cause = models.CharField(max_length=40)
    is_fallback = models.BooleanField(default=False)
    exception = models.CharField(max_length=60, blank=True)
    verdict = models.JSONField()
    turn = models.JSONField(default=dict)
    facts = models.JSONField()
    #: The messages whose words the rules heard, by id; None where nobody noted it.
    heard = models.JSONField(null=True)
    #: Which wording of verdicts it was made with: of an earlier one the replay compares what follows, not the words.
    engine = models.PositiveSmallIntegerField(default=engine_now, db_default=1)
    network = models.JSONField()
    decided_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["organization", "lead", "-decided_at"], name="routing_lead"),
            models.Index(fields=["organization", "decided_at", "id"], name="routing_time"),
            models.Index(
                fields=["organization", "experiment", "arm"],
                name="routing_experiment",
                condition=models.Q(experiment__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id or 'fallback'} at {self.decided_at:%Y-%m-%d %H:%M}"


class QueueTurn(TenantModel):
    """The turn counter of a queue; its row lock makes the round-robin fair under parallel load."""

    queue = TenantForeignKey(Queue, models.CASCADE, related_name="+", indexed=False)
    last_turn = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "queue"], name="turn_of_queue")]

    def __str__(self) -> str:
        return str(self.last_turn)


class MemberTurn(TenantModel):
    """When a person last had their turn in a queue; 0 is never."""

    queue = TenantForeignKey(Queue, models.CASCADE, related_name="turns", indexed=False)
    membership = TenantForeignKey(Membership, models.CASCADE, related_name="+", indexed=False)
    last_turn = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "queue", "membership"], name="turn_of_member"),
        ]

    def __str__(self) -> str:
        return str(self.last_turn)
