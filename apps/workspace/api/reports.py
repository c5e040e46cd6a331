"""What outside systems and partners report of a lead."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.terms import Permission
from apps.capture.schema import Line40, Line100
from apps.leads.terms import ReportOutcome
from apps.partners.reports import report_lead
from apps.workspace.api import showing
from apps.workspace.api.bodies import Body
from apps.workspace.api.describing import describe
from apps.workspace.api.reading import actor_of, body_of, now_of


class ReportBody(Body):
    """One field of a lead as it stands with the reporter."""

    field: Annotated[Line40, Field(min_length=1, description="`status` (or `stage`), or another field of the lead.")]
    value: Annotated[Line100, Field(min_length=1, description="The value in the reporter's own word.")]


class ReportView(BaseModel):
    """What became of a report; `means` is our value for the word, null where nobody knows it."""

    id: UUID
    field: str
    value: str
    means: str | None
    outcome: ReportOutcome
    detail: str


class ReportsView(APIView):
    """`/leads/{id}/reports`."""

    @describe(
        "Report how a lead stands with you",
        "`outcome`: `agrees`, `applied`, `conflict` (what stands here counts; a person sees both), `unmapped` (nobody"
        " knows the word yet) or `refused` (the change may not be; `detail` says why). The same report again does"
        " nothing and is answered as before.",
        body=ReportBody,
        answers={200: ReportView},
        errors=(404,),
        scope=Permission.ACTIVITY_LOG,
        name="report_lead",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Take one report."""
        actor, now = actor_of(request), now_of(request)
        body = body_of(request, ReportBody)
        row = report_lead(actor=actor, lead_id=lead_id, field=body.field, said=body.value, now=now)
        shown = ReportView(
            id=row.id,
            field=row.field,
            value=row.said,
            means=row.means or None,
            outcome=ReportOutcome(row.outcome),
            detail=row.why,
        )
        return Response(showing.dump(shown))
