"""The table of what is said of fields: who maintains each, and how long it is kept."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from apps.accounts.models import Team
from apps.catalog.terms import FieldUse
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel
from apps.tenancy.stamps import stamped

LONGEST_KEPT = 1200


class FieldKeeping(TenantModel):
    """What holds of one field of the dictionary: who maintains it, its retention in months, what it is used for.

    Without a team the field is its lead's owning team's; without months it is kept as long as the lead; without
    purposes it is used as its privacy class allows (`catalog.field_uses`).
    """

    field = models.CharField(max_length=63)
    team = TenantForeignKey(Team, null=True, blank=True, related_name="+", indexed=False)
    kept_months = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(LONGEST_KEPT)]
    )
    purposes = ArrayField(
        models.CharField(max_length=12, choices=[(each.value, each.value) for each in FieldUse]),
        default=list,
        blank=True,
        db_default=models.Value("{}"),
    )
    note = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        verbose_name = "maintainer and retention"
        verbose_name_plural = "maintainers and retention"
        constraints = [models.UniqueConstraint(fields=["organization", "field"], name="field_keeping_once")]
        triggers = [stamped()]

    def __str__(self) -> str:
        return self.field
