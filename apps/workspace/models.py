"""Tables of the coordinators' pages: views of the queue that people keep."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from apps.accounts.models import Membership, Team
from apps.catalog.terms import FieldUse
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel


class SavedView(TenantModel):
    """A view of the queue under a name: one person's, or a team's when `team` is set.

    `purpose` is what its leads are looked at for: only fields that are recorded for it narrow the view (row AU-07).
    It holds keys of the picklists and an order. What somebody typed, such as a name or a number, is never kept.
    """

    member = TenantForeignKey(Membership, related_name="+")
    team = TenantForeignKey(Team, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=40)
    words = models.JSONField(default=dict)
    purpose = models.CharField(
        max_length=12, choices=[(each.value, each.value) for each in FieldUse], default=FieldUse.CARE, db_default="care"
    )
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "member", "name"], condition=Q(team__isnull=True), name="own_view_name"
            ),
            models.UniqueConstraint(
                fields=["organization", "team", "name"], condition=Q(team__isnull=False), name="team_view_name"
            ),
            models.UniqueConstraint(
                fields=["organization", "team"], condition=Q(is_default=True), name="one_default_view"
            ),
            models.CheckConstraint(name="default_is_a_teams", condition=Q(is_default=False) | Q(team__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name
