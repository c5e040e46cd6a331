"""What goes to a lead's person by itself, by API: whether it is paused, since when, and letting it go on."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, StringConstraints
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.capture.schema import Line500
from apps.flows.automation import pause_by_hand, resume_automation
from apps.leads.models import Lead
from apps.outreach.pauses import pause_of
from apps.outreach.terms import PauseReason
from apps.ownership.queries import lead_for, lead_to_change
from apps.workspace.api import bodies, showing
from apps.workspace.api.describing import describe
from apps.workspace.api.leads import refuse_agency
from apps.workspace.api.reading import actor_of, body_of, now_of


class AutomationBody(bodies.Body):
    """Whether it is paused or goes on, and why."""

    state: Literal["paused", "running"]
    reason: Annotated[Line500, StringConstraints(max_length=300)]


class AutomationState(BaseModel):
    """Whether what goes to the person by itself is paused; the rest is null while it is not."""

    state: Literal["paused", "running"]
    reason: PauseReason | None
    paused_at: datetime | None
    paused_by: str | None


class AutomationView(APIView):
    """`/leads/{id}/automation`."""

    @describe(
        "Read whether automation is paused",
        "Of the lead's person, on whichever lead it was paused.",
        answers={200: AutomationState},
        errors=(404,),
        scope=Permission.LEAD_VIEW,
        name="read_automation",
    )
    def get(self, request: Request, lead_id: UUID) -> Response:
        """Answer it."""
        refuse_agency(request, lead_id, "status", "lead.automation")
        actor = actor_of(request)
        lead = lead_for(actor, lead_id)
        ledger.record_read(actor=actor, what="lead", object_ids=[lead.id], fields=["automation"])
        return Response(_state(lead))

    @describe(
        "Pause automation, or let it go on",
        "Messages that nobody of ours sends wait meanwhile. Letting it go on settles the alarm that paused it.",
        body=AutomationBody,
        answers={200: AutomationState},
        errors=(404, 409),
        scope=Permission.LEAD_EDIT,
        name="change_automation",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Change it, with the reason."""
        refuse_agency(request, lead_id, "status", "lead.automation")
        body, actor = body_of(request, AutomationBody), actor_of(request)
        change = pause_by_hand if body.state == "paused" else resume_automation
        change(actor=actor, lead_id=lead_id, reason=body.reason, now=now_of(request))
        return Response(_state(lead_to_change(actor, lead_id)))


def _state(lead: Lead) -> dict[str, object]:
    held = pause_of(lead)
    if held is None:
        return showing.dump(AutomationState(state="running", reason=None, paused_at=None, paused_by=None))
    return showing.dump(
        AutomationState(
            state="paused", reason=PauseReason(held.reason), paused_at=held.paused_at, paused_by=held.paused_by
        )
    )
