"""The columns of a shared capture asset: which team owns it, and which teams it is shared with (row TA-12)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.accounts.models import Team
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
