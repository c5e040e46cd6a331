"""Tables of the rights of a person: what they asked for, until when, what was decided and why (row PH-11)."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from apps.accounts.terms import choices
from apps.compliance.retention_models import RetentionRun
from apps.compliance.rights_terms import Ask, AskState
from apps.leads.models import Lead, Person
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel
from apps.tenancy.sealed_fields import SealedTextField


class RightsRequest(TenantModel):
    """A person asks for a copy, an amendment, an accounting of disclosures or an erasure.

    `due_on` is 30 days after it was received; it may be put off once, by 30 days, with a reason told to the person
    (45 CFR 164.524(b), 164.526(b)). Nothing is decided before somebody noted how the person's identity was proven.
    `words` are the person's own, sealed. `digest` is the SHA-256 of the package that was released last.
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    number = models.BigIntegerField()
    person = TenantForeignKey(Person, related_name="+", indexed=False)
    lead = TenantForeignKey(Lead, related_name="+", indexed=False)
    ask = models.CharField(max_length=10, choices=choices(Ask))
    words = SealedTextField()
    received_on = models.DateField()
    due_on = models.DateField()
    put_off_because = models.CharField(max_length=300, blank=True)
    identity_proof = models.CharField(max_length=200, blank=True)
    identity_by = models.CharField(max_length=200, blank=True)
    identity_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=choices(AskState), default=AskState.OPEN)
    decided_because = models.CharField(max_length=500, blank=True)
    decided_by = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=200, blank=True)
    released_at = models.DateTimeField(null=True)
    digest = models.CharField(max_length=64, blank=True)
    run = TenantForeignKey(RetentionRun, null=True, related_name="+", indexed=False)
    opened_by = models.CharField(max_length=200)
    opened_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["due_on", "number"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="rights_number"),
            models.CheckConstraint(name="rights_due_after_receipt", condition=Q(due_on__gt=F("received_on"))),
            models.CheckConstraint(
                name="rights_decided_for_a_reason", condition=Q(state=AskState.OPEN) | ~Q(decided_because="")
            ),
            models.CheckConstraint(
                name="rights_decided_of_somebody_known", condition=Q(state=AskState.OPEN) | ~Q(identity_proof="")
            ),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        """The reference people say aloud."""
        return f"PR-{self.number}"
