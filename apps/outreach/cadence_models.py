"""The tables of cadences: who is in which, and what became of each step. Part of `models`, which names them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from apps.accounts.models import Team
from apps.accounts.terms import choices
from apps.leads.models import Lead, Task
from apps.outreach.cadence_terms import END_WORDS, RunEnd, StepState
from apps.outreach.models import Message
from apps.policies.models import RuleSetVersion
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel


class CadenceRun(TenantModel):
    """One lead's way through a cadence, by the version of the rules that it began under. A lead has one at a time.

    `cadence` is the cadence's id in the rules, `segment` the group that it was started from, if any. `stage` and `team`
    are the lead's stage and owner when it began.
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    lead = TenantForeignKey(Lead, related_name="cadence_runs")
    version = TenantForeignKey(RuleSetVersion, related_name="+", indexed=False)
    cadence = models.CharField(max_length=63)
    segment = models.CharField(max_length=63, blank=True)
    stage = models.CharField(max_length=63)
    team = TenantForeignKey(Team, null=True, related_name="+", indexed=False)
    started_by = models.CharField(max_length=200)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=20, choices=choices(RunEnd), blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "lead"], condition=Q(ended_at__isnull=True), name="one_cadence_of_a_lead"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_because="")
                | (Q(ended_at__isnull=False) & ~Q(ended_because="")),
                name="cadence_ends_with_reason",
            ),
        ]
        indexes = [models.Index(fields=["organization", "cadence", "started_at"], name="cadence_runs")]

    def __str__(self) -> str:
        return self.cadence

    @property
    def end_words(self) -> str:
        """Why it ended, in words; "" while it goes on."""
        return END_WORDS[RunEnd(self.ended_because)] if self.ended_because else ""


class CadenceStep(TenantModel):
    """One step of somebody's cadence: when it is due, and the message or the task that it became.

    `because` says why it was skipped or cancelled, and of a planned one why it waits.
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    run = TenantForeignKey(CadenceRun, related_name="steps")
    number = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=63)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=choices(StepState), default=StepState.PLANNED)
    channel = models.CharField(max_length=10, blank=True)
    message = TenantForeignKey(Message, null=True, related_name="+")
    task = TenantForeignKey(Task, null=True, related_name="+", indexed=False)
    ended_at = models.DateTimeField(null=True)
    because = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["number"]
        constraints = [models.UniqueConstraint(fields=["organization", "run", "number"], name="cadence_step_once")]

    def __str__(self) -> str:
        return f"{self.number}. {self.key}"


class SegmentStart(TenantModel):
    """A group of leads that was started into a cadence, worked through in the background.

    `matched` counts who the condition is true of, `left_out` why some of them did not begin, `begun` who did.
    `reached` is the last lead that was looked at.
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    version = TenantForeignKey(RuleSetVersion, related_name="+", indexed=False)
    segment = models.CharField(max_length=63)
    cadence = models.CharField(max_length=63)
    started_by = models.CharField(max_length=200)
    started_at = models.DateTimeField()
    matched = models.PositiveIntegerField(default=0)
    begun = models.PositiveIntegerField(default=0)
    left_out = models.JSONField(default=dict)
    reached = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "segment"], condition=Q(ended_at__isnull=True), name="one_start_of_a_segment"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.segment} into {self.cadence}"
