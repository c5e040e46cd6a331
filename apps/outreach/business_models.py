"""The table of business mails: why each was written, what the check against refusals said, how to stop it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from apps.accounts.terms import choices
from apps.outreach.models import Message
from apps.outreach.terms import Basis
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel


class BusinessMail(TenantModel):
    """What stands behind one mail to a business (row CN-17).

    `about` is its purpose in the words of whoever wrote it, `basis` why they may write. The sender notes when it asked
    the list of refusals (`checked_at`) with what it found, and that the mail carried a way to stop it.
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    message = TenantForeignKey(Message, related_name="business", indexed=False)
    about = models.CharField(max_length=300)
    basis = models.CharField(max_length=10, choices=choices(Basis))
    written_by = models.CharField(max_length=200)
    written_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True)
    check_result = models.CharField(max_length=300, blank=True)
    has_way_out = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "message"], name="business_mail_once"),
            models.CheckConstraint(name="business_mail_says_why", condition=~Q(about="")),
        ]

    def __str__(self) -> str:
        return f"{self.basis}: {self.about}"
