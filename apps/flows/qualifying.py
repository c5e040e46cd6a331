"""Qualify, disqualify or nurture a lead: a person's verdict after contact, with the move that it brings."""

from datetime import datetime
from uuid import UUID

from apps.flows.clashes import lock_unchanged
from apps.flows.disqualifying import disqualify
from apps.flows.stages import move_lead
from apps.flows.verdicts import STAGE_OF, judge_given
from apps.leads.models import Lead
from apps.leads.queries import stages_by_key
from apps.ownership.queries import lead_to_change, require_change
from apps.qualification.terms import Verdict
from apps.qualification.verdicts import Entry
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict
from apps.tenancy.ids import new_id


def qualify_lead(*, actor: Actor, lead_id: UUID, entry: Entry, now: datetime, version: int | None = None) -> Lead:
    """Record a verdict and move the lead with it, or end it.

    Refuses people whose team does not own the lead, teams that do not decide on leads of this goal (row QL-06), a
    reason that no criterion carries (QL-08), "qualified" without a completed verification call (QL-04) or what its
    gate asks for, and follow-up without a dated next step (QL-09). A pipeline without the stage “Not qualified” ends
    what is disqualified as closed.
    """
    stage = STAGE_OF[entry.verdict]
    lead_to_change(actor, lead_id)
    lead = lock_unchanged(lead_id, version=version, mine={"stage": stage})
    require_change(actor, lead, ("qualification", "stage"), now=now, action="lead.qualify")
    if lead.closed_at is not None:
        raise Conflict("This lead is closed. Reopen it before you decide.", code="closed")
    if entry.verdict is Verdict.DISQUALIFIED and stage not in stages_by_key(lead.pipeline_id):
        given = judge_given(actor, lead, entry, now)
        return disqualify(lead, given, actor=actor, event_id=new_id(), now=now)
    return move_lead(actor=actor, lead_id=lead_id, to_stage=stage, reason=entry.reason, now=now, said=entry)
