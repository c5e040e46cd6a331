"""Contact data that nobody verified for long: it is marked, and looked at again before somebody relies on it (VQ-12).

The look is that of the arrival: numbering plans and address rules, no network. What fails is given up as after a
bounce: it is told, what waits for it stops, and the next way is planned. What passes counts as verified from then on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from apps.audit import ledger
from apps.capture.email_address import read_email
from apps.capture.phone import read_phone
from apps.flows.consistency import quality_rules
from apps.flows.reachability import give_up
from apps.leads.models import ContactPoint, Lead
from apps.leads.queries import contact_points_of
from apps.qualification.consistency import stale_after_days
from apps.tenancy.actor import Actor
from apps.tenancy.organizations import current_organization

FAILS = "fails the check today"


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
    """Look at those of these numbers and addresses that are due, and act on what was found; one entry in the ledger.

    What fails is given up (rows VQ-06, VQ-07): a lead without any way left is an exception afterwards, so read it anew.
    """
    due = [each for each in points if is_refresh_due(each, now)]
    if not due:
        return Recheck(0, 0)
    found = {each.id: _validity_of(each) for each in due}
    dead = [each for each in due if found[each.id] == "invalid"]
    alive = [each for each in due if found[each.id] != "invalid"]
    for point in alive:
        point.validity = found[point.id]
        point.verified_at = now if point.validity == "valid" else point.verified_at
    ContactPoint.objects.bulk_update(alive, ["validity", "verified_at"])
    _note(due, dead, actor)
    give_up(dead, reason=FAILS, actor=actor, now=now)
    return Recheck(len(due), len(dead))


def _validity_of(point: ContactPoint) -> str:
    if point.kind == "phone":
        return str(read_phone(point.value, current_organization().region).validity)
    return str(read_email(point.value).validity)


def _note(due: Sequence[ContactPoint], dead: Sequence[ContactPoint], actor: Actor) -> None:
    ledger.record(
        actor=actor,
        action="contact.recheck",
        object_type="contact_point",
        object_id=due[0].id,
        fields=["validity", "verified_at"],
        detail={"looked_at": len(due), "invalid": [str(each.id) for each in dead]},
    )
