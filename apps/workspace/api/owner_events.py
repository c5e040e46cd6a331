"""Events that hand a lead over by its ownership policy, told by API: a meeting agreed, terms approved, one's own."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.terms import Permission
from apps.flows.owner_moves import record_event
from apps.workspace.api import answers, bodies, showing
from apps.workspace.api.describing import describe
from apps.workspace.api.leads import refuse_agency
from apps.workspace.api.reading import actor_of, body_of, now_of


class OwnerEventsView(APIView):
    """`/leads/{id}/owner-events`."""

    @describe(
        "Record an event of ownership",
        "The lead's ownership policy names the events it acts on and who takes over then. Stages do so by themselves.",
        body=bodies.OwnerEventBody,
        answers={200: answers.LeadState},
        errors=(404, 409),
        scope=Permission.LEAD_EDIT,
        name="record_owner_event",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Record the event; the owner follows in the same transaction."""
        refuse_agency(request, lead_id, "stage", "lead.record_event")
        body = body_of(request, bodies.OwnerEventBody)
        lead = record_event(
            actor=actor_of(request), lead_id=lead_id, event=body.event, note=body.note, now=now_of(request)
        )
        return Response(showing.lead_state(lead))
