"""Note that the person was told we have their inquiry."""

from datetime import datetime
from uuid import UUID

from apps.flows.writing import count_written
from apps.leads.actions import lock_lead, tell
from apps.leads.models import Lead
from apps.leads.terms import LeadEvent
from apps.outreach.models import Message
from apps.outreach.terms import BY_HAND, TOLD, MessageState
from apps.sla import actions as sla
from apps.sla.terms import ClockKind
from apps.tenancy import outbox
from apps.tenancy.actor import system_actor
from apps.tenancy.scope import current_organization_id


@outbox.handler("outreach.sent")
def note_sent(message_id: UUID, now: datetime) -> None:
    """Put a sent message on the lead's story; an acknowledgement ends its own clock, never a human one."""
    message = Message.rows().select_related("contact_point").get(id=message_id)
    lead = lock_lead(message.lead_id)
    at = message.finished_at or now
    actor = system_actor(current_organization_id())
    how = "text" if message.channel == "text" else "e-mail"
    tell(lead, kind="message", sentence=f"Sent by {how}: {message.title}", actor=actor, now=at)
    if message.purpose == BY_HAND:
        count_written(lead, message, at=at, now=now)
    if message.purpose == "acknowledgement" and lead.acknowledged_at is None:
        Lead.rows().filter(id=lead.id).update(acknowledged_at=at)
        sla.meet(lead, LeadEvent.AUTOMATIC_MESSAGE, at=at, by="acknowledgement")


def forget_receipt(lead: Lead, *, now: datetime) -> None:
    """End the acknowledgement's clock without a verdict where the receipt was stopped before it went."""
    rows = Message.rows().filter(lead=lead, purpose="acknowledgement")
    if rows.filter(state=MessageState.BLOCKED).exists() and not rows.filter(state__in=TOLD).exists():
        sla.cancel_all(lead, now=now, because="the receipt was stopped", kinds=[ClockKind.ACKNOWLEDGEMENT])
