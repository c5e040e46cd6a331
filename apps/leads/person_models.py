"""Tables of people: who asks or is asked for, and the numbers and addresses they are reached at."""

from typing import ClassVar

from django.db import models

from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel

#: What a person is called whose name nobody has told yet.
NAMELESS = "Unnamed person"
#: What a person is called whose data were erased by the retention schedule or at their request.
ERASED = "Erased person"


class Person(TenantModel):
    """Somebody who asks or is asked for; or an organisation that does (`is_organization`).

    `name_key` is the folded full name.
    `zone` is where their time is told; `zone_by` says by what it is known (`consent.terms.ZoneBy`), "" for a guess.
    `said_at` says of each field when its value was last told, `prior_values` what was said before.
    People of test inquiries are kept apart from real ones, whatever they share (row VQ-09).
    `erased_at` is when their data went (row AU-06); the row stays, for the counts.
    Whoever was merged into another person keeps their row, named by `merged_into`, until that is taken back.
    """

    live_column: ClassVar[str] = "id"

    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    name_key = models.CharField(max_length=200, blank=True)
    is_organization = models.BooleanField(default=False)
    date_of_birth = models.DateField(null=True, blank=True)
    language = models.CharField(max_length=8, blank=True)
    city = models.CharField(max_length=100, blank=True)
    region = models.CharField(max_length=40, blank=True)
    postal_code = models.CharField(max_length=12, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    zone = models.CharField(max_length=64, blank=True)
    zone_by = models.CharField(max_length=6, blank=True, default="", db_default="")
    prior_values = models.JSONField(default=list, blank=True)
    said_at = models.JSONField(default=dict, blank=True, db_default={})
    is_test = models.BooleanField(default=False, db_default=False)
    merged_into = TenantForeignKey("self", null=True, blank=True, related_name="absorbed")
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name_plural = "people"

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or (ERASED if self.erased_at else NAMELESS)

    @property
    def initials(self) -> str:
        """Two letters for lists that show no name."""
        return f"{self.first_name[:1]}{self.last_name[:1]}".upper() or "?"


class ContactPoint(TenantModel):
    """A phone number (E.164) or e-mail address (lower case) of a person; `typed` keeps what came in.

    `said_at` is when it was last told. `health_reason` says why the validity is what it is, where more is known
    than its form: since when and by what. `soft_failures` counts passing failures in a row. A phone that takes no
    texts (a landline) can still be called.
    """

    person = TenantForeignKey(Person, related_name="contact_points")
    kind = models.CharField(max_length=5, choices=[("phone", "phone"), ("email", "e-mail")])
    value = models.CharField(max_length=254)
    typed = models.CharField(max_length=254)
    validity = models.CharField(
        max_length=10,
        choices=[("valid", "valid"), ("invalid", "invalid"), ("unverified", "unverified")],
        default="unverified",
    )
    belongs_to = models.CharField(max_length=20, default="self")
    is_primary = models.BooleanField(default=False)
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    said_at = models.DateTimeField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    health_reason = models.CharField(max_length=100, blank=True, default="", db_default="")
    health_at = models.DateTimeField(null=True, blank=True)
    health_by = models.CharField(max_length=200, blank=True, default="", db_default="")
    soft_failures = models.PositiveSmallIntegerField(default=0, db_default=0)
    takes_texts = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "kind", "value", "person"], name="contact_once"),
        ]

    def __str__(self) -> str:
        return self.value
