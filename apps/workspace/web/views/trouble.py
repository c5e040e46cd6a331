"""Why was this lead misrouted or not contacted, on one page (row AU-03)."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.audit import ledger
from apps.flows.packages import reader_of
from apps.flows.troubleshooting import trouble_of
from apps.ownership.queries import lead_for
from apps.workspace.web.wall import wall_of
from leadcrm.http.scoping import ActorRequest

ICONS = {
    "route": "route",
    "owner": "team",
    "stage": "stage",
    "clock": "later",
    "exception": "warning",
    "message": "email",
    "contact": "call",
    "refusal": "no",
}


@require_safe
def trouble(request: ActorRequest, lead_id: UUID) -> HttpResponse:
    """Show what stands in the way now and all that decided, in order."""
    found, wall = lead_for(request.actor, lead_id), wall_of(request)
    ledger.record_read(
        actor=request.actor, what="lead", object_ids=[found.id], fields=["routing", "consent", "timeline"]
    )
    told = trouble_of(found, reader=reader_of(request.actor, found.id), now=request.now)
    context = {
        "lead": {"id": found.id, "ref": found.ref},
        "misrouted": [wall.told(each) for each in told.misrouted],
        "uncontacted": [wall.told(each) for each in told.uncontacted],
        "events": [
            {"event": each, "sentence": wall.told(each.sentence), "at": wall.day(each.at), "icon": ICONS[each.kind]}
            for each in told.events
        ],
    }
    return render(request, "workspace/trouble.html", context)
