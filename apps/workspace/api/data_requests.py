"""What a person is asked for by a link, by API: sent, and what became of it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.terms import Permission
from apps.flows import collecting
from apps.outreach.models import DataRequest
from apps.outreach.queries import data_requests_of
from apps.ownership.queries import lead_for
from apps.workspace.api import showing
from apps.workspace.api.bodies import Body
from apps.workspace.api.describing import describe
from apps.workspace.api.leads import refuse_agency
from apps.workspace.api.reading import actor_of, body_of, now_of


class DataRequestBody(Body):
    """What the person shall tell; left out, all that the lead lacks."""

    fields: list[Literal["service", "location", "patient_type", "preferred_channel", "phone"]] = []


class DataRequestView(BaseModel):
    """A request; `state` is open, answered, replaced, settled or locked, and `expires_at` ends an open one."""

    id: UUID
    fields: list[str]
    state: str
    channel: str
    asked_by: str
    created_at: datetime
    sent_at: datetime | None
    opened_at: datetime | None
    expires_at: datetime | None
    ended_at: datetime | None


class DataRequestList(BaseModel):
    """What a person was asked for, newest first."""

    results: list[DataRequestView]


class DataRequestsView(APIView):
    """`/leads/{id}/data-requests`."""

    @describe(
        "List what the person was asked for by a link",
        answers={200: DataRequestList},
        name="list_data_requests",
        scope=Permission.LEAD_VIEW,
    )
    def get(self, request: Request, lead_id: UUID) -> Response:
        """Return the requests; the links themselves stand in the messages alone."""
        refuse_agency(request, lead_id, "data_request", "data_request.read")
        lead = lead_for(actor_of(request), lead_id)
        return Response(showing.dump(DataRequestList(results=[_view(row) for row in data_requests_of(lead)])))

    @describe(
        "Ask the person by a link for what the lead lacks",
        "The message goes on a channel they permit; a link sent before serves no more. 409 where nothing of it is"
        " missing (`nothing_missing`), no channel is permitted (`no_permitted_channel`), or they were asked three times"
        " in a day (`asked_often`).",
        body=DataRequestBody,
        answers={201: DataRequestView},
        errors=(404, 409),
        scope=Permission.LEAD_EDIT,
        name="ask_person",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Ask; the message is sent after commit."""
        refuse_agency(request, lead_id, "data_request", "lead.ask_person")
        body = body_of(request, DataRequestBody)
        row = collecting.ask_person(
            actor=actor_of(request), lead_id=lead_id, fields=list(body.fields), now=now_of(request)
        )
        return Response(showing.dump(_view(row)), 201)


def _view(row: DataRequest) -> DataRequestView:
    return DataRequestView(
        id=row.id,
        fields=list(row.asked),
        state=row.state,
        channel=row.message.channel,
        asked_by=row.asked_label,
        created_at=row.created_at,
        sent_at=row.sent_at,
        opened_at=row.opened_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
    )
