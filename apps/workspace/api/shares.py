"""Sharing a lead by API: with whom it is shared by hand, a new share, and its end."""

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.terms import Permission
from apps.flows.sharing import Share, end_share, share_lead
from apps.ownership.models import LeadShare
from apps.ownership.queries import lead_for, shares_of
from apps.workspace.api import asking_answers, bodies, showing
from apps.workspace.api.describing import describe
from apps.workspace.api.leads import refuse_agency
from apps.workspace.api.reading import actor_of, body_of, now_of

STATE_ERRORS = (404, 409)


class SharesView(APIView):
    """`/leads/{id}/shares`."""

    @describe(
        "List with whom a lead is shared",
        answers={200: asking_answers.ShareList},
        name="list_shares",
        scope=Permission.LEAD_VIEW,
    )
    def get(self, request: Request, lead_id: UUID) -> Response:
        """Return the shares that hold now."""
        refuse_agency(request, lead_id, "owner_team", "lead.read")
        lead = lead_for(actor_of(request), lead_id)
        return Response({"results": [_shown(row) for row in shares_of(lead, now_of(request))]})

    @describe(
        "Share a lead with a team or a person",
        "The right to look, and those to contact and to download where said, until an instant within 90 days. Open to"
        " who leads the owning team. It ends by itself, or when another team takes the lead over.",
        body=bodies.ShareBody,
        answers={201: asking_answers.ShareView},
        errors=STATE_ERRORS,
        scope=Permission.LEAD_EDIT,
        name="share_lead",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Share it."""
        refuse_agency(request, lead_id, "owner_team", "lead.share")
        body = body_of(request, bodies.ShareBody)
        wanted = Share(
            team_key=body.team,
            member_id=body.member,
            contact=body.contact,
            download=body.download,
            reason=body.reason,
            ends_at=body.ends_at,
        )
        row = share_lead(actor=actor_of(request), lead_id=lead_id, wanted=wanted, now=now_of(request))
        return Response(_shown(row), 201)


class ShareEndView(APIView):
    """`/leads/{id}/shares/{share}`."""

    @describe(
        "Take a share back",
        answers={200: asking_answers.ShareView},
        errors=STATE_ERRORS,
        scope=Permission.LEAD_EDIT,
        name="end_share",
    )
    def delete(self, request: Request, lead_id: UUID, share_id: UUID) -> Response:
        """End it now."""
        refuse_agency(request, lead_id, "owner_team", "lead.unshare")
        row = end_share(actor=actor_of(request), lead_id=lead_id, share_id=share_id, now=now_of(request))
        return Response(_shown(row))


def _shown(row: LeadShare) -> dict[str, Any]:
    return showing.dump(
        asking_answers.ShareView(
            id=row.id,
            team=row.team.key if row.team else None,
            member=row.member.user.name if row.member else None,
            contact=row.may_contact,
            download=row.may_download,
            reason=row.reason,
            granted_by=row.granted_by,
            granted_at=row.granted_at,
            ends_at=row.ends_at,
            ended_at=row.ended_at,
        )
    )
