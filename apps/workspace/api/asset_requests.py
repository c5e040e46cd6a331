"""Requests for access to a form or a calling list by API: a team asks, whoever shares it answers."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, StrictBool, StringConstraints
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.terms import AccessState, Permission
from apps.capture.schema import Line100, Line500
from apps.flows.asset_access import LONGEST_REASON, answer_access, ask_access
from apps.workspace import asset_requests_page as page
from apps.workspace import assets_page
from apps.workspace.api import bodies, showing
from apps.workspace.api.describing import describe
from apps.workspace.api.reading import actor_of, body_of, now_of

Reason = Annotated[Line500, StringConstraints(max_length=LONGEST_REASON)]


class AccessRequestBody(bodies.Body):
    """Why access is wanted, and for which team of the asker's, by key; one who works in one team need not name it."""

    team: Annotated[Line100, StringConstraints(max_length=63)] = ""
    reason: Annotated[Reason, StringConstraints(min_length=1)]


class AccessAnswerBody(bodies.Body):
    """The answer; declining needs a reason."""

    accept: StrictBool
    because: Reason = ""


class AccessRequestView(BaseModel):
    """A request: which team asked, why, by when it is answered, and what became of it."""

    id: UUID
    kind: Literal["form", "list"]
    asset: UUID
    owner: str
    team: str
    reason: str
    asked_by: str
    asked_at: datetime
    due_at: datetime
    state: AccessState
    answer: str
    answered_by: str


class AccessRequestList(BaseModel):
    """Requests, the newest first; at most 50."""

    results: list[AccessRequestView]


class AccessRequestsView(APIView):
    """`/capture-assets/{kind}/{id}/access-requests`."""

    @describe(
        "List requests for access to a form or a calling list",
        "All of them for who says who has access; for others those of their own teams.",
        answers={200: AccessRequestList},
        errors=(404,),
        scope=Permission.LEAD_VIEW,
        name="list_access_requests",
    )
    def get(self, request: Request, kind: str, asset_id: UUID) -> Response:
        """Return what the asker may read of them."""
        actor = actor_of(request)
        rows = page.requests_of(actor, assets_page.known_asset(actor, kind, asset_id))
        return Response({"results": [_shown(each) for each in rows]})

    @describe(
        "Ask for access to a form or a calling list",
        "The team that owns it answers within half an hour of its opening hours.",
        body=AccessRequestBody,
        answers={201: AccessRequestView},
        errors=(404, 409),
        scope=Permission.LEAD_VIEW,
        name="ask_asset_access",
    )
    def post(self, request: Request, kind: str, asset_id: UUID) -> Response:
        """Ask; nothing else changes."""
        actor, body = actor_of(request), body_of(request, AccessRequestBody)
        row = assets_page.known_asset(actor, kind, asset_id, lock=True)
        made = ask_access(actor=actor, row=row, team_key=body.team, reason=body.reason, now=now_of(request))
        return Response(_shown(page.shown(actor, made, row)), 201)


class AccessAnswerView(APIView):
    """`/capture-assets/{kind}/{id}/access-requests/{access_id}/answer`."""

    @describe(
        "Answer a request for access",
        "Accepting shares the form or list with the team that asked.",
        body=AccessAnswerBody,
        answers={200: AccessRequestView},
        errors=(404, 409),
        scope=Permission.LEAD_VIEW,
        name="answer_asset_access",
    )
    def post(self, request: Request, kind: str, asset_id: UUID, access_id: UUID) -> Response:
        """Accept or decline it."""
        actor, body = actor_of(request), body_of(request, AccessAnswerBody)
        row = assets_page.known_asset(actor, kind, asset_id, lock=True)
        made = answer_access(actor=actor, row=row, access_id=access_id, accept=body.accept, because=body.because)
        return Response(_shown(page.shown(actor, made, row)))


def _shown(row: page.RequestRow) -> dict[str, Any]:
    return showing.dump(
        AccessRequestView(
            id=row.id,
            kind="form" if row.kind == "form" else "list",
            asset=row.asset_id,
            owner=row.owner,
            team=row.team,
            reason=row.reason,
            asked_by=row.asked_by,
            asked_at=row.asked_at,
            due_at=row.due_at,
            state=row.state,
            answer=row.answer,
            answered_by=row.answered_by,
        )
    )
