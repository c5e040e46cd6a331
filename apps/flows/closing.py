"""End a lead: with a reason, a note and an outcome on record, and as a duplicate with the lead that goes on.

Whatever ends a lead (a closure, a disqualification) ends it by `end_lead`.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.audit import ledger
from apps.flows import exceptional
from apps.flows.clashes import lock_unchanged
from apps.flows.entering import stage_entered
from apps.flows.gating import gate_of, refuse_move
from apps.flows.proofs import endings_in, on_record
from apps.flows.streams import settle
from apps.handoffs.actions import end_open
from apps.leads.actions import close_tasks, enter_stage, refresh_next_action, save_lead, tell
from apps.leads.closing import ClosureReason, Said, may_close
from apps.leads.guards import acting_for
from apps.leads.models import Closure, Lead, Stage
from apps.leads.queries import other_leads_of
from apps.leads.terms import LeadEvent, StageKey
from apps.outreach.actions import cancel_messages
from apps.ownership.queries import lead_to_change, require_change, visible_leads
from apps.sla import actions as sla
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, Problem
from apps.tenancy.ids import new_id
from apps.tenancy.writing import insert

#: How people write a reference: L-1042, l1042, 1042.
_REFERENCE = re.compile(r"(?:L-?)?(\d{1,15})", re.IGNORECASE)

ENDED = (
    "stage",
    "stage_since",
    "status",
    "timed_status",
    "timed_since",
    "closure_reason",
    "outcome",
    "closed_at",
    "duplicate_of",
)


@dataclass(frozen=True, slots=True)
class End:
    """How a lead ends: the stage it enters and by which event, the reason, what came of it, and what proves it."""

    stage: str
    event: LeadEvent
    reason: ClosureReason
    outcome: str = ""
    missing_data: str = ""
    proof: str = ""
    survivor: Lead | None = None


def close_lead(
    *,
    actor: Actor,
    lead_id: UUID,
    reason: str,
    note: str,
    outcome: str,
    now: datetime,
    duplicate_of: str = "",
    missing_data: str = "",
    version: int | None = None,
) -> Lead:
    """End a lead: its tasks, clocks and waiting messages end with it.

    Refuses people whose team does not own it, and closures without a reason of the pipeline, a note, and an outcome
    that the records prove (row ST-11); where no outcome is known, `missing_data` says why (ST-14). "Unable to reach"
    is counted (ST-13). A duplicate names the lead that goes on by its reference and points to it (row DU-14).
    """
    lead_to_change(actor, lead_id)
    lead = lock_unchanged(lead_id, version=version, mine={"closure_reason": reason, "outcome": outcome})
    require_change(actor, lead, ("closure_reason",), now=now, action="lead.close")
    if lead.closed_at is not None:
        raise Conflict("This lead is closed already.", code="closed")
    said = Said(reason, note, outcome, missing_data, names_survivor=bool(duplicate_of.strip()))
    verdict = may_close(said, endings_in(lead.pipeline), on_record(lead, now))
    if not verdict.allowed or verdict.reason is None:
        problems = tuple(Problem(each.path, each.code, each.sentence) for each in verdict.problems)
        raise Invalid(problems[0].detail, problems, code="cannot_close")
    survivor = _survivor(actor, lead, duplicate_of) if duplicate_of.strip() else None
    event_id = new_id()
    end = End(
        StageKey.CLOSED,
        LeadEvent.CLOSURE_RECORDED,
        verdict.reason,
        outcome="" if missing_data else outcome,
        missing_data=missing_data,
        proof=verdict.proof,
        survivor=survivor,
    )
    stage = end_lead(lead, end, actor=actor, event_id=event_id, now=now)
    _tell_closed(lead, end, stage, note, actor=actor, event_id=event_id, now=now)
    if survivor is not None:
        Lead.rows().filter(duplicate_of=lead).update(duplicate_of=survivor)
        sentence = f"{lead.ref} was closed as a duplicate of this lead."
        tell(survivor, kind="linked", sentence=sentence, actor=actor, now=now, event_id=event_id)
    return lead


def _tell_closed(lead: Lead, end: End, stage: Stage, note: str, *, actor: Actor, event_id: UUID, now: datetime) -> None:
    """Tell the end in the story, with its note, and note it in the ledger."""
    ref = f" of {end.survivor.ref}" if end.survivor else ""
    unknown = next((each.label for each in endings_in(lead.pipeline).missing if each.key == end.missing_data), "")
    told = f" No outcome on record: {unknown}." if unknown else ""
    sentence = f"{stage.label}: {end.reason.label}{ref}.{told}"
    tell(lead, kind="closed", sentence=sentence, actor=actor, now=now, event_id=event_id, note=note)
    ledger.record(
        actor=actor,
        action="lead.close",
        object_type="lead",
        object_id=lead.id,
        event_id=event_id,
        fields=["stage", "status", "closure_reason", "outcome"],
        detail={"reason": end.reason.key}
        | ({"missing_data": end.missing_data} if end.missing_data else {})
        | ({"duplicate_of": str(end.survivor.id)} if end.survivor else {}),
    )


def end_lead(lead: Lead, end: End, *, actor: Actor, event_id: UUID, now: datetime) -> Stage:
    """End a locked lead in a stage: tasks, clocks and waiting messages stop, the closure stays on record.

    That it may end so was decided before; what the gates ask for this stage is asked here, for every end (row ST-04).
    """
    refuse_move(gate_of(lead, end.stage, now))
    stage = enter_stage(lead, end.stage, event=end.event, actor=actor, now=now)
    lead.status, lead.closure_reason, lead.outcome, lead.closed_at = "closed", end.reason.key, end.outcome, now
    lead.duplicate_of, lead.timed_status, lead.timed_since = end.survivor, "", None
    close_tasks(lead, because="closed", now=now, state="cancelled")
    cancel_messages([lead.id], reason="the lead was closed", now=now, channels=["email", "text"])
    sla.cancel_all(lead, now=now, because="closed")
    end_open(lead, actor=actor, now=now, because="The lead was closed.")
    with acting_for(actor.team_ids):
        save_lead(lead, ENDED)
    insert(
        Closure(
            lead=lead,
            reason=end.reason.key,
            disqualification=end.reason.disqualification,
            outcome=end.outcome,
            missing_data=end.missing_data,
            proof=end.proof[:200],
            is_won=end.reason.is_won,
            actor_label=actor.label,
            closed_at=now,
            event_id=event_id,
        )
    )
    refresh_next_action(lead)
    exceptional.clear_all(lead, by=actor, reason=f"Closed: {end.reason.label}.", now=now, decision="close")
    settle(lead, actor=actor, event_id=event_id, now=now)
    stage_entered(lead, actor=actor, event_id=event_id, now=now)
    return stage


def _survivor(actor: Actor, lead: Lead, reference: str) -> Lead:
    """Return the lead that goes on: one that the actor sees, or another one of the same person.

    A lead that is a duplicate itself stands for the one that it points to, so that no chain is left. Raises
    Invalid for what is no such lead, and where the two would point to each other.
    """
    found = _REFERENCE.fullmatch(reference.strip())
    number = int(found.group(1)) if found else _number_of(reference.strip())
    named = visible_leads(actor).filter(number=number).first() if number else None
    named = named or next((each for each in other_leads_of(lead) if each.number == number), None)
    while named is not None and named.duplicate_of_id is not None and named.id != lead.id:
        named = Lead.rows().get(id=named.duplicate_of_id)
    sentence = ""
    if named is None or named.is_test != lead.is_test:
        sentence = f"“{reference.strip()[:40]}” is no lead that you see. Name it by its reference, such as L-1042."
    elif named.id == lead.id:
        sentence = "A lead is no duplicate of itself. Name the one that goes on."
    if named is None or sentence:
        raise Invalid(sentence, (Problem("/duplicate_of", "unknown_survivor", sentence),), code="cannot_close")
    return named


def _number_of(name: str) -> int:
    """Return the number of the lead with this id, as programs read it; 0 where it is no id or names nothing."""
    try:
        return Lead.rows().filter(id=UUID(name)).values_list("number", flat=True).first() or 0
    except ValueError:
        return 0
