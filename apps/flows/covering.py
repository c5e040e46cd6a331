"""Record what an insurer answered about a lead's coverage: a person types it, or an adapter brings it (row SC-04)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from apps.audit import ledger
from apps.flows.clashes import lock_unchanged
from apps.flows.clearing import Stands, keep_step
from apps.flows.counselling import counsel
from apps.leads.actions import tell
from apps.leads.models import Task
from apps.leads.terms import LOOK_AGAIN
from apps.ownership.queries import lead_to_change, require_change
from apps.qualification.models import CoverageAnswer
from apps.qualification.signals import Coverage
from apps.qualification.terms import ClearanceStatus, ClearanceStep
from apps.tenancy import outbox
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, Problem
from apps.tenancy.ids import new_id
from apps.tenancy.organizations import current_organization
from apps.tenancy.writing import insert

#: What an insurer can answer; that somebody named a plan is no answer.
ANSWERS = (Coverage.VERIFIED, Coverage.OUT_OF_NETWORK, Coverage.NOT_COVERED)
_STEP = ClearanceStep.INSURANCE_VERIFICATION
_WORDS = {
    Coverage.VERIFIED: "covered",
    Coverage.OUT_OF_NETWORK: "covered, but we are out of their network",
    Coverage.NOT_COVERED: "not covered",
}


@dataclass(frozen=True, slots=True)
class Answered:
    """An insurer's answer; payer, plan and the insurer's reference may be empty."""

    answer: Coverage
    answered_at: datetime
    payer: str = ""
    plan: str = ""
    reference: str = ""


def record_coverage(
    *, actor: Actor, lead_id: UUID, told: Answered, now: datetime, version: int | None = None
) -> CoverageAnswer:
    """Keep an answer with the lead and let the rules look again: it is in the score's history then.

    An insurance verification that was waited for has ended with it (row QL-20). Not covered: the team that the tenant
    names is asked to counsel about paying (row AP-11).

    Refuses people who may not change the insurance of the lead, closed leads, and answers from the future.
    """
    lead_to_change(actor, lead_id)
    lead = lock_unchanged(lead_id, version=version, mine={})
    require_change(actor, lead, ("payer",), now=now, action="lead.coverage")
    if lead.closed_at is not None:
        raise Conflict("This lead is closed. Reopen it first.", code="closed")
    if told.answer not in ANSWERS:
        sentence = f"One of: {', '.join(ANSWERS)}."
        raise Invalid(sentence, (Problem("/answer", "not_an_answer", sentence),))
    if told.answered_at > now:
        sentence = "An answer cannot lie in the future."
        raise Invalid(sentence, (Problem("/answered_at", "in_the_future", sentence),))
    event_id = new_id()
    row = CoverageAnswer(
        lead=lead,
        answer=told.answer,
        payer=(told.payer.strip() or lead.payer)[:100],
        plan=told.plan.strip()[:100],
        reference=told.reference.strip()[:80],
        actor_label=actor.label,
        answered_at=told.answered_at,
        recorded_at=now,
        event_id=event_id,
    )
    insert(row)
    sentence = f"The insurer answered: {_WORDS[told.answer]}."
    tell(lead, kind="coverage", sentence=sentence, actor=actor, now=told.answered_at, event_id=event_id)
    ledger.record(
        actor=actor,
        action="lead.coverage",
        object_type="lead",
        object_id=lead.id,
        event_id=event_id,
        fields=["coverage"],
    )
    if Task.rows().filter(lead=lead, kind=str(_STEP), state="open").exists():
        ended = ClearanceStatus.DENIED if told.answer is Coverage.NOT_COVERED else ClearanceStatus.DONE
        since = told.answered_at.astimezone(ZoneInfo(current_organization().zone)).date()
        keep_step(lead, Stands(_STEP, ended, since, reference=row.reference), by=actor, now=now)
    if told.answer is Coverage.NOT_COVERED:
        counsel(lead, by=actor, now=now, event_id=event_id)
    outbox.enqueue(LOOK_AGAIN, lead.id)
    return row
