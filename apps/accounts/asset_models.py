"""Shared capture assets: whose one is, with which teams it is shared, and which teams ask for it (row TA-12)."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from apps.accounts.models import Membership, Team
from apps.accounts.terms import AccessState
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel


class CaptureAsset(TenantModel):
    """A form with its hosted page, or a calling list. One without a team is the organization's.

    `shared_team_ids` are ids of teams of this tenant that look at what came through it and change nothing.
    """

    owning_team = TenantForeignKey(Team, null=True, blank=True, related_name="+", indexed=False)
    shared_team_ids = ArrayField(models.UUIDField(), default=list, db_default=[], blank=True)

    class Meta:
        abstract = True


class AccessRequest(TenantModel):
    """A team asks the team that owns a form or a calling list for access: why, by when, and the answer.

    `asset_type` is the name of the asset's table as the ledger has it, `asset_id` its id there.
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    asset_type = models.CharField(max_length=20)
    asset_id = models.UUIDField()
    team = TenantForeignKey(Team, related_name="+")
    reason = models.CharField(max_length=300)
    asker = TenantForeignKey(Membership, null=True, related_name="+", indexed=False)
    asker_label = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    state = models.CharField(
        max_length=10, choices=[(each.value, each.value) for each in AccessState], default=AccessState.OPEN.value
    )
    answer = models.CharField(max_length=300, blank=True)
    answered_label = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "asset_id", "team"],
                name="access_asked_once",
                condition=Q(state=AccessState.OPEN.value),
            ),
            models.CheckConstraint(
                name="access_answer_is_dated",
                condition=Q(state=AccessState.OPEN.value) | Q(answered_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"access to {self.asset_type}: {self.state}"
