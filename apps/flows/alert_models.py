"""The table of mails to colleagues: who is told of what, by number and address alone."""

from typing import ClassVar

from django.db import models

from apps.accounts.models import Membership
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel


class AlertMail(TenantModel):
    """One line of a mail to a colleague: a code for what happened, a lead's number, an address within the site.

    There is no place in it for a name, a service or words of anybody (row PH-17). `about` is the rung of a clock or
    the notice that it tells of: of one matter a person hears once.
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    member = TenantForeignKey(Membership, models.CASCADE, related_name="+", indexed=False)
    about = models.UUIDField()
    code = models.CharField(max_length=30)
    ref = models.CharField(max_length=20, blank=True)
    path = models.CharField(max_length=300)
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "member", "about"], name="alert_mail_once")]
        indexes = [
            models.Index(
                fields=["organization", "member", "made_at"], name="alert_unsent", condition=models.Q(sent_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.ref}"
