"""Close a lead: with a reason, a note and an outcome on record; and open it again."""

from datetime import datetime
from uuid import UUID

from apps.audit import ledger
from apps.flows.clashes import lock_unchanged
from apps.flows.streams import wake_others
from apps.leads.actions import close_tasks, enter_stage, refresh_next_action, save_lead, tell
from apps.leads.decisions import may_close
from apps.leads.guards import acting_for
from apps.leads.models import Lead
from apps.leads.terms import LeadEvent, StageKey
from apps.outreach.actions import cancel_messages
from apps.ownership.queries import lead_to_change, require_change
from apps.sla import actions as sla
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, Problem
from apps.tenancy.ids import new_id


def close_lead(
    *,
    actor: Actor,
    lead_id: UUID,
    reason: str,
    note: str,
    outcome: str,
    now: datetime,
    version: int | None = None,
) -> Lead:
    """End a lead: its tasks, clocks and waiting messages end with it.

    Refuses people whose team does not own it, and closures without reason, note, outcome or, for
    "no response", without any attempt on record (row ST-11).
    """
    lead_to_change(actor, lead_id)
    lead = lock_unchanged(lead_id, version=version, mine={"closure_reason": reason, "outcome": outcome})
    require_change(actor, lead, ("closure_reason",), now=now, action="lead.close")
    if lead.closed_at is not None:
        raise Conflict("This lead is closed already.", code="closed")
    _refuse_gaps(lead, reason, note, outcome)
    event_id = new_id()
    stage = enter_stage(lead, StageKey.CLOSED, event=LeadEvent.CLOSURE_RECORDED, actor=actor, now=now)
    lead.status, lead.closure_reason, lead.outcome, lead.closed_at = "closed", reason, outcome, now
    close_tasks(lead, because="closed", now=now, state="cancelled")
    cancel_messages([lead.id], reason="the lead was closed", now=now, channels=["email", "text"])
    sla.cancel_all(lead, now=now, because="closed")
    with acting_for(actor.team_ids):
        save_lead(lead, ["stage", "stage_since", "status", "closure_reason", "outcome", "closed_at"])
    refresh_next_action(lead)
    wake_others(lead, actor=actor, event_id=event_id, now=now)
    tell(
        lead,
        kind="closed",
        sentence=f"{stage.label}: {reason.replace('_', ' ')}.",
        actor=actor,
        now=now,
        event_id=event_id,
        note=note,
    )
    ledger.record(
        actor=actor,
        action="lead.close",
        object_type="lead",
        object_id=lead.id,
        event_id=event_id,
        fields=["stage", "status", "closure_reason", "outcome"],
        detail={"reason": reason},
    )
    return lead


def _refuse_gaps(lead: Lead, reason: str, note: str, outcome: str) -> None:
    reasons = [str(each["key"]) for each in lead.pipeline.closure_reasons]
    verdict = may_close(reason=reason, note=note, outcome=outcome, attempts=lead.attempts, allowed_reasons=reasons)
    if not verdict.allowed:
        problems = tuple(Problem(each.path, each.code, each.sentence) for each in verdict.problems)
        raise Invalid(problems[0].detail, problems, code="cannot_close")
