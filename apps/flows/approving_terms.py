"""Approving terms and next steps of an opportunity: it goes to the team that the policy names (rows OP-07, OW-09)."""

from datetime import datetime
from uuid import UUID

from apps.accounts.models import Team
from apps.accounts.queries import teams_by_id
from apps.flows.owner_moves import follow_event
from apps.flows.owning import ruling_of
from apps.flows.streams import settle
from apps.leads.actions import lock_lead, tell
from apps.leads.models import Lead
from apps.ownership.policy import on_event, policy_for, trigger_of
from apps.ownership.queries import policies_in_force, policy_of
from apps.ownership.terms import OwnerEvent, Policy, Where
from apps.relationships import owners
from apps.relationships.models import Opportunity
from apps.relationships.owners import Cause, note, set_owner
from apps.relationships.queries import record_of
from apps.relationships.terms import PIPELINE, OpportunityStage
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Refused
from apps.tenancy.ids import new_id

EVENT = OwnerEvent.TERMS_APPROVED
BECAUSE = "terms and next steps were approved"


def approve_terms(*, actor: Actor, relationship_id: UUID, opportunity_id: UUID, now: datetime) -> Opportunity:
    """Approve what is proposed; the opportunity, and its lead while open, go to the team that the policy names.

    Whoever leads the approving team of the policy does it (without one: the team that takes over), and nobody approves
    terms of their own. Refuses everybody else (audited), and an opportunity that waits for no approval (Conflict). The
    relationship keeps its owner.
    """
    seen = record_of(actor, relationship_id, opportunity_id)
    assert isinstance(seen, Opportunity)
    lead = lock_lead(seen.lead_id) if seen.lead_id else None
    row = record_of(actor, relationship_id, opportunity_id, lock=True)
    assert isinstance(row, Opportunity)
    policy = policy_ruling(lead, now)
    _require_approver(actor, row, policy)
    if row.stage != OpportunityStage.PROPOSED:
        word = "approved already" if row.stage == OpportunityStage.APPROVED else "not written yet"
        raise Conflict(f"The terms and next steps of “{row.name}” are {word}.", code="not_proposed")
    event_id = new_id()
    row.stage, row.approved_at, row.approved_label = OpportunityStage.APPROVED, now, actor.label
    row.version += 1
    row.save(update_fields=["stage", "approved_at", "approved_label", "version"])
    owners.tell(row, "approved", "Terms and next steps were approved.", event_id, actor=actor, now=now)
    note(row, "approve", event_id, actor=actor, fields=("stage",), detail={"policy": policy.id})
    _hand_over(row, policy, event_id, actor=actor, now=now)
    if lead is not None and lead.closed_at is None:
        sentence = f"Terms approved on “{row.name}”."
        tell(lead, kind="event", sentence=sentence, actor=actor, now=now, event_id=event_id)
        follow_event(lead, policy, EVENT, actor=actor, event_id=event_id, now=now)
        settle(lead, actor=actor, event_id=event_id, now=now)
    return row


def policy_ruling(lead: Lead | None, now: datetime) -> Policy:
    """Return the policy of an opportunity: that of its lead, else that of the pipeline of partnerships."""
    return policy_of(lead, now) if lead else policy_for(policies_in_force(now), Where(pipeline=PIPELINE))


def approving_team(row: Opportunity, policy: Policy) -> Team:
    """Return the team whose lead approves: the policy's approver, else who takes over, else who owns it."""
    trigger = trigger_of(policy, EVENT)
    keys = (trigger.approver, trigger.handover.team_key) if trigger else ()
    known = {each.key: each for each in teams_by_id().values() if each.is_active}
    return next((known[key] for key in keys if key in known), row.owner_team)


def may_approve(actor: Actor, row: Opportunity, policy: Policy) -> str:
    """Return "" where the actor may approve what is proposed, else why not."""
    team = approving_team(row, policy)
    if team.id not in actor.led_team_ids or actor.membership_id is None:
        return f"Who leads {team.name} approves the terms of “{row.name}”."
    if row.terms_by_id == actor.membership_id:
        return "Somebody else has to approve terms that you wrote."
    return ""


def _require_approver(actor: Actor, row: Opportunity, policy: Policy) -> None:
    if why := may_approve(actor, row, policy):
        raise Refused(
            why, code="not_the_approver", action="opportunity.approve", object_type="opportunity", object_id=row.id
        )


def _hand_over(row: Opportunity, policy: Policy, event_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Give an opportunity to the team that the policy names; where that team is closed, the story says so."""
    handover = on_event(policy, EVENT)
    if handover is None or handover.team_key == row.owner_team.key:
        return
    team = Team.rows().filter(key=handover.team_key, is_active=True).first()
    if team is None:
        sentence = f"The policy names “{handover.team_key}”, which is closed: {row.owner_team.name} keep it."
        owners.tell(row, "owner", sentence, event_id, actor=actor, now=now)
        return
    by = f" (policy “{policy.name}”)" if policy.id else ""
    cause = Cause(f"event:{EVENT}", f"{BECAUSE}{by}", event_id, ruling_of(policy, now))
    set_owner(row, team, None, cause, actor=actor, now=now)
