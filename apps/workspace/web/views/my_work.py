"""The home page: whom to contact now, and what is late."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.audit import ledger
from apps.workspace.queries import LeadFilter
from apps.workspace.web.places import VisibleList, tokens_of
from apps.workspace.web.row_frames import drawn
from apps.workspace.web.wall import wall_of
from apps.workspace.work_page import work_of
from leadcrm.http.scoping import ActorRequest


@require_safe
def my_work(request: ActorRequest) -> HttpResponse:
    """Show the person's own work; which leads were shown is one entry in the ledger."""
    work = work_of(request.actor, wall_of(request))
    ids = [lead.id for lead in work.shown]
    ledger.record_read(actor=request.actor, what="lead", object_ids=ids, fields=["name", "consent"])
    mine = VisibleList("my_work", LeadFilter(view="mine"))
    tokens = tokens_of(request, mine, work.shown)
    for part in ("late", "due"):
        work.parts[part] = drawn(work.parts[part], tokens)
    return render(request, "workspace/my_work.html", work.parts)
