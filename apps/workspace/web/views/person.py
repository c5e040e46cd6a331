"""One person with all their inquiries. Opening the page is a read that the ledger keeps."""

from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.flows.packages import reader_of_person
from apps.leads.queries import contact_points_of
from apps.tenancy.errors import NotFound
from apps.workspace import duplicates_page, person_page
from apps.workspace.web.wall import wall_of
from leadcrm.http.scoping import ActorRequest


@require_safe
def person(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Show a person to whoever may open one of their leads; for everybody else they do not exist.

    The page of somebody who was merged into another person leads to that person.
    """
    actor, wall = request.actor, wall_of(request)
    leads, visible = person_page.open_to(actor, person_id)
    if not visible:
        survivor_id = person_page.survivor_of(person_id)
        if survivor_id is None or not person_page.open_to(actor, survivor_id)[1]:
            raise NotFound
        return HttpResponseRedirect(reverse("workspace:person", args=[survivor_id]))
    ledger.record_read(actor=actor, what="person", object_ids=[person_id], fields=["name", "contact", "leads"])
    actor = reader_of_person(actor, visible)
    points = contact_points_of([person_id]).get(person_id, [])
    context = {
        "person": person_page.head_of(leads[0].person, actor),
        "points": person_page.points_of(points, actor, wall),
        "earlier": person_page.earlier_values(leads[0].person, actor, wall),
        "leads": person_page.leads_shown(leads, visible, actor, wall),
        "duplicates": None,
    }
    if actor.may(Permission.SUBMISSION_READ):
        context["duplicates"] = duplicates_page.beside_person(leads[0].person, actor, wall)
    return render(request, "workspace/person.html", context)
