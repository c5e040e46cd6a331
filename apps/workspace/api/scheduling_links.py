"""Links by which people book a visit, by API: sent, and what became of each."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.flows.self_scheduling import send_scheduling_link
from apps.outreach.models import SchedulingLink
from apps.outreach.scheduling_links import links_of
from apps.ownership.queries import lead_for
from apps.workspace.api import showing
from apps.workspace.api.bodies import Body
from apps.workspace.api.describing import describe
from apps.workspace.api.leads import refuse_agency
from apps.workspace.api.reading import actor_of, body_of, now_of


class SchedulingLinkBody(Body):
    """By which channel it goes; without it as they prefer and permit."""

    channel: Literal["", "text", "email"] = ""


class SchedulingLinkView(BaseModel):
    """A link that went; `link_clicked_at` is when it was opened first, `appointment_id` the visit that it booked."""

    id: UUID
    state: str
    channel: str
    link_sent_at: datetime
    link_clicked_at: datetime | None
    expires_at: datetime
    ended_at: datetime | None
    appointment_id: UUID | None


class SchedulingLinkList(BaseModel):
    """The links of a lead, newest first."""

    results: list[SchedulingLinkView]


class LinkOnItsWay(BaseModel):
    """The message that carries the link; the link is made when it goes."""

    message_id: UUID
    channel: str
    state: str


class SchedulingLinksView(APIView):
    """`/leads/{id}/scheduling-links`."""

    @describe(
        "List the scheduling links of a lead",
        "When each went and was opened first. The links themselves stand in the messages alone.",
        answers={200: SchedulingLinkList},
        name="list_scheduling_links",
        scope=Permission.LEAD_VIEW,
    )
    def get(self, request: Request, lead_id: UUID) -> Response:
        """Return them."""
        refuse_agency(request, lead_id, "scheduling_link", "scheduling_link.read")
        actor = actor_of(request)
        lead = lead_for(actor, lead_id)
        ledger.record_read(actor=actor, what="lead", object_ids=[lead_id], fields=["scheduling_links"])
        return Response(showing.dump(SchedulingLinkList(results=[_view(row) for row in links_of(lead)])))

    @describe(
        "Send the person a scheduling link",
        "It goes as any message that a colleague writes, with the same refusals. 409 `no_slots` where no slot of what"
        " the lead asks for is free.",
        body=SchedulingLinkBody,
        answers={201: LinkOnItsWay},
        errors=(404, 409),
        scope=Permission.LEAD_EDIT,
        name="send_scheduling_link",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Send; the message goes after commit."""
        refuse_agency(request, lead_id, "scheduling_link", "lead.write")
        body = body_of(request, SchedulingLinkBody)
        row = send_scheduling_link(
            actor=actor_of(request), lead_id=lead_id, now=now_of(request), channel=str(body.channel)
        )
        shown = LinkOnItsWay(message_id=row.id, channel=row.channel, state=row.state)
        return Response(showing.dump(shown), 201)


def _view(row: SchedulingLink) -> SchedulingLinkView:
    return SchedulingLinkView(
        id=row.id,
        state=row.state,
        channel=row.message.channel,
        link_sent_at=row.sent_at,
        link_clicked_at=row.opened_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
        appointment_id=row.visit_id,
    )
