"""The table of outside systems. Part of `models`, which names it; code imports it from there."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.accounts.models import ApiKey
from apps.catalog.terms import FieldUse, OutsideAdapter
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel
from apps.tenancy.stamps import stamped


class OutsideSystem(TenantModel):
    """A system beside ours that hears where leads are: an EHR, a marketing tool. It may report back by its API key.

    `fields` are what it hears of a person beside the lead's stage, and `purpose` what for: each of them has to be
    recorded for that (row AU-07). `sealed_secret` signs what we send. A system without an address of its own is told
    by hand.
    """

    key = models.SlugField(max_length=40)
    name = models.CharField(max_length=100)
    adapter = models.CharField(max_length=20, choices=[(each.value, each.label) for each in OutsideAdapter])
    address = models.CharField(max_length=300, blank=True)
    sealed_secret = models.BinaryField(null=True, editable=False)
    api_key = TenantForeignKey(ApiKey, null=True, blank=True, related_name="systems")
    fields = ArrayField(models.CharField(max_length=63), default=list, blank=True, db_default=models.Value("{}"))
    purpose = models.CharField(
        max_length=12, choices=[(each.value, each.value) for each in FieldUse], default=FieldUse.CARE, db_default="care"
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "key"], name="outside_system_key")]
        triggers = [stamped()]

    def __str__(self) -> str:
        return self.name
