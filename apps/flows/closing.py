"""Close a lead: with a reason, a note and an outcome on record, and as a duplicate with the lead that goes on."""

import re
from datetime import datetime
from uuid import UUID

from apps.audit import ledger
from apps.flows.clashes import lock_unchanged
from apps.flows.streams import wake_others
from apps.leads.actions import close_tasks, enter_stage, refresh_next_action, save_lead, tell
from apps.leads.decisions import may_close
from apps.leads.guards import acting_for
from apps.leads.models import Lead
from apps.leads.queries import other_leads_of
from apps.leads.terms import LeadEvent, StageKey
from apps.outreach.actions import cancel_messages
from apps.ownership.queries import lead_to_change, require_change, visible_leads
from apps.sla import actions as sla
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, Problem
from apps.tenancy.ids import new_id

#: How people write a reference: L-1042, l1042, 1042.
_REFERENCE = re.compile(r"(?:L-?)?(\d{1,15})", re.IGNORECASE)


def close_lead(
    *,
    actor: Actor,
    lead_id: UUID,
    reason: str,
    note: str,
    outcome: str,
    now: datetime,
    duplicate_of: str = "",
    version: int | None = None,
) -> Lead:
    """End a lead: its tasks, clocks and waiting messages end with it.

    Refuses people whose team does not own it, and closures without reason, note, outcome or, for
    "no response", without any attempt on record (row ST-11). A duplicate names the lead that goes on by its
    reference and points to it (row DU-14).
    """
    lead_to_change(actor, lead_id)
    lead = lock_unchanged(lead_id, version=version, mine={"closure_reason": reason, "outcome": outcome})
    require_change(actor, lead, ("closure_reason",), now=now, action="lead.close")
    if lead.closed_at is not None:
        raise Conflict("This lead is closed already.", code="closed")
    _refuse_gaps(lead, reason, note, outcome, duplicate_of)
    survivor = _survivor(actor, lead, duplicate_of) if duplicate_of.strip() else None
    event_id = new_id()
    stage = enter_stage(lead, StageKey.CLOSED, event=LeadEvent.CLOSURE_RECORDED, actor=actor, now=now)
    lead.status, lead.closure_reason, lead.outcome, lead.closed_at = "closed", reason, outcome, now
    lead.duplicate_of = survivor
    close_tasks(lead, because="closed", now=now, state="cancelled")
    cancel_messages([lead.id], reason="the lead was closed", now=now, channels=["email", "text"])
    sla.cancel_all(lead, now=now, because="closed")
    with acting_for(actor.team_ids):
        save_lead(lead, ["stage", "stage_since", "status", "closure_reason", "outcome", "closed_at", "duplicate_of"])
    refresh_next_action(lead)
    wake_others(lead, actor=actor, event_id=event_id, now=now)
    tell(
        lead,
        kind="closed",
        sentence=f"{stage.label}: {reason.replace('_', ' ')}{f' of {survivor.ref}' if survivor else ''}.",
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
        detail={"reason": reason} | ({"duplicate_of": str(survivor.id)} if survivor else {}),
    )
    if survivor is not None:
        Lead.rows().filter(duplicate_of=lead).update(duplicate_of=survivor)
        sentence = f"{lead.ref} was closed as a duplicate of this lead."
        tell(survivor, kind="linked", sentence=sentence, actor=actor, now=now, event_id=event_id)
    return lead


def _survivor(actor: Actor, lead: Lead, reference: str) -> Lead:
    """Return the lead that goes on: one that the actor sees, or another one of the same person.

    A lead that is a duplicate itself stands for the one that it points to, so that no chain is left. Raises
    Invalid for what is no such lead, and where the two would point to each other.
    """
    found = _REFERENCE.fullmatch(reference.strip())
    number = int(found.group(1)) if found else 0
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


def _refuse_gaps(lead: Lead, reason: str, note: str, outcome: str, duplicate_of: str) -> None:
    reasons = [str(each["key"]) for each in lead.pipeline.closure_reasons]
    verdict = may_close(
        reason=reason,
        note=note,
        outcome=outcome,
        attempts=lead.attempts,
        allowed_reasons=reasons,
        names_survivor=bool(duplicate_of.strip()),
    )
    if not verdict.allowed:
        problems = tuple(Problem(each.path, each.code, each.sentence) for each in verdict.problems)
        raise Invalid(problems[0].detail, problems, code="cannot_close")
