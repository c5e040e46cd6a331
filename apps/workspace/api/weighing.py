"""What weighs in a lead's score, by API: the insurer's answer, engagement, and a person's word on the priority."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, StringConstraints
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.terms import Permission
from apps.capture.schema import Line100, Line500
from apps.flows.covering import Answered, record_coverage
from apps.flows.engaging import record_engagement
from apps.flows.prioritising import set_priority
from apps.outreach.terms import EngagementKind
from apps.ownership.queries import lead_for
from apps.qualification.signals import Coverage
from apps.workspace.api import answers, bodies, showing
from apps.workspace.api.describing import IF_MATCH, describe
from apps.workspace.api.leads import refuse_agency
from apps.workspace.api.reading import actor_of, body_of, now_of, version_of

STATE_ERRORS = (404, 409)


class PriorityBody(bodies.Versioned):
    """A priority with its reason; `rules` gives it back to the rules."""

    priority: Literal["P1", "P2", "P3", "rules"]
    reason: Annotated[Line500, StringConstraints(max_length=300)]


class CoverageBody(bodies.Versioned):
    """An insurer's answer; without an instant it came now. No member number."""

    answer: Literal[Coverage.VERIFIED, Coverage.OUT_OF_NETWORK, Coverage.NOT_COVERED]
    answered_at: bodies.Zoned | None = None
    payer: Line100 = ""
    plan: Line100 = ""
    reference: Annotated[Line100, StringConstraints(max_length=80)] = ""


class EngagementBody(bodies.Body):
    """What the person did with a message or a link; `reference` is its own name, by which the event counts once."""

    kind: EngagementKind
    reference: Annotated[Line100, StringConstraints(min_length=1, max_length=80)]
    happened_at: bodies.Zoned | None = None


class EngagementView(BaseModel):
    """Whether the event is new, or was recorded before."""

    is_new: bool


class PriorityView(APIView):
    """`/leads/{id}/priority`."""

    @describe(
        "Set a lead's priority by hand",
        "It stands before the rules, also when the lead is scored again, until `rules` takes it back.",
        body=PriorityBody,
        answers={200: answers.LeadState},
        errors=STATE_ERRORS,
        headers=(IF_MATCH,),
        scope=Permission.LEAD_EDIT,
        name="set_priority",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Set it, with its reason."""
        refuse_agency(request, lead_id, "priority", "lead.priority")
        body = body_of(request, PriorityBody)
        lead = set_priority(
            actor=actor_of(request),
            lead_id=lead_id,
            priority=body.priority,
            reason=body.reason,
            now=now_of(request),
            version=version_of(request, body.version),
        )
        return Response(showing.lead_state(lead))


class CoverageView(APIView):
    """`/leads/{id}/coverage`."""

    @describe(
        "Record an insurer's answer",
        "The last answer counts. The lead is scored anew; its history shows it.",
        body=CoverageBody,
        answers={201: answers.LeadState},
        errors=STATE_ERRORS,
        headers=(IF_MATCH,),
        scope=Permission.LEAD_EDIT,
        name="record_coverage",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Keep the answer."""
        refuse_agency(request, lead_id, "payer", "lead.coverage")
        body, now = body_of(request, CoverageBody), now_of(request)
        told = Answered(Coverage(body.answer), body.answered_at or now, body.payer, body.plan, body.reference)
        actor, version = actor_of(request), version_of(request, body.version)
        record_coverage(actor=actor, lead_id=lead_id, told=told, now=now, version=version)
        return Response(showing.lead_state(lead_for(actor, lead_id)), 201)


class EngagementsView(APIView):
    """`/leads/{id}/engagement`."""

    @describe(
        "Record what a person did with a message or a link",
        "For scheduling pages and senders of mail. Each counts once; where a link leads is never asked.",
        body=EngagementBody,
        answers={201: EngagementView},
        errors=STATE_ERRORS,
        scope=Permission.LEAD_EDIT,
        name="record_engagement",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Keep the event, unless it is known."""
        refuse_agency(request, lead_id, "engagement", "lead.engagement")
        body, now = body_of(request, EngagementBody), now_of(request)
        row = record_engagement(
            actor=actor_of(request),
            lead_id=lead_id,
            kind=body.kind,
            reference=body.reference,
            happened_at=body.happened_at or now,
            now=now,
        )
        return Response(showing.dump(EngagementView(is_new=row is not None)), 201)
