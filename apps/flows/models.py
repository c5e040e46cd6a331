"""Tables of the flows: verbs on many leads at once with what takes them back, and replays of past leads."""

from typing import ClassVar

import pgtrigger
from django.db import models

from apps.accounts.models import Membership, Team
from apps.leads.models import Lead
from apps.policies.models import Experiment, RuleSetVersion
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel
from apps.tenancy.sealed_fields import SealedJSONField


class BulkRun(TenantModel):
    """One act on many leads, or on one that may be taken back, by one actor. Under one key it is carried out once."""

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    actor_id = models.UUIDField()
    key = models.CharField(max_length=200)
    act = models.CharField(
        max_length=10,
        choices=[
            ("assign", "assign"),
            ("snooze", "snooze"),
            ("change", "change a value"),
            ("hand_off", "hand off"),
            ("edit", "edit one lead"),
        ],
    )
    detail = SealedJSONField(db_column="detail_sealed")
    made_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "actor_id", "key"], name="bulk_run_once")]

    def __str__(self) -> str:
        return f"{self.act} at {self.made_at}"


class BulkItem(TenantModel):
    """One lead of a bulk act: what came of it, how it stood before, and the version the act left it at."""

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    run = TenantForeignKey(BulkRun, related_name="items")
    lead = TenantForeignKey(Lead, related_name="+", indexed=False)
    done = models.BooleanField()
    code = models.CharField(max_length=40)
    sentence = models.CharField(max_length=500)
    version = models.PositiveIntegerField(default=0)
    before = SealedJSONField(db_column="before_sealed")
    undone = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.lead_id} {self.code}"


class ReplayRun(TenantModel):
    """One replay of past leads under a version: of which document, against what, how far it is, what it found.

    `against` names the versions that ruled when it was asked for, by kind; all of the run is compared with these.
    """

    version = TenantForeignKey(RuleSetVersion, related_name="replays")
    digest = models.CharField(max_length=64)
    against = models.JSONField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    asked = models.CharField(max_length=40)
    counts = models.BooleanField()
    state = models.CharField(max_length=10, choices=[(each, each) for each in ("running", "done", "stopped")])
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()
    at_id = models.UUIDField()
    tally = models.JSONField(default=dict)
    sentence = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField()
    made_by = TenantForeignKey(Membership, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-made_at", "-id"]

    def __str__(self) -> str:
        return f"{self.version}: {self.asked}"


class ReplayChange(TenantModel):
    """A lead whose way a replay found to change: before and after, as keys of the catalog."""

    grants: ClassVar[str] = "SELECT, INSERT"

    run = TenantForeignKey(ReplayRun, related_name="changes", indexed=False)
    lead = TenantForeignKey(Lead, related_name="+", indexed=False)
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    before = models.JSONField()
    after = models.JSONField()

    class Meta:
        ordering: ClassVar[list[str]] = ["number"]
        constraints = [models.UniqueConstraint(fields=["organization", "run", "number"], name="replay_change_once")]

    def __str__(self) -> str:
        return f"{self.lead_id} of {self.run_id}"


class LeadArm(TenantModel):
    """The arm of an experiment with a stage's steps that a lead came into, when it first entered the stage."""

    grants: ClassVar[str] = "SELECT, INSERT"

    experiment = TenantForeignKey(Experiment, related_name="+", indexed=False)
    lead = TenantForeignKey(Lead, related_name="+", indexed=False)
    arm = models.CharField(max_length=1)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "experiment", "lead"], name="lead_arm_once")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.lead_id} arm {self.arm}"


class TeamMove(TenantModel):
    """All open leads of a team that leaves on their way to another team, in parts: who asked, why, how many went."""

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    from_team = TenantForeignKey(Team, related_name="+", indexed=False)
    to_team = TenantForeignKey(Team, related_name="+", indexed=False)
    reason = models.CharField(max_length=200)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.UUIDField(null=True)
    actor_label = models.CharField(max_length=200)
    event_id = models.UUIDField()
    begun_at = models.DateTimeField()
    moved = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "from_team"],
                condition=models.Q(ended_at__isnull=True),
                name="one_move_of_a_team",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.moved} leads"


from apps.flows.alert_models import AlertMail as AlertMail  # noqa: E402 - it refers to nothing above, and belongs here
from apps.flows.channel_models import ChannelTrial as ChannelTrial  # noqa: E402
