"""Cadences of a lead by API: what is planned and what became of it; start one, stop it."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.terms import Permission
from apps.flows.cadences import start_cadence, stop_cadence
from apps.outreach.cadences import runs_of
from apps.outreach.models import CadenceRun
from apps.ownership.queries import lead_for
from apps.workspace.api import showing
from apps.workspace.api.bodies import Body
from apps.workspace.api.describing import describe
from apps.workspace.api.leads import refuse_agency
from apps.workspace.api.reading import actor_of, body_of, now_of


class CadenceBody(Body):
    """Which cadence of the tenant's rules."""

    cadence: str = Field(max_length=63)


class CadenceStepView(BaseModel):
    """One step; `because` says why it was skipped or cancelled, or what a planned one waits for."""

    step: str
    state: str
    channel: str
    due_at: datetime
    ended_at: datetime | None
    because: str
    message: str | None


class CadenceView(BaseModel):
    """A cadence of a lead; `ended_because` is empty while it goes on."""

    id: UUID
    cadence: str
    started_at: datetime
    started_by: str
    ended_at: datetime | None
    ended_because: str
    steps: list[CadenceStepView]


class CadenceList(BaseModel):
    """The cadences of a lead, newest first."""

    results: list[CadenceView]


class CadencesView(APIView):
    """`/leads/{id}/cadences`."""

    @describe(
        "List the cadences of a lead", answers={200: CadenceList}, name="list_cadences", scope=Permission.LEAD_VIEW
    )
    def get(self, request: Request, lead_id: UUID) -> Response:
        """Return what was planned, and what became of each step."""
        refuse_agency(request, lead_id, "cadence", "cadence.read")
        lead = lead_for(actor_of(request), lead_id)
        return Response(showing.dump(CadenceList(results=[_view(row) for row in runs_of(lead)])))

    @describe(
        "Start a cadence for a lead",
        "409 where the person is in one already, rests, or the cadence is for other leads.",
        body=CadenceBody,
        answers={201: CadenceView},
        errors=(404, 409, 422),
        scope=Permission.LEAD_EDIT,
        name="start_cadence",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Start; its first step is done after commit."""
        refuse_agency(request, lead_id, "cadence", "lead.cadence")
        body = body_of(request, CadenceBody)
        row = start_cadence(actor=actor_of(request), lead_id=lead_id, cadence=body.cadence, now=now_of(request))
        return Response(showing.dump(_view(row)), 201)


class CadenceEndView(APIView):
    """`/leads/{id}/cadences/stop`."""

    @describe(
        "Stop the cadence that a lead is in",
        answers={200: CadenceView},
        errors=(404, 409),
        scope=Permission.LEAD_EDIT,
        name="stop_cadence",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Cancel the steps to come and stop what has not gone."""
        refuse_agency(request, lead_id, "cadence", "lead.cadence")
        return Response(
            showing.dump(_view(stop_cadence(actor=actor_of(request), lead_id=lead_id, now=now_of(request))))
        )


def _view(row: CadenceRun) -> CadenceView:
    return CadenceView(
        id=row.id,
        cadence=row.cadence,
        started_at=row.started_at,
        started_by=row.started_by,
        ended_at=row.ended_at,
        ended_because=row.ended_because,
        steps=[
            CadenceStepView(
                step=each.key,
                state=each.state,
                channel=each.channel,
                due_at=each.due_at,
                ended_at=each.ended_at,
                because=each.because,
                message=each.message.state if each.message is not None else None,
            )
            for each in row.steps.all()
        ],
    )
