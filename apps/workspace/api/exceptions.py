"""Exceptions by API: what waits with its deadline, and the same decisions as on the page."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from pydantic import BaseModel, StringConstraints
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.terms import Permission
from apps.capture.schema import Line40, Line100
from apps.exceptions.models import ExceptionItem
from apps.exceptions.queries import open_items, volumes
from apps.exceptions.terms import TYPE_LABELS, Decision, title_of
from apps.flows import deciding
from apps.flows.masking import reads_service
from apps.ownership.queries import visible_leads
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Invalid, Problem
from apps.workspace.api import showing
from apps.workspace.api.bodies import Body
from apps.workspace.api.describing import PAGE, describe
from apps.workspace.api.reading import actor_of, body_of, now_of

USUAL_SIZE, LARGEST_SIZE = 50, 200
TYPE = OpenApiParameter("type", OpenApiTypes.STR, description="The only type of exception to list.")


class GuessView(BaseModel):
    """What we take a field to be; `confidence` is 0 to 100."""

    field: str
    value: str
    confidence: int


class CriterionView(BaseModel):
    """One criterion that the decision rests on; `answer` is met, not_met or unclear, "" before anybody said."""

    id: str
    sentence: str
    answer: str


class ExceptionView(BaseModel):
    """One exception of a lead. `allowed` are the decisions that the rules offer, `approves` those that wait."""

    id: UUID
    lead: UUID
    ref: str
    type: str
    code: str
    title: str
    detail: str
    state: str
    opened_at: datetime
    due_at: datetime
    escalated_at: datetime | None
    queue: str | None
    guess: GuessView | None
    criteria: list[CriterionView]
    allowed: list[str]
    approves: list[str]
    approver: str | None
    rules_version: int | None
    decision: str
    reason: str
    decided_by: str
    decided_at: datetime | None


class VolumeView(BaseModel):
    """How many exceptions of one cause wait, and since when the oldest does."""

    type: str
    code: str
    title: str
    count: int
    oldest_at: datetime
    oldest_seconds: int


class ExceptionsView(BaseModel):
    """Open exceptions, first due first, and the volume and age of all by cause."""

    exceptions: list[ExceptionView]
    next_cursor: str | None
    volumes: list[VolumeView]


class DecisionBody(Body):
    """What is decided and why; each decision takes what it needs: `queue`, `field` and `value`, `closure`, `party`.

    `park` takes the wanted service as `value`; what has `criteria` takes an answer for each.
    """

    decision: Literal[
        "accept",
        "redirect",
        "ask",
        "fix",
        "nurture",
        "park",
        "refer",
        "close",
        "retry",
        "escalate",
        "approve",
        "refuse",
    ]
    reason: Annotated[str, StringConstraints(max_length=300)] = ""
    queue: Line100 = ""
    field: Line40 = ""
    value: Line100 = ""
    closure: Line40 = ""
    party: Line100 = ""
    answers: dict[Line40, Literal["met", "not_met", "unclear"]] = {}


class ExceptionListView(APIView):
    """`/exceptions`."""

    @describe(
        "List what keeps leads from going their way",
        "Open exceptions of the leads that you see, first due first; test leads are left out.",
        answers={200: ExceptionsView},
        headers=(TYPE, *PAGE),
        scope=Permission.SUBMISSION_READ,
        name="list_exceptions",
    )
    def get(self, request: Request) -> Response:
        """Answer one page."""
        actor, now = actor_of(request), now_of(request)
        deciding.require_reader(actor)
        leads = visible_leads(actor)
        rows = open_items(leads).select_related("lead", "queue", "approver", "version")
        if wanted := request.query_params.get("type", ""):
            if wanted not in TYPE_LABELS:
                raise _bad("type", f"One of: {', '.join(TYPE_LABELS)}.")
            rows = rows.filter(type=wanted)
        start, size = (_number(request, name, usual) for name, usual in (("cursor", 0), ("page_size", USUAL_SIZE)))
        size = max(1, min(size, LARGEST_SIZE))
        found = list(rows[start : start + size + 1])
        answer = ExceptionsView(
            exceptions=[_view(actor, each) for each in found[:size]],
            next_cursor=str(start + size) if len(found) > size else None,
            volumes=[
                VolumeView(
                    type=each.type,
                    code=each.code,
                    title=each.title,
                    count=each.count,
                    oldest_at=each.oldest_at,
                    oldest_seconds=int((now - each.oldest_at).total_seconds()),
                )
                for each in volumes(leads)
            ],
        )
        return Response(showing.dump(answer))


class ExceptionDecisionView(APIView):
    """`/exceptions/{id}/decision`."""

    @describe(
        "Decide about an exception",
        "What the rules keep for an approver answers with the state `waiting_approval`; a lead of that team then"
        " sends `approve`, or `refuse` with a reason.",
        body=DecisionBody,
        answers={200: ExceptionView},
        errors=(404, 409),
        scope=Permission.SUBMISSION_READ,
        name="decide_exception",
    )
    def post(self, request: Request, item_id: UUID) -> Response:
        """Keep the decision and do what it says."""
        body, actor, now = body_of(request, DecisionBody), actor_of(request), now_of(request)
        if body.decision == "approve":
            item = deciding.approve(actor=actor, item_id=item_id, now=now)
        elif body.decision == "refuse":
            item = deciding.refuse(actor=actor, item_id=item_id, reason=body.reason, now=now)
        else:
            rest = body.model_dump(exclude={"decision"})
            choice = deciding.Choice(decision=Decision(body.decision), **rest)
            item = deciding.decide(actor=actor, item_id=item_id, choice=choice, now=now)
        return Response(showing.dump(_view(actor, item)))


def _number(request: Request, name: str, usual: int) -> int:
    typed = request.query_params.get(name, "")
    if not typed:
        return usual
    if not (typed.isascii() and typed.isdigit() and len(typed) < 8):
        raise _bad(name, "Send what the page before answered." if name == "cursor" else "Send a whole number.")
    return int(typed)


def _bad(name: str, sentence: str) -> Invalid:
    return Invalid(sentence, (Problem(f"/{name}", "bad_value", sentence),))


def _view(actor: Actor, item: ExceptionItem) -> ExceptionView:
    reads = reads_service(actor)
    return ExceptionView(
        id=item.id,
        lead=item.lead_id,
        ref=item.lead.ref,
        type=item.type,
        code=item.code,
        title=title_of(item.code),
        detail=item.detail if reads else "",
        state=item.state,
        opened_at=item.opened_at,
        due_at=item.due_at,
        escalated_at=item.escalated_at,
        queue=item.queue.key if item.queue else None,
        guess=GuessView(**item.guess) if item.guess and (reads or item.guess.get("field") != "service") else None,
        criteria=[CriterionView(**each, answer=item.answers.get(each["id"], "")) for each in item.criteria],
        allowed=list(item.allowed),
        approves=list(item.approves),
        approver=item.approver.key if item.approver else None,
        rules_version=item.version.number if item.version else None,
        decision=item.decision,
        reason=item.reason,
        decided_by=item.decided_label,
        decided_at=item.decided_at,
    )
