"""The register of what left the tenant about a person: which fields, to whom, why, by whom (row PH-06).

It is the accounting of disclosures of 45 CFR 164.528: it names fields, never their values, and is only added to.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

import pgtrigger
from django.db import models

from apps.tenancy.ids import new_id
from apps.tenancy.models import TenantModel


class Disclosure(TenantModel):
    """One transfer: fields of one lead that went to one receiver. `lead_id` and `person_id` are ids alone.

    `recipient` names the connector or the file's taker, `recipient_kind` what that is, `because` what it was for, `by`
    the colleague or the job. `outcome` says whether the receiver confirmed it: what nobody confirmed may be there too.
    `reference` is the receiver's id for it, or ours.
    """

    grants: ClassVar[str] = "SELECT, INSERT"

    at = models.DateTimeField()
    lead_id = models.UUIDField()
    person_id = models.UUIDField()
    recipient = models.CharField(max_length=100)
    recipient_kind = models.CharField(max_length=10)
    fields = models.JSONField(default=list)
    because = models.CharField(max_length=200)
    by = models.CharField(max_length=200)
    outcome = models.CharField(max_length=200)
    reference = models.CharField(max_length=100, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["organization", "-at", "-id"], name="disclosure_newest"),
            models.Index(fields=["organization", "person_id", "at"], name="disclosure_person"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{len(self.fields)} fields to {self.recipient}"


#: Kinds of receivers: a system that hears by its connector, a file that somebody took out, the person or their agent.
SYSTEM, FILE, PERSON = "system", "file", "person"
CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Transfer:
    """What goes: the same fields of some leads, to one receiver, for one reason."""

    recipient: str
    recipient_kind: str
    fields: Sequence[str]
    because: str
    by: str
    outcome: str = CONFIRMED
    reference: str = ""


def note_transfer(transfer: Transfer, leads: Iterable[tuple[UUID, UUID]], *, now: datetime) -> int:
    """Write a transfer down for each (lead, person); in the transaction that makes it. Return how many there are."""
    rows = [
        Disclosure(
            id=new_id(),
            at=now,
            lead_id=lead_id,
            person_id=person_id,
            recipient=transfer.recipient[:100],
            recipient_kind=transfer.recipient_kind,
            fields=list(transfer.fields),
            because=transfer.because[:200],
            by=transfer.by[:200],
            outcome=transfer.outcome[:200],
            reference=transfer.reference[:100],
        )
        for lead_id, person_id in leads
    ]
    Disclosure.objects.bulk_create(rows)
    return len(rows)


def disclosures_of(person_ids: Iterable[UUID], *, since: datetime) -> list[Disclosure]:
    """Return what left about some people since an instant, oldest first."""
    rows = Disclosure.rows().filter(person_id__in=list(person_ids), at__gte=since)
    return list(rows.order_by("at", "id"))
