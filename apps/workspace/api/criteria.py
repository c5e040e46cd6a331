"""How a lead stands to its criteria, by API: the checklist of its page, under the same permissions (row QL-01)."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.flows.criteria import Looked, look_at
from apps.flows.halting import eligibility_of
from apps.flows.verdicts import unmet_of
from apps.identity.queries import open_pairs_of
from apps.leads.models import Lead
from apps.ownership.queries import lead_for
from apps.qualification.card import Aspect
from apps.qualification.criteria import Finding
from apps.qualification.information import INFORMATION
from apps.qualification.terms import Eligibility, Standing
from apps.tenancy.actor import Actor
from apps.workspace.api import showing
from apps.workspace.api.describing import describe
from apps.workspace.api.leads import refuse_agency
from apps.workspace.api.reading import actor_of, now_of
from apps.workspace.criteria_page import card_shown, hides, shown_findings


class CriterionView(BaseModel):
    """One criterion: its sentence, how the lead stands to it, and the facts that were read."""

    id: str
    kind: str
    sentence: str
    standing: Standing
    required: bool
    marketing: bool
    evidence: dict[str, Any]
    ask: str


class MarkView(BaseModel):
    """One line of the quality card; `ask` is the question that would clear what is unclear."""

    aspect: Aspect
    standing: Standing
    evidence: str
    ask: str


class EligibilityView(BaseModel):
    """Whether the service is for the person: eligible, needs info or ineligible, with the reasons or what is open."""

    result: Eligibility
    reasons: list[str]


class CriteriaStateView(BaseModel):
    """The criteria of a lead as they stand now.

    `set` and `version` are empty where nobody wrote criteria: then they are what the gate of “qualified” asks for.
    `marketing_qualified` is null where no target is written. `information_only` says that they named no need, place or
    time. `unmet` names what keeps the lead from being qualified. `eligibility` is null where no service is named, and
    for roles that do not see what it rests on.
    """

    set: str
    version: int | None
    criteria: list[CriterionView]
    marketing_qualified: bool | None
    information_only: bool
    unmet: list[str]
    card: list[MarkView]
    eligibility: EligibilityView | None


class CriteriaView(APIView):
    """`/leads/{id}/criteria`."""

    @describe(
        "Read how a lead stands to its criteria",
        "Each criterion with its evidence: pass, unclear or fail. What tells of fields that are hidden from your role "
        "is left out.",
        answers={200: CriteriaStateView},
        errors=(404,),
        name="read_criteria",
        scope=Permission.LEAD_VIEW,
    )
    def get(self, request: Request, lead_id: UUID) -> Response:
        """Return the checklist; noted in the ledger as the page is."""
        refuse_agency(request, lead_id, "qualification", "lead.read")
        actor = actor_of(request)
        lead = lead_for(actor, lead_id)
        ledger.record_read(actor=actor, what="lead", object_ids=[lead.id], fields=["qualification"])
        looked = look_at(lead, now_of(request))
        shown, found = shown_findings(looked, actor), looked.evaluation
        told = {f"/criteria/{each.criterion.id}" for each in shown}
        view = CriteriaStateView(
            set=found.set.id,
            version=looked.version.number if looked.version else None,
            criteria=[_criterion(each) for each in shown],
            marketing_qualified=found.is_marketing_qualified if found.has_target else None,
            information_only=lead.workflow == INFORMATION,
            card=[
                MarkView(aspect=each.aspect, standing=each.standing, evidence=each.evidence, ask=each.ask)
                for each in card_shown(looked, lead, actor, may_be_double=open_pairs_of(lead.person_id).exists())
            ],
            eligibility=_eligibility(lead, looked, actor),
            unmet=[each.detail for each in unmet_of(looked) if each.pointer in told],
        )
        return Response(showing.dump(view))


def _eligibility(lead: Lead, looked: Looked, actor: Actor) -> EligibilityView | None:
    if lead.service is None or hides(actor, Aspect.ELIGIBILITY):
        return None
    judged = eligibility_of(lead, looked)
    return EligibilityView(result=judged.result, reasons=[each.sentence for each in judged.reasons])


def _criterion(finding: Finding) -> CriterionView:
    own = finding.criterion
    return CriterionView(
        id=own.id,
        kind=own.kind,
        sentence=own.sentence,
        standing=finding.standing,
        required=own.required,
        marketing=own.marketing,
        evidence=dict(finding.evidence),
        ask=own.ask if finding.standing is Standing.UNCLEAR else "",
    )
