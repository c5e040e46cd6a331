"""Contact data that nobody verified for long: it is marked, and looked at again before somebody relies on it (VQ-12).

The look is that of the arrival: numbering plans and address rules, no network. What fails is marked invalid; what
passes counts as verified from then on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from apps.audit import ledger
from apps.capture.email_address import read_email
from apps.capture.phone import read_phone
from apps.flows.consistency import quality_rules
from apps.leads.models import ContactPoint, Lead
from apps.leads.queries import contact_points_of
from apps.qualification.consistency import stale_after_days
from apps.tenancy.actor import Actor
from apps.tenancy.organizations import current_organization


@dataclass(frozen=True, slots=True)
class Recheck:
    """What a look at contact data found: how many were looked at, and how many cannot work."""

    looked_at: int
    invalid: int


def refresh_due_before(now: datetime) -> datetime:
    """Return the instant before which contact data must have been verified to count as fresh no more."""
    return now - timedelta(days=stale_after_days(quality_rules(now)))


def is_refresh_due(point: ContactPoint, now: datetime) -> bool:
    """Say whether a number or address is to be looked at again: verified, or given, longer ago than the tenant's days.

    One that is known not to work is not due for a look: it needs another one.
    """
    return point.validity != "invalid" and (point.verified_at or point.created_at) < refresh_due_before(now)


def recheck_person(person_id: UUID, *, actor: Actor, now: datetime) -> Recheck:
    """Look at a person's contact data again, where a refresh is due; called before a lead of theirs is taken up."""
    return recheck(contact_points_of([person_id]).get(person_id, []), actor=actor, now=now)


def recheck_lead(lead: Lead, *, actor: Actor, now: datetime) -> Recheck:
    """Look at the contact data behind a lead again, where a refresh is due."""
    return recheck_person(lead.contact_person_id or lead.person_id, actor=actor, now=now)


def recheck(points: Iterable[ContactPoint], *, actor: Actor, now: datetime) -> Recheck:
    """Look at those of these numbers and addresses that are due, and keep what was found; one entry in the ledger."""
    due = [each for each in points if is_refresh_due(each, now)]
    for point in due:
        point.validity = _validity_of(point)
        point.verified_at = now if point.validity == "valid" else point.verified_at
    if not due:
        return Recheck(0, 0)
    ContactPoint.objects.bulk_update(due, ["validity", "verified_at"])
    _note(due, actor)
    return Recheck(len(due), sum(each.validity == "invalid" for each in due))


def _validity_of(point: ContactPoint) -> str:
    if point.kind == "phone":
        return str(read_phone(point.value, current_organization().region).validity)
    return str(read_email(point.value).validity)


def _note(due: Sequence[ContactPoint], actor: Actor) -> None:
    ledger.record(
        actor=actor,
        action="contact.recheck",
        object_type="contact_point",
        object_id=due[0].id,
        fields=["validity", "verified_at"],
        detail={"looked_at": len(due), "invalid": [str(each.id) for each in due if each.validity == "invalid"]},
    )
