"""A person's word on the priority of a lead: the score assists, it never has the last word (row SC-08)."""

from datetime import datetime
from uuid import UUID

from apps.audit import ledger
from apps.flows import batches, clocks
from apps.flows.arrival import open_case
from apps.flows.clashes import lock_unchanged
from apps.flows.facts import last_inquiry
from apps.leads.actions import save_lead, tell
from apps.leads.models import Lead, PriorityOverride
from apps.ownership.queries import lead_to_change, require_change
from apps.qualification.queries import latest_score
from apps.routing.queries import latest_decision
from apps.routing.terms import PRIORITIES
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, Problem
from apps.tenancy.ids import new_id
from apps.tenancy.writing import insert

LONGEST = 300
BY_RULES = "rules"


def set_priority(
    *, actor: Actor, lead_id: UUID, priority: str, reason: str, now: datetime, version: int | None = None
) -> Lead:
    """Set a lead's priority by hand, or give it back to the rules (`rules`); it stands whatever is scored later.

    Refuses people who may not change it, closed leads, priorities nobody knows, and a missing reason.
    """
    lead_to_change(actor, lead_id)
    lead = lock_unchanged(lead_id, version=version, mine={"priority": priority})
    require_change(actor, lead, ("priority",), now=now, action="lead.priority")
    if lead.closed_at is not None:
        raise Conflict("This lead is closed. Reopen it first.", code="closed")
    _refuse_gaps(priority, reason)
    was, event_id = lead.priority, new_id()
    open_ones = PriorityOverride.rows().filter(lead=lead, ended_at__isnull=True)
    ended = open_ones.update(ended_at=now, ended_by=actor.label)
    if priority == BY_RULES:
        if not ended:
            raise Conflict("The rules set this priority already.", code="by_rules")
        decision = latest_decision(lead)
        lead.priority = str(decision.verdict.get("priority", was)) if decision is not None else was
    else:
        lead.priority = priority
        said = reason.strip()[:LONGEST]
        insert(
            PriorityOverride(lead=lead, priority=priority, was=was, reason=said, actor_label=actor.label, set_at=now)
        )
    save_lead(lead, ["priority"])
    _hasten(lead, now)
    how = "by the rules again" if priority == BY_RULES else "by hand"
    sentence = f"Priority {was} → {lead.priority}, {how}: {reason.strip()}"
    tell(lead, kind="priority", sentence=sentence, actor=actor, now=now, event_id=event_id)
    ledger.record(
        actor=actor,
        action="lead.priority",
        object_type="lead",
        object_id=lead.id,
        event_id=event_id,
        fields=["priority"],
        detail={"to": lead.priority, "by": "rules" if priority == BY_RULES else "person"},
    )
    return lead


def _hasten(lead: Lead, now: datetime) -> None:
    """Let the first contact be due by the new priority, where that is sooner; what is urgent waits for no batch."""
    last, inquiry = latest_score(lead), last_inquiry(lead)
    if last is not None and inquiry is not None:
        clocks.hasten(open_case(inquiry, now), lead, last.facts)
    batches.hasten(lead, now)


def _refuse_gaps(priority: str, reason: str) -> None:
    problems = []
    if priority not in (*PRIORITIES, BY_RULES):
        sentence = f"One of: {', '.join((*PRIORITIES, BY_RULES))}."
        problems.append(Problem("/priority", "not_in_picklist", sentence))
    if not reason.strip():
        problems.append(Problem("/reason", "reason_missing", "Say why, in a few words."))
    elif len(reason.strip()) > LONGEST:
        problems.append(Problem("/reason", "too_long", f"At most {LONGEST} characters."))
    if problems:
        raise Invalid(problems[0].detail, tuple(problems))
