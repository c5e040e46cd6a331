"""The recordings and transcripts of a lead's contacts: a list, and one that is opened, which the ledger keeps."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.flows.recordings import open_recording, recordings_of
from apps.ownership.queries import lead_for
from apps.tenancy.errors import Conflict
from apps.workspace.web.wall import wall_of
from apps.workspace.words import plain
from leadcrm.http.scoping import ActorRequest


@require_safe
def recordings(request: ActorRequest, lead_id: UUID) -> HttpResponse:
    """List them, without their addresses."""
    return _page(request, lead_id)


@require_http_methods(["POST"])
def recording_open(request: ActorRequest, lead_id: UUID, recording_id: UUID) -> HttpResponse:
    """Show where one lies, which no browser or proxy keeps."""
    try:
        address = open_recording(actor=request.actor, lead_id=lead_id, recording_id=recording_id)
    except Conflict as error:
        return _page(request, lead_id, problem=error.detail, status=409)
    return _page(request, lead_id, opened=recording_id, address=address)


def _page(
    request: ActorRequest,
    lead_id: UUID,
    *,
    opened: UUID | None = None,
    address: str = "",
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    lead, wall = lead_for(request.actor, lead_id), wall_of(request)
    ledger.record_read(actor=request.actor, what="lead", object_ids=[lead.id], fields=["recording"])
    rows = [
        {
            "id": each.id,
            "label": f"{plain(each.activity.kind)}, {each.kind}",
            "at_label": wall.at(each.activity.started_at),
            "by": each.added_by,
            "is_erased": each.erased_at is not None,
            "address": address if each.id == opened else "",
        }
        for each in recordings_of(lead)
    ]
    context = {
        "lead": {"id": lead.id, "ref": lead.ref},
        "rows": rows,
        "may_open": request.actor.may(Permission.RECORDING_OPEN),
        "problem": problem,
    }
    answer = render(request, "workspace/recordings.html", context, status=status)
    answer["Cache-Control"] = "no-store"
    return answer
