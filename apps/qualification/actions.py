"""Score a lead and keep the lines; keep how it stood to its criteria."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.catalog.models import Service
from apps.leads.models import Lead
from apps.policies.compiling import compiled
from apps.policies.models import RuleSetVersion
from apps.qualification.criteria import Evaluation, compile_criteria, evaluate, facts_read, set_by_id
from apps.qualification.decisions import compile_scorecard, score
from apps.qualification.models import CriteriaResult, ParkedLead, Qualification, ScoreResult
from apps.qualification.parking_models import PARKED
from apps.qualification.terms import Moment, ScoreVerdict
from apps.tenancy.actor import Actor
from apps.tenancy.writing import insert


def judge(facts: Mapping[str, Any], version: RuleSetVersion | None) -> ScoreVerdict:
    """Return fit and intent under a scorecard; without one both are 0."""
    return score(facts, compiled(version, compile_scorecard))


def keep_score(
    lead: Lead,
    verdict: ScoreVerdict,
    *,
    version: RuleSetVersion | None,
    facts: Mapping[str, Any],
    now: datetime,
    heard: Iterable[UUID] | None = None,
    cause: str = "",
) -> ScoreResult:
    """Store a scoring with the facts it saw and the messages it heard, so that it can be replayed; `cause` says why."""
    row = ScoreResult(
        lead=lead,
        version=version,
        fit=verdict.fit.total,
        intent=verdict.intent.total,
        verdict=verdict.as_json(),
        facts=dict(facts),
        heard=None if heard is None else [str(each) for each in heard],
        cause=cause[:120],
        scored_at=now,
    )
    insert(row)
    return row


def keep_evaluation(
    lead: Lead,
    evaluation: Evaluation,
    *,
    version: RuleSetVersion | None,
    facts: Mapping[str, Any],
    moment: Moment,
    now: datetime,
    qualification: Qualification | None = None,
) -> CriteriaResult | None:
    """Store how a lead stood to the criteria of a version, with the facts that were read.

    Criteria that nobody wrote have no version: the gate's verdict is the lead's own story then.
    """
    if version is None:
        return None
    row = CriteriaResult(
        lead=lead,
        version=version,
        set_id=evaluation.set.id,
        moment=moment,
        facts=facts_read(facts, evaluation.set),
        verdict=evaluation.as_json(),
        qualification=qualification,
        decided_at=now,
    )
    insert(row)
    return row


def park(lead: Lead, *, service: Service | None, wanted: str, reason: str, by: Actor, now: datetime) -> ParkedLead:
    """Keep that a locked lead waits for a service; what it waited for before is over."""
    end_parking(lead, because="parked anew", now=now)
    row = ParkedLead(
        lead=lead,
        service=service,
        wanted=wanted[:80],
        reason=reason.strip()[:300],
        actor_label=by.label,
        parked_at=now,
    )
    insert(row)
    return row


def end_parking(lead: Lead, *, because: str, now: datetime) -> bool:
    """Note that a locked lead waits for no service any more; say whether it did."""
    return bool(ParkedLead.rows().filter(PARKED, lead=lead).update(ended_at=now, ended_because=because[:100]))


def evaluate_again(row: CriteriaResult) -> dict[str, object]:
    """Judge stored facts again by the stored version's set; {} where the version has no such set."""
    found = set_by_id(compiled(row.version, compile_criteria), row.set_id)
    return evaluate(row.facts, found).as_json() if found is not None else {}
