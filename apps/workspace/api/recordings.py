"""Recordings and transcripts of a lead's contacts, by API: noted, listed without their address, opened by right."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, StringConstraints
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.capture.schema import Line500
from apps.flows.recordings import note_recording, open_recording, recordings_of
from apps.outreach.models import Recording
from apps.outreach.terms import RecordingKind
from apps.ownership.queries import lead_for
from apps.workspace.api import bodies, showing
from apps.workspace.api.describing import describe
from apps.workspace.api.leads import refuse_agency
from apps.workspace.api.reading import actor_of, body_of, now_of


class RecordingBody(bodies.Body):
    """Of which contact, and where it lies: an https address at the service that keeps it."""

    activity: UUID
    kind: RecordingKind
    address: Annotated[Line500, StringConstraints(min_length=1, max_length=500)]


class RecordingView(BaseModel):
    """A recording or a transcript; `erased_at` is when its address went. The address is opened apart."""

    id: UUID
    activity: UUID
    kind: RecordingKind
    added_by: str
    added_at: datetime
    erased_at: datetime | None


class RecordingList(BaseModel):
    """Recordings, newest first."""

    results: list[RecordingView]


class OpenedView(BaseModel):
    """Where a recording lies."""

    address: str


class RecordingsView(APIView):
    """`/leads/{id}/recordings`."""

    @describe(
        "List recordings",
        "Of calls and meetings, without their addresses.",
        answers={200: RecordingList},
        errors=(404,),
        scope=Permission.LEAD_VIEW,
        name="list_recordings",
    )
    def get(self, request: Request, lead_id: UUID) -> Response:
        """Answer them."""
        refuse_agency(request, lead_id, "activity", "recording.read")
        actor = actor_of(request)
        lead = lead_for(actor, lead_id)
        ledger.record_read(actor=actor, what="lead", object_ids=[lead.id], fields=["recording"])
        return Response(showing.dump(RecordingList(results=[_view(each) for each in recordings_of(lead)])))

    @describe(
        "Note where a recording lies",
        "Its address is kept sealed, and erased after the tenant's days.",
        body=RecordingBody,
        answers={201: RecordingView},
        errors=(404, 409),
        scope=Permission.LEAD_EDIT,
        name="note_recording",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Note it."""
        refuse_agency(request, lead_id, "activity", "recording.add")
        body = body_of(request, RecordingBody)
        row = note_recording(
            actor=actor_of(request),
            lead_id=lead_id,
            activity_id=body.activity,
            kind=RecordingKind(body.kind),
            address=body.address,
            now=now_of(request),
        )
        return Response(showing.dump(_view(row)), 201)


class RecordingOpenView(APIView):
    """`/leads/{id}/recordings/{recording_id}/open`."""

    @describe(
        "Open a recording",
        "Answers where it lies; the ledger keeps who opened it. Needs a person whose role opens recordings.",
        answers={200: OpenedView},
        errors=(404, 409),
        scope=Permission.RECORDING_OPEN,
        name="open_recording",
    )
    def post(self, request: Request, lead_id: UUID, recording_id: UUID) -> Response:
        """Answer the address."""
        refuse_agency(request, lead_id, "activity", "recording.open")
        address = open_recording(actor=actor_of(request), lead_id=lead_id, recording_id=recording_id)
        return Response(showing.dump(OpenedView(address=address)))


def _view(row: Recording) -> RecordingView:
    return RecordingView(
        id=row.id,
        activity=row.activity_id,
        kind=RecordingKind(row.kind),
        added_by=row.added_by,
        added_at=row.added_at,
        erased_at=row.erased_at,
    )
