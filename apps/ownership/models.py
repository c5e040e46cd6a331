"""Tables of ownership: who owned a lead from when to when, and the grants that follow ownership."""

from collections.abc import Sequence
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from guardian.managers import GroupObjectPermissionManager, UserObjectPermissionManager
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from apps.accounts.models import Membership, Team
from apps.leads.models import Lead
from apps.policies.models import RuleSetVersion
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.ids import new_id
from apps.tenancy.models import TenantManager, TenantModel
from apps.tenancy.sealed_fields import SealedTextField


class _Period(Func):
    """The spell as a range, closed at its start and open at its end."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class Spell(TenantModel):
    """A team's ownership of a lead. Spells of one kind neither overlap nor leave a gap.

    One is primary: it alone changes the key fields. Who delivered, who answers for the outcome and who makes the first
    contact have spells of their own (assumption A-36). `policy` and `version` say which ownership policy decided.
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    lead = TenantForeignKey(Lead, related_name="spells")
    kind = models.CharField(
        max_length=10,
        choices=[(each, each) for each in ("primary", "delivery", "outcome", "outreach")],
        default="primary",
    )
    team = TenantForeignKey(Team, related_name="+")
    membership = TenantForeignKey(Membership, null=True, related_name="+")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    trigger = models.CharField(max_length=40)
    reason = SealedTextField(db_column="reason_sealed")
    actor_label = models.CharField(max_length=200)
    event_id = models.UUIDField(null=True)
    policy = models.CharField(max_length=60, blank=True, default="", db_default="")
    version = TenantForeignKey(RuleSetVersion, null=True, related_name="+", indexed=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["started_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "lead", "kind"], condition=Q(ended_at__isnull=True), name="one_owner"
            ),
            ExclusionConstraint(
                name="spells_do_not_overlap",
                expressions=[
                    (F("organization_id"), RangeOperators.EQUAL),
                    (F("lead_id"), RangeOperators.EQUAL),
                    (F("kind"), RangeOperators.EQUAL),
                    (_Period("started_at", "ended_at", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.team_id} since {self.started_at}"


class TeamGrants(TenantManager, GroupObjectPermissionManager):
    """The library's verbs over the rows of the tenant in scope."""


class UserGrants(TenantManager, UserObjectPermissionManager):
    """The library's verbs over the rows of the tenant in scope."""


class LeadTeamGrant(GroupObjectPermissionBase, TenantModel):
    """An object grant of a team (its group) on a lead: view, change, contact or download."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    content_object = TenantForeignKey(Lead, models.CASCADE, related_name="team_grants", indexed=False)
    ends_at = models.DateTimeField(null=True)

    objects: ClassVar[TeamGrants] = TeamGrants()

    class Meta(GroupObjectPermissionBase.Meta):
        abstract = False
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organization", "group", "permission", "content_object"], name="grant_group"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "content_object", "group", "permission"], name="grant_once"
            ),
        ]
        unique_together: ClassVar[list[Sequence[str]]] = []


class LeadUserGrant(UserObjectPermissionBase, TenantModel):
    """An object grant of one person on a lead (shared access outside a team)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    content_object = TenantForeignKey(Lead, models.CASCADE, related_name="user_grants", indexed=False)
    ends_at = models.DateTimeField(null=True)

    objects: ClassVar[UserGrants] = UserGrants()

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "content_object", "user", "permission"], name="user_grant_once"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = []
        unique_together: ClassVar[list[Sequence[str]]] = []


class LeadShare(TenantModel):
    """A lead shown by hand to a team or a person that does not own it, until an instant, for a reason (row TA-04).

    The right to look comes with it; the rights to contact and to download are given apart. What it gives stands as
    object grants that end at the same instant; it ends earlier when the lead goes to another team, or by hand.
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    lead = TenantForeignKey(Lead, related_name="shares")
    team = TenantForeignKey(Team, null=True, related_name="+", indexed=False)
    member = TenantForeignKey(Membership, null=True, related_name="+", indexed=False)
    may_contact = models.BooleanField(default=False)
    may_download = models.BooleanField(default=False)
    reason = SealedTextField(db_column="reason_sealed")
    granted_by = models.CharField(max_length=200)
    granted_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["granted_at", "id"]
        constraints = [
            models.CheckConstraint(name="share_is_with_one", condition=Q(team__isnull=False) ^ Q(member__isnull=False)),
            models.CheckConstraint(name="share_ends_later", condition=Q(ends_at__gt=F("granted_at"))),
        ]

    def __str__(self) -> str:
        return f"{self.lead_id} until {self.ends_at}"
