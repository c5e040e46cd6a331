"""Leads that nobody has tried to reach yet, by API (row TK-11)."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.tenancy.errors import NotFound
from apps.workspace.api import showing
from apps.workspace.api.describing import describe
from apps.workspace.api.reading import actor_of
from apps.workspace.queries import tried_by_nobody

MOST = 200


class NeverAttemptedLead(BaseModel):
    """One of them; `due_at` is the end of its most pressing clock."""

    id: UUID
    ref: str
    stage: str
    queue: str | None
    team: str | None
    owner: str | None
    captured_at: datetime
    due_at: datetime | None


class NeverAttempted(BaseModel):
    """`never_attempted` of `open` leads that the asker sees; the 200 that have waited longest are listed."""

    never_attempted: int
    open: int
    results: list[NeverAttemptedLead]


class NeverAttemptedView(APIView):
    """`/never-attempted`."""

    @describe(
        "List leads that nobody has tried to reach",
        answers={200: NeverAttempted},
        name="list_never_attempted",
        scope=Permission.LEAD_VIEW,
    )
    def get(self, request: Request) -> Response:
        """Return the open leads without an attempt and without a talk, the longest waiting first."""
        actor = actor_of(request)
        if actor.is_agency:
            raise NotFound
        rows, open_leads = tried_by_nobody(actor)
        found = list(rows[:MOST])
        ledger.record_read(actor=actor, what="lead", object_ids=[row.id for row in found], fields=["attempts"])
        never = rows.count() if len(found) == MOST else len(found)
        shown = [
            NeverAttemptedLead(
                id=row.id,
                ref=row.ref,
                stage=row.stage.key,
                queue=row.queue.key if row.queue else None,
                team=row.owner_team.key if row.owner_team else None,
                owner=row.owner.user.name if row.owner else None,
                captured_at=row.captured_at,
                due_at=row.due_at,
            )
            for row in found
        ]
        return Response(showing.dump(NeverAttempted(never_attempted=never, open=open_leads, results=shown)))
