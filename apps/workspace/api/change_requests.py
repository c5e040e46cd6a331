"""Ask to change by API: a request to the owner of a lead, its state, and the owner's answer."""

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.flows.asking import answer_request, ask_to_change, requests_of
from apps.flows.masking import reads_health
from apps.leads.models import ChangeRequest
from apps.ownership.queries import lead_for
from apps.ownership.terms import is_of
from apps.tenancy.actor import Actor
from apps.workspace.api import asking_answers, bodies, showing
from apps.workspace.api.describing import describe
from apps.workspace.api.leads import refuse_agency
from apps.workspace.api.reading import actor_of, body_of, now_of

STATE_ERRORS = (404, 409)


class ChangeRequestsView(APIView):
    """`/leads/{id}/change-requests`."""

    @describe(
        "List what was asked of a lead's owner",
        "The owning team reads every request, others what they asked themselves, each with its state and answer.",
        answers={200: asking_answers.ChangeRequestList},
        name="list_change_requests",
        scope=Permission.LEAD_VIEW,
    )
    def get(self, request: Request, lead_id: UUID) -> Response:
        """Return the requests, newest first."""
        refuse_agency(request, lead_id, "stage", "lead.ask")
        actor = actor_of(request)
        rows = requests_of(actor, lead_for(actor, lead_id), now=now_of(request))
        ledger.record_read(actor=actor, what="lead", object_ids=[lead_id], fields=["change_requests"])
        return Response({"results": [_shown(row, actor) for row in rows]})

    @describe(
        "Ask the owner to change a lead",
        "Lands in the owner's My work with a clock of its own; a permission (`consent_call`, `consent_text`,"
        " `consent_email`, for a purpose) in that of the team that maintains consent. Nothing is changed before.",
        body=bodies.ChangeRequestBody,
        answers={201: asking_answers.ChangeRequestView},
        errors=STATE_ERRORS,
        scope=Permission.LEAD_VIEW,
        name="ask_to_change",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Put a request before the lead's owner."""
        refuse_agency(request, lead_id, "stage", "lead.ask")
        body, actor = body_of(request, bodies.ChangeRequestBody), actor_of(request)
        task = ask_to_change(actor=actor, lead_id=lead_id, now=now_of(request), **body.model_dump())
        return Response(_shown(ChangeRequest.rows().select_related("task__team").get(task=task), actor), 201)


class RequestAnswerView(APIView):
    """`/leads/{id}/change-requests/{request}/answer`."""

    @describe(
        "Accept or decline a request",
        "Accepting makes the change by the owner's own verb; what its gates refuse stays open. A permission is"
        " granted by the team that maintains consent, with its proof. Declining says why.",
        body=bodies.RequestAnswer,
        answers={200: asking_answers.ChangeRequestView},
        errors=STATE_ERRORS,
        scope=Permission.LEAD_EDIT,
        name="answer_change_request",
    )
    def post(self, request: Request, lead_id: UUID, task_id: UUID) -> Response:
        """Answer in the owner's name."""
        refuse_agency(request, lead_id, "status", "lead.answer")
        body, actor = body_of(request, bodies.RequestAnswer), actor_of(request)
        said = body.model_dump()
        answer_request(actor=actor, lead_id=lead_id, task_id=task_id, now=now_of(request), **said)
        return Response(_shown(ChangeRequest.rows().select_related("task__team").get(task_id=task_id), actor))


def _shown(row: ChangeRequest, actor: Actor) -> dict[str, Any]:
    """Return a request; its reason is prose and is read by who reads notes, and by who wrote it."""
    may_read = reads_health(actor) or (row.asker_id is not None and row.asker_id == actor.membership_id)
    return showing.dump(
        asking_answers.ChangeRequestView(
            id=row.task_id,
            field=row.field,
            asked_of=row.task.team.name,
            proposed=row.proposed if not is_of(row.field, actor.hidden_fields) else "",
            reason=row.reason if may_read else "",
            asked_by=row.asker_label,
            asked_at=row.created_at,
            due_at=row.task.due_at,
            state=row.state,
            answer=row.answer,
            answered_at=row.answered_at,
        )
    )
