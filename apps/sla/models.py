"""Tables of SLA: the clocks of a lead and the steps of their escalation ladder."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from apps.accounts.models import Membership
from apps.leads.models import Lead
from apps.policies.models import RuleSetVersion
from apps.sla.terms import ClockKind
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel

KINDS = [(kind.value, kind.value.replace("_", " ")) for kind in ClockKind]


class SlaPause(TenantModel):
    """A stretch in which a lead's clocks stand still: for which reason of its service level, by whom, until when."""

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    lead = TenantForeignKey(Lead, related_name="+", indexed=False)
    reason = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    note = models.CharField(max_length=200, blank=True)
    actor_label = models.CharField(max_length=200)
    paused_at = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=60, blank=True)

    class Meta:
        verbose_name = "SLA pause"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "lead"], condition=Q(ended_at__isnull=True), name="one_open_pause"
            ),
        ]
        indexes = [models.Index(fields=["organization", "lead", "paused_at"], name="pause_of_lead")]

    def __str__(self) -> str:
        return f"{self.name} until {self.until:%Y-%m-%d %H:%M}"


class SlaTimer(TenantModel):
    """One running clock of one lead. Due times are computed once, in business time, and stored.

    `paused_at` stands while the clock stands still, for the reason that `pause` names where a person paused it. A timer
    ends met, missed-then-met, or cancelled. `number` of `total` counts the attempts at somebody, else both are 0.
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    lead = TenantForeignKey(Lead, related_name="timers")
    kind = models.CharField(max_length=20, choices=KINDS)
    policy_id = models.CharField(max_length=40)
    policy_name = models.CharField(max_length=200)
    version = TenantForeignKey(RuleSetVersion, null=True, related_name="+", indexed=False)
    clock = models.CharField(max_length=10, default="business")
    limit_seconds = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    at_risk_at = models.DateTimeField()
    due_at = models.DateTimeField()
    at_risk_noted_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    met_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    pause = TenantForeignKey(SlaPause, null=True, related_name="+", indexed=False)
    number = models.PositiveSmallIntegerField(default=0)
    total = models.PositiveSmallIntegerField(default=0)
    cancelled_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=60, blank=True)
    #: Of the first timer of a start: what the choice of the policy saw, and its reason in words.
    picked = models.JSONField(null=True)

    class Meta:
        verbose_name = "SLA timer"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "lead", "kind"],
                condition=Q(met_at__isnull=True, cancelled_at__isnull=True),
                name="one_running_timer",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "due_at"],
                name="timer_due",
                condition=Q(met_at__isnull=True, cancelled_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} due {self.due_at:%Y-%m-%d %H:%M}"

    @property
    def is_running(self) -> bool:
        """True while neither met nor cancelled."""
        return self.met_at is None and self.cancelled_at is None


class Escalation(TenantModel):
    """One step of a timer's ladder. Planned with the timer; done exactly once. `member` was alerted."""

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    timer = TenantForeignKey(SlaTimer, related_name="escalations")
    step = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    do = models.CharField(max_length=20)
    who = models.CharField(max_length=30)
    done_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=200, blank=True)
    member = TenantForeignKey(Membership, null=True, related_name="+")
    seen_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["at", "step"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "timer", "step"], name="escalation_once"),
        ]
        indexes = [
            models.Index(
                fields=["organization", "done_at"], name="escalation_told", condition=models.Q(member__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.do} {self.who}"
