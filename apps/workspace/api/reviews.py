"""The intake's and the clinic's review of a lead, by API: where each stands, when it is late, and its history."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, StringConstraints
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.terms import FieldGroup, Permission
from apps.audit import ledger
from apps.capture.schema import Line100, Line500
from apps.flows.review_status import Reviewed, record_review
from apps.ownership.queries import lead_for
from apps.qualification.models import ReviewEvent
from apps.qualification.queries import review_statuses, reviews_of
from apps.qualification.review_status import ReviewStatus, Track
from apps.tenancy.errors import Refused
from apps.workspace.api import bodies, showing
from apps.workspace.api.describing import IF_MATCH, describe
from apps.workspace.api.leads import refuse_agency
from apps.workspace.api.reading import actor_of, body_of, now_of, version_of


class ReviewBody(bodies.Versioned):
    """Where a review stands, by the key or the name of a status of the rules."""

    track: Track
    status: Annotated[Line100, StringConstraints(min_length=1, max_length=60)]
    note: Annotated[Line500, StringConstraints(max_length=200)] = ""


class ReviewView(BaseModel):
    """A status of one review; `late_at` is null where it is never late. `reporter` is a system whose word it is."""

    track: Track
    status: str
    name: str
    note: str
    reporter: str
    recorded_by: str
    recorded_at: datetime
    late_at: datetime | None


class StatusView(BaseModel):
    """A status that the rules name; `updates` and `escalates_to` are teams by key, "" the team that owns the lead."""

    track: Track
    status: str
    name: str
    updates: str
    late_after_seconds: int
    escalates_to: str
    is_end: bool


class ReviewsAnswer(BaseModel):
    """Where each review stands, every word of both, newest first, and what may be said."""

    stands: list[ReviewView]
    history: list[ReviewView]
    statuses: list[StatusView]


class ReviewsView(APIView):
    """`/leads/{id}/reviews`."""

    @describe(
        "Read where the reviews stand",
        "Of the intake and of the clinic, with who said so and when each is late.",
        answers={200: ReviewsAnswer},
        errors=(404,),
        scope=Permission.LEAD_VIEW,
        name="read_reviews",
    )
    def get(self, request: Request, lead_id: UUID) -> Response:
        """Answer them, with their history."""
        refuse_agency(request, lead_id, "status", "lead.review")
        actor = actor_of(request)
        lead = lead_for(actor, lead_id)
        if FieldGroup.HEALTH in actor.hidden_fields:
            sentence = "Your role does not read where the review of an inquiry stands."
            raise Refused(sentence, action="lead.review", object_type="lead", object_id=lead.id)
        ledger.record_read(actor=actor, what="lead", object_ids=[lead.id], fields=["review"])
        history = [_view(each) for each in reviews_of(lead)]
        newest = {each.track: each for each in reversed(history)}
        stands = [newest[track] for track in Track if track in newest]
        known = [_status(each) for each in review_statuses(now_of(request))]
        return Response(showing.dump(ReviewsAnswer(stands=stands, history=history, statuses=known)))

    @describe(
        "Record where a review stands",
        "By the team that the rules name for the status, else the lead's owner. A status that does not move on in its"
        " time is escalated, once.",
        body=ReviewBody,
        answers={201: ReviewView},
        errors=(404, 409),
        headers=(IF_MATCH,),
        scope=Permission.LEAD_EDIT,
        name="record_review",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Keep it."""
        refuse_agency(request, lead_id, "status", "lead.review")
        body = body_of(request, ReviewBody)
        row = record_review(
            actor=actor_of(request),
            lead_id=lead_id,
            said=Reviewed(body.track, body.status, body.note),
            now=now_of(request),
            version=version_of(request, body.version),
        )
        return Response(showing.dump(_view(row)), 201)


def _view(row: ReviewEvent) -> ReviewView:
    return ReviewView(
        track=Track(row.track),
        status=row.status,
        name=row.name,
        note=row.note,
        reporter=row.reporter,
        recorded_by=row.actor_label,
        recorded_at=row.recorded_at,
        late_at=row.late_at,
    )


def _status(each: ReviewStatus) -> StatusView:
    return StatusView(
        track=each.track,
        status=each.key,
        name=each.name,
        updates=each.updates,
        late_after_seconds=each.late_after_seconds,
        escalates_to=each.escalates_to,
        is_end=each.is_end,
    )
