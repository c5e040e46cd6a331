"""Move a lead along its pipeline, by people or by events; the owner follows the stage."""

from datetime import datetime
from uuid import UUID

from apps.audit import ledger
from apps.exceptions.queries import has_open
from apps.exceptions.terms import ItemType
from apps.flows.ageing import recheck_lead
from apps.flows.clashes import lock_unchanged
from apps.flows.criteria import look_at
from apps.flows.disqualifying import disqualify
from apps.flows.entering import stage_entered
from apps.flows.gating import STATED, judge_move, refuse_move
from apps.flows.marketing import require_target
from apps.flows.owner_moves import Occasion, hand_by_policy
from apps.flows.owning import contact_made
from apps.flows.release import send_on
from apps.flows.standing import restate
from apps.flows.streams import settle
from apps.flows.verdicts import VERDICT_OF, entry_of, judge_given, keep_given, unmet_of
from apps.leads.actions import enter_stage, lock_lead, refresh_next_action, save_lead, tell
from apps.leads.guards import acting_for
from apps.leads.models import Lead
from apps.leads.terms import LeadEvent, MoveVerdict, StageKey
from apps.ownership.policy import at_stage
from apps.ownership.queries import lead_to_change, policy_of, require_change
from apps.qualification.verdicts import Entry
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Invalid, Problem
from apps.tenancy.ids import new_id


def move_lead(
    *,
    actor: Actor,
    lead_id: UUID,
    to_stage: str,
    reason: str,
    now: datetime,
    version: int | None = None,
    said: Entry | None = None,
    stated: frozenset[str] = frozenset(),
) -> Lead:
    """Move a lead to a stage. Stage, owner, grants, tasks and clocks change together or not at all.

    Refuses people whose team does not own the lead, moves that the pipeline does not know, moves
    without the event behind them on record, and leads that lack what the stage asks for; the error
    names each missing field. Contact data that is due is checked again before a lead leaves nurture; where that
    leaves no way to reach the person, the lead stays in its stage and is an exception (row VQ-07). A stage that is a
    verdict (qualified, not qualified, nurture) rests on one: `said`, or the reason alone, judged as `judge_given` says;
    what is not qualified ends. Where marketing's target comes first, a lead below it is not routed (A-02). A lead that
    rested with the team of “Marketing qualified” is routed when they send it on (row QL-05). `stated` are events that
    whoever the rules believe reports with the move (row ST-19).
    """
    lead_to_change(actor, lead_id)
    lead = lock_unchanged(lead_id, version=version, mine={"stage": to_stage})
    require_change(actor, lead, ("stage",), now=now, action="lead.move")
    wakes = lead.stage.key == StageKey.NURTURE and to_stage not in (StageKey.NOT_QUALIFIED, StageKey.CLOSED)
    if wakes and recheck_lead(lead, actor=actor, now=now).invalid:
        lead = lock_lead(lead_id)
        if has_open(lead, ItemType.WRONG_NUMBER):
            return lead
    verdict = judge_move(lead, to_stage, now, stated=stated | _stated(lead, to_stage, now))
    looked = look_at(lead, now) if to_stage in VERDICT_OF else None
    refuse_move(verdict, to_stage, unmet_of(looked, verdict.missing) if looked is not None else ())
    if to_stage == StageKey.ROUTED:
        require_target(lead, now)
    if lead.stage.key == StageKey.MQL and to_stage == StageKey.ROUTED:
        said_so = f"Sent on by {actor.label}. {reason}".strip()
        if send_on(lead, by=actor, because=said_so, now=now):
            return lead
    entry = said or entry_of(to_stage, reason, now)
    given = judge_given(actor, lead, entry, now, looked) if entry is not None else None
    if to_stage in STATED and not reason.strip():
        raise Invalid("Say what this rests on.", (Problem("/reason", "reason_missing", "Say what this rests on."),))
    event_id = new_id()
    before = lead.stage.label
    if given is not None and to_stage == StageKey.NOT_QUALIFIED:
        return disqualify(lead, given, actor=actor, event_id=event_id, now=now)
    stage = enter_stage(lead, to_stage, event=verdict.event, actor=actor, now=now)
    fields = ["stage", "stage_since"]
    if to_stage == StageKey.QUALIFIED:
        lead.outcome = to_stage
        fields.append("outcome")
    with acting_for(actor.team_ids):
        save_lead(lead, fields)
    _tell_moved(lead, f"{before} → {stage.label}. {reason}".strip(), fields, verdict, actor, event_id, now)
    if given is not None:
        keep_given(lead, given, actor=actor, event_id=event_id, now=now)
    follow_stage(lead, actor=actor, event_id=event_id, now=now)
    return lead


def _stated(lead: Lead, to_stage: str, now: datetime) -> frozenset[str]:
    """Return the event that a move states by itself."""
    if to_stage == StageKey.MQL and look_at(lead, now).evaluation.is_marketing_qualified:
        return frozenset({str(LeadEvent.SCORE_REACHED)})
    return frozenset({str(STATED[to_stage])} if to_stage in STATED else ())


def _tell_moved(
    lead: Lead, sentence: str, fields: list[str], verdict: MoveVerdict, actor: Actor, event_id: UUID, now: datetime
) -> None:
    tell(lead, kind="stage", sentence=sentence, actor=actor, now=now, event_id=event_id)
    ledger.record(
        actor=actor,
        action="lead.move",
        object_type="lead",
        object_id=lead.id,
        event_id=event_id,
        fields=fields,
        detail={"to": lead.stage.key, "event": verdict.event},
    )


def follow_stage(lead: Lead, *, actor: Actor, event_id: UUID, now: datetime) -> None:
    """Run what the stage brings: its owner by the lead's policy (rows OW-07, OW-09), its next actions (ST-09)."""
    policy = policy_of(lead, now)
    handover = at_stage(policy, lead.stage.key)
    if handover is not None:
        what = Occasion(f"stage:{lead.stage.key}", lead.stage.label)
        hand_by_policy(lead, policy, handover, what, actor=actor, event_id=event_id, now=now)
    contact_made(lead, now=now)
    stage_entered(lead, actor=actor, event_id=event_id, now=now)
    settle(lead, actor=actor, event_id=event_id, now=now)
    refresh_next_action(lead)
    restate(lead, now=now)
