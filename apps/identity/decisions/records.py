"""What the duplicate rules were asked about an arrival, as plain JSON and back: a stored judgement can be repeated."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.identity.decisions.arrivals import judge_arrival
from apps.identity.terms import LeadVerdict, PriorLead

_INSTANTS = ("captured_at", "closed_at")


def asked_as_json(keys: Sequence[str], priors: Sequence[PriorLead], verdict: LeadVerdict) -> dict[str, Any]:
    """Return what matched, the earlier inquiries as they were, and the answer."""
    return {
        "keys": [str(each) for each in keys],
        "priors": [_prior_as_json(each) for each in priors],
        "answer": answer_as_json(verdict),
    }


def answer_as_json(verdict: LeadVerdict) -> dict[str, Any]:
    """Return a verdict as plain JSON, equal to what a database gives back."""
    return {
        "action": str(verdict.action),
        "verdict": str(verdict.verdict),
        "lead": str(verdict.lead_id) if verdict.lead_id else None,
        "rule_id": verdict.rule_id,
        "reason": verdict.reason,
    }


def judge_again(facts: Mapping[str, Any], document: Mapping[str, object]) -> dict[str, Any]:
    """Judge a stored arrival again under a version's document; the facts are those of a `MatchDecision`."""
    verdict = judge_arrival(
        keys=tuple(facts["keys"]),
        service=facts["service"] or None,
        campaign=facts["campaign"] or None,
        party=facts["party"] or None,
        at=datetime.fromisoformat(facts["at"]),
        priors=[_prior(each) for each in facts["priors"]],
        document=document,
    )
    return answer_as_json(verdict)


def _prior_as_json(prior: PriorLead) -> dict[str, Any]:
    kept = asdict(prior) | {"lead_id": str(prior.lead_id)}
    return kept | {name: kept[name].isoformat() for name in _INSTANTS if kept[name] is not None}


def _prior(kept: Mapping[str, Any]) -> PriorLead:
    instants = {name: datetime.fromisoformat(kept[name]) for name in _INSTANTS if kept.get(name) is not None}
    return PriorLead(**{**kept, "lead_id": UUID(kept["lead_id"]), **instants})
