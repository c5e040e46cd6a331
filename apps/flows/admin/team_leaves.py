"""A team leaves: the page on which an administrator hands all its open leads to another team."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from apps.accounts.models import Team
from apps.accounts.terms import Permission
from apps.flows.leaving import move_team
from apps.flows.models import TeamMove
from apps.leads.models import Lead
from apps.tenancy.errors import Conflict, Invalid
from leadcrm.admin_site import Page, site
from leadcrm.http.scoping import ActorRequest

SHOWN = 10


def team_leaves(request: ActorRequest) -> HttpResponse:
    """Show the form and the last moves; a post begins one, and the worker does it in parts."""
    problem, status = "", 200
    said = {name: request.POST.get(name, "") for name in ("from_team", "to_team", "reason")}
    if request.method == "POST":
        try:
            move_team(
                actor=request.actor,
                from_key=said["from_team"],
                to_key=said["to_team"],
                reason=said["reason"],
                now=request.now,
            )
        except (Invalid, Conflict) as error:
            problem, status = error.detail, 422
        else:
            messages.success(request, "The leads are on their way. Their clocks run on.")
            return HttpResponseRedirect(reverse("admin:team_leaves"))
    is_open = Q(closed_at__isnull=True, owner_team__isnull=False)
    held = dict(Lead.rows().filter(is_open).order_by().values_list("owner_team_id").annotate(Count("id")))
    context = {
        **site.each_context(request),
        "title": "A team leaves",
        "teams": [(row, held.get(row.id, 0)) for row in Team.rows().order_by("name")],
        "moves": TeamMove.rows().select_related("from_team", "to_team").order_by("-begun_at")[:SHOWN],
        "said": said,
        "problem": problem,
    }
    return TemplateResponse(request, "admin/flows/team_leaves.html", context, status=status)


site.add_page(
    Page(
        "teams/leaves/",
        "team_leaves",
        team_leaves,
        permission=Permission.SETTINGS_WRITE,
        title="A team leaves",
        icon="group_remove",
    )
)
