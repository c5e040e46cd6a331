"""A conversation in a chat is a human contact: kept with the lead, it meets the clock and moves the stage (SL-05)."""

from datetime import datetime

from apps.accounts.models import Membership
from apps.flows.gating import stage_after
from apps.flows.stages import follow_stage
from apps.flows.standing import restate
from apps.leads.actions import enter_stage, save_lead, tell
from apps.leads.guards import acting_as_system
from apps.leads.models import Lead
from apps.leads.terms import LeadEvent
from apps.outreach.actions import log_activity
from apps.outreach.models import Activity
from apps.outreach.terms import ActivityKind, Direction, Outcome
from apps.sla import actions as sla
from apps.tenancy.actor import system_actor
from apps.tenancy.ids import new_id
from apps.tenancy.scope import current_organization_id


def note_conversation(
    lead: Lead, *, reference: str, member: Membership | None, began_at: datetime, sentence: str, now: datetime
) -> Activity:
    """Note that a person of ours talked with the visitor from `began_at` to `now`; the lead is locked.

    The next action stays as it is: what was agreed is theirs to date. A closed lead keeps its stage.
    """
    actor, event_id = system_actor(current_organization_id(), "chat"), new_id()
    row = log_activity(
        lead,
        kind=ActivityKind.CHAT,
        outcome=Outcome.CONNECTED,
        direction=Direction.INBOUND,
        started_at=began_at,
        duration_seconds=max(0, int((now - began_at).total_seconds())),
        note="",
        actor=actor,
        event_id=event_id,
        now=now,
        dedup_key=f"chat:{reference}",
        member_id=member.id if member else None,
        said_by=member.user.name if member else "",
    )
    if lead.closed_at is not None:
        tell(lead, kind="contact", sentence=sentence, actor=actor, now=now, event_id=event_id)
        return row
    target, kept = stage_after(lead, LeadEvent.CHAT_ACCEPTED, now)
    tell(lead, kind="contact", sentence=f"{sentence} {kept}".strip(), actor=actor, now=now, event_id=event_id)
    lead.status, lead.last_activity_at = "in_contact", began_at
    lead.outreach_started_at = lead.outreach_started_at or began_at
    fields = ["status", "last_activity_at", "outreach_started_at"]
    with acting_as_system():
        if target:
            enter_stage(lead, target, event=LeadEvent.CHAT_ACCEPTED, actor=actor, now=now)
            fields += ["stage", "stage_since"]
        save_lead(lead, fields)
        if target:
            follow_stage(lead, actor=actor, event_id=event_id, now=now)
    restate(lead, now=now)
    sla.accept(lead, at=now, by="chat accepted")
    sla.meet(lead, LeadEvent.CHAT_ACCEPTED, at=max(began_at, lead.captured_at), by="chat connected")
    return row
