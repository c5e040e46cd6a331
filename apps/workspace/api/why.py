"""Why a lead is where it is, by API: what the page shows, under the same permissions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.flows.packages import reader_of
from apps.ownership.queries import lead_for
from apps.qualification.models import ScoreResult
from apps.qualification.queries import scores_of
from apps.routing.models import RoutingDecision
from apps.routing.queries import as_words, decisions_of
from apps.tenancy.actor import Actor
from apps.workspace.api import showing
from apps.workspace.api.describing import describe
from apps.workspace.api.leads import refuse_agency
from apps.workspace.api.reading import actor_of
from apps.workspace.explaining import changes_of, hidden_facts, service_level_of, skipped_of, veiled_verdict


class PathStepView(BaseModel):
    """One layer of the walk: the rule that held, what it says, what it did."""

    layer: str
    rule_id: str
    rule_name: str
    sentence: str
    effect: str


class NotChosen(BaseModel):
    """A queue, an office, a rule or a person that was not chosen, and why not."""

    name: str
    reason: str


class ServiceLevelView(BaseModel):
    """The service level that was chosen then."""

    policy: str
    reason: str
    version: int | None


class DecisionView(BaseModel):
    """One routing as it was decided; `version` is that of the routing rules that decided.

    Where the lead was part of an experiment, `experiment` names it (E-7) and `arm` is A, the version in force, or B.
    """

    decided_at: datetime
    cause: str
    version: int | None
    rule_id: str
    is_fallback: bool
    queue: str
    person: str
    experiment: str
    arm: str
    reason: str
    path: list[PathStepView]
    not_chosen: list[NotChosen]
    seen: dict[str, Any]
    would_change: list[str]
    service_level: ServiceLevelView | None


class ScoreView(BaseModel):
    """One score; `version` is that of the scorecard, `cause` says why the lead was scored then."""

    scored_at: datetime
    version: int | None
    fit: int
    intent: int
    cause: str


class WhyView(BaseModel):
    """All routings and all scores of a lead, newest first."""

    decisions: list[DecisionView]
    scores: list[ScoreView]


class LeadWhyView(APIView):
    """`/leads/{id}/why`."""

    @describe(
        "Read why a lead is where it is",
        "Each decision as it was stored: rule, version, what was seen, who else was considered, and the smallest "
        "single changes that would have led elsewhere. What is hidden from your role is left out.",
        answers={200: WhyView},
        name="read_why",
        scope=Permission.LEAD_VIEW,
    )
    def get(self, request: Request, lead_id: UUID) -> Response:
        """Return the decisions; noted in the ledger as the page is."""
        refuse_agency(request, lead_id, "routing", "lead.read")
        actor = actor_of(request)
        lead = lead_for(actor, lead_id)
        ledger.record_read(actor=actor, what="lead", object_ids=[lead.id], fields=["routing", "score"])
        reader = reader_of(actor, lead.id)
        found = WhyView(
            decisions=[_shown(each, reader) for each in decisions_of(lead)],
            scores=[_score(each) for each in scores_of(lead)],
        )
        return Response(showing.dump(found))


def _score(row: ScoreResult) -> ScoreView:
    version = row.version.number if row.version else None
    return ScoreView(scored_at=row.scored_at, version=version, fit=row.fit, intent=row.intent, cause=row.cause)


def _shown(decision: RoutingDecision, actor: Actor) -> DecisionView:
    words, hidden = as_words(decision, veiled_verdict(decision, actor)), hidden_facts(actor)
    others = [
        NotChosen(name=str(each.get("name") or each.get("key")), reason=str(each.get("why_not", "")))
        for each in words["alternatives"]
    ]
    level = service_level_of(decision)
    return DecisionView(
        decided_at=decision.decided_at,
        cause=decision.cause,
        version=words["version"],
        rule_id=decision.rule_id,
        is_fallback=decision.is_fallback,
        queue=words["queue"],
        person=words["member"],
        experiment=words["experiment"],
        arm=words["arm"],
        reason=words["reason"],
        path=[PathStepView.model_validate(each) for each in words["path"]],
        not_chosen=[*others, *(NotChosen(**each) for each in skipped_of(decision))],
        seen={name: value for name, value in decision.facts.items() if name not in hidden},
        would_change=changes_of(decision, actor),
        service_level=ServiceLevelView(**level) if level else None,
    )
