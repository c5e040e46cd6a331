"""Score a lead and keep the lines."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.leads.models import Lead
from apps.policies.compiling import compiled
from apps.policies.models import RuleSetVersion
from apps.qualification.decisions import compile_scorecard, score
from apps.qualification.models import ScoreResult
from apps.qualification.terms import ScoreVerdict
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
) -> ScoreResult:
    """Store a scoring with the facts it saw and the messages it heard, so that it can be replayed."""
    row = ScoreResult(
        lead=lead,
        version=version,
        fit=verdict.fit.total,
        intent=verdict.intent.total,
        verdict=verdict.as_json(),
        facts=dict(facts),
        heard=None if heard is None else [str(each) for each in heard],
        scored_at=now,
    )
    insert(row)
    return row
