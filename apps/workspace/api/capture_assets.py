"""Forms and calling lists by API: whose they are, what came through them, and who else sees that."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, StringConstraints
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.terms import Permission
from apps.capture.schema import Line100
from apps.workspace import assets_page
from apps.workspace.api import bodies, showing
from apps.workspace.api.describing import PAGE, describe
from apps.workspace.api.reading import actor_of, body_of
from leadcrm.http.pagination import KeysetPagination

TeamKey = Annotated[Line100, StringConstraints(min_length=1, max_length=63)]


class AccessBody(bodies.Body):
    """The team that owns a form or list, and the teams that look at what came through it, by key."""

    owner: TeamKey
    teams: list[TeamKey] = []


class AssetView(BaseModel):
    """A form or a calling list; `owner` and `shared_with` are names of teams, `submissions` how many came through."""

    kind: Literal["form", "list"]
    id: UUID
    title: str
    owner: str
    shared_with: list[str]
    submissions: int
    may_change: bool
    may_share: bool


class AssetList(BaseModel):
    """Forms by title, then lists, the newest first; at most 100 of each."""

    results: list[AssetView]


class CameView(BaseModel):
    """One submission; `name` and `contact` are empty for roles that see no contact data.

    `lead` is set where the asker may see the lead.
    """

    id: UUID
    received_at: datetime
    name: str
    contact: str
    result: str
    lead: UUID | None
    ref: str
    team: str


class CamePage(BaseModel):
    """A page of what came through, the newest first."""

    results: list[CameView]
    next_cursor: str | None


class CaptureAssetsView(APIView):
    """`/capture-assets`."""

    @describe(
        "List forms and calling lists",
        "Those that a team of yours owns, and those shared with one.",
        answers={200: AssetList},
        scope=Permission.LEAD_VIEW,
        name="list_capture_assets",
    )
    def get(self, request: Request) -> Response:
        """Return what the asker may look at."""
        rows = assets_page.assets_of(actor_of(request))
        return Response({"results": [_shown(row) for row in rows]})


class CameThroughView(APIView):
    """`/capture-assets/{kind}/{id}/submissions`."""

    cursor_time_field = "received_at"

    @describe(
        "List what came through a form or a calling list",
        "For the team that owns it and those it is shared with; everybody else is told whose it is.",
        answers={200: CamePage},
        errors=(404, 422),
        headers=PAGE,
        scope=Permission.LEAD_VIEW,
        name="list_asset_submissions",
    )
    def get(self, request: Request, kind: str, asset_id: UUID) -> Response:
        """Return one page, newest first."""
        actor = actor_of(request)
        row = assets_page.asset_for(actor, kind, asset_id)
        pages = KeysetPagination()
        rows = pages.paginate_queryset(assets_page.submissions_of(row), request, self)
        came = assets_page.came_through(actor, rows)
        return pages.get_paginated_response([_came(each) for each in came])


class AssetAccessView(APIView):
    """`/capture-assets/{kind}/{id}/access`."""

    @describe(
        "Say who owns a form or list, and who sees what came through it",
        "For who may change it, and who leads the team that owns it.",
        body=AccessBody,
        answers={200: AssetView},
        scope=Permission.LEAD_VIEW,
        name="share_capture_asset",
    )
    def put(self, request: Request, kind: str, asset_id: UUID) -> Response:
        """Set the owner and the teams."""
        actor, body = actor_of(request), body_of(request, AccessBody)
        row = assets_page.give_access(
            actor=actor, kind=kind, asset_id=asset_id, owner_key=body.owner, team_keys=body.teams
        )
        return Response(_shown(assets_page.asset_row(actor, row)))


def _shown(row: assets_page.AssetRow) -> dict[str, Any]:
    return showing.dump(
        AssetView(
            kind="form" if row.kind == "form" else "list",
            id=row.id,
            title=row.title,
            owner=row.owner,
            shared_with=list(row.shared_with),
            submissions=row.came,
            may_change=row.may_change,
            may_share=row.may_share,
        )
    )


def _came(each: assets_page.CameThrough) -> dict[str, Any]:
    return showing.dump(
        CameView(
            id=each.id,
            received_at=each.received_at,
            name=each.name,
            contact=each.contact,
            result=str(each.result),
            lead=each.lead_id,
            ref=each.ref,
            team=each.team,
        )
    )
