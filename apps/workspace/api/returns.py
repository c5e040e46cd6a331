"""Transfers that go back, and wrong categories, by API."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, StringConstraints
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.terms import Permission
from apps.capture.schema import Line100, Line500
from apps.flows.mismatches import report_mismatch
from apps.flows.returning import return_transfer
from apps.workspace.api import answers, bodies, showing
from apps.workspace.api.describing import IF_MATCH, describe
from apps.workspace.api.handoffs import STATE_ERRORS, ReasonBody
from apps.workspace.api.leads import refuse_agency
from apps.workspace.api.reading import actor_of, body_of, now_of, version_of


class MismatchBody(bodies.Versioned):
    """The service that the lead wants in fact, by its key, and what showed it."""

    service: Annotated[Line100, StringConstraints(min_length=1, max_length=63)]
    reason: Annotated[Line500, StringConstraints(max_length=300)] = ""


class MismatchShown(BaseModel):
    """A lead that was taken for one service and wants another."""

    id: UUID
    chosen: str | None
    actual: str
    reason: str
    reported_by: str
    at: datetime


class ReturnView(APIView):
    """`/leads/{id}/transfers/return`."""

    @describe(
        "Return a transferred lead",
        "Once, with a reason, to whoever gave it.",
        body=ReasonBody,
        answers={201: answers.SpellView},
        errors=STATE_ERRORS,
        headers=(IF_MATCH,),
        scope=Permission.LEAD_TRANSFER,
        name="return_transfer",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Make whoever gave the lead its owner again."""
        refuse_agency(request, lead_id, "owner_team", "lead.return")
        body = body_of(request, ReasonBody)
        spell = return_transfer(
            actor=actor_of(request),
            lead_id=lead_id,
            reason=body.reason,
            now=now_of(request),
            version=version_of(request, None),
        )
        return Response(showing.spell_view(spell), 201)


class MismatchView(APIView):
    """`/leads/{id}/mismatches`."""

    @describe(
        "Report a wrong category",
        "The service is corrected where the lead is; enough of one kind in a month propose a change of the rules.",
        body=MismatchBody,
        answers={201: MismatchShown},
        errors=STATE_ERRORS,
        headers=(IF_MATCH,),
        scope=Permission.LEAD_EDIT,
        name="report_mismatch",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Correct the service and count the mismatch."""
        refuse_agency(request, lead_id, "service", "lead.mismatch")
        body = body_of(request, MismatchBody)
        row = report_mismatch(
            actor=actor_of(request),
            lead_id=lead_id,
            actual_key=body.service,
            reason=body.reason,
            now=now_of(request),
            version=version_of(request, body.version),
        )
        shown_row = MismatchShown(
            id=row.id,
            chosen=row.chosen.key if row.chosen else None,
            actual=row.actual.key,
            reason=row.reason,
            reported_by=row.reported_label,
            at=row.at,
        )
        return Response(showing.dump(shown_row), 201)
