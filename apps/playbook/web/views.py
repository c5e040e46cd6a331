"""The playbook: one page to read and to print. It is not edited here; each chapter names where it is set up."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.leads.terms import ANY_OPEN_STAGE
from apps.playbook.pictures import picture_of
from apps.playbook.queries import playbook
from apps.playbook.terms import Way
from apps.tenancy.organizations import current_organization
from apps.workspace.words import Wall
from leadcrm.http.scoping import ActorRequest


@require_safe
def book(request: ActorRequest) -> HttpResponse:
    """Show the process as it is set up now."""
    found, wall = playbook(request.actor, request.now), Wall(request.now, current_organization().zone)
    context = {
        "read_at": wall.day(request.now),
        "organization": current_organization().name,
        "ways": [_way(each) for each in found.ways],
        "levels": found.levels,
        "desks": found.desks,
        "rules": found.rules,
        "agreements": found.agreements,
        "versions": [{"row": each, "since": wall.day(each.since) if each.since else ""} for each in found.versions],
    }
    return render(request, "playbook/book.html", context)


def _way(way: Way) -> dict[str, Any]:
    """Return a pipeline with its picture, and the moves by what their stages are called."""
    named = {stage.key: stage.label for stage in way.stages} | {ANY_OPEN_STAGE: _("Any open stage")}
    moves = [
        {
            "starts": ", ".join(named[key] for key in each.starts),
            "to": named[each.to],
            "event": each.event.replace("_", " "),
            "meaning": each.meaning,
        }
        for each in way.moves
    ]
    return {"way": way, "picture": picture_of(way), "moves": moves}
