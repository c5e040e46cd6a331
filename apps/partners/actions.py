"""What an agency may add to a lead it delivered, where its contract lets it log contacts."""

from datetime import datetime
from uuid import UUID

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.flows.calls import Contact
from apps.leads.actions import lock_lead, tell
from apps.outreach.actions import log_activity
from apps.outreach.models import Activity
from apps.partners.queries import delivered_lead
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, Problem, Refused
from apps.tenancy.ids import new_id


def log_agency_contact(*, actor: Actor, lead_id: UUID, contact: Contact, now: datetime) -> Activity:
    """Add an agency's contact to the lead's story.

    It meets no clock and moves no stage: those rest on what the owning team did. Refuses keys without
    `activity:log`, leads of others, closed leads, future contacts, and a second entry under one key.
    """
    lead = delivered_lead(actor, lead_id)
    if not actor.may(Permission.ACTIVITY_LOG):
        raise Refused(
            f"Contacts on {lead.ref} are logged by the care team: your agreement does not include them.",
            code="agency",
            action="lead.log_contact",
            object_type="lead",
            object_id=lead.id,
        )
    lead = lock_lead(lead_id)
    if lead.closed_at is not None:
        raise Conflict("This lead is closed.", code="closed")
    if contact.started_at > now:
        sentence = "A contact cannot lie in the future."
        raise Invalid(sentence, (Problem("/started_at", "in_the_future", sentence),))
    event_id = new_id()
    row = log_activity(
        lead,
        kind=contact.kind,
        outcome=contact.outcome,
        direction=contact.direction,
        started_at=contact.started_at,
        duration_seconds=contact.duration_seconds,
        note=contact.note,
        actor=actor,
        event_id=event_id,
        now=now,
        dedup_key=contact.dedup_key or None,
    )
    words = str(contact.outcome).replace("_", " ")
    tell(
        lead,
        kind="contact",
        sentence=f"{contact.kind.capitalize()} by the agency: {words}.",
        actor=actor,
        now=contact.started_at,
        event_id=event_id,
        note=contact.note,
    )
    ledger.record(
        actor=actor,
        action="lead.log_contact",
        object_type="lead",
        object_id=lead.id,
        event_id=event_id,
        fields=["activities"],
        detail={"kind": str(contact.kind), "outcome": str(contact.outcome)},
    )
    return row
