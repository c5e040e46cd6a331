"""Leads that wait for others, by API: parked until a service opens, and steps with insurers and practices."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from pydantic import BaseModel, StringConstraints
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.terms import FieldGroup, Permission
from apps.audit import ledger
from apps.capture.schema import Line100, Line500
from apps.flows.clearing import Stands, record_step
from apps.flows.parking import park_lead, take_up
from apps.flows.pausing import pause_clocks, resume_clocks
from apps.ownership.queries import lead_for
from apps.qualification.insurance import Word
from apps.qualification.queries import insurance_of, word_of_step
from apps.qualification.terms import ClearanceStatus, ClearanceStep
from apps.tenancy.errors import NotFound, Refused
from apps.workspace.api import answers, bodies, clock_answers, showing
from apps.workspace.api.describing import IF_MATCH, describe
from apps.workspace.api.leads import refuse_agency
from apps.workspace.api.reading import actor_of, body_of, now_of, version_of
from apps.workspace.parked_page import parked_rows

SERVICE = OpenApiParameter("service", OpenApiTypes.STR, description="Only leads that wait for this service.")
UP = OpenApiParameter("up_for_review", OpenApiTypes.BOOL, description="Only those whose service opened.")


class ParkBody(bodies.Versioned):
    """The service that they want, as they call it, and why the lead waits."""

    wanted: Annotated[Line100, StringConstraints(max_length=80)]
    reason: Annotated[Line500, StringConstraints(max_length=300)]


class PauseBody(bodies.Versioned):
    """The key of a listed reason, and when the clocks go on."""

    reason: Annotated[Line100, StringConstraints(max_length=40)]
    until: bodies.Zoned
    note: Annotated[Line500, StringConstraints(max_length=200)] = ""


class ParkedView(BaseModel):
    """A parked lead. `resurfaced_at` is null until the service is open to them and a contact is permitted."""

    lead: UUID
    ref: str
    wanted: str
    reason: str
    parked_at: datetime
    resurfaced_at: datetime | None


class ParkedListView(BaseModel):
    """Parked leads, up for review first, then the oldest; at most 100."""

    parked: list[ParkedView]


class StepBody(bodies.Versioned):
    """Where a step stands since which day; `look_again_at` is needed while it is needed, requested or pending.

    `valid_until` is the last day of a pre-authorisation that is done.
    """

    step: ClearanceStep
    status: ClearanceStatus
    since: date
    look_again_at: bodies.Zoned | None = None
    valid_until: date | None = None
    reference: Annotated[Line100, StringConstraints(max_length=80)] = ""
    note: Annotated[Line500, StringConstraints(max_length=200)] = ""


class StepView(BaseModel):
    """The last word of one step."""

    step: ClearanceStep
    status: ClearanceStatus
    since: date
    look_again_at: datetime | None
    valid_until: date | None
    reference: str
    note: str
    recorded_by: str
    recorded_at: datetime


class StepsView(BaseModel):
    """Where each step before a visit stands that somebody recorded."""

    clearance: list[StepView]


class ParkingView(APIView):
    """`/leads/{id}/parking`."""

    @describe(
        "Park a lead until a service opens",
        "It rests in nurture. When the service counts and an office takes them, it comes up for review.",
        body=ParkBody,
        answers={201: answers.LeadState},
        errors=(404, 409),
        headers=(IF_MATCH,),
        scope=Permission.LEAD_EDIT,
        name="park_lead",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Park it."""
        refuse_agency(request, lead_id, "stage", "lead.park")
        body, actor = body_of(request, ParkBody), actor_of(request)
        park_lead(
            actor=actor,
            lead_id=lead_id,
            wanted=body.wanted,
            reason=body.reason,
            now=now_of(request),
            version=version_of(request, body.version),
        )
        return Response(showing.lead_state(lead_for(actor, lead_id)), 201)

    @describe(
        "Let a parked lead go on",
        "By the rules, with the service that it waited for, once that is open to them.",
        answers={200: answers.LeadState},
        errors=(404, 409),
        scope=Permission.LEAD_EDIT,
        name="take_up_lead",
    )
    def delete(self, request: Request, lead_id: UUID) -> Response:
        """Let it go on."""
        refuse_agency(request, lead_id, "stage", "lead.take_up")
        return Response(showing.lead_state(take_up(actor=actor_of(request), lead_id=lead_id, now=now_of(request))))


