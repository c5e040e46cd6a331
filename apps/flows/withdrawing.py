"""Take back what an import brought: leads that nobody touched are closed as undone, touches stop counting.

Nothing is deleted: the lead keeps its story and its number, and says why it ended.
"""

from datetime import datetime
from uuid import UUID

from apps.audit import ledger
from apps.audit.models import AuditEntry
from apps.flows.outward import announce
from apps.flows.streams import settle
from apps.leads.actions import close_tasks, enter_stage, lock_lead, refresh_next_action, save_lead, tell
from apps.leads.guards import acting_as_system
from apps.leads.models import Lead, TimelineEntry, Touch
from apps.leads.terms import IMPORT_UNDONE, LeadEvent, StageKey
from apps.outreach.actions import cancel_messages
from apps.outreach.models import Activity
from apps.sla import actions as sla
from apps.tenancy.actor import Actor, ActorKind
from apps.tenancy.ids import new_id

WITHDRAWN = "withdrawn"


def why_kept(lead: Lead, submission_id: UUID) -> str:
    """Say why a lead that an inquiry opened is not taken back with it; "" where nobody touched it since."""
    if lead.closed_at is not None:
        return "It was closed since."
    if Touch.rows().filter(lead=lead).exclude(submission_id=submission_id).exists():
        return "The person asked again since."
    if Activity.rows().filter(lead=lead).exists():
        return "Somebody contacted the person since."
    acts = AuditEntry.rows().filter(object_id=lead.id).exclude(actor_kind=ActorKind.SYSTEM)
    if acts.exclude(action__endswith=".read").exclude(action__startswith="refused:").exists():
        return "Somebody worked on it since."
    if TimelineEntry.rows().filter(lead=lead, kind__in=["note", "edit", "merged"]).exists():
        return "Somebody worked on it since."
    return ""


def withdraw_lead(lead_id: UUID, *, actor: Actor, now: datetime) -> Lead:
    """Close an untouched lead as undone: out of queues and figures, tasks, clocks and waiting messages end.

    Whether it is untouched the caller has asked with the lead locked (`why_kept`).
    """
    lead, event_id = lock_lead(lead_id), new_id()
    enter_stage(lead, StageKey.CLOSED, event=LeadEvent.CLOSURE_RECORDED, actor=actor, now=now)
    lead.status, lead.closure_reason, lead.closed_at = WITHDRAWN, IMPORT_UNDONE, now
    lead.timed_status, lead.timed_since = "", None
    close_tasks(lead, because="import undone", now=now, state="cancelled")
    cancel_messages([lead.id], reason="the import was undone", now=now, channels=["email", "text"])
    sla.cancel_all(lead, now=now, because="import undone")
    with acting_as_system():
        save_lead(
            lead, ["stage", "stage_since", "status", "timed_status", "timed_since", "closure_reason", "closed_at"]
        )
    announce(lead, event_id=event_id, now=now)
    refresh_next_action(lead)
    settle(lead, actor=actor, event_id=event_id, now=now)
    sentence = "The import that brought this lead was undone; nobody had worked on it."
    tell(lead, kind="closed", sentence=sentence, actor=actor, now=now, event_id=event_id)
    _note(lead, "lead.withdraw", actor, event_id)
    return lead


def unjoin_touch(touch: Touch, *, actor: Actor, now: datetime) -> None:
    """Let a touch count no more that an import added to a lead known before; the lead stays as it is."""
    lead, event_id = lock_lead(touch.lead_id), new_id()
    Touch.rows().filter(id=touch.id).update(verdict="undone")
    sentence = "The import that asked again for this person was undone; what it filled in stays."
    tell(lead, kind="repeat", sentence=sentence, actor=actor, now=now, event_id=event_id)
    _note(lead, "lead.unjoin", actor, event_id)


def _note(lead: Lead, action: str, actor: Actor, event_id: UUID) -> None:
    ledger.record(
        actor=actor, action=action, object_type="lead", object_id=lead.id, event_id=event_id, fields=["closed_at"]
    )
