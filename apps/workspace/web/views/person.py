"""One person with all their inquiries. Opening the page is a read that the ledger keeps."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.audit import ledger
from apps.leads.queries import contact_points_of
from apps.tenancy.errors import NotFound
from apps.workspace import person_page
from apps.workspace.web.wall import wall_of
from leadcrm.http.scoping import ActorRequest


@require_safe
def person(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Show a person to whoever may open one of their leads; for everybody else they do not exist."""
    actor, wall = request.actor, wall_of(request)
    leads, visible = person_page.open_to(actor, person_id)
    if not visible:
        raise NotFound
    ledger.record_read(actor=actor, what="person", object_ids=[person_id], fields=["name", "contact", "leads"])
    points = contact_points_of([person_id]).get(person_id, [])
    context = {
        "person": person_page.head_of(leads[0].person, actor),
        "points": person_page.points_of(points, actor),
        "leads": person_page.leads_shown(leads, visible, wall),
    }
    return render(request, "workspace/person.html", context)