class PauseView(APIView):
    """`/leads/{id}/pause`."""

    @describe(
        "Pause a lead's clocks",
        "For a reason that its service level lists, and no longer than that allows. They go on by themselves at `until`"
        " with what was left.",
        body=PauseBody,
        answers={201: clock_answers.PauseView},
        errors=(404, 409),
        headers=(IF_MATCH,),
        scope=Permission.LEAD_EDIT,
        name="pause_clocks",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Let them stand still."""
        refuse_agency(request, lead_id, "status", "lead.pause_clocks")
        body, actor = body_of(request, PauseBody), actor_of(request)
        pause = pause_clocks(
            actor=actor,
            lead_id=lead_id,
            reason=body.reason,
            until=body.until,
            note=body.note,
            now=now_of(request),
            version=version_of(request, body.version),
        )
        return Response(showing.dump(showing.pause_view(pause)), 201)

    @describe(
        "Let paused clocks go on",
        "Before the end of the pause, with what was left.",
        answers={200: clock_answers.PauseView},
        errors=(404, 409),
        scope=Permission.LEAD_EDIT,
        name="resume_clocks",
    )
    def delete(self, request: Request, lead_id: UUID) -> Response:
        """Let them go on."""
        refuse_agency(request, lead_id, "status", "lead.resume_clocks")
        pause = resume_clocks(actor=actor_of(request), lead_id=lead_id, now=now_of(request))
        return Response(showing.dump(showing.pause_view(pause)))


class ParkedLeadsView(APIView):
    """`/parked`."""

    @describe(
        "List parked leads",
        "Of the leads that you see; test leads are left out.",
        answers={200: ParkedListView},
        headers=(SERVICE, UP),
        scope=Permission.LEAD_VIEW,
        name="list_parked",
    )
    def get(self, request: Request) -> Response:
        """Answer the first hundred."""
        actor, asked = actor_of(request), request.query_params
        if actor.is_agency or not actor.may(Permission.LEAD_VIEW):
            raise NotFound
        rows = parked_rows(actor, wanted=asked.get("service", ""), only_up=asked.get("up_for_review") == "true")
        found = [
            ParkedView(
                lead=each.lead_id,
                ref=each.ref,
                wanted=each.wanted,
                reason=each.reason,
                parked_at=each.parked_at,
                resurfaced_at=each.resurfaced_at,
            )
            for each in rows
        ]
        return Response(showing.dump(ParkedListView(parked=found)))


class ClearanceView(APIView):
    """`/leads/{id}/clearance`."""

    @describe(
        "Read the steps before a visit",
        "Insurance verification, pre-authorisation and the referring physician: the last word of each.",
        answers={200: StepsView},
        errors=(404,),
        scope=Permission.LEAD_VIEW,
        name="list_clearance",
    )
    def get(self, request: Request, lead_id: UUID) -> Response:
        """Answer where each stands."""
        refuse_agency(request, lead_id, "payer", "lead.clearance")
        actor = actor_of(request)
        lead = lead_for(actor, lead_id)
        if FieldGroup.INSURANCE in actor.hidden_fields:
            sentence = "Your role does not read what concerns the insurance."
            raise Refused(sentence, action="lead.clearance", object_type="lead", object_id=lead.id)
        ledger.record_read(actor=actor, what="lead", object_ids=[lead.id], fields=["clearance"])
        return Response(
            showing.dump(StepsView(clearance=[_step(each) for each in insurance_of(lead, now_of(request)).stands]))
        )

    @describe(
        "Record where a step before a visit stands",
        "What is waited for gets a dated task to ask again; until then the lead does not count as stale.",
        body=StepBody,
        answers={201: StepView},
        errors=(404, 409),
        headers=(IF_MATCH,),
        scope=Permission.LEAD_EDIT,
        name="record_clearance",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Keep it."""
        refuse_agency(request, lead_id, "payer", "lead.clearance")
        body = body_of(request, StepBody)
        stands = Stands(
            ClearanceStep(body.step),
            ClearanceStatus(body.status),
            body.since,
            body.look_again_at,
            body.reference,
            body.note,
            body.valid_until,
        )
        row = record_step(
            actor=actor_of(request),
            lead_id=lead_id,
            stands=stands,
            now=now_of(request),
            version=version_of(request, body.version),
        )
        return Response(showing.dump(_step(word_of_step(row))), 201)


def _step(word: Word) -> StepView:
    return StepView(
        step=ClearanceStep(word.about),
        status=ClearanceStatus(word.status),
        since=word.since,
        look_again_at=word.look_again_at,
        valid_until=word.valid_until,
        reference=word.reference,
        note=word.note,
        recorded_by=word.by,
        recorded_at=word.at,
    )
