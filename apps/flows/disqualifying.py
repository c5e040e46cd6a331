"""End a lead that cannot become a patient: the verdict is kept, and the lead is closed as any other (row QL-17)."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from apps.flows.closing import End, end_lead
from apps.flows.proofs import endings_in, on_record
from apps.flows.verdicts import Given, keep_given
from apps.leads.actions import tell
from apps.leads.closing import ClosureReason, Ending, Endings, Proof, Said, may_close
from apps.leads.models import Lead
from apps.leads.queries import stages_by_key
from apps.leads.terms import Disqualification, LeadEvent, StageKey
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Invalid, Problem

NOT_QUALIFIED = "not_qualified"
#: What a reason of the fixed list comes to, where the pipeline has such an outcome.
OUTCOME_OF: Mapping[str, str] = {
    Disqualification.ELIGIBILITY_NOT_MET: "declined_eligibility",
    Disqualification.NO_RESPONSE: "no_response",
}


def disqualify(lead: Lead, given: Given, *, actor: Actor, event_id: UUID, now: datetime) -> Lead:
    """Close a locked lead by a verdict: tasks, clocks and messages stop, its reason is the pipeline's own.

    Refuses a reason that its pipeline wants proven and that is not, such as "no response" without an attempt.
    """
    endings, entry = endings_in(lead.pipeline), given.entry
    named = entry.disqualification
    reason = endings.reason_for(named) or ClosureReason(named, _words(named), disqualification=named)
    said, any_outcome = Said(reason.key, entry.reason, NOT_QUALIFIED), (Ending(NOT_QUALIFIED, ""),)
    verdict = may_close(said, Endings((reason,), any_outcome), on_record(lead, now))
    if not verdict.allowed:
        problems = tuple(Problem("/disqualification", each.code, each.sentence) for each in verdict.problems)
        raise Invalid(problems[0].detail, problems, code="cannot_decide")
    keep_given(lead, given, actor=actor, event_id=event_id, now=now)
    known = NOT_QUALIFIED in stages_by_key(lead.pipeline_id)
    stage, event = (StageKey.NOT_QUALIFIED, LeadEvent.DISQUALIFIED) if known else (StageKey.CLOSED, _CLOSED)
    end = End(stage, event, reason, outcome=_outcome(named, endings), proof=verdict.proof)
    label = end_lead(lead, end, actor=actor, event_id=event_id, now=now).label
    tell(lead, kind="closed", sentence=f"{label}: {reason.label}.", actor=actor, now=now, event_id=event_id)
    return lead


_CLOSED = LeadEvent.CLOSURE_RECORDED


def _outcome(named: str, endings: Endings) -> str:
    """Return what came of a lead that does not qualify, in the pipeline's own list (row AP-08); never nothing."""
    own = OUTCOME_OF.get(named, NOT_QUALIFIED)
    keys = [each.key for each in endings.outcomes]
    disqualified = (each.key for each in endings.outcomes if each.needs is Proof.DISQUALIFIED)
    return own if own in keys else NOT_QUALIFIED if NOT_QUALIFIED in keys else next(disqualified, NOT_QUALIFIED)


def _words(key: str) -> str:
    return key.replace("_", " ").capitalize()
